"""Verdicts: told apart from slips of the pen, all at once, and written so that the night reads what was meant."""

from __future__ import annotations

import csv
import errno
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilar import landing, raw
from pilar.config import Home
from pilar.deciding import (
    REASON_LETTERS,
    VERDICTS,
    Decision,
    Given,
    Refused,
    fitting,
    is_finding_key,
    problems,
    write,
)
from pilar.deciding import (
    given as told,
)
from pilar.rules import catalogue
from pilar.samples.decisions import subject_key

TODAY = date(2024, 7, 1)
KEY = subject_key("NIK_LENGTH", "somebody")
GOOD = Decision(KEY, "waive", "dikonfirmasi ke Dinsos", "petugas.tuban", date(2024, 7, 2))


def parts(decision: Decision, **more: object) -> list[str]:
    return [problem.part for problem in problems(decision, today=TODAY, **more)]  # type: ignore[arg-type]


def test_a_good_verdict_has_no_problem() -> None:
    assert problems(GOOD, rule_code="NIK_LENGTH", personal=["SITI AMINAH"], today=TODAY) == []


def test_all_problems_are_told_at_once_in_both_languages() -> None:
    found = problems(Decision("f_x", "maybe", " \n", "", date(2024, 7, 1)), today=TODAY)
    assert [problem.part for problem in found] == ["finding_key", "verdict", "reason", "decided_by", "expires_on"]
    assert all(problem.message_id and problem.message_en for problem in found)
    assert len({problem.message_id for problem in found} | {problem.message_en for problem in found}) == 10


@pytest.mark.parametrize("place", range(len(KEY)))
def test_a_key_with_a_slip_of_the_pen_is_told(place: int) -> None:
    slip = KEY[:place] + ("b" if KEY[place] != "b" else "c") + KEY[place + 1 :]
    assert is_finding_key(KEY)
    assert not is_finding_key(slip)


def test_keys_are_judged_as_the_night_judges_them() -> None:
    """The macro's own SQL, rendered, over right, misspelt and senseless keys."""
    from jinja2 import Environment, select_autoescape

    from pilar.config import PROJECT

    macros = PROJECT / "dbt_project" / "macros"
    text = "\n".join((macros / name).read_text("utf-8") for name in ("identity.sql", "findings.sql"))
    sql = str(
        Environment(autoescape=select_autoescape(default_for_string=False))
        .from_string(text)
        .module.is_finding_key("key")
    )  # type: ignore[attr-defined]
    keys = [KEY, KEY[:-1] + "a", KEY[:-1] + "b", KEY.upper(), f"{KEY} ", "", "f_", "=1+1"]
    with duckdb.connect() as connection:
        asked = connection.execute(f"SELECT {sql} FROM unnest(?) AS t (key)", [keys]).fetchall()
    assert [value for (value,) in asked] == [is_finding_key(key) for key in keys]
    assert [value for (value,) in asked].count(True) == 1


def test_verdicts_fit_the_rule_as_the_night_has_it() -> None:
    assert fitting("PERSON_NEAR_MATCH") == VERDICTS
    assert fitting("NIK_LENGTH") == ("waive", "corrected")
    assert fitting("TRANSFER_AMOUNT_INVALID") == ("corrected",)
    assert {code for code in catalogue() if len(fitting(code)) == 4} == {"PERSON_NEAR_MATCH", "PERSON_MATCHED"}
    assert parts(GOOD, rule_code="TRANSFER_AMOUNT_INVALID") == ["verdict"]
    assert parts(replace(GOOD, verdict="same_person", expires_on=None), rule_code="NIK_LENGTH") == ["verdict"]
    assert parts(replace(GOOD, verdict="same_person", expires_on=None), rule_code="PERSON_NEAR_MATCH") == []


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "\t\n ",
        "\u200b\u202e",
        "x" * (REASON_LETTERS + 1),
        "NIK 3523010101909001",
        "telepon 0812-3456-7890",
        "ini Siti",
    ],
)
def test_a_reason_says_why_and_names_nobody(reason: str) -> None:
    assert parts(replace(GOOD, reason=reason), personal=["SITI AMINAH"]) == ["reason"]


@pytest.mark.parametrize(
    ("verdict", "until", "wrong"),
    [("waive", None, []), ("waive", TODAY, ["expires_on"]), ("corrected", date(2024, 7, 2), ["expires_on"])],
)
def test_only_a_waiver_ends_and_not_before_it_begins(verdict: str, until: date | None, wrong: list[str]) -> None:
    assert parts(replace(GOOD, verdict=verdict, expires_on=until)) == wrong


def read_back(home: Home, path: Path) -> list[tuple[str, ...]]:
    """The rows as the night has them after the file landed."""
    item = next(item for item in landing.scan(home).items if item.path == path)
    taken = landing.ingest(home, item)
    assert taken.outcome == "read", taken
    rows = raw.folder(home, "decisions", str(taken.sha256)) / raw.ROWS
    columns = "finding_key, verdict, reason, decided_by, expires_on"
    return duckdb.sql(f"SELECT {columns} FROM '{rows}' ORDER BY source_row").fetchall()


def test_the_night_reads_what_was_written(home: Home) -> None:
    path = write(
        home, [GOOD, replace(GOOD, verdict="corrected", expires_on=None)], "tuban", at=datetime(2024, 7, 1, tzinfo=UTC)
    )
    assert path.parent == home.landing / "decisions" / "tuban"
    assert path.stat().st_mtime == datetime(2024, 7, 1, tzinfo=UTC).timestamp()
    assert [other.name for other in path.parent.iterdir()] == [path.name], "nothing half-written is left"
    assert read_back(home, path) == [
        (KEY, "waive", "dikonfirmasi ke Dinsos", "petugas.tuban", "2024-07-02"),
        (KEY, "corrected", "dikonfirmasi ke Dinsos", "petugas.tuban", None),
    ]


@given(st.text(min_size=1, max_size=80))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_reason_is_one_cell_of_one_row(home: Home, reason: str) -> None:
    decision = replace(GOOD, reason=reason, expires_on=None)
    if problems(decision, today=TODAY):
        with pytest.raises(Refused):
            write(home, [decision], "tuban")
        return
    path = write(home, [decision], "tuban")
    ((key, verdict, said, by, until),) = read_back(home, path)
    assert (key, verdict, by, until) == (KEY, "waive", "petugas.tuban", None)
    assert (
        said.lstrip("'").split() == "".join(c for c in " ".join(reason.split()) if c.isprintable()).lstrip("'").split()
    )


@pytest.mark.parametrize("reason", ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", '="a";"b",\n=c', " \t=1"])
def test_no_cell_is_a_formula(home: Home, reason: str) -> None:
    path = write(home, [replace(GOOD, reason=reason, decided_by="=siti", expires_on=None)], "tuban")
    with path.open(encoding="utf-8", newline="") as file:
        head, row = csv.reader(file)
    assert len(row) == len(head)
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    ((_, _, said, by, _),) = read_back(home, path)
    assert said.startswith("'")
    assert by == "'=siti"


def test_the_same_verdict_twice_is_two_verdicts(home: Home) -> None:
    once = replace(GOOD, expires_on=None)
    first = write(home, [once], "tuban", at=datetime(2024, 7, 1, tzinfo=UTC))
    second = write(home, [once], "tuban", at=datetime(2024, 7, 2, tzinfo=UTC))
    assert first != second
    assert first.read_bytes() != second.read_bytes()


def test_nothing_is_written_when_one_of_them_is_wrong(home: Home) -> None:
    with pytest.raises(Refused, match="Alasan belum diisi") as refused:
        write(home, [GOOD, replace(GOOD, reason="")], "tuban", at=datetime(2024, 7, 1, tzinfo=UTC))
    assert [problem.part for problem in refused.value.problems] == ["reason"]
    assert not (home.landing / "decisions").exists()


@pytest.mark.parametrize("submitter", ["", ".", "..", "../rosters", "a/b", ".hidden", "a\0b", "a\nb", "~$a", "x" * 101])
def test_a_submitter_is_one_plain_folder(home: Home, submitter: str) -> None:
    with pytest.raises(ValueError, match="plain folder"):
        write(home, [replace(GOOD, expires_on=None)], submitter)
    assert list(home.landing.iterdir()) == []


def test_a_full_disk_leaves_nothing_half_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(home, [replace(GOOD, expires_on=None)], "kab. tuban (lama)")
    assert list((home.landing / "decisions" / "kab. tuban (lama)").iterdir()) == []


def test_what_was_written_can_be_told_until_it_is_known(home: Home) -> None:
    first = replace(GOOD, reason='=1; "a", b', decided_by="@siti")
    second = replace(GOOD, verdict="corrected", expires_on=None)
    moments = [datetime(2024, 7, day, 3, tzinfo=UTC) for day in (1, 2)]
    paths = [write(home, [one], "tuban", at=at) for one, at in zip((first, second), moments, strict=True)]
    names = [f"tuban/{path.name}" for path in paths]
    assert told(home) == [Given(second, moments[1], names[1]), Given(first, moments[0], names[0])]
    assert told(home, known={names[1]}) == [Given(first, moments[0], names[0])]
    paths[0].write_text("spoiled by hand")
    (paths[0].parent / "keputusan desember.csv").write_text("KUNCI TEMUAN\nf_x\n")
    assert told(home, known={names[1]}) == []
