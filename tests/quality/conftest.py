"""Two small databases as a good night leaves them: invented people, the tables of the design with a few rows each."""

from __future__ import annotations

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pilar.contracts import contracts
from pilar.load import PROVENANCE

FILE_A = "a" * 64
FILE_B = "b" * 64

CANDIDATE = """
CREATE SCHEMA marts;
CREATE TABLE marts.dim_region AS
    SELECT '3500' AS region_code, '35' AS kemendagri_code, 'Jawa Timur' AS region_name,
           'province' AS region_level, NULL::VARCHAR AS bakorwil
    UNION ALL
    SELECT (3500 + i)::VARCHAR, '35.' || lpad(i::VARCHAR, 2, '0'), 'Kab. ' || i, 'regency', 'Bojonegoro'
    FROM range(1, 39) r(i);
CREATE TABLE marts.dim_pillar AS SELECT unnest(['PKH', 'TAGANA', 'TKSK']) AS pillar_code;
CREATE TABLE marts.dim_event AS
    SELECT 'BJN-20231120' AS event_id, 'Bojonegoro' AS event_name, DATE '2023-11-20' AS event_date,
           'Bojonegoro' AS bakorwil;
CREATE TABLE marts.dim_date AS SELECT (DATE '2023-01-01' + i::INTEGER)::DATE AS date_day FROM range(730) r(i);
CREATE TABLE marts.dim_participant AS
    SELECT 'p' || translate(lpad(i::VARCHAR, 6, '0'), '0123456789', 'abcdefghij') AS participant_id,
           ['PKH', 'TAGANA', 'TKSK'][1 + i % 3] AS pillar_code, (3501 + i % 38)::VARCHAR AS region_code,
           ['L', 'P'][1 + i % 2] AS sex, 1960 + i % 40 AS birth_year, DATE '2023-11-01' AS valid_from,
           NULL::DATE AS valid_to, true AS is_current
    FROM range(300) r(i);
CREATE TABLE marts.fct_roster_membership AS
    SELECT participant_id, pillar_code, region_code, 'AKTIF' AS status, 'event BJN-20231120' AS roster_scope,
           valid_from AS effective_on, TIMESTAMP '2023-11-10 03:00:00' AS known_from, NULL::TIMESTAMP AS known_to,
           true AS is_in_force, 'aa-aa' AS file_sha256, 'Pilar' AS sheet,
           (row_number() OVER (ORDER BY participant_id))::INTEGER + 4 AS source_row
    FROM marts.dim_participant;
CREATE TABLE marts.fct_entitlement AS
    SELECT 'BJN-20231120' AS event_id, 'TALI_ASIH' AS benefit_code, participant_id,
           1000000::DECIMAL(18, 2) AS amount_idr, NULL::INTEGER AS months, 1000000::DECIMAL(18, 2) AS entitled_idr,
           'aa-aa' AS file_sha256, 'ee-ee' AS promise_file_sha256
    FROM marts.dim_participant;
CREATE TABLE marts.fct_disbursement AS
    SELECT 'BJTM-' || row_number() OVER (ORDER BY participant_id) AS reference_no, 'BJN-20231120' AS event_id,
           'TALI_ASIH' AS benefit_code, participant_id, 1000000::DECIMAL(18, 2) AS amount_idr,
           CASE WHEN hash(participant_id) % 20 = 0 THEN 'GAGAL' ELSE 'SUKSES' END AS status,
           NULL::VARCHAR AS reason_code, 1 AS attempt_no, NULL::VARCHAR AS retry_of, DATE '2023-11-21' AS instructed_on,
           DATE '2023-11-22' AS settled_on, 'bb-bb' AS file_sha256,
           (row_number() OVER (ORDER BY participant_id))::INTEGER + 4 AS source_row, 'SP2D-1' AS batch,
           'bank' AS submitter
    FROM marts.dim_participant;
CREATE TABLE marts.fct_transfer_statement AS
    SELECT reference_no, 1 AS statement_no, true AS is_latest, true AS counts, 'accepted' AS row_state,
           false AS goes_backward, batch, status, amount_idr, file_sha256, source_row
    FROM marts.fct_disbursement;
CREATE TABLE marts.mart_money_control AS
    SELECT level, what, sum(amount_idr)::DECIMAL(18, 2) AS mart_idr, 'CLOSES' AS verdict, NULL::VARCHAR AS cause
    FROM marts.fct_disbursement,
         (VALUES ('file', 'bjtm.csv'), ('batch', 'SP2D-1'), ('event', 'BJN-20231120'), ('region', '3501'),
                 ('person', 'close')) AS v(level, what)
    GROUP BY level, what;
CREATE TABLE marts.dim_bank_reason AS
    SELECT 'U143' AS reason_code, 'BI-FAST' AS code_list, 'Rekening tidak ditemukan' AS meaning_id,
           'Account not found' AS meaning_en, 'repair_account' AS next_step, 'Perbaiki' AS advice_id,
           'Mend it' AS advice_en;
CREATE TABLE marts.fct_premium_month AS
    SELECT participant_id, (DATE '2023-01-01' + to_months(m::INTEGER))::DATE AS coverage_month,
           16800::DECIMAL(18, 2) AS amount_idr, 'LUNAS' AS status
    FROM marts.dim_participant, range(12) r(m);
CREATE TABLE marts.dim_indicator AS
    SELECT unnest(['poor_people_thousand', 'poverty_rate_pct', 'poverty_line_idr', 'depth_index_p1',
                   'severity_index_p2']) AS indicator,
           'percent' AS unit, 0::DECIMAL(18, 4) AS least, 5000000::DECIMAL(18, 4) AS most;
CREATE TABLE marts.fct_poverty AS
    SELECT region_code, area_type, period, indicator, value::DECIMAL(18, 4) AS value, vintage, true AS is_latest,
           TIMESTAMP '2023-07-18 01:00:00' AS known_from, 'cc-cc' AS file_sha256
    FROM (SELECT region_code FROM marts.dim_region), (SELECT unnest(['2022-03', '2023-03']) AS period),
         (SELECT 'total' AS area_type), (SELECT '2023-07-17' AS vintage),
         (VALUES ('poverty_rate_pct', 10.35), ('poor_people_thousand', 108.5)) AS v(indicator, value);
CREATE TABLE marts.mart_disbursement_reconciliation AS
    SELECT event_id, benefit_code, participant_id, NULL::VARCHAR AS account_key,
           1000000::DECIMAL(18, 2) AS entitled_idr, amount_idr AS instructed_idr,
           if(status = 'SUKSES', amount_idr, 0)::DECIMAL(18, 2) AS paid_idr,
           if(status = 'GAGAL', amount_idr, 0)::DECIMAL(18, 2) AS failed_idr, 0::DECIMAL(18, 2) AS returned_idr,
           0::DECIMAL(18, 2) AS pending_idr, 1 AS attempts, if(status = 'SUKSES', 'PAID', 'FAILED') AS outcome,
           '3501' AS region_code, 'PKH' AS pillar_code, if(status = 'GAGAL', 'U143', NULL) AS last_reason_code
    FROM marts.fct_disbursement;
CREATE TABLE marts.mart_premium_coverage AS
    SELECT participant_id, 2023 AS year, 12 AS months_expected, 12 AS months_covered, []::VARCHAR[] AS gap_months,
           'COVERED' AS outcome
    FROM marts.dim_participant;
CREATE TABLE marts.mart_person_candidates AS
    SELECT 'f_' || repeat(chr(97 + i::INTEGER), 20) AS finding_key, 'p_a' AS node_id_a,
           'p_' || chr(98 + i::INTEGER) AS node_id_b, 'p_a' AS participant_id_a,
           if(i IN (0, 2), 'p_a', 'p_' || chr(98 + i::INTEGER)) AS participant_id_b,
           12::DECIMAL(6, 2) AS match_weight, 0.999756::DECIMAL(7, 6) AS match_probability,
           ['matched', 'asked', 'same_person', 'different_person'][1 + i] AS decided
    FROM range(4) r(i);
CREATE TABLE marts.mart_region_profile AS
    SELECT region_code, 2023 AS year,
           ['Bojonegoro', 'Jember', 'Madiun', 'Malang', 'Pamekasan'][1 + region_code::INTEGER % 5]
           AS bakorwil, 108.5::DECIMAL(18, 3) AS poor_people_thousand, 10.35::DECIMAL(9, 2) AS poverty_rate_pct,
           true AS is_comparable, -0.43::DECIMAL(9, 2) AS rate_change_points,
           -5.5::DECIMAL(18, 3) AS poor_change_thousand, 0 AS ranks_gained
    FROM marts.dim_region WHERE region_level = 'regency';
CREATE TABLE marts.mart_bakorwil_profile AS
    SELECT bakorwil, year, count(*) AS members, sum(poor_people_thousand) AS poor_people_thousand,
           10.35::DECIMAL(9, 2) AS poverty_rate_pct
    FROM marts.mart_region_profile GROUP BY ALL;
CREATE TABLE marts.mart_equity_curve AS
    SELECT 2023 AS year, 'people' AS measure, (3500 + i)::VARCHAR AS region_code, i AS place,
           round(i / 38, 6)::DECIMAL(9, 6) AS cumulative_poor_share,
           round(i / 38, 6)::DECIMAL(9, 6) AS cumulative_value_share
    FROM range(1, 39) r(i);
CREATE TABLE marts.mart_equity AS
    SELECT 2023 AS year, 'people' AS measure, 38 AS regions, 0::DECIMAL(9, 6) AS concentration_index,
           0::DECIMAL(5, 2) AS elsewhere_pct;
CREATE TABLE marts.dim_district AS
    SELECT '35' || lpad(i::VARCHAR, 4, '0') AS district_code, '35' || lpad(i::VARCHAR, 5, '0') AS bps_code,
           '3501' AS region_code, 1 AS tksk_people
    FROM range(666) r(i);
CREATE TABLE marts.mart_claims AS
    SELECT 'poor_fewer' AS claim_id, '383.920 orang' AS claim_text, 'Pemprov' AS source,
           383920::DECIMAL(18, 2) AS published_value, 383920::DECIMAL(18, 2) AS recomputed_value,
           0::DECIMAL(18, 2) AS difference,
           'CONFIRMED' AS verdict, 'BPS' AS basis;
CREATE TABLE marts.mart_claim_sensitivity AS
    SELECT claim_id, '2022-03' AS base_period, '2023-03' AS end_period, true AS is_published_pair, recomputed_value,
           verdict
    FROM marts.mart_claims;
CREATE TABLE marts.mart_claim_history AS
    SELECT claim_id, TIMESTAMP '2023-07-18 04:00:00' AS known_from, NULL::TIMESTAMP AS known_until, recomputed_value,
           verdict, 'bps.json' AS file_name, 'cc-cc' AS file_sha256, true AS is_current
    FROM marts.mart_claims;
CREATE TABLE marts.mart_quality_scorecard AS
    SELECT 'rosters' AS feed, 'Tuban' AS submitter, DATE '2026-11-24' AS night, 302 AS rows_read, 300 AS rows_accepted,
           2 AS rows_quarantined, 1 AS rows_waived, 99.3::DECIMAL(5, 1) AS first_time_right_pct,
           2 AS open_findings, 1 AS findings_waived, 0 AS oldest_finding_days;
CREATE TABLE marts.quality_findings AS
    SELECT 'f_abcdefgh' AS finding_key, 'NIK_LENGTH' AS rule_code, 'error' AS severity, 'rosters' AS feed,
           'Tuban' AS submitter, 'tuban.xlsx' AS file_name, 'aa-aa' AS file_sha256, 7 AS source_row, 'nik' AS field,
           'open' AS state,
           TIMESTAMP '2026-11-24 01:00:00' AS first_seen, TIMESTAMP '2026-11-24 01:00:00' AS last_seen;
CREATE TABLE marts.quality_decisions AS
    SELECT 'f_abcdefghijklmnopabcd' AS finding_key, 'waive' AS verdict, 'NIK_LENGTH' AS rule_code,
           DATE '2026-11-20' AS decided_on, DATE '2026-12-31' AS expires_on, 'in_force' AS state, true AS is_current,
           true AS is_in_force, 1 AS rows_let_in, 'aa-aa' AS file_sha256, 'keputusan.csv' AS sheet, 2 AS source_row;
CREATE TABLE marts.file_ledger AS
    SELECT *, least(rows_accepted, 1) AS rows_waived FROM (VALUES
        ('rosters', 'Tuban/tuban.xlsx', 'aa-aa', 'accepted', 302, 300, 2, 0, NULL, 'Tuban'),
        ('disbursements', 'bjtm.csv', 'bb-bb', 'accepted', 300, 300, 0, 0, NULL, NULL),
        ('events', 'kegiatan.csv', 'ee-ee', 'accepted', 3, 3, 0, 0, NULL, NULL),
        ('premiums', 'iuran.csv', 'ff-ff', 'accepted', 3600, 3600, 0, 0, NULL, NULL),
        ('poverty', 'bps.json', 'cc-cc', 'accepted', 156, 156, 0, 0, NULL, NULL),
        ('poverty', 'rusak.xlsx', 'dd-dd', 'rejected', 0, 0, 0, 0, 'Berkas rusak', NULL)
    ) AS v(feed, file_name, file_sha256, state, rows_read, rows_accepted, rows_quarantined, rows_superseded, reason,
           submitter);
CREATE TABLE marts.release_info AS
    SELECT '20261124T131500Z' AS release_id, TIMESTAMP '2026-11-24 13:15:00' AS built_at, 'abc1234' AS git_commit,
           NULL::VARCHAR AS gate_result, DATE '2023-11-22' AS data_through;
"""

LEDGERS = f"""
CREATE SCHEMA raw;
CREATE TABLE raw.deliveries AS
    SELECT * FROM (VALUES
        ('rosters', '{FILE_A}', 'Tuban/tuban.xlsx', 'Tuban', 'read', NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, 50),
        ('disbursements', '{FILE_B}', 'bjtm.csv', NULL, 'read', NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, 50)
    ) AS v(feed, file_sha256, file_name, submitter, state, rule_code, reason_id, reason_en, rows_read),
    (SELECT TIMESTAMP '2026-11-24 10:00:00' AS delivered_at, TIMESTAMP '2026-11-24 13:00:00' AS received_at,
            1000 AS size_bytes);
CREATE TABLE raw.damage (feed VARCHAR, file_sha256 VARCHAR, is_lost BOOLEAN);
CREATE TABLE raw.controls AS
    SELECT '{FILE_B}' AS file_sha256, 'bjtm.csv' AS sheet, 60 AS source_row, 'transaction_count' AS name, '50' AS value;
"""

ROWS = {
    "rosters": {
        "nik": "'352201010190' || lpad(i::VARCHAR, 4, '0')",
        "name": "'Orang Rekaan ' || i",
        "pillar": "'PKH'",
        "region": "'Kab. Tuban'",
        "account_no": "'00123' || lpad(i::VARCHAR, 5, '0')",
    },
    "disbursements": {
        "reference_no": "'BJTM-' || i",
        "batch": "'SP2D-1'",
        "event": "'BJN-20231120'",
        "amount_idr": "'1.000.000'",
        "status": "'SUKSES'",
        "account_no": "'00123' || lpad(i::VARCHAR, 5, '0')",
    },
}


def feed_table(feed: str) -> str:
    """``raw.<feed>`` with 50 rows of one file, or none for a feed that delivered nothing."""
    given = ROWS.get(feed, {})
    columns = [f"({given.get(column.name, 'NULL')})::VARCHAR AS {column.name}" for column in contracts()[feed].columns]
    file = FILE_A if feed == "rosters" else FILE_B
    origin = {"sheet": "'Sheet1'", "source_row": "i + 3", "numeric_cells": "NULL", "file_sha256": f"'{file}'"}
    columns += [f"({origin[name]})::{kind} AS {name}" for name, kind in PROVENANCE.items()]
    return f"CREATE TABLE raw.{feed} AS SELECT {', '.join(columns)} FROM range({50 if given else 0}) r(i)"


def run(database: Path, sql: str) -> None:
    """Run statements on a file, whatever its name: in ``marts.duckdb`` itself, ``marts.x`` is ambiguous."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{database}' AS made")
        connection.execute("USE made")
        connection.execute(sql)


@pytest.fixture(scope="session")
def _good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    run(folder / "candidate.duckdb", CANDIDATE)
    run(folder / "warehouse.duckdb", LEDGERS + ";".join(feed_table(feed) for feed in contracts()))
    return folder


@pytest.fixture
def candidate(_good: Path, tmp_path: Path) -> Path:
    """A release file that every suite accepts."""
    return Path(shutil.copy(_good / "candidate.duckdb", tmp_path / "marts.duckdb"))


@pytest.fixture
def warehouse(_good: Path, tmp_path: Path) -> Path:
    """A warehouse after ``load``: one roster and one bank file, the other feeds silent."""
    return Path(shutil.copy(_good / "warehouse.duckdb", tmp_path / "warehouse.duckdb"))


@pytest.fixture
def change() -> Callable[[Path, str], None]:
    """Spoil a database with a statement."""
    return run


@pytest.fixture(scope="session")
def gx() -> Any:
    """Great Expectations, imported by the tests that need it and not while tests are collected."""
    return importlib.import_module("great_expectations")
