"""Looks for values in whatever a night leaves behind, packed or not, and in the arguments of its processes."""

from __future__ import annotations

import gzip
import io
import os
import sys
import threading
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType

import duckdb
import numpy as np
from numpy.typing import NDArray

INSIDE = frozenset({"landing", "raw", "warehouse.duckdb", "warehouse.duckdb.wal", "pii.key"})
"""Where personal data may lie: the files themselves and the build, below a folder of mode 0700."""
RESTRICTED = ("reports", "restricted")
"""Stewards' workbooks name people: that is what they are for."""

LEAST = 8
"""Bytes of a beginning."""


def beginnings(content: bytes) -> NDArray[np.uint64]:
    """The eight bytes at each place of the content."""
    size = len(content) - LEAST + 1
    if size < 1:
        return np.empty(0, np.uint64)
    places = np.frombuffer(content, np.uint8)
    return np.lib.stride_tricks.sliding_window_view(places, LEAST).copy().view(np.uint64)[:, 0]


def found_in(content: bytes, values: Collection[bytes]) -> set[bytes]:
    """The values that stand in the content. Only those whose beginning does are looked for at length."""
    long = sorted(value for value in values if len(value) >= LEAST)
    begun = np.isin(np.array([int.from_bytes(v[:LEAST], sys.byteorder) for v in long], np.uint64), beginnings(content))
    near = {value for value, is_begun in zip(long, begun, strict=True) if is_begun}
    return {value for value in near | {value for value in values if len(value) < LEAST} if value in content}


def outside(home: Path, *, and_restricted: bool = False) -> Iterator[Path]:
    """Files of a home that must name nobody; ``and_restricted``: the stewards' workbooks, too."""
    for path in sorted(home.rglob("*")):
        parts = path.relative_to(home).parts
        if parts[0] in INSIDE or (parts[:2] == RESTRICTED and not and_restricted):
            continue
        if path.is_file() and not path.is_symlink():
            yield path


def texts_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, and what is packed in it: tables of a database, Parquet, members of an archive."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".duckdb":
        yield from _tables(path)
    elif path.suffix == ".parquet":
        with duckdb.connect() as memory:
            yield _lines(memory.execute("FROM read_parquet(?)", [str(path)]))
    elif content[:4] == b"PK\3\4":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    elif content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)


def _tables(path: Path) -> Iterator[bytes]:
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT database_name, schema_name, table_name FROM duckdb_tables() "
            "WHERE NOT internal AND table_name <> 'dim_date'"
        ).fetchall()
        for database, schema, table in names:
            yield _lines(connection.execute(f'FROM "{database}"."{schema}"."{table}"'))
        yield _lines(connection.execute("SELECT sql, comment FROM duckdb_views() WHERE NOT internal"))
        yield _lines(
            connection.execute("SELECT comment FROM duckdb_columns() UNION ALL SELECT comment FROM duckdb_tables()")
        )


def _lines(result: duckdb.DuckDBPyConnection) -> bytes:
    return "\n".join("\t".join(str(cell) for cell in row) for row in result.fetchall()).encode()


def leaks(place: Path, values: Collection[str], *, home: bool = True, at_most: int = 20) -> tuple[list[str], int]:
    """(each file that holds a value, with how many and one's kind; how many files were searched).

    ``home``: ``place`` is one, and parts of it may name people.
    """
    wanted = {value.encode() for value in values}
    told: list[str] = []
    searched = 0
    for path in outside(place) if home else (one for one in sorted(place.rglob("*")) if one.is_file()):
        searched += 1
        found = set().union(*(found_in(text, wanted) for text in texts_of(path)))
        found |= found_in(str(path.relative_to(place)).encode(), wanted)
        if found and len(told) < at_most:
            told.append(f"{path.relative_to(place)}: {len(found)} values")
    return told, searched


class Watch:
    """Reads the arguments of all descendants of this process, again and again, until it is left."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.02):
            for pid in descendants(os.getpid()):
                try:
                    self.seen.add(Path(f"/proc/{pid}/cmdline").read_bytes())
                except (FileNotFoundError, ProcessLookupError):
                    continue


def descendants(pid: int) -> Iterator[int]:
    """All living processes below one."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for thread in threads for child in (thread / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield child
        yield from descendants(child)
