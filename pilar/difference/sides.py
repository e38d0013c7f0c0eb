"""The two releases side by side in one connection, whatever their age: what either lacks is found out first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from pilar import duck

OLD, NEW = "old", "new"
SCHEMA = "marts"
Columns = Mapping[str, str]
"""Column name to DuckDB type."""


@dataclass(frozen=True)
class Side:
    """One release: the name it is attached by, its file, and its manifest (empty for a file without one)."""

    alias: str
    path: Path
    manifest: Mapping[str, Any]
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Table to the columns it has."""
    release_id: str = ""

    def lacking(self, table: str, wanted: Columns) -> list[str]:
        """What this release does not have of a table: the table's own name, or names of columns."""
        if table not in self.columns:
            return [table]
        return [f"{table}.{column}" for column in wanted if column not in self.columns[table]]

    @property
    def key(self) -> str | None:
        """Fingerprint of the key behind the pseudonyms; None if nobody noted it."""
        found: str | None = self.manifest.get("key_fingerprint")
        return found


@dataclass(frozen=True)
class Sides:
    """Two releases in one connection. Views ``old_<table>`` and ``new_<table>`` are made on request."""

    connection: duckdb.DuckDBPyConnection
    old: Side
    new: Side

    @cached_property
    def same_keys(self) -> bool:
        """Whether one pseudonym means the same person in both. Unknown keys are taken to be the same."""
        return None in (self.old.key, self.new.key) or self.old.key == self.new.key

    def equal(self, table: str) -> bool:
        """Whether both manifests vouch for the same content of a table; False if that is not known."""
        if self.old.manifest.get("duckdb_version") != self.new.manifest.get("duckdb_version"):
            return False
        noted = [side.manifest.get("tables", {}).get(table, {}).get("checksum") for side in (self.old, self.new)]
        return noted[0] is not None and noted[0] == noted[1]

    def view(self, table: str, needed: Columns, wanted: Columns, *, hidden: bool = False) -> list[str]:
        """Make both views of a table and return which of its columns (or the table) one of the releases lacks.

        A wanted column that one side lacks is NULL on both, so that its absence is not taken for a change. A table that
        lacks a needed column, or is ``hidden``, is empty on both sides.
        """
        lacking = sorted({name for side in (self.old, self.new) for name in side.lacking(table, {**needed, **wanted})})
        gone = table in lacking or any(f"{table}.{column}" in lacking for column in needed)
        for side in (self.old, self.new):
            given = ", ".join(
                f"NULL::{kind} AS {column}" if gone or f"{table}.{column}" in lacking else column
                for column, kind in {**needed, **wanted}.items()
            )
            source = "(SELECT 1)" if gone else f"{side.alias}.{SCHEMA}.{table}"
            self.connection.execute(
                f"CREATE OR REPLACE TEMP VIEW {side.alias}_{table} AS SELECT {given} FROM {source}"
                + (" WHERE false" if gone or hidden else "")
            )
        return lacking


@contextmanager
def side_by_side(before: Path, after: Path, *, after_manifest: Mapping[str, Any] | None = None) -> Iterator[Sides]:
    """Attach two release files read-only. ``after_manifest`` stands in for one that is not on disk yet."""
    with duck.attached({OLD: before, NEW: after}) as connection:
        sides = []
        for alias, path, manifest in ((OLD, before, None), (NEW, after, after_manifest)):
            known = _manifest(path) if manifest is None else manifest
            columns = _columns(connection, alias)
            release_id = _release_id(connection, alias, columns) or str(known.get("release_id", path.parent.name))
            sides.append(Side(alias, path, known, columns, release_id))
        yield Sides(connection, *sides)


def _manifest(path: Path) -> Mapping[str, Any]:
    """The manifest beside a release's file; a file alone has none."""
    try:
        found = json.loads((path.parent / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _columns(connection: duckdb.DuckDBPyConnection, alias: str) -> dict[str, frozenset[str]]:
    rows = connection.execute(
        "SELECT table_name, list(column_name) FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name = ? GROUP BY 1",
        [alias, SCHEMA],
    ).fetchall()
    return {str(table): frozenset(names) for table, names in rows}


def _release_id(connection: duckdb.DuckDBPyConnection, alias: str, columns: Mapping[str, frozenset[str]]) -> str | None:
    if "release_id" not in columns.get("release_info", ()):
        return None
    row = connection.execute(f"SELECT release_id FROM {alias}.{SCHEMA}.release_info").fetchone()
    return str(row[0]) if row else None
