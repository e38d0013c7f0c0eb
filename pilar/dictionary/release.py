"""What a release says of itself: tables, views, columns with their comments and an example each, macros."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pilar import duck

_LOOKED_AT = 10_000
"""Rows of a table among which an example is looked for."""

_EXAMPLES = """
    WITH looked_at AS (SELECT COLUMNS(*)::VARCHAR FROM release.{schema}."{table}" LIMIT {most}),
    counted AS (
        SELECT name, value, count(*) AS rows
        FROM (UNPIVOT looked_at ON COLUMNS(*) INTO NAME name VALUE value)
        GROUP BY ALL
    ),
    shown AS (
        SELECT name, regexp_replace(value, '\\b([a-z])_[a-z]{{20,}}', '\\1_…', 'g') AS value, sum(rows) AS rows
        FROM counted
        GROUP BY ALL
    )
    SELECT name, value FROM shown
    QUALIFY row_number() OVER (
        PARTITION BY name
        ORDER BY value IN ('', '0', '0.00', '0.0000', '[]', '-', 'false'), rows DESC, value
    ) = 1
"""
"""The value that most rows have, one that says something before an empty one. Pseudonyms lead nowhere, so only their
form is shown."""


@dataclass(frozen=True)
class Described:
    """A column of the release. ``example`` is as text."""

    name: str
    data_type: str
    comment: str
    example: str | None


@dataclass(frozen=True)
class Relation:
    """A table or view. ``sql`` is the view's own statement."""

    name: str
    comment: str
    rows: int | None
    sql: str
    columns: tuple[Described, ...]


@dataclass(frozen=True)
class Function:
    name: str
    parameters: tuple[str, ...]
    comment: str
    is_table: bool


@dataclass(frozen=True)
class Release:
    release_id: str
    relations: tuple[Relation, ...]
    functions: tuple[Function, ...]


def read(path: Path) -> Release:
    """Describe a release file, opened read-only. Views of schema ``marts`` that only repeat a table are left out."""
    with duck.attached({"release": path}) as connection:
        found = connection.execute(
            """
            SELECT 'main' AS place, table_name AS name, comment, estimated_size AS rows, '' AS sql
            FROM duckdb_tables() WHERE database_name = 'release' AND schema_name = 'main'
            UNION ALL
            SELECT schema_name, view_name, comment, NULL, sql
            FROM duckdb_views() WHERE database_name = 'release' AND NOT internal AND schema_name IN ('main', 'marts')
            ORDER BY name, place
            """
        ).fetchall()
        once = {name: (place, comment, rows, sql) for place, name, comment, rows, sql in reversed(found)}
        relations = [
            Relation(name, comment or "", rows, sql or "", tuple(_columns(connection, place, name)))
            for name, (place, comment, rows, sql) in sorted(once.items())
        ]
        functions = connection.execute(
            """
            SELECT DISTINCT ON (function_name) function_name, parameters, comment, function_type = 'table_macro'
            FROM duckdb_functions()
            WHERE database_name = 'release' AND NOT internal AND function_type IN ('macro', 'table_macro')
            ORDER BY function_name, len(parameters)
            """
        ).fetchall()
        (release_id,) = connection.execute("SELECT release_id FROM release.main.release_info").fetchall()[0]
    return Release(
        release_id,
        tuple(relations),
        tuple(Function(name, tuple(given or ()), comment or "", table) for name, given, comment, table in functions),
    )


def _columns(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> Iterator[Described]:
    connection.execute("USE release")  # A view names its tables without a catalog.
    examples = dict(connection.execute(_EXAMPLES.format(schema=schema, table=table, most=_LOOKED_AT)).fetchall())
    connection.execute("USE memory")
    described = connection.execute(
        """
        SELECT column_name, data_type, comment FROM duckdb_columns()
        WHERE database_name = 'release' AND schema_name = ? AND table_name = ? ORDER BY column_index
        """,
        [schema, table],
    ).fetchall()
    return (Described(name, kind, comment or "", examples.get(name)) for name, kind, comment in described)
