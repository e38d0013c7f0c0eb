"""The first night over samples/ says exactly what samples/expected.json documents."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import CHECKOUT, Night


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    documented: dict[str, Any] = json.loads((CHECKOUT / "samples" / "expected.json").read_text("utf-8"))
    return documented


def test_the_night_is_published(sample_night: Night) -> None:
    assert sample_night.ended["outcome"] == "published", sample_night.ended["text"]
    assert sample_night.ended["exit_code"] == 0


def test_every_file_has_its_documented_fate(sample_night: Night, expected: dict[str, Any]) -> None:
    ledger = sample_night.ask(
        "SELECT feed, file_name, state, rows_read, rows_accepted, rows_quarantined, rows_superseded, rule_code "
        "FROM file_ledger"
    )
    documented = [
        (
            file["feed"],
            file["file_name"],
            file["state"],
            file["rows_read"],
            file["rows_accepted"],
            file["rows_quarantined"],
            file["rows_superseded"],
            file["rule"],
        )
        for file in expected["files"]
    ]
    assert sorted(map(str, ledger)) == sorted(map(str, documented))


def test_every_documented_trap_is_found_and_no_other(sample_night: Night, expected: dict[str, Any]) -> None:
    found = Counter(
        sample_night.ask("SELECT feed, file_name, sheet, source_row, rule_code, state FROM quality_findings")
    )
    documented = Counter(
        (item["feed"], item["file_name"], item["sheet"], item["source_row"], item["rule_code"], item["state"])
        for item in expected["findings"]
    )
    assert found - documented == Counter()
    assert documented - found == Counter()


def test_people(sample_night: Night, expected: dict[str, Any]) -> None:
    totals = expected["totals"]
    assert sample_night.ask("SELECT count(DISTINCT participant_id) FROM dim_participant") == [(totals["people"],)]
    by_pillar = dict(sample_night.ask("SELECT pillar_code, count(*) FROM dim_participant WHERE is_current GROUP BY 1"))
    assert by_pillar == totals["by_pillar"] == {"PKH": 1173, "TAGANA": 331, "TKSK": 153}
    by_region = dict(sample_night.ask("SELECT region_code, count(*) FROM dim_participant WHERE is_current GROUP BY 1"))
    assert by_region == totals["by_region"]


def test_money(sample_night: Night, expected: dict[str, Any]) -> None:
    entitled = sample_night.ask(
        "SELECT sum(entitled_idr) FROM mart_disbursement_reconciliation WHERE benefit_code = 'TALI_ASIH'"
    )
    assert entitled == [(Decimal("1657000000.00"),)]
    totals = expected["totals"]["transfers"]
    outcomes = dict(sample_night.ask("SELECT outcome, count(*) FROM mart_disbursement_reconciliation GROUP BY 1"))
    assert outcomes == totals["reconciliation"]
    paid = sample_night.ask("SELECT sum(amount_idr) FROM fct_disbursement WHERE status = 'SUKSES'")
    assert paid == [(Decimal(totals["paid_idr"]),)]
    attempts = sample_night.ask("SELECT count(*), count(*) FILTER (WHERE attempt_no > 1) FROM fct_disbursement")
    assert attempts == [(totals["attempts"], totals["further_attempts"])]


def test_history(sample_night: Night, expected: dict[str, Any]) -> None:
    """One of the 1,657 moved on 20 November: two versions, the second of them current."""
    assert sample_night.ask("SELECT count(*) FROM dim_participant") == [(expected["totals"]["versions"],)]
    moved = sample_night.ask(
        "SELECT region_code, cast(valid_from AS VARCHAR), cast(valid_to AS VARCHAR), is_current FROM dim_participant "
        "WHERE participant_id IN (SELECT participant_id FROM dim_participant WHERE NOT is_current) ORDER BY valid_from"
    )
    assert moved == [("3576", "2023-11-06", "2023-11-20", False), ("3516", "2023-11-20", None, True)]


def test_who_may_be_one_person(sample_night: Night) -> None:
    assert sample_night.ask(
        "SELECT rule_code, participant_id_a = participant_id_b FROM mart_person_candidates "
        "JOIN quality_findings USING (finding_key) ORDER BY rule_code"
    ) == [("PERSON_MATCHED", True), ("PERSON_NEAR_MATCH", False)]


def test_every_statement_is_kept(sample_night: Night, expected: dict[str, Any]) -> None:
    rows = sum(file["rows_read"] for file in expected["files"] if file["feed"] == "disbursements")
    assert sample_night.ask("SELECT count(*), count(*) FILTER (WHERE counts) FROM fct_transfer_statement") == [
        (rows, expected["totals"]["transfers"]["attempts"])
    ]
    lives = sample_night.ask(
        "SELECT life, count(*) FROM (SELECT string_agg(status, ' → ' ORDER BY statement_no) AS life "
        "FROM fct_transfer_statement WHERE batch = 'SP2D-0451/XI/2023' GROUP BY reference_no) GROUP BY life"
    )
    assert dict(lives) == expected["totals"]["transfers"]["lives"]


def test_money_closes_but_for_the_file_that_contradicts_itself(sample_night: Night) -> None:
    assert sample_night.ask(
        "SELECT level, verdict, cause, count(*) FROM mart_money_control WHERE verdict = 'DIFFERS' GROUP BY ALL"
    ) == [("file", "DIFFERS", "FILE", 1)]
    levels = sample_night.ask("SELECT DISTINCT level FROM mart_money_control WHERE verdict = 'CLOSES'")
    assert {level for (level,) in levels} == {"file", "batch", "event", "region", "person"}


def test_verdicts_are_obeyed(sample_night: Night) -> None:
    assert sample_night.ask("SELECT verdict, rule_code, state FROM quality_decisions ORDER BY source_row") == [
        ("waive", "TKSK_DISTRICT_NONE", "in_force"),
        ("corrected", "TRANSFER_STATUS_BACKWARD", "in_force"),
        ("corrected", None, "unknown"),
    ]


def test_cover(sample_night: Night, expected: dict[str, Any]) -> None:
    totals = expected["totals"]["premiums"]
    assert sample_night.ask(
        "SELECT sum(months_expected), sum(months_covered), count(*) FILTER (WHERE outcome = 'COVERED') "
        "FROM mart_premium_coverage WHERE months_expected > 0"
    ) == [(totals["months_expected"], totals["months_covered"], totals["people_covered_all_year"])]
    gaps = sample_night.ask("SELECT gap_months FROM mart_premium_coverage WHERE len(gap_months) > 0")
    assert sorted(row[0] for row in gaps) == sorted(totals["gap_months"])


def test_the_public_claims(sample_night: Night) -> None:
    told = sample_night.ask("SELECT claim_id, recomputed_value, difference, verdict FROM mart_claims ORDER BY 1")
    assert told == [
        ("amount-each", 1000000, 0, "CONFIRMED"),
        ("extreme-poverty", None, None, "NOT_VERIFIABLE"),
        ("fall-2021-2023", 383920, 0, "CONFIRMED"),
        ("largest-fall", 1, 0, "CONFIRMED"),
        ("people-pkh", 1173, 0, "CONFIRMED"),
        ("people-tagana", 331, 0, "CONFIRMED"),
        ("people-tksk", 153, 0, "CONFIRMED"),
        ("people-total", 1657, 0, "CONFIRMED"),
        ("premium-months", 0, -12, "DIFFERS"),
        ("second-economy-java", None, None, "NOT_VERIFIABLE"),
        ("tksk-each-district", 2, 2, "DIFFERS"),
    ]


def test_the_ledger_balances(sample_night: Night) -> None:
    assert sample_night.ask(
        "SELECT count(*) FROM file_ledger WHERE rows_read <> rows_accepted + rows_quarantined + rows_superseded"
    ) == [(0,)]


def test_there_are_38_kabkota_and_not_39(sample_night: Night) -> None:
    assert sample_night.ask(
        "SELECT count(DISTINCT region_code) FROM fct_poverty JOIN dim_region USING (region_code) "
        "WHERE period = '2023-03' AND region_level = 'kabkota' AND parent_code = '3500'"
    ) == [(38,)]


def test_no_index_stands_in_the_release(sample_night: Night) -> None:
    assert sample_night.ask("SELECT count(*) FROM duckdb_indexes()") == [(0,)]
