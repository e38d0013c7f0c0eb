"""What the desk shows: the answers of one release to one choice of filters, read in one short look.

The file is opened, asked and closed again: between two looks nothing is held, so a release may be flipped or pruned at
any time, and each look follows the symlink to whatever is published by then.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.compute

from pilar import duck
from pilar.analyst.export import write_csv, write_xlsx

Row = dict[str, Any]

TABLES = (
    "money_by_outcome",
    "money_by_region",
    "people_by_region",
    "cover_by_month",
    "cover_by_region",
    "poverty_by_region",
    "equity",
)
"""Each is a query in ``sql/`` and can be downloaded. Those by region have a column ``region_code``."""


@dataclass(frozen=True)
class Choice:
    """The filters; None means all.

    ``event`` is an event_id, ``region`` a BPS code of kab/kota, ``pillar`` a pillar_code, ``month`` a YYYY-MM: for
    money the month of the event, for premiums the month covered, for people the last day of it, for poverty its year.
    """

    event: str | None = None
    region: str | None = None
    pillar: str | None = None
    month: str | None = None


@dataclass(frozen=True)
class Table:
    """Rows under named columns, with the release's types (rupiah are DECIMAL)."""

    name: str
    data: pyarrow.Table

    @property
    def columns(self) -> list[str]:
        return list(self.data.column_names)

    def records(self) -> list[Row]:
        """The rows as Python values: Decimal, int, date, str or None."""
        return list(self.data.to_pylist())

    def total(self, column: str) -> Any:
        """Sum of a column without its gaps: 0 of nothing."""
        return sum(value for value in self.data[column].to_pylist() if value is not None)

    def of_region(self, region: str | None) -> Table:
        """Only this kab/kota's rows; all of them for None, or when the table does not tell regions apart."""
        if region is None or "region_code" not in self.columns:
            return self
        return Table(self.name, self.data.filter(pyarrow.compute.field("region_code") == region))

    def file(self, kind: str) -> bytes:
        """These rows as a ``csv`` that Excel knows for UTF-8, or an ``xlsx`` without formulas."""
        content = io.BytesIO()
        with duck.connect(bounds=duck.small()) as nowhere:
            rows = nowhere.from_arrow(self.data)
            if kind == "xlsx":
                write_xlsx(rows, content, title=self.name)
            else:
                write_csv(rows, content, bom=True)
        return content.getvalue()


@dataclass(frozen=True)
class View:
    """One look: which release answered, and what. ``everywhere`` are the tables by region before the region filter."""

    choice: Choice
    release_id: str
    built_at: datetime
    data_through: date | None
    gate_result: str
    tables: dict[str, Table]
    everywhere: dict[str, Table]


@dataclass(frozen=True)
class Options:
    """What can be chosen: pairs of a name to show and a value."""

    events: tuple[tuple[str, str], ...]
    regions: tuple[tuple[str, str], ...]
    pillars: tuple[tuple[str, str], ...]
    months: tuple[tuple[str, str], ...]


def look(path: Path, choice: Choice = Choice()) -> View:
    """Ask the release behind ``path`` (the symlink or a release's file). Raises OSError when there is none yet."""
    chosen = vars(choice)
    with _opened(path) as release:
        (info,) = _ask(release, "release", {}).records()
        asked = {name: _ask(release, name, chosen) for name in TABLES}
    return View(
        choice=choice,
        tables={name: table.of_region(choice.region) for name, table in asked.items()},
        everywhere={name: table for name, table in asked.items() if "region_code" in table.columns},
        **info,
    )


def options(path: Path) -> Options:
    """What the filters offer, from the release behind ``path``."""
    with _opened(path) as release:
        events, regions, pillars, months = (
            _ask(release, name, {}).records() for name in ("events", "regions", "pillars", "months")
        )
    return Options(
        events=tuple((_event(row), row["event_id"]) for row in events),
        regions=tuple((row["region_name"], row["region_code"]) for row in regions),
        pillars=tuple((f"{row['pillar_code']}: {row['pillar_name']}", row["pillar_code"]) for row in pillars),
        months=tuple((row["month"], row["month"]) for row in months),
    )


def ask(path: Path, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
    """Rows of any other question, for notebooks; the same short look."""
    with _opened(path) as release:
        return _table("answer", release.execute(sql, list(parameters))).records()


def _event(row: Row) -> str:
    day = row["event_date"]
    return f"{row['event_name']} ({day})" if day else str(row["event_name"])


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    """The file that the name means now, read-only; in threads of its own it would outgrow the work."""
    return duck.connect(path.resolve(strict=True), read_only=True, bounds=duck.small())


def _ask(release: duckdb.DuckDBPyConnection, name: str, chosen: dict[str, str | None]) -> Table:
    sql, wanted = _query(name)
    return _table(name, release.execute(sql, {key: chosen[key] for key in wanted} or None))


@cache
def _query(name: str) -> tuple[str, frozenset[str]]:
    """SQL of ``sql/<name>.sql`` and the filters it names: DuckDB takes exactly those."""
    sql = files("pilar.desk").joinpath("sql", f"{name}.sql").read_text("utf-8")
    return sql, frozenset(re.findall(r"\$([a-z]+)", sql))


def _table(name: str, answer: duckdb.DuckDBPyConnection) -> Table:
    return Table(name, answer.to_arrow_table())
