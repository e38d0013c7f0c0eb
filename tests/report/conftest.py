"""A night in small: marts as DESIGN section 5 names them, and the files its steps leave."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pilar.config import Home
from pilar.publish import build_candidate, finish

NIGHT = "20261124T131500Z"
BEFORE = "20261123T180000Z"

MARTS = """
CREATE SCHEMA IF NOT EXISTS marts; CREATE SCHEMA IF NOT EXISTS staging;
CREATE TABLE staging.stg_rosters (nik VARCHAR, name VARCHAR, account_no VARCHAR, account_name VARCHAR, phone VARCHAR,
    bpjs_no VARCHAR, birth_date DATE);
CREATE TABLE staging.stg_disbursements (account_no VARCHAR, account_name VARCHAR);
CREATE TABLE staging.stg_premiums (nik VARCHAR, name VARCHAR, bpjs_no VARCHAR);
CREATE TABLE marts.fct_disbursement AS SELECT 'TRX-1' AS reference_no, 'BJN-1' AS event_id, 'f' AS file_sha256,
    DATE '2023-12-04' AS instructed_on;
CREATE TABLE marts.fct_entitlement AS
    SELECT 'BJN-1' AS event_id, unnest(['b', 'c']) AS file_sha256;
CREATE TABLE marts.dim_event AS SELECT 'BJN-1' AS event_id, 'Tali asih Bojonegoro' AS event_name,
    DATE '2026-11-20' AS event_date;
CREATE TABLE marts.file_ledger (feed VARCHAR, submitter VARCHAR, file_name VARCHAR, file_sha256 VARCHAR, state VARCHAR,
    rows_read BIGINT, rows_accepted BIGINT, rows_quarantined BIGINT, rows_superseded BIGINT, rows_waived BIGINT,
    rule_code VARCHAR, reason VARCHAR, reason_id VARCHAR, reason_en VARCHAR, delivered_at TIMESTAMP);
INSERT INTO marts.file_ledger VALUES
    ('events', '-', 'bojonegoro-2023.xlsx', 'a', 'accepted', 6, 6, 0, 0, 0, NULL, NULL, NULL, NULL, '2026-11-01 02:00'),
    ('rosters', 'kab-bojonegoro', 'kab-bojonegoro/Daftar PKH Bojonegoro.xlsx', 'b', 'accepted', 1214, 1173, 12, 29, 0,
        NULL, NULL, NULL, NULL, '2026-11-22 02:00'),
    ('rosters', 'kab-tuban', 'kab-tuban/TKSK & Tagana <revisi>.ods', 'c', 'accepted', 486, 484, 2, 0, 3,
        NULL, NULL, NULL, NULL, '2026-11-18 18:00'),
    ('rosters', 'kab-lamongan', 'kab-lamongan/daftar_final_FIX2.xlsx', 'd', 'rejected', 0, 0, 0, 0, 0, 'FILE_ENCRYPTED',
        'password', 'Berkas dilindungi kata sandi.', 'The file is protected by a password.', '2026-11-24 02:00'),
    ('rosters', 'kab-ngawi', 'kab-ngawi/Daftar PKH.csv', 'e', 'duplicate', 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, NULL),
    ('disbursements', 'bank-jatim', 'SP2D-0412.csv', 'f', 'accepted', 1703, 1703, 0, 0, 0, NULL, NULL, NULL, NULL,
        '2026-11-23 09:00'),
    ('premiums', '-', 'iuran-2023.txt', 'g', 'accepted', 19884, 19610, 274, 0, 0, NULL, NULL, NULL, NULL,
        '2026-11-24 01:00'),
    ('poverty', '-', 'kemiskinan 2023.csv', 'h', 'rejected', 0, 0, 0, 0, 0, 'TABLE_NOT_UNDERSTOOD', NULL,
        'Tabel angka tidak dapat dikenali: tahun tidak disebut.', 'The table cannot be told apart: no year is given.',
        '2026-11-24 01:00');
CREATE TABLE marts.mart_quality_scorecard (feed VARCHAR, submitter VARCHAR, night DATE, rows_read BIGINT,
    rows_accepted BIGINT, rows_quarantined BIGINT, rows_waived BIGINT, first_time_right_pct DECIMAL(5, 2),
    open_findings INTEGER, findings_waived INTEGER, oldest_finding_days INTEGER);
INSERT INTO marts.mart_quality_scorecard VALUES
    ('rosters', 'kab-bojonegoro', '2026-11-23', 1214, 1150, 64, 0, 94.73, 71, 0, 3),
    ('rosters', 'kab-bojonegoro', '2026-11-24', 1214, 1173, 41, 0, 96.62, 12, 0, 4),
    ('rosters', 'kab-tuban', '2026-11-24', 486, 484, 2, 3, 99.59, 2, 1, 1),
    ('premiums', '-', '2026-11-24', 19884, 19610, 274, 0, 98.62, 274, 0, 12);
CREATE TABLE marts.mart_disbursement_reconciliation (event_id VARCHAR, benefit_code VARCHAR,
    entitled_idr DECIMAL(18, 2), paid_idr DECIMAL(18, 2), returned_idr DECIMAL(18, 2), failed_idr DECIMAL(18, 2),
    pending_idr DECIMAL(18, 2), outcome VARCHAR);
INSERT INTO marts.mart_disbursement_reconciliation VALUES
    ('BJN-1', 'TALI_ASIH', 1000000, 1000000, 0, 0, 0, 'PAID'),
    ('BJN-1', 'TALI_ASIH', 1000000, 600000, 0, 0, 0, 'UNDERPAID'),
    ('BJN-1', 'TALI_ASIH', 1000000, 0, 1000000, 0, 0, 'RETURNED'),
    ('BJN-1', 'TALI_ASIH', 0, 500000, 0, 0, 0, 'NOT_ENTITLED');
CREATE TABLE marts.mart_premium_coverage (year INTEGER, outcome VARCHAR, gap_months VARCHAR[]);
INSERT INTO marts.mart_premium_coverage VALUES
    (2023, 'COVERED', []), (2023, 'GAP', ['2023-05', '2023-12']), (2023, 'NOT_ENTITLED', []);
CREATE TABLE marts.mart_claims (claim_id VARCHAR, claim_text VARCHAR, source VARCHAR, published_value DECIMAL(18, 2),
    recomputed_value DECIMAL(18, 2), difference DECIMAL(18, 2), verdict VARCHAR, basis VARCHAR);
INSERT INTO marts.mart_claims VALUES
    ('poor-2021-2023', 'Penduduk miskin Jawa Timur turun 383.920 jiwa, Maret 2021–Maret 2023', 'BPS', 383920, 383920, 0,
        'CONFIRMED', 'fct_poverty'),
    ('receivers', '1.657 pilar sosial menerima tali asih', 'Pemprov Jatim', 1657, 1641, -16, 'DIFFERS',
        'reconciliation'),
    ('premium', 'Semua pilar terlindungi BPJS Ketenagakerjaan', NULL, NULL, NULL, NULL, 'NOT_VERIFIABLE', NULL);
CREATE TABLE marts.mart_claim_sensitivity (claim_id VARCHAR, base_period VARCHAR, end_period VARCHAR,
    is_published_pair BOOLEAN, recomputed_value DECIMAL(18, 4), verdict VARCHAR, is_comparable BOOLEAN);
INSERT INTO marts.mart_claim_sensitivity VALUES
    ('poor-2021-2023', '2021-03', '2023-03', true, 383920, 'CONFIRMED', true),
    ('poor-2021-2023', '2022-03', '2023-03', false, -7520, 'DIFFERS', true),
    ('poor-2021-2023', '2021-03', '2022-09', false, 336220, 'DIFFERS', false),
    ('receivers', NULL, '2022', false, 1500, 'DIFFERS', true);
CREATE TABLE marts.mart_claim_history (claim_id VARCHAR, known_from TIMESTAMP, known_until TIMESTAMP,
    recomputed_value DECIMAL(18, 4), verdict VARCHAR, value_before DECIMAL(18, 4), verdict_before VARCHAR,
    file_name VARCHAR);
INSERT INTO marts.mart_claim_history VALUES
    ('receivers', '2026-11-01 18:30', '2026-11-20 18:30', 1657, 'CONFIRMED', NULL, NULL, 'a.csv'),
    ('receivers', '2026-11-20 18:30', NULL, 1641, 'DIFFERS', 1657, 'CONFIRMED', 'revisi/b.csv');
CREATE TABLE marts.quality_findings (finding_key VARCHAR, rule_code VARCHAR, severity VARCHAR, feed VARCHAR,
    submitter VARCHAR, file_name VARCHAR, sheet VARCHAR, source_row INTEGER, field VARCHAR, state VARCHAR,
    first_seen TIMESTAMP, last_seen TIMESTAMP);
INSERT INTO marts.quality_findings
    SELECT 'k' || i, 'NIK_NUMERIC_CELL', 'error', 'rosters', 'kab-bojonegoro',
        'kab-bojonegoro/Daftar PKH Bojonegoro.xlsx', 'PKH', i + 5, 'nik', 'open',
        TIMESTAMP '2026-11-20 18:30:00', TIMESTAMP '2026-11-24 13:15:00' FROM range(12) AS r(i);
INSERT INTO marts.quality_findings
    SELECT 'p' || i, 'PREMIUM_PAID_TWICE', 'warning', 'premiums', '-', 'iuran-2023.txt', NULL, i, 'month', 'open',
        TIMESTAMP '2026-11-24 13:15:00', TIMESTAMP '2026-11-24 13:15:00' FROM range(274) AS r(i);
INSERT INTO marts.quality_findings
    SELECT 'x', 'NIK_LENGTH', 'error', 'rosters', 'kab-tuban', 'kab-tuban/TKSK & Tagana <revisi>.ods', 'TKSK', 9, 'nik',
        state, TIMESTAMP '2026-11-24 13:15:00', TIMESTAMP '2026-11-24 13:15:00'
    FROM (VALUES ('open'), ('waived'), ('superseded')) AS s(state);
"""

WARNING = {
    "suite": "candidate.mart_premium_coverage", "table": "mart_premium_coverage", "column": "outcome",
    "expectation": "expect_column_values_to_be_in_set", "severity": "warning", "success": False, "observed": 37,
    "description_id": "Tidak lebih dari 1 % anggota punya bulan kosong.",
    "description_en": "No more than 1 % of members have a gap.",
}  # fmt: skip
CRITICAL = WARNING | {
    "table": "fct_disbursement", "column": "amount_idr", "severity": "critical", "observed": "SITI CONTOH",
    "description_id": "Jumlah dibayar, gagal, kembali, dan tertunda sama dengan jumlah perintah.",
    "description_en": "Paid, failed, returned and pending add up to what was instructed.",
}  # fmt: skip
PASSED = WARNING | {"success": True}

Steps = dict[str, dict[str, Any]]


@pytest.fixture
def night(home: Home) -> Callable[..., None]:
    """Write what the steps of a night leave; a step given as None never ran."""

    def write(night_id: str = NIGHT, *, unchanged: bool = False, **changes: dict[str, Any] | None) -> None:
        folder = home.nights / night_id
        (folder / "ingest").mkdir(parents=True)
        steps: dict[str, dict[str, Any] | None] = {
            "plan": {"night_id": night_id, "items": [], "waiting": [], "unchanged": unchanged},
            "load": {"status": "ok", "seconds": 0.4},
            "gate_arrivals": {"status": "ok", "held": False, "results": [PASSED], "violations": [], "seconds": 7.2},
            "build": {"status": "ok", "models": 31, "tests": 118, "failed_tests": [], "seconds": 8.25},
            "gate_candidate": {
                "status": "ok",
                "held": False,
                "results": [PASSED, WARNING],
                "violations": [],
                "seconds": 6.5,
            },
            "publish": {"status": "ok", "release_id": night_id, "tables": {}, "seconds": 0.9},
        }
        for name, step in (steps | changes).items():
            if step is not None:
                (folder / f"{name}.json").write_text(json.dumps({"step": name} | step))
        files = [
            ("rosters", "kab-bojonegoro/Daftar PKH Bojonegoro.xlsx", "read", None, None, None),
            ("rosters", "kab-lamongan/daftar_final_FIX2.xlsx", "rejected", "FILE_ENCRYPTED", "Sandi.", "A password."),
            ("poverty", "kemiskinan 3522010101900001.csv", "rejected", "TABLE_NOT_UNDERSTOOD", "Tahun?", "No year."),
        ]  # fmt: skip
        for place, (feed, name, outcome, rule_code, reason_id, reason_en) in enumerate(files):
            (folder / "ingest" / f"{place}.json").write_text(
                json.dumps(
                    {
                        "step": "ingest", "status": "ok", "seconds": 0.5, "feed": feed, "file_name": name,
                        "outcome": outcome, "rows_read": 0, "rule_code": rule_code,
                        "reason_id": reason_id, "reason_en": reason_en,
                    }
                )
            )  # fmt: skip

    return write


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with tonight's release out, made once; tests get copies."""
    home = Home(tmp_path_factory.mktemp("released") / "home").make()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(MARTS)
    build_candidate(home, NIGHT)
    finish(home, NIGHT)
    return home.root


@pytest.fixture
def published(home: Home, released: Path) -> Home:
    """The house with tonight's release out."""
    shutil.copytree(released, home.root, symlinks=True, dirs_exist_ok=True)
    return home


def ledger(home: Home, statement: str) -> None:
    """Change the warehouse between two nights."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(statement)


def chromium() -> str:
    """The browser's path, or skip with the reason."""
    path = Path("/usr/bin/chromium")
    if not path.exists():
        pytest.skip("Chromium is not installed at /usr/bin/chromium")
    return str(path)
