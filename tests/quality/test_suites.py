"""The suites as files: complete, in the gates' terms, and each expectation able to fail."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from pilar.contracts import contracts
from pilar.quality.gate import judge
from pilar.quality.suites import Expectation, Suite, suites
from tests.quality.conftest import ROWS

PUBLISHED = {
    "dim_region", "dim_pillar", "dim_event", "dim_date", "dim_participant", "fct_roster_membership",
    "fct_entitlement",
    "fct_disbursement", "fct_premium_month", "fct_poverty", "mart_disbursement_reconciliation",
    "mart_premium_coverage", "mart_region_profile", "mart_bakorwil_profile", "mart_equity", "mart_equity_curve",
    "dim_district", "dim_indicator", "mart_claims", "mart_claim_sensitivity", "mart_claim_history",
    "mart_person_candidates",
    "fct_transfer_statement", "mart_money_control", "dim_bank_reason",
    "mart_quality_scorecard", "quality_findings", "quality_decisions", "file_ledger", "release_info",
}  # fmt: skip

EVERY = [*suites("arrivals"), *suites("candidate")]

OTHER_HASH = "9" * 64

PROMISES: dict[str, str] = {
    # What breaks a promise, by the start of its English description. {t} is the table.
    "No column holds a run of 16": "ALTER TABLE {t} ADD COLUMN note VARCHAR; UPDATE {t} SET note = 'x3522010101900001'",
    "East Java has exactly 38": "DELETE FROM {t} WHERE region_code = '3538'",
    "The pillars are": "DELETE FROM {t} WHERE pillar_code = 'TKSK'",
    "The table holds": "DELETE FROM {t}",
    "There are events": "DELETE FROM {t}",
    "There are people": "DELETE FROM {t}",
    "A person or account has one row": "INSERT INTO {t} SELECT * FROM {t}",
    "A cell of a table": "INSERT INTO {t} SELECT * FROM {t}",
    "If ": "DELETE FROM {t}",
    "A person has at most one current": "INSERT INTO {t} SELECT * REPLACE (DATE '2024-01-01' AS valid_from) FROM {t}",
    "No version ends before": "UPDATE {t} SET valid_to = DATE '2020-01-01'",
    "At least 99 per cent of the accepted": "DELETE FROM {t} WHERE source_row < 10",
    "No statement is withdrawn": "UPDATE {t} SET known_to = known_from - INTERVAL 1 DAY",
    "A statement is in force": "UPDATE {t} SET is_in_force = false",
    "Every version of a person comes": "DELETE FROM {t} WHERE source_row < 7",
    "Every statement names its row": "UPDATE {t} SET source_row = NULL",
    "At most 10 per cent of the people": "UPDATE {t} SET status = 'KELUAR'",
    "A person is entitled once": "INSERT INTO {t} SELECT * FROM {t} LIMIT 1",
    "A promise is its amount": "UPDATE {t} SET entitled_idr = amount_idr + 1",
    "Every promise names a roster": "UPDATE {t} SET promise_file_sha256 = file_sha256",
    "All three pillars": "DELETE FROM {t} WHERE pillar_code = 'TKSK'",
    "The two of a pair differ": "UPDATE {t} SET node_id_a = node_id_b",
    "Two people whom a steward parted": (
        "UPDATE {t} SET participant_id_b = participant_id_a WHERE decided = 'different_person'"
    ),
    "At most 2 per cent as many pairs": "INSERT INTO {t} SELECT one.* FROM {t} AS one, range(1000)",
    "A month of a person": "INSERT INTO {t} SELECT * FROM {t} LIMIT 1",
    "Every figure has exactly one": "UPDATE {t} SET is_latest = false WHERE region_code = '3501'",
    "Poverty rates lie between 0": "UPDATE {t} SET value = 101 WHERE indicator = 'poverty_rate_pct'",
    "Every indicator is one of": "UPDATE {t} SET indicator = 'gini'",
    "Every figure lies within": "UPDATE {t} SET value = 5000001 WHERE indicator = 'poor_people_thousand'",
    "The least value is not above": "UPDATE {t} SET most = -1",
    "At most 38 regencies": (
        "INSERT INTO {t} SELECT * REPLACE ('3599' AS region_code) FROM {t} WHERE region_code = '3501'"
    ),
    "East Java's poverty rate": "UPDATE {t} SET value = 60 WHERE region_code = '3500'",
    "In each row paid": "UPDATE {t} SET paid_idr = paid_idr - 0.01 WHERE outcome = 'PAID'",
    "Instructed rupiah add up": "DELETE FROM {t} WHERE participant_id = (SELECT min(participant_id) FROM {t})",
    "Every transfer has exactly one last": "UPDATE {t} SET is_latest = false",
    "At most one statement of a transfer": "INSERT INTO {t} SELECT * FROM {t}",
    "The rupiah of the statements": "UPDATE {t} SET counts = false WHERE status = 'GAGAL'",
    "At every level the money": "UPDATE {t} SET cause = 'PILAR' WHERE level = 'event'",
    "All events together": "UPDATE {t} SET mart_idr = mart_idr + 1 WHERE level = 'event'",
    "No bank file has control lines": "UPDATE {t} SET cause = 'FILE' WHERE level = 'file'",
    "At least half of the sheets": "UPDATE {t} SET verdict = 'NOT_STATED' WHERE level = 'file'",
    "At most 10 transfers failed": "UPDATE {t} SET reason_code = 'U000'",
    "PAID means": "UPDATE {t} SET entitled_idr = 5 WHERE outcome = 'PAID'",
    "No more months are missing": "UPDATE {t} SET gap_months = ['2023-01'], months_expected = 0",
    "At least 90 per cent of the expected": "UPDATE {t} SET months_covered = 6",
    "No claim is confirmed": "UPDATE {t} SET recomputed_value = NULL",
    "Every claim has its published periods": "UPDATE {t} SET is_published_pair = false",
    "Every claim has exactly one answer": "UPDATE {t} SET is_current = false",
    "No answer ends before": "UPDATE {t} SET known_until = known_from - INTERVAL 1 DAY",
    "No public claim differs": "UPDATE {t} SET verdict = 'DIFFERS'",
    "No more rows are accepted": "UPDATE {t} SET rows_quarantined = 3",
    "No more rows are waived": "UPDATE {t} SET rows_waived = rows_accepted + 1",
    "A waiver whose last day": "UPDATE {t} SET expires_on = DATE '2020-01-01'",
    "Only a waiver in force": "UPDATE {t} SET is_in_force = false",
    "Every verdict can be used": "UPDATE {t} SET state = 'unknown'",
    "Tonight at least 90": "UPDATE {t} SET first_time_right_pct = 12",
    "No finding was last seen": "UPDATE {t} SET last_seen = TIMESTAMP '2020-01-01 00:00:00'",
    "No critical finding": "UPDATE {t} SET severity = 'critical'",
    "For each file rows read": "UPDATE {t} SET rows_read = rows_read + 1 WHERE feed = 'rosters'",
    "Numbers of rows are never": "UPDATE {t} SET rows_superseded = -1, rows_accepted = rows_accepted + 1",
    "Every rejected file has a reason.": "UPDATE {t} SET reason = NULL",
    "At most 5 per cent": "UPDATE {t} SET rows_quarantined = rows_read, rows_accepted = 0",
    "The profile has 38": "DELETE FROM {t} WHERE region_code = '3501'",
    "No change is reckoned": "UPDATE {t} SET is_comparable = false",
    "In each year the offices": "UPDATE {t} SET members = 7",
    "The poor people of the offices": "UPDATE {t} SET poor_people_thousand = 1",
    "There are five offices": "DELETE FROM {t} WHERE bakorwil = 'Malang'",
    "Each index is twice": "UPDATE {t} SET concentration_index = 0.5",
    "Each curve ends at": "DELETE FROM {t} WHERE place = 38",
    "The release has exactly one": "INSERT INTO {t} SELECT * FROM {t}",
    "The columns are those": "ALTER TABLE {t} ADD COLUMN surprise VARCHAR",
    "The record of deliveries": "ALTER TABLE {t} DROP COLUMN rule_code",
    "No file has lost its rows": "INSERT INTO raw.damage SELECT feed, file_sha256, true FROM {t}",
    "Every row comes from a file": f"UPDATE {{t}} SET file_sha256 = '{OTHER_HASH}'",
    "Each file has as many": "DELETE FROM {t} WHERE source_row = 3",
    "No file has more than": "INSERT INTO {t} SELECT one.* FROM (FROM {t} LIMIT 1) AS one, range({most})",
    "At most 2 per cent of NIKs": "UPDATE {t} SET numeric_cells = ['nik']",
    "At most 10 per cent of account": "UPDATE {t} SET numeric_cells = ['account_no']",
    "Every row names an area": "UPDATE {t} SET region = NULL, bakorwil = NULL",
    "Every bank file carries": "DELETE FROM raw.controls",
    "Every rejected file has a rule": "UPDATE {t} SET state = 'rejected'",
    "At most 20 per cent of tonight": "UPDATE {t} SET state = 'rejected'",
    "No feed has all": "UPDATE {t} SET state = 'rejected' WHERE feed = 'rosters'",
    "No time of delivery": "UPDATE {t} SET delivered_at = received_at + INTERVAL 2 DAY",
}


def spoil(item: Expectation, table: str) -> str:
    """A statement after which the expectation must fail."""
    for start, statement in PROMISES.items():
        if item.meta.description_en.startswith(start):
            most = re.search(r"> (\d+)", item.kwargs.get("unexpected_rows_query", ""))
            # The semicolon tells `spoilt_together` that other damage could mend this one.
            return statement.format(t=table, most=most and most[1]) + ";"
    column, kwargs = item.kwargs.get("column"), item.kwargs
    if item.type == "expect_column_values_to_not_be_null":
        return f"UPDATE {table} SET {column} = NULL"
    if item.type in ("expect_column_values_to_be_in_set", "expect_column_values_to_match_regex"):
        return f"UPDATE {table} SET {column} = '!'"
    if item.type == "expect_column_values_to_not_be_in_set":
        return f"UPDATE {table} SET {column} = '{kwargs['value_set'][0]}'"
    if item.type == "expect_column_values_to_be_between":
        low, high = kwargs.get("min_value"), kwargs.get("max_value")
        beyond = "DATE '1900-01-01'" if isinstance(low, str) else high + 1 if low is None else low - 1
        return f"UPDATE {table} SET {column} = {beyond}"
    assert item.type in ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"), item
    return f"INSERT INTO {table} SELECT * FROM {table}"


def spoilt_together(statements: Iterable[str]) -> list[list[str]]:
    """Groups that one database can bear: plain updates of different columns; anything else stands alone."""
    groups: list[dict[str, str]] = []
    alone: list[list[str]] = []
    for statement in dict.fromkeys(statements):
        plain = re.fullmatch(r"UPDATE \S+ SET (\w+) = [^,;]+", statement)
        if plain is None:
            alone.append([statement])
            continue
        group = next((group for group in groups if plain[1] not in group), None)
        if group is None:
            groups.append(group := {})
        group[plain[1]] = statement
    return [*(list(group.values()) for group in groups), *alone]


def two_rows(feed: str) -> tuple[str, str]:
    """A delivery of two rows for a feed that is silent in the fixtures."""
    row = {column.name: "'x'" for column in contracts()[feed].columns}
    if feed == "poverty":
        row |= {"indicator": "'poverty_rate_pct'", "area_type": "'total'", "period": "'2023-03'"}
    return (
        f"INSERT INTO raw.deliveries SELECT * REPLACE ('{feed}' AS feed, 2 AS rows_read) FROM raw.deliveries "
        "WHERE feed = 'rosters'",
        f"INSERT INTO raw.{feed} SELECT {', '.join(row.values())}, 'S', i, NULL, repeat('a', 64) FROM range(3, 5) r(i)",
    )


@pytest.mark.parametrize("suite", EVERY, ids=[suite.name for suite in EVERY])
def test_every_expectation_can_fail_and_says_so_itself(
    suite: Suite, candidate: Path, warehouse: Path, tmp_path: Path, change: Callable[[Path, str], None]
) -> None:
    gate, schema, good = (
        ("arrivals", "raw", warehouse) if suite.meta["gate"] == "arrivals" else ("candidate", "marts", candidate)
    )
    if gate == "arrivals" and suite.table in contracts() and suite.table not in ROWS:
        for statement in two_rows(suite.table):
            change(good, statement)
    spoiled = {at: spoil(item, f"{schema}.{suite.table}") for at, item in enumerate(suite.expectations)}
    outcomes = {}
    for together in spoilt_together(spoiled.values()):
        database = Path(shutil.copy(good, tmp_path / "spoiled.duckdb"))
        change(database, ";".join(together))
        results = judge(gate, database, docs=None, night_id="n", only={suite.table}).results
        outcomes |= dict.fromkeys(together, results)
    untouched = judge(gate, good, docs=None, night_id="n", only={suite.table}).results
    assert [item.description_en for item in untouched if not item.success] == []
    assert len(untouched) == len(suite.expectations)
    for at, item in enumerate(suite.expectations):
        result = outcomes[spoiled[at]][at]
        assert (result.description_en, result.success) == (item.meta.description_en, False)
        assert result.severity == item.severity, result.observed


def test_every_feed_and_every_published_table_has_a_suite() -> None:
    assert {suite.table for suite in suites("arrivals")} == {*contracts(), "deliveries"}
    assert {suite.table for suite in suites("candidate")} == PUBLISHED


def test_every_suite_holds_on_something_and_says_each_thing_once() -> None:
    for suite in EVERY:
        said = sorted(item.meta.description_en for item in suite.expectations)
        assert not [a for a, b in pairwise(said) if a == b], suite.name
        assert any(item.severity == "critical" for item in suite.expectations), suite.name


def test_no_arrival_holds_for_what_a_feed_sends_except_for_its_provenance() -> None:
    """A feed of broken files must not stop the night: what senders get wrong is a warning."""
    ours = {"file_sha256", "sheet", "source_row", "indicator", "area_type", "period"}
    for suite in suites("arrivals"):
        if suite.table == "deliveries":
            continue
        for item in suite.expectations:
            if item.severity == "critical" and item.type.startswith("expect_column"):
                assert set(item.columns) <= ours, (suite.name, item.meta.description_en)


@pytest.mark.parametrize(
    ("spoiled", "message"),
    [
        ({"name": "arrivals_other"}, "name must be"),
        ({"meta": {"gate": "candidate", "table": "one"}}, "name must be"),
        ({"expectations": []}, "expectations"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_malformed_suite_is_refused(tmp_path: Path, spoiled: dict[str, object], message: str) -> None:
    (tmp_path / "arrivals").mkdir()
    meta = {"description_id": "Ada baris di tabel.", "description_en": "There are rows.", "owner": "operator"}
    good = {
        "name": "arrivals_one",
        "meta": {"gate": "arrivals", "table": "one"},
        "expectations": [
            {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 1}, "severity": "critical", "meta": meta}
        ],
    }
    file = tmp_path / "arrivals" / "one.yaml"
    file.write_text(yaml.safe_dump(good), "utf-8")
    assert [suite.table for suite in suites("arrivals", tmp_path)] == ["one"]
    file.write_text(yaml.safe_dump(good | spoiled), "utf-8")
    with pytest.raises(ValueError, match=message):
        suites("arrivals", tmp_path)
