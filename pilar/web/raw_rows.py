"""Rows as their senders wrote them, out of ``raw/``: only stewards see them, and no answer with them is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from pilar import duck
from pilar.config import Home
from pilar.contracts import contracts
from pilar.raw import ROWS

Place = tuple[str, str | None, int | None]
"""(file_sha256 as published, sheet, source_row)."""


def place_of(row: Mapping[str, Any]) -> Place:
    return row["file_sha256"], row["sheet"], row["source_row"]


def rows_of(home: Home, places: Iterable[Mapping[str, Any]]) -> dict[Place, dict[str, str | None]]:
    """Place → its row, by the columns of the contract; without those that ``raw/`` does not have any more.

    ``places`` are rows with feed, file_sha256 (as published), sheet and source_row.
    """
    wanted: dict[tuple[str, str], set[Place]] = defaultdict(set)
    for row in places:
        if row["source_row"] is not None and row["feed"] in contracts():
            wanted[row["feed"], row["file_sha256"]].add(place_of(row))
    found: dict[Place, dict[str, str | None]] = {}
    with duck.connect(home=home, bounds=duck.small()) as connection:
        for (feed, published), asked in wanted.items():
            path = home.raw / feed / published.replace("-", "") / ROWS
            if not path.is_file():
                continue
            names = [column.name for column in contracts()[feed].columns]
            listed = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(
                f"SELECT sheet, source_row, {listed} FROM read_parquet(?) WHERE source_row IN (SELECT unnest(?))",
                [str(path), sorted({number for _, _, number in asked if number is not None})],
            ).fetchall()
            for sheet, number, *values in rows:
                if (published, sheet, number) in asked:
                    found[published, sheet, number] = dict(zip(names, values, strict=True))
    return found


def personal_values(feed: str, row: Mapping[str, str | None]) -> list[str]:
    """The values of a row that name or number a person."""
    return [
        value
        for column in contracts()[feed].columns
        if column.classification == "restricted" and (value := row.get(column.name))
    ]


def label(feed: str, column: str) -> str:
    """The header under which stewards know a column."""
    known = contracts().get(feed)
    found = next((item for item in known.columns if item.name == column), None) if known else None
    return found.headers[0] if found and found.headers else column
