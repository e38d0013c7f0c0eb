"""What must not matter does not: order of taking, splitting, names, landing twice, formats, a late correction."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pilar.config import Home
from pilar.privacy import load_key
from tests.differential.told import DAY, FIRST, WORLD, Told, again, land, take
from tests.harness.compiled import Compiled
from tests.harness.memory import Memory
from tests.harness.nights import built

OF_THE_FILE = {
    *("file_sha256", "file_name", "submitter", "sheet", "source_row", "source_column"),
    *("promise_file_sha256", "promise_sheet", "promise_row", "superseded_by"),
    *("finding_key", "first_seen", "last_seen", "received_at"),
}
"""Columns that say which file a row stands in: they may differ, and nothing else."""

OF_FILES = {"file_ledger", "mart_quality_scorecard", "quality_decisions"}
"""Marts about the files themselves."""

Marts = dict[str, list[tuple[Any, ...]]]


def marts(ask: Callable[[str], list[tuple[Any, ...]]]) -> Marts:
    """Rows of every mart, without what is of the file."""
    columns: dict[str, list[str]] = {}
    for table, column in ask(
        "SELECT table_name, column_name FROM duckdb_columns()"
        " WHERE database_name = 'warehouse' AND schema_name = 'marts'"
    ):
        if table not in OF_FILES and column not in OF_THE_FILE:
            columns.setdefault(table, []).append(column)
    said = {}
    for table, names in columns.items():
        level = " WHERE level <> 'file'" if table == "mart_money_control" else ""
        picked = ", ".join(f'"{name}"' for name in names)
        said[table] = ask(f"SELECT {picked} FROM warehouse.marts.{table}{level} ORDER BY ALL")
    return said


def differing(one: Marts, other: Marts) -> list[str]:
    """Names of the marts that say something else."""
    return sorted(table for table in one.keys() | other.keys() if one.get(table) != other.get(table))


@pytest.fixture
def told_in_order(memory: Memory, home: Home) -> Marts:
    """What one night says of the world as it was told."""
    return say(memory, home, WORLD)


def say(memory: Memory, home: Home, *nights: Sequence[Told]) -> Marts:
    """The marts after these nights."""
    memory.forget()
    for world in nights:
        land(home, world)
        memory.night(home)
    return marts(memory.ask)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Home:
    """A home for the other telling."""
    return Home(tmp_path / "elsewhere").make()


def test_the_world_is_worth_telling(told_in_order: Marts, memory: Memory) -> None:
    outcomes = {row for (row,) in memory.ask("SELECT outcome FROM marts.mart_disbursement_reconciliation")}
    assert {"PAID", "UNPAID", "NOT_ENTITLED"} <= outcomes
    assert memory.ask("SELECT retry_of FROM marts.fct_disbursement WHERE reference_no = 'R-5'") == [("R-2",)]
    assert memory.ask("SELECT retry_match FROM marts.fct_disbursement WHERE reference_no = 'R-7'") == [("matched",)]
    assert memory.ask("SELECT count(*) > 0 FROM marts.dim_participant WHERE status = 'KELUAR'") == [(True,)]
    assert memory.ask("SELECT count(*) > 0 FROM marts.mart_premium_coverage WHERE outcome = 'GAP'") == [(True,)]
    told = ("dim_participant", "fct_disbursement", "mart_premium_coverage", "quality_findings", "mart_money_control")
    assert [table for table in told if not told_in_order[table]] == []


@pytest.mark.parametrize("ending", [".txt", ".json", ".xlsx", ".xls", ".ods", ".zip", ".csv.gz"])
def test_the_format_does_not_matter(memory: Memory, told_in_order: Marts, elsewhere: Home, ending: str) -> None:
    as_told = again(WORLD, ending=ending)
    if ending == ".json":  # an answer of records has no place for the bank's control lines
        as_told = tuple(replace(told, ending=".csv") if told.feed == "disbursements" else told for told in as_told)
    assert differing(told_in_order, say(memory, elsewhere, as_told)) == []


def test_names_and_folders_do_not_matter(memory: Memory, told_in_order: Marts, elsewhere: Home) -> None:
    renamed = [replace(told, name=f"dari {told.day % 3}/{9 - told.day} final (1)") for told in WORLD]
    assert differing(told_in_order, say(memory, elsewhere, renamed)) == []


def test_the_order_of_taking_does_not_matter(memory: Memory, told_in_order: Marts, elsewhere: Home) -> None:
    backward = [(told,) for told in reversed(WORLD)]
    assert differing(told_in_order, say(memory, elsewhere, *backward)) == []


def test_files_that_came_apart_say_the_same(memory: Memory, told_in_order: Marts, elsewhere: Home) -> None:
    apart = [part for told in WORLD for part in told.parts()]
    assert len(apart) > len(WORLD) + 5
    assert differing(told_in_order, say(memory, elsewhere, apart)) == []


def test_landing_everything_again_changes_nothing(memory: Memory, home: Home) -> None:
    before = say(memory, home, WORLD)
    for path in [path for path in home.landing.rglob("*") if path.is_file()]:
        shutil.copy(path, path.with_name(f"salinan {path.name}"))
        os.utime(path, (FIRST + 40 * DAY, FIRST + 40 * DAY))
    take(home)
    memory.night(home)
    assert differing(before, marts(memory.ask)) == []


def test_a_late_correction_repairs_as_if_it_had_come_in_time(memory: Memory, home: Home, elsewhere: Home) -> None:
    corrected = ("daftar kegiatan", "bank pertama", "kegiatan")
    wrong = [_wrong(told) for told in WORLD if told.name in corrected]
    right = [told for told in WORLD if told.name not in ("daftar kegiatan lagi", "bank kedua")]
    late = [replace(told, name=f"{told.name} perbaikan", day=told.day + 60) for told in right if told.name in corrected]
    others = [told for told in right if told.name not in corrected]
    in_time = say(memory, home, right)
    repaired = say(memory, elsewhere, [*wrong, *others], late)
    told = ("dim_participant", "fct_disbursement", "mart_disbursement_reconciliation", "fct_entitlement")
    told += ("fct_premium_month", "mart_premium_coverage", "mart_region_profile", "dim_event")
    assert [table for table in told if in_time[table] != repaired[table]] == []
    assert say(memory, Home(elsewhere.root / "wrong").make(), [*wrong, *others]) != in_time, "the error must be one"


def _wrong(told: Told) -> Told:
    """The same file with other amounts and one row left out."""
    rows = tuple(
        tuple("700000" if cell == "1000000" else cell for cell in row) for row in told.rows[:1] + told.rows[2:]
    )
    return replace(told, rows=rows)


def test_a_whole_night_over_spreadsheets_says_what_the_harness_says_over_text(
    compiled: Compiled, tmp_path: Path, elsewhere: Home
) -> None:
    home = Home(tmp_path / "night").make()
    endings = (".xlsx", ".ods", ".zip", ".txt")
    land(home, [replace(told, ending=endings[told.day % len(endings)]) for told in WORLD])
    built(home)
    memory = Memory(compiled, load_key(home))
    memory.forget()
    land(elsewhere, WORLD)
    memory.night(elsewhere)
    with duckdb.connect(":memory:") as session:
        session.execute(f"ATTACH '{home.warehouse}' AS warehouse (READ_ONLY)")
        whole = marts(lambda query: session.execute(query).fetchall())
    assert len(whole) > 10
    assert differing(whole, marts(memory.ask)) == []
    memory.close()
