"""The manifest beside a release: from what it was made, what is in it, who let it pass."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pilar import __version__, duck
from pilar.publish.candidate import STORE, publishable

FILE_NAME = "manifest.json"
_NOT_CONTENT = {"release_info"}
"""Says when and by whom the file was made, so it differs between two nights with equal content."""


def table_checksums(path: Path) -> dict[str, str]:
    """A checksum of the content of each mart, ``release_info`` left out: equal content, equal checksum.

    Over column names, types and rows as a multiset: neither the order of rows nor the layout of the file counts.
    Comparable only between files read by the same DuckDB version (its ``hash`` may change).
    """
    with duck.connect(path, read_only=True) as connection:
        return {table: _checksum(connection, table) for table in _tables(connection) if table not in _NOT_CONTENT}


def row_counts(path: Path) -> dict[str, int]:
    """Rows of each mart."""
    with duck.connect(path, read_only=True) as connection:
        return {
            table: int(connection.execute(f"SELECT count(*) FROM {_from(connection, table)}").fetchall()[0][0])
            for table in _tables(connection)
        }


def content_digest(checksums: Mapping[str, str]) -> str:
    """One digest over all tables: two releases with the same one say the same."""
    return publishable(_sha256("\n".join(f"{table} {checksums[table]}" for table in sorted(checksums))))


def inputs_of(path: Path) -> list[dict[str, str]]:
    """The files a release was made from, by feed: every file its own ledger knows and did not reject.

    Empty if the release has no ``file_ledger``. Hashes are as published (:func:`publishable`).
    """
    with duck.connect(path, read_only=True) as connection:
        if "file_ledger" not in _tables(connection):
            return []
        rows = connection.execute(
            f"SELECT DISTINCT feed, file_sha256 FROM {_from(connection, 'file_ledger')} "
            "WHERE state <> 'rejected' ORDER BY ALL"
        ).fetchall()
    return [{"feed": str(feed), "file_sha256": publishable(str(digest))} for feed, digest in rows]


def compose(
    path: Path,
    *,
    checksums: Mapping[str, str],
    release: Mapping[str, Any],
    inputs: Sequence[Mapping[str, str]],
    gates: Sequence[Mapping[str, Any]] | Mapping[str, Any],
    checks: Mapping[str, Any],
    key_fingerprint: str | None,
    override: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of the file at ``path`` as JSON-ready data.

    ``checksums`` are its :func:`table_checksums`, ``release`` is the row of ``release_info``.

    ``override`` stands in it only if somebody overruled a gate."""
    listed = sorted({(entry["feed"], publishable(entry["file_sha256"])) for entry in inputs})
    counts = row_counts(path)
    return {
        **release,
        "code_version": __version__,
        "duckdb_version": duckdb.__version__,
        "key_fingerprint": key_fingerprint,
        "inputs": [{"feed": feed, "file_sha256": digest} for feed, digest in listed],
        "inputs_digest": publishable(_sha256("\n".join(f"{feed} {digest}" for feed, digest in listed))),
        "tables": {
            table: {"rows": rows, **({"checksum": checksums[table]} if table in checksums else {})}
            for table, rows in counts.items()
        },
        "content_digest": content_digest(checksums),
        "gates": gates,
        "checks": dict(checks),
        **({"override": dict(override)} if override else {}),
    }


def read(folder: Path) -> dict[str, Any]:
    """The manifest in a release's folder."""
    manifest: dict[str, Any] = json.loads((folder / FILE_NAME).read_text("utf-8"))
    return manifest


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = ? ORDER BY 1",
        [STORE],
    ).fetchall()
    return [str(row[0]) for row in rows]


def _from(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Catalog, schema and table: the file is called like its schema, so two parts alone are ambiguous."""
    catalog = connection.execute("SELECT current_database()").fetchall()[0][0]
    return f"{duck.quoted(str(catalog))}.{STORE}.{duck.quoted(table)}"


def _checksum(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    source = _from(connection, table)
    columns = connection.execute(f"DESCRIBE {source}").fetchall()
    listed = ", ".join(duck.quoted(str(column[0])) for column in columns)
    # Sum and xor over 64-bit hashes forget the order of rows but not how often each stands.
    rows, total, mixed = connection.execute(
        f"SELECT count(*), coalesce(sum(h::HUGEINT), 0), coalesce(bit_xor(h), 0) "
        f"FROM (SELECT hash({listed}) AS h FROM {source})"
    ).fetchall()[0]
    shape = ",".join(f"{column[0]}:{column[1]}" for column in columns)
    return publishable(_sha256(f"{shape}|{rows}|{total}|{mixed}"))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
