"""The one place where Pilar opens DuckDB: each connection has a memory limit, threads, and a folder to spill into.

Unasked, DuckDB takes four fifths of the machine's memory and spills what does not fit into ``.tmp`` of whatever folder
the process was started in. Here it is told ``PILAR_MEMORY_LIMIT`` and ``PILAR_THREADS``, and spills below
``PILAR_HOME/spill`` (0700: rows of people may lie there). Every connection has a folder of its own there, because
DuckDB on closing removes whatever lies in the one it was given, also what another process is still using.
"""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from pilar import config
from pilar.config import Home, Limits

SMALL = "512MB"
"""Memory for one question of a page or a terminal, where that is less than the limit; many may ask at once."""

STORAGE = "v1.5.0"
"""The format of files that are made here. Unasked, DuckDB writes one that its first release could read, and takes two
fifths more processor to write our tables."""

_ABANDONED_SECONDS = 24 * 3600
"""After so long a spill folder of a process that cannot be asked (another container's) counts as left behind."""
_UNITS: dict[str, int] = {"B": 1, **{f"{letter}B": 1000**n for n, letter in enumerate("KMGT", 1)}}
_UNITS |= {f"{letter}IB": 1024**n for n, letter in enumerate("KMGT", 1)}


def settings(home: Home | None = None, bounds: Limits | None = None) -> dict[str, Any]:
    """DuckDB's settings for a connection of its own, ``temp_directory`` included.

    Without ``home`` it is the one of the environment; where that does not exist nothing is spilled, and what does not
    fit into memory is an error.
    """
    bounds = bounds or config.limits()
    return {"memory_limit": bounds.memory_limit, "threads": bounds.threads, "temp_directory": spill_folder(home)}


def spill_folder(home: Home | None = None) -> str:
    """A name for a folder below the home's spill folder; DuckDB makes it when it needs it and removes it at the end.

    Empty where there is no home: such a connection cannot spill.
    """
    place = (home or config.home()).spill
    if not place.parent.is_dir():
        return ""
    with suppress(OSError):  # a home that cannot be written to can still be read from
        place.mkdir(mode=0o700, exist_ok=True)
    return str(place / f"{platform.node()}-{os.getpid()}-{secrets.token_hex(4)}")


def small() -> Limits:
    """The limits for one question of a page: one thread, and :data:`SMALL` memory or less."""
    bounds = config.limits()
    return replace(bounds, threads=1, memory_limit=min(SMALL, bounds.memory_limit, key=size_of))


def size_of(told: str) -> float:
    """Bytes of a size as DuckDB takes it: ``512MB``, ``1.5 GiB``; one that is none counts as without bounds."""
    text = told.strip().upper()
    number = text.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    try:
        return float(number) * int(_UNITS[text[len(number) :].strip()])
    except (KeyError, ValueError):
        return float("inf")


def connect(
    database: Path | None = None, *, read_only: bool = False, home: Home | None = None, bounds: Limits | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file, or an empty database in memory. The warehouse is opened by pooled tasks only."""
    chosen = settings(home, bounds)
    if database is None:
        return duckdb.connect(":memory:", config=chosen)
    if not read_only and not database.exists():
        _make(database)
    # By statements: connections of one process to one file share an instance, which has one configuration.
    connection = duckdb.connect(str(database), read_only=read_only)
    connection.execute(f"SET memory_limit = {literal(chosen['memory_limit'])}")
    connection.execute(f"SET threads = {chosen['threads']}")
    own = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    if not chosen["temp_directory"] or Path(own).parent != Path(str(chosen["temp_directory"])).parent:
        connection.execute(f"SET temp_directory = {literal(chosen['temp_directory'])}")
    return connection


def _make(database: Path) -> None:
    """An empty file. By another connection: the format would be part of a configuration, and an instance has one."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {literal(database)} AS made (STORAGE_VERSION {literal(STORAGE)})")


@contextmanager
def attached(
    files: Mapping[str, Path], *, home: Home | None = None, bounds: Limits | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory with files attached read-only, by the names they are given.

    A release is opened so because its file is called ``marts`` like its schema: ``marts.x`` could be either.
    """
    with connect(home=home, bounds=bounds) as connection:
        for alias, path in files.items():
            connection.execute(f"ATTACH {literal(path)} AS {alias} (READ_ONLY)")
        yield connection


def literal(value: object) -> str:
    """SQL's quoted text."""
    return "'" + str(value).replace("'", "''") + "'"


def quoted(identifier: object) -> str:
    """A name as SQL takes it, whatever it is called."""
    return '"' + str(identifier).replace('"', '""') + '"'


def sweep(home: Home) -> list[Path]:
    """Remove what a killed process spilled; returns it. A folder of a process that lives stays."""
    gone = [folder for folder in home.spill.glob("*") if _is_abandoned(folder)]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return gone


def _is_abandoned(folder: Path) -> bool:
    *_, node, process, _ = ["", "", *folder.name.rsplit("-", 2)]
    if node == platform.node() and process.isdigit():
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False
    try:
        return time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS
    except FileNotFoundError:
        return False
