"""The operator's summary says all an operator needs, in 100 columns, and nobody's data."""

from __future__ import annotations

import json
from collections.abc import Callable

from pilar import items
from pilar.config import Home
from pilar.report import Night, operator_summary, read_night
from pilar.report.summary import WIDTH

from .conftest import CRITICAL, NIGHT, PASSED, WARNING

NightOf = Callable[..., None]


def test_a_published_night(published: Home, night: NightOf) -> None:
    night()
    text = operator_summary(published, NIGHT)
    lines = text.splitlines()
    assert lines[0] == f"Pilar night {NIGHT}: PUBLISHED"
    assert "  rosters          2      4         1      1,700     1,657           14          29" in lines
    assert "  premiums         0      1         0     19,884    19,610          274           0" in lines
    assert "    - rosters/kab-lamongan/daftar_final_FIX2.xlsx: FILE_ENCRYPTED: A password." in lines
    assert "  gate candidate: passed (2 expectations, 0 critical failed, 1 warnings)" in lines
    assert "    ! mart_premium_coverage.outcome: No more than 1 % of members have a gap. (observed: 37)" in lines
    assert "  dbt: 31 models, 118 tests, 0 failed" in lines
    assert f"  release  {NIGHT} (published now)" in lines
    assert f"  marts    {published.current_marts}" in lines
    assert f"  reports  {published.reports / 'index.html'}" in lines
    assert "build 8.2" in text
    assert "sum 24.8" in text
    assert max(len(line) for line in lines if str(published.root) not in line) <= WIDTH


def test_a_feed_whose_files_are_all_broken_is_named(published: Home, night: NightOf) -> None:
    night()
    assert "! poverty: every new file was rejected; the other feeds' news went on" in operator_summary(published, NIGHT)


def test_a_held_night_names_what_held_it_and_shows_no_value(published: Home, night: NightOf) -> None:
    violation = {"table": "marts.dim_event", "column": "event_name", "kind": "known_name", "count": 3}
    gate = {
        "status": "held",
        "held": True,
        "results": [PASSED, CRITICAL, WARNING],
        "violations": [violation],
        "seconds": 1,
    }
    night("20261125T131500Z", gate_candidate=gate, publish=None)
    text = operator_summary(published, "20261125T131500Z")
    assert text.startswith("Pilar night 20261125T131500Z: HELD")
    assert "gate candidate: HELD (3 expectations, 1 critical failed, 1 warnings)" in text
    assert "x fct_disbursement.amount_idr: Paid, failed, returned and pending add up" in text
    assert "x personal data: marts.dim_event.event_name: known_name, 3 rows" in text
    assert f"release  {NIGHT} (stays)" in text
    assert "SITI CONTOH" not in text


def test_a_failed_night_says_where_it_stopped(published: Home, night: NightOf) -> None:
    night(build=None, gate_candidate=None, publish=None)
    text = operator_summary(published, NIGHT)
    assert "FAILED" in text.splitlines()[0]
    assert "stopped at step: build" in text
    assert "Numbers of the release that stays" in text


def test_a_step_that_left_its_failure_is_the_one_that_stopped_the_night(published: Home, night: NightOf) -> None:
    night(build={"status": "failed", "message": "dbt", "seconds": 2}, gate_candidate=None, publish=None)
    assert "stopped at step: build" in operator_summary(published, NIGHT)


def test_a_folder_that_is_no_feed_has_no_news_to_miss(home: Home) -> None:
    files = ({"feed": "_unknown", "file_name": "x.csv", "outcome": "rejected"},)
    assert Night(NIGHT, files=files).broken_feeds == []


def test_an_unchanged_night(published: Home, night: NightOf) -> None:
    night(unchanged=True, load=None, gate_arrivals=None, build=None, gate_candidate=None, publish=None)
    assert "UNCHANGED" in operator_summary(published, NIGHT).splitlines()[0]


def test_the_first_night_ever_that_left_nothing(home: Home) -> None:
    text = operator_summary(home, NIGHT)
    assert "FAILED" in text
    assert "stopped at step: load" in text
    assert "release  none yet" in text


def test_dbt_tests_that_failed_are_named(published: Home, night: NightOf) -> None:
    night(build={"status": "ok", "models": ["a", "b"], "tests": 9, "failed_tests": ["money_adds_up"], "seconds": 1})
    text = operator_summary(published, NIGHT)
    assert "dbt: 2 models, 9 tests, 1 failed" in text
    assert "x money_adds_up" in text


def test_long_numbers_in_file_names_are_masked(published: Home, night: NightOf) -> None:
    night()
    text = operator_summary(published, NIGHT)
    assert "3522010101900001" not in text
    assert "kemiskinan •••.csv" in text


def test_a_damaged_step_file_counts_as_not_run(published: Home, night: NightOf) -> None:
    night()
    (published.nights / NIGHT / "publish.json").write_text("{half")
    assert read_night(published, NIGHT).outcome == "failed"


def test_outcomes(published: Home, night: NightOf) -> None:
    night("a")
    night("b", gate_arrivals={"status": "held", "seconds": 1}, build=None, gate_candidate=None, publish=None)
    night("c", publish={"status": "skipped", "seconds": 0})
    assert [read_night(published, name).outcome for name in ("a", "b", "c")] == ["published", "held", "failed"]
    assert read_night(published, "a").release_id == "a"
    assert read_night(published, "b").release_id is None


def test_a_file_whose_taking_broke_is_not_forgotten(published: Home, night: NightOf) -> None:
    night()
    broken = '{"step":"ingest","status":"failed","feed":"rosters","file_name":"x.csv","seconds":0,"message":"OSError"}'
    (published.nights / NIGHT / "ingest" / "broken.json").write_text(broken, "utf-8")
    assert "! not taken, tried again next night: rosters/x.csv (OSError)" in operator_summary(published, NIGHT)


def test_nor_is_one_whose_taker_was_killed_before_it_could_say_anything(published: Home, night: NightOf) -> None:
    night()
    plan = published.nights / NIGHT / "plan.json"
    item = {"feed": "rosters", "file_name": "y.csv", "submitter": None, "path": "y.csv", "size": 1, "mtime_ns": 1}
    plan.write_text(json.dumps(json.loads(plan.read_text("utf-8")) | {"items": [item]}), "utf-8")
    assert "! not taken, tried again next night: rosters/y.csv" in operator_summary(published, NIGHT)
    (published.nights / NIGHT / "ingest" / f"{items.name_of(item)}.json").write_text('{"outcome": "read"}', "utf-8")
    assert "not taken" not in operator_summary(published, NIGHT)
