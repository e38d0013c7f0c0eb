"""Every text that a home holds, unpacked: what an inquisitive person could find below ``PILAR_HOME``."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq


def texts(home: Path) -> Iterator[tuple[str, str]]:
    """(place, text) of every file: its bytes in three encodings, archives and workbooks unpacked, tables as rows."""
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        yield name, name
        if path.is_symlink() or not path.is_file():
            continue
        for inside, content in _unpacked(name, path.read_bytes()):
            yield inside, content.decode("latin-1")
            yield inside, content.decode("utf-8", "replace")
            yield inside, content.decode("utf-16-le", "replace")
        if path.suffix == ".parquet":
            yield name, repr(pq.read_table(path).to_pylist())
        elif path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as database:
                for schema, table in database.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall():
                    yield f"{name}: {schema}.{table}", repr(database.execute(f'FROM "{schema}"."{table}"').fetchall())


def places_of(home: Path, values: Iterable[str]) -> set[str]:
    """Places that hold one of the values, in any case; a number with whatever people put between digits."""
    found = re.compile("|".join(_spelled(value) for value in values), re.IGNORECASE)
    return {place for place, text in texts(home) if found.search(text)}


def _spelled(value: str) -> str:
    return r"[ .\-]?".join(value) if value.isdigit() else r"\W{1,3}".join(map(re.escape, value.split()))


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if content[:2] == b"\x1f\x8b":
        yield from _unpacked(f"{name} unpacked", gzip.decompress(content))
    elif content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _unpacked(f"{name}: {member}", archive.read(member))
