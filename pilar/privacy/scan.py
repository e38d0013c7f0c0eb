"""The scan for personal data that each release file must pass before anybody can read it.

It asks three questions of every column of every table, whatever its type:

* does its **name** promise personal data?
* do its values have a **shape** that only an identity number has: a run of 16 digits, the same parted by blanks or
  hyphens, or what a spreadsheet makes of it (``3.52E+15``)?
* does it hold a **known** value: a NIK, account, phone, member number, birth date or name that stands in the
  warehouse, alone or inside a longer text?

All work is set-based over the distinct values of columns. A violation says where and how many, never what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb
from duckdb.sqltypes import DuckDBPyType

from pilar import duck
from pilar.privacy.cells import Column, Group, look
from pilar.privacy.known import ScanImpossible, learn

__all__ = ["ScanImpossible", "Violation", "personal_name", "scan"]


@dataclass(frozen=True, order=True)
class Violation:
    """Personal data in a release: the place, what kind, and in how many rows. Never the value.

    ``table`` is ``schema.table``; ``column`` is empty when the table's own comment or definition is at fault.
    ``kind`` is one of ``column_name``, ``digit_run``, ``nik_shape``, ``scientific``, ``known_nik``, ``known_account``,
    ``known_phone``, ``known_bpjs_no``, ``known_name``, ``known_birth_date``.
    """

    table: str
    column: str
    kind: str
    count: int


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Column names. `*_name` must say whose name it is, and that must be no person.
_PERSONAL_TOKENS = _words(
    "nik ktp nama phone phones telp telepon hp handphone msisdn email alamat address rekening kpj npwp dob surname "
    "nickname birthdate birthday birthplace tempat_lahir"
)
_PERSONAL_PAIRS = frozenset(
    {
        ("birth", "date"),
        ("birth", "place"),
        ("tanggal", "lahir"),
        ("tgl", "lahir"),
        ("account", "no"),
        ("account", "number"),
        ("account", "holder"),
        ("bpjs", "no"),
        ("bpjs", "number"),
        ("identity", "number"),
        ("no", "kk"),
    }
)
_THINGS_WITH_NAMES = _words(
    "area bakorwil bank batch benefit block claim column day district event expectation feed field file folder gate "
    "indicator item kabkota kecamatan level macro mart month outcome owner pillar program province publication "
    "quarter reason region reviewer rule sheet source status step submitter suite table unit view weekday"
)


def scan(candidate: Path, warehouse: Path | None) -> list[Violation]:
    """Look for personal data in a release file; an empty list means none was found.

    Both files are opened read-only. ``warehouse=None`` leaves out the comparison with known values (for a release
    looked at later, away from its warehouse). Raises :class:`ScanImpossible` if the warehouse lacks a table or
    column to compare with.
    """
    known = {} if warehouse is None else {"warehouse": warehouse}
    with duck.attached({"candidate": candidate, **known}) as connection:
        learn(connection, with_warehouse=warehouse is not None)
        found = [*_definitions(connection)]
        columns: list[Column] = []
        for schema, table, names in _tables(connection):
            source = f"candidate.{duck.quoted(schema)}.{duck.quoted(table)}"
            for name, kind in names:
                # A yes or no about somebody's NIK is no NIK.
                if kind.id != "boolean" and any(map(personal_name, [name, *_field_names(kind)])):
                    count = connection.execute(f"SELECT count({duck.quoted(name)}) FROM {source}").fetchall()[0][0]
                    found.append(Violation(f"{schema}.{table}", name, "column_name", int(count)))
                group = _group(kind)
                if group and not (group == "day" and table == "dim_date"):
                    columns.append(Column(source, f"{schema}.{table}", name, group))
        found += [Violation(at.table, at.name, kind, int(count)) for at, kind, count in look(connection, columns)]
    return sorted(found)


def personal_name(column: str) -> bool:
    """Whether a column's name promises personal data."""
    tokens = [token for token in re.split(r"[^a-z0-9]+", column.lower()) if token]
    if _PERSONAL_TOKENS.intersection(tokens) or _PERSONAL_PAIRS.intersection(pairwise(tokens)):
        return True
    if tokens in (["account"], ["lahir"]):
        return True
    return ("name" in tokens or "names" in tokens) and not _THINGS_WITH_NAMES.intersection(tokens)


# ── what to look at ───────────────────────────────────────────────────────────────────────────────────────────────


def _tables(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str, list[tuple[str, DuckDBPyType]]]]:
    """Every table of the candidate with its columns and their types."""
    rows = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'candidate' ORDER BY ALL"
    ).fetchall()
    for schema, table in rows:
        relation = connection.sql(f"SELECT * FROM candidate.{duck.quoted(schema)}.{duck.quoted(table)} LIMIT 0")
        yield schema, table, list(zip(relation.columns, relation.types, strict=True))


def _definitions(connection: duckdb.DuckDBPyConnection) -> Iterator[Violation]:
    """Comments and the texts of views and macros travel with the file too."""
    rows = connection.execute(
        """
        SELECT schema_name || '.' || table_name, '', comment FROM duckdb_tables() WHERE database_name = 'candidate'
        UNION ALL
        SELECT schema_name || '.' || table_name, column_name, comment FROM duckdb_columns()
        WHERE database_name = 'candidate'
        UNION ALL
        SELECT schema_name || '.' || view_name, '', concat_ws(' ', comment, sql) FROM duckdb_views()
        WHERE database_name = 'candidate' AND NOT internal
        UNION ALL
        SELECT schema_name || '.' || function_name, '', concat_ws(' ', comment, macro_definition)
        FROM duckdb_functions()
        WHERE database_name = 'candidate' AND NOT internal
        """
    ).fetchall()
    for table, column, text in rows:
        if text and re.search(r"\d{16}", text):
            yield Violation(table, column, "digit_run", 1)


def _field_names(kind: DuckDBPyType) -> Iterator[str]:
    """Names inside a nested type: of struct fields, at any depth."""
    if kind.id not in {"struct", "list", "array", "map", "union"}:
        return
    for name, child in kind.children:
        if isinstance(child, DuckDBPyType):
            if kind.id in {"struct", "union"}:
                yield name
            yield from _field_names(child)


_WHOLE = _words("tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint uhugeint")
_FRACTIONS = frozenset({"decimal", "float", "double"})
_MOMENTS = frozenset({"date", "timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestamp with time zone"})
_HARMLESS = frozenset({"boolean", "time", "time with time zone", "interval"})


def _group(kind: DuckDBPyType) -> Group | None:
    """How the values of a type are looked at; ``None`` for types that can tell nothing personal."""
    if kind.id in _HARMLESS:
        return None
    if kind.id in _MOMENTS:
        return "day"
    return "number" if kind.id in _WHOLE or kind.id in _FRACTIONS else "text"
