"""When a gate holds and when it does not, what it says, and what it leaves behind: nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pilar.contracts import contracts
from pilar.quality.gate import Verdict, judge

Change = Callable[[Path, str], None]

NIK, NAME, ACCOUNT = "3522014501900007", "Sri Rekaan Wulandari", "0098765432"


def failed(verdict: Verdict) -> set[str]:
    return {item.description_en for item in verdict.failures}


def test_a_good_night_passes_both_gates(candidate: Path, warehouse: Path) -> None:
    for gate, database in (("arrivals", warehouse), ("candidate", candidate)):
        verdict = judge(gate, database, docs=None, night_id="n")
        assert (verdict.held, failed(verdict)) == (False, set())
        assert len(verdict.results) > 50


def test_a_warning_never_holds(candidate: Path, change: Change) -> None:
    change(candidate, "UPDATE marts.mart_quality_scorecard SET first_time_right_pct = 3")
    verdict = judge("candidate", candidate, docs=None, night_id="n")
    assert [(item.severity, item.observed) for item in verdict.failures] == [("warning", 3.0)]
    assert not verdict.held


def test_one_critical_failure_holds_and_is_named_first(candidate: Path, change: Change) -> None:
    change(candidate, "UPDATE marts.mart_quality_scorecard SET first_time_right_pct = 3")
    change(candidate, "UPDATE marts.file_ledger SET rows_read = 301 WHERE feed = 'rosters'")
    verdict = judge("candidate", candidate, docs=None, night_id="n")
    assert verdict.held
    first = verdict.failures[0]
    assert (first.table, first.severity, first.observed, first.owner) == ("file_ledger", "critical", 1, "operator")
    assert first.description_id.startswith("Untuk setiap berkas")


def test_one_rupiah_out_of_balance_holds(candidate: Path, change: Change) -> None:
    change(
        candidate,
        "UPDATE marts.mart_disbursement_reconciliation SET paid_idr = paid_idr - 1 "
        "WHERE participant_id = (SELECT min(participant_id) FROM marts.dim_participant)",
    )
    verdict = judge("candidate", candidate, docs=None, night_id="n", only={"mart_disbursement_reconciliation"})
    assert verdict.held
    assert any(text.startswith("In each row paid + failed") for text in failed(verdict))


def test_what_cannot_be_evaluated_is_a_critical_failure_that_says_so(candidate: Path, change: Change) -> None:
    change(candidate, "ALTER TABLE marts.mart_claims DROP COLUMN verdict")
    verdict = judge("candidate", candidate, docs=None, night_id="n", only={"mart_claims"})
    raised = [item for item in verdict.failures if str(item.observed).startswith("tidak dapat dinilai")]
    assert verdict.held
    # Its own severity was `warning`: nobody knows whether it would have passed.
    assert {item.severity for item in raised} == {"critical"}
    assert any("differs from what was recomputed" in item.description_en for item in raised)
    assert any('The column "verdict" in BatchData does not exist' in str(item.observed) for item in raised)


def test_the_text_of_an_exception_holds_no_value(candidate: Path, tmp_path: Path, change: Change) -> None:
    change(candidate, "ALTER TABLE marts.fct_poverty ALTER value TYPE VARCHAR")
    change(candidate, f"UPDATE marts.fct_poverty SET value = '{NAME} {NIK}'")
    verdict = judge("candidate", candidate, docs=tmp_path / "docs", night_id="n", only={"fct_poverty"})
    assert any(item.observed == "tidak dapat dinilai / could not be evaluated: exception" for item in verdict.failures)
    assert_nothing_personal(verdict, tmp_path / "docs")


def test_a_missing_table_holds_the_candidate(candidate: Path, change: Change) -> None:
    change(candidate, "DROP TABLE marts.fct_poverty")
    verdict = judge("candidate", candidate, docs=None, night_id="n", only={"fct_poverty"})
    assert verdict.held
    assert [item.expectation for item in verdict.results] == ["table_exists"]


def test_a_feed_without_rows_passes_as_information(warehouse: Path) -> None:
    verdict = judge("arrivals", warehouse, docs=None, night_id="n", only={"poverty"})
    (only,) = verdict.results
    assert (verdict.held, only.severity, only.success, only.observed) == (False, "info", True, 0)


def test_a_night_before_anything_was_delivered_passes(warehouse: Path, change: Change) -> None:
    for table in ("deliveries", *contracts()):
        change(warehouse, f"DELETE FROM raw.{table}")
    verdict = judge("arrivals", warehouse, docs=None, night_id="n")
    assert not verdict.held
    assert {item.severity for item in verdict.results} == {"info"}


def test_a_feed_whose_files_are_all_broken_does_not_stop_the_others(warehouse: Path, change: Change) -> None:
    change(warehouse, "DELETE FROM raw.rosters")
    change(
        warehouse,
        "UPDATE raw.deliveries SET state = 'rejected', rows_read = 0, rule_code = 'FILE_UNREADABLE', "
        "reason_id = 'Berkas tidak dapat dibuka.', reason_en = 'The file cannot be opened.' WHERE feed = 'rosters'",
    )
    verdict = judge("arrivals", warehouse, docs=None, night_id="n")
    assert not verdict.held
    assert "No feed has all of tonight's files rejected." in failed(verdict)


def test_a_candidate_without_people_is_published_when_no_roster_could_be_read(candidate: Path, change: Change) -> None:
    """The first night, every roster broken: the figures of BPS are news all the same."""
    change(candidate, "DELETE FROM marts.dim_participant")
    held = judge("candidate", candidate, docs=None, night_id="n", only={"dim_participant"})
    change(
        candidate,
        "UPDATE marts.file_ledger SET state = 'rejected', rows_read = 0, rows_accepted = 0, rows_quarantined = 0 "
        "WHERE feed = 'rosters'",
    )
    passed = judge("candidate", candidate, docs=None, night_id="n", only={"dim_participant"})
    assert (held.held, passed.held) == (True, False)
    assert failed(passed) == {"There are people to publish."}


def test_a_planted_nik_holds_the_candidate_and_is_shown_nowhere(
    candidate: Path, tmp_path: Path, change: Change
) -> None:
    change(candidate, f"UPDATE marts.mart_claims SET basis = '{NAME} {NIK}', verdict = '{NIK}'")
    verdict = judge("candidate", candidate, docs=tmp_path / "docs", night_id="n")
    assert verdict.held
    assert "No column holds a run of 16 digits (the shape of a NIK)." in failed(verdict)
    assert_nothing_personal(verdict, tmp_path / "docs")


def test_no_arrival_shows_personal_data_even_in_the_wrong_column(
    warehouse: Path, tmp_path: Path, change: Change
) -> None:
    """A shifted file puts names and numbers where nobody expects them; the docs are for many eyes."""
    every = ", ".join(f"{column.name} = '{NAME} {NIK} {ACCOUNT}'" for column in contracts()["rosters"].columns)
    change(warehouse, f"UPDATE raw.rosters SET {every}, sheet = '{NAME}', file_sha256 = '{NIK}'")
    change(warehouse, f"UPDATE raw.rosters SET nik = NULL, account_no = '{ACCOUNT}' WHERE source_row < 30")
    verdict = judge("arrivals", warehouse, docs=tmp_path / "docs", night_id="n")
    nik = next(item for item in verdict.results if item.column == "nik")
    assert verdict.held
    assert (nik.success, nik.observed) == (False, None)  # restricted: yes or no
    assert_nothing_personal(verdict, tmp_path / "docs")


def assert_nothing_personal(verdict: Verdict, docs: Path) -> None:
    pages = [path for path in docs.rglob("*") if path.suffix in (".html", ".json")]
    assert len(pages) > 3
    for text in [json.dumps(verdict.as_dict()), *(page.read_text("utf-8") for page in pages)]:
        for secret in (NIK, NAME, "Rekaan Wulandari", ACCOUNT):
            assert secret not in text


def test_a_verdict_is_plain_data(candidate: Path) -> None:
    verdict = judge("candidate", candidate, docs=None, night_id="20261124T131500Z", only={"dim_pillar"})
    plain = json.loads(json.dumps(verdict.as_dict()))
    assert (plain["gate"], plain["night_id"], plain["held"]) == ("candidate", "20261124T131500Z", False)
    assert set(plain["results"][0]) == {
        "suite", "table", "expectation", "column", "severity", "success", "observed", "description_id",
        "description_en", "owner", "rules",
    }  # fmt: skip
    assert plain["seconds"] > 0


def test_the_file_is_given_back_and_unchanged(candidate: Path) -> None:
    before = candidate.read_bytes()
    judge("candidate", candidate, docs=None, night_id="n", only={"dim_region"})
    assert candidate.read_bytes() == before
    write = f"import duckdb; duckdb.connect({str(candidate)!r}).execute('CREATE TABLE w (i INTEGER)')"
    assert subprocess.run([sys.executable, "-c", write], capture_output=True, check=False).returncode == 0


def test_views_over_parquet_are_judged_too(warehouse: Path, tmp_path: Path, change: Change) -> None:
    rows = tmp_path / "rows.parquet"
    change(warehouse, f"COPY raw.rosters TO '{rows}'; DROP TABLE raw.rosters; "
                      f"CREATE VIEW raw.rosters AS SELECT * FROM read_parquet(['{rows}'])")  # fmt: skip
    verdict = judge("arrivals", warehouse, docs=None, night_id="n", only={"rosters"})
    assert (verdict.held, failed(verdict)) == (False, set())


def test_mistakes_of_the_caller_are_errors(candidate: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.duckdb"):
        judge("candidate", tmp_path / "none.duckdb", docs=None, night_id="n")
    with pytest.raises(ValueError, match="no suite for dim_planet"):
        judge("candidate", candidate, docs=None, night_id="n", only={"dim_planet"})
    with pytest.raises(ValueError, match="no gate"):
        judge("departures", candidate, docs=None, night_id="n")  # type: ignore[arg-type]


LONELY = """
import socket, sys
from pathlib import Path
calls = []
def refuse(self, address):
    calls.append(address)
    raise OSError("no network here")
socket.socket.connect = refuse
socket.getaddrinfo = lambda *a, **k: refuse(None, a)
from pilar.quality.gate import judge
assert "great_expectations" not in sys.modules, "imported before a gate ran"
verdict = judge("candidate", Path(sys.argv[1]), docs=Path(sys.argv[2]), night_id="n")
assert not verdict.held
assert calls == [], calls
"""


def test_no_network_no_home_no_litter_and_no_early_import(candidate: Path, tmp_path: Path) -> None:
    home, here, docs = (tmp_path / name for name in ("home", "here", "docs"))
    home.mkdir()
    here.mkdir()
    checkout = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", LONELY, str(candidate), str(docs)],
        cwd=here, capture_output=True, text=True, check=False,
        env={"HOME": str(home), "PYTHONPATH": str(checkout), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert (list(home.rglob("*")), list(here.rglob("*"))) == ([], [])
    assert sorted(path.name for path in docs.iterdir()) == ["candidate", "index.html", "sites"]


def test_a_release_named_like_its_schema_can_be_judged(candidate: Path) -> None:
    """The file is ``marts.duckdb``, its schema ``marts``: DuckDB alone would call ``marts.dim_region`` ambiguous."""
    assert candidate.name == "marts.duckdb"
    with (
        duckdb.connect(str(candidate), read_only=True) as plain,
        pytest.raises(duckdb.BinderException, match="mbiguous"),
    ):
        plain.execute("SELECT count(*) FROM marts.dim_region")
    assert not judge("candidate", candidate, docs=None, night_id="n", only={"dim_region"}).held
