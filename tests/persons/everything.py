"""Every text that a home holds, unpacked: what an inquisitive person could find below ``PILAR_HOME``."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb


def places_of(home: Path, values: Iterable[str]) -> set[str]:
    """Places that hold one of the values, in any case; a number with whatever people put between digits.

    Looked at are names of files, their bytes in three encodings, what archives and workbooks pack, and every row of
    every table in DuckDB and Parquet files, which compress their texts.
    """
    spelled = "(?i)" + "|".join(map(_spelled, values))
    pattern = re.compile(spelled)
    found = {place for place, text in _texts(home) if pattern.search(text)}
    with duckdb.connect(":memory:") as connection:
        for place, table in _tables(connection, home):
            if connection.execute(
                f"SELECT 1 FROM {table} AS line WHERE regexp_matches(line::VARCHAR, ?) LIMIT 1", [spelled]
            ).fetchall():
                found.add(place)
    return found


def _spelled(value: str) -> str:
    return r"[ .\-]?".join(value) if value.isdigit() else r"\W{1,3}".join(map(re.escape, value.split()))


def _texts(home: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        yield name, name
        if path.is_symlink() or not path.is_file():
            continue
        for inside, content in _unpacked(name, path.read_bytes()):
            yield inside, content.decode("latin-1")
            yield inside, content.decode("utf-8", "replace")
            yield inside, content.decode("utf-16-le", "replace")


def _tables(connection: duckdb.DuckDBPyConnection, home: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(home.rglob("*.parquet")):
        yield path.relative_to(home).as_posix(), f"'{path}'"
    for number, path in enumerate(sorted(path for path in home.rglob("*.duckdb") if not path.is_symlink())):
        connection.execute(f"ATTACH '{path}' AS searched_{number} (READ_ONLY)")
        asked = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? ORDER BY ALL"
        for schema, table in connection.execute(asked, [f"searched_{number}"]).fetchall():
            yield f"{path.relative_to(home).as_posix()}: {table}", f'searched_{number}."{schema}"."{table}"'


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if content[:2] == b"\x1f\x8b":
        yield from _unpacked(f"{name} unpacked", gzip.decompress(content))
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _unpacked(f"{name}: {member}", archive.read(member))
