"""No NIK, name, account, telephone, member number, birth date or mail address of any landed file stands in a release, a
log, a message, dbt's or Airflow's files, or the arguments of a process. Where people may stand, they are found."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import duckdb
import pytest

from tests.personal.conftest import Lived
from tests.personal.searching import INSIDE, found_in, leaks, texts_of

pytestmark = pytest.mark.airflow


def test_the_night_publishes_in_spite_of_all(lived: Lived) -> None:
    """One file named after a NIK, or one NIK in a wrong column, keeps nobody from the release."""
    assert lived.code == 0, lived.said.decode("utf-8", "replace")[-3000:]
    with duckdb.connect(str(lived.home.current_marts), read_only=True) as release:
        states = dict(release.execute("SELECT state, count(*)::INT FROM file_ledger GROUP BY 1").fetchall())
        paid = release.execute("SELECT count(*) FROM fct_disbursement").fetchall()[0][0]
    assert states["accepted"] > 8
    assert states["rejected"] > 8
    assert paid > 15


def test_no_file_outside_names_anybody(lived: Lived) -> None:
    told, searched = leaks(lived.home.root, lived.world.values)
    assert told == []
    assert searched > 200
    for place in ("published", "reports", "nights", "dbt/target", "dbt/logs", "airflow/logs", "messages"):
        assert any((lived.home.root / place).rglob("*")), f"nothing was searched below {place}"


def test_nothing_that_was_said_names_anybody(lived: Lived) -> None:
    wanted = {value.encode() for value in lived.world.values}
    assert found_in(lived.said, wanted) == set()
    logged = b"".join(path.read_bytes() for path in (lived.home.airflow / "logs").rglob("*.log"))
    assert b'"level":"debug"' in logged.replace(b" ", b""), "the log was to tell everything"


def test_airflows_metadata_know_nobody(lived: Lived) -> None:
    wanted = {value.encode() for value in lived.world.values}
    files = sorted(lived.home.airflow.glob("airflow.db*"))
    assert files
    for path in files:
        assert found_in(path.read_bytes(), wanted) == set(), path.name
    with sqlite3.connect(f"file:{files[0]}?mode=ro", uri=True) as metadata:
        handed_on = metadata.execute("SELECT value FROM xcom WHERE task_id = 'begin'").fetchall()
        rendered = metadata.execute("SELECT rendered_fields FROM rendered_task_instance_fields").fetchall()
    told = " ".join(str(row) for row in (*handed_on, *rendered))
    assert "november" in told, "XCom and templates tell which file is taken"
    assert "•••" in told or "\\u2022" in told, "and hide numbers in names"


def test_no_process_had_a_value_or_a_secret_among_its_arguments(lived: Lived) -> None:
    wanted = {value.encode() for value in lived.world.values}
    wanted |= {path.read_bytes().strip() for path in (lived.home.airflow / "keys").iterdir()}
    wanted.add(lived.home.key_file.read_bytes().strip())
    assert len(lived.arguments) >= 3
    assert any(b"dbt" in arguments for arguments in lived.arguments)
    for arguments in lived.arguments:
        assert found_in(arguments, wanted) == set()


def test_nothing_is_left_behind(lived: Lived) -> None:
    """What spilled, was unpacked or written for a while is gone with the night."""
    left = [path for path in lived.scratch.rglob("*") if path.is_file()]
    wanted = {value.encode() for value in lived.world.values}
    assert [path.name for path in left if found_in(path.read_bytes(), wanted)] == []
    assert list((lived.home.raw / ".incoming").glob("*")) == []
    assert list((lived.home.root / "spill").glob("*")) == []


def test_the_search_finds_people_where_they_may_stand(lived: Lived) -> None:
    """The same search over raw/ and the warehouse, so that it can fail."""
    wanted = {value.encode() for value in lived.world.values}
    places = [*lived.home.raw.rglob("rows.parquet"), lived.home.warehouse]
    found = set().union(*(found_in(text, wanted) for path in places for text in texts_of(path)))
    for person in lived.world.people[:6]:
        assert {person.nik.encode(), person.name.encode(), person.account.encode()} <= found
    workbooks = sorted(lived.home.workbooks.rglob("*.xlsx"))
    assert any(found_in(text, wanted) for path in workbooks for text in texts_of(path))


@pytest.mark.parametrize("place", ["published/notes.md", "nights/x.json", "dbt/logs/dbt.log", "reports/a.xlsx"])
def test_a_value_that_is_planted_is_found(lived: Lived, tmp_path: Path, place: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    person = lived.world.people[0]
    if path.suffix == ".xlsx":
        from pilar.samples import workbooks

        path.write_bytes(workbooks.xlsx([workbooks.Grid("Data", [["x", person.name]])]))
    else:
        path.write_text(f"somebody: {person.nik}", "utf-8")
    told, _ = leaks(tmp_path, lived.world.values)
    assert told == [f"{place}: 1 values"]
    assert place.split("/", maxsplit=1)[0] not in INSIDE


def test_a_file_that_is_not_called_by_its_name_is_found_again(lived: Lived) -> None:
    """In the release by its letters, digest, sender and time; for stewards by its whole name in raw/."""
    with duckdb.connect(str(lived.home.current_marts), read_only=True) as release:
        rows = release.execute(
            "SELECT file_name, submitter, file_sha256 FROM file_ledger "
            "WHERE file_name LIKE '%•••%' OR file_name LIKE '%#%' OR submitter LIKE '%•••%'"
        ).fetchall()
    assert len(rows) >= 4
    assert len({row[:2] for row in rows}) == len(rows), "two such files can be told apart"
    for name, submitter, digest in rows:
        receipts = list(lived.home.raw.glob(f"*/{digest.replace('-', '')}/receipt.json"))
        assert len(receipts) == 1
        assert re.search(r"•••[a-z]{6}|#", f"{submitter}/{name}")
