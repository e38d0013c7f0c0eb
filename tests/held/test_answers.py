"""A held night is published at a person's word, or kept: only what was shown is overruled, and it stays on record."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pilar import held as holding
from pilar import night, publish, report
from pilar.config import Home
from pilar.held import NoAnswer
from pilar.publish import notes

from .conftest import CLAIM, HELD, NUMERIC, change_facts, strict_suites

WHY = "klaim itu sudah diumumkan; angka lain benar"


def ask(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.current_marts), read_only=True) as release:
        return release.execute(query).fetchall()


def record(home: Home) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = json.loads((home.nights / HELD / "override.json").read_text("utf-8"))["answers"]
    return answers


def current(home: Home) -> str:
    release = publish.current(home)
    assert release is not None
    return release.release_id


def somebody(home: Home) -> str:
    """The name of one of the samples' invented people."""
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        row = warehouse.execute(
            "SELECT name FROM staging.stg_rosters "
            "WHERE regexp_matches(name, '^[A-Za-z]{4,}( [A-Za-z]{4,})+$') ORDER BY name"
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_held_night_is_published_at_a_persons_word(held: Home) -> None:
    before = current(held)
    assert notes.of_candidate(held, HELD)[0] == before
    ended = night.publish_anyway(held, HELD, by="siti.steward", reason=f"  {WHY} surat 123456789012 ")
    assert (ended["outcome"], ended["exit_code"]) == ("published", 0)
    assert ask(held, "SELECT release_id, gate_result FROM release_info") == [(HELD, "overridden")]
    (answer,) = record(held)
    assert (answer["answer"], answer["by"], answer["ended"]) == ("publish", "siti.steward", "published")
    assert answer["reason"] == f"{WHY} surat •••", "a long number may be somebody's"
    assert datetime.fromisoformat(answer["at"]).utcoffset() == timedelta(0)
    assert [failure["description_en"] for failure in answer["failed"]] == [CLAIM]
    release = publish.find(held, "current")
    assert release.manifest()["override"] == {name: answer[name] for name in ("by", "at", "reason", "failed")}
    told = json.loads((release.folder / "notes.json").read_text("utf-8"))
    assert told["override"]["by"] == "siti.steward"
    assert told["notes"][0]["topic"] == "override"
    assert WHY in (release.folder / "notes.md").read_text("utf-8")
    assert "PUBLISHED ALTHOUGH HELD, said siti.steward" in ended["text"]
    assert publish.find(held, "previous").release_id == before
    assert night.begin(held, "20991231T190000Z")["unchanged"], "readers have what has landed: nothing is asked again"


def test_nobody_answers_twice(held: Home) -> None:
    kept = night.keep(held, HELD, by="budi", reason=None)
    assert (kept["outcome"], kept["exit_code"]) == ("held", 3)
    assert "yesterday's release is kept, said budi" in kept["text"]
    before = current(held)
    for again in (
        lambda: night.publish_anyway(held, HELD, by="siti", reason=WHY),
        lambda: night.keep(held, HELD, by="siti"),
    ):
        with pytest.raises(NoAnswer, match="has been answered"):
            again()
    assert current(held) == before
    assert [answer["ended"] for answer in record(held)] == ["kept"]
    assert not night.begin(held, "20991231T190000Z")["unchanged"], "the next night tries again"
    with pytest.raises(NoAnswer, match="not the newest"):
        night.keep(held, HELD, by="siti")


def test_silence_keeps(held: Home) -> None:
    night.keep(held, HELD, by=None, timed_out=True)
    (answer,) = record(held)
    assert (answer["answer"], answer["by"], answer["timed_out"], answer["ended"]) == ("keep", None, True, "kept")
    assert report.read_night(held, HELD).answers == (answer,)
    assert "Nobody answered in time" in (held.reports / "index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("by", "reason", "why"),
    [("siti", " ", "needs a reason"), (" ", WHY, "needs the name"), ("siti", "x" * 1001, "At most")],
)
def test_a_word_without_a_name_or_reason_publishes_nothing(held: Home, by: str, reason: str, why: str) -> None:
    before = current(held)
    with pytest.raises(NoAnswer, match=why):
        night.publish_anyway(held, HELD, by=by, reason=reason)
    assert current(held) == before
    assert not (held.nights / HELD / "override.json").exists()


def test_a_reason_names_nobody(held: Home) -> None:
    name = somebody(held)
    with pytest.raises(NoAnswer, match="must name nobody") as refused:
        night.publish_anyway(held, HELD, by="siti", reason=f"sudah ditanyakan kepada {name.title()} sendiri")
    assert name.lower() not in str(refused.value).lower()
    assert not (held.nights / HELD / "override.json").exists()


@pytest.mark.parametrize(
    ("step", "facts", "why"),
    [
        (
            "gate_candidate",
            {"violations": [{"table": "a", "column": "b", "kind": "nik_shape", "count": 1}]},
            "personal",
        ),
        ("build", {"failed_tests": ["money_closes"], "status": "held"}, "keys or sums"),
        ("load", {"code_version": "older"}, "code has changed"),
    ],
)
def test_some_things_nobody_overrules(held: Home, step: str, facts: dict[str, Any], why: str) -> None:
    before = current(held)
    change_facts(held, step, **facts)
    with pytest.raises(NoAnswer, match=why):
        night.publish_anyway(held, HELD, by="siti", reason=WHY)
    assert current(held) == before


def test_a_promise_that_could_not_be_judged_is_not_overruled() -> None:
    broken = {"table": "mart_claims", "expectation": "expect_x", "severity": "critical", "success": False}
    judged = {"status": "held", "results": [broken | {"observed": 1}]}
    assert holding.hold_of({"gate_candidate": judged}).may_be_overruled
    for unjudged in (
        broken | {"observed": f"{holding.UNJUDGED}: Binder Error"},
        broken | {"expectation": "table_exists", "observed": 0},
    ):
        hold = holding.hold_of({"gate_candidate": {"status": "held", "results": [broken | {"observed": 1}, unjudged]}})
        assert hold
        assert not hold.may_be_overruled
        assert "could not be judged" in hold.obstacle()[1]
    assert not holding.hold_of({"gate_arrivals": {"status": "held"}}).may_be_overruled, "it does not say why it holds"
    assert not holding.hold_of({"gate_candidate": {"status": "ok", "results": []}})


def test_a_crash_between_flip_and_record_is_carried_on(held: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(night, "publish", full)
    with pytest.raises(OSError, match="disk full"):
        night.publish_anyway(held, HELD, by="siti", reason=WHY)
    (begun,) = record(held)
    assert begun["ended"] is None
    with pytest.raises(NoAnswer, match="being published"):
        night.keep(held, HELD, by="budi")
    monkeypatch.undo()
    night.publish_anyway(held, HELD, by="siti", reason=WHY)
    assert record(held) == [begun | {"ended": "published"}]
    assert current(held) == HELD


def test_a_night_held_at_its_arrivals_is_built_first_and_held_again_by_what_is_new(
    held: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way, dbt and both gates: shown was the roster's promise, the claim's comes to light by the build."""
    before = current(held)
    strict = strict_suites(tmp_path / "suites", NUMERIC, CLAIM)
    monkeypatch.setattr("pilar.quality.suites.PROJECT", strict)
    for name in ("build", "gate_candidate"):
        (held.nights / HELD / f"{name}.json").write_text('{"status": "skipped"}', "utf-8")
    publish.candidate_path(held, HELD).unlink()
    assert night.gate_arrivals(held, HELD)["status"] == "held"
    again = night.publish_anyway(held, HELD, by="siti", reason=WHY)
    assert again["outcome"] == "held"
    assert "HELD AGAIN by what was not known then" in again["text"]
    assert current(held) == before
    assert night.hold(held, HELD).failed[0]["description_en"] == CLAIM
    second = night.publish_anyway(held, HELD, by="siti", reason="sekarang keduanya sudah dilihat")
    assert second["outcome"] == "published"
    assert [answer["ended"] for answer in record(held)] == ["held", "published"]
    assert [failure["description_en"] for failure in record(held)[-1]["failed"]] == [NUMERIC, CLAIM]
    assert publish.find(held, "current").manifest()["gate_result"] == "overridden"


def test_the_command_line_answers_too(held: Home) -> None:
    def pilar(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pilar.cli", *arguments, "--home", str(held.root)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    refused = pilar("publish", "--anyway", "--by", "siti")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "needs a reason" in refused.stderr
    assert pilar("publish", "--by", "siti").returncode == 2
    done = pilar("publish", "--anyway", "--by", "siti", "--reason", WHY)
    assert done.returncode == 0, done.stderr
    assert "PUBLISHED ALTHOUGH HELD, said siti" in done.stdout
    assert "published although held" in pilar("diff").stdout


@pytest.mark.parametrize(
    ("utc", "hours", "until"),
    [
        ("2026-11-24 18:05", 20, "2026-11-25 14:05"),  # 01:05 in Jakarta: the whole time
        ("2026-11-24 08:00", 20, "2026-11-24 17:50"),  # 15:00: until shortly before the next night
        ("2026-11-24 17:55", 20, "2026-11-24 18:00"),  # 00:55: a few minutes all the same
        ("2026-11-24 08:00", 2, "2026-11-24 10:00"),
    ],
)
def test_a_question_closes_before_the_next_night(utc: str, hours: float, until: str) -> None:
    now = datetime.fromisoformat(f"{utc}:00").replace(tzinfo=UTC)
    assert now + holding.response_time(now, hours) == datetime.fromisoformat(f"{until}:00").replace(tzinfo=UTC)
