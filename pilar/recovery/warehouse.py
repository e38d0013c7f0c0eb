"""A damaged warehouse. It is a cache (ADR 2): thrown away and made again from ``raw/``, and readers notice nothing.

DuckDB tells damage when it opens the file or when it reads a damaged block: each block has a checksum, so no wrong
value is ever read. A step that meets a damaged block leaves a mark; the next ``load`` finds it and begins anew.
"""

from __future__ import annotations

import re
from contextlib import suppress

import duckdb

from pilar import duck
from pilar.config import Home

_DAMAGE = re.compile(
    r"not a valid DuckDB database file|Corrupt database file|Could not read enough bytes"
    r"|database file with version number|Failure while replaying WAL|Failed to deserialize",
    re.IGNORECASE,
)
_MARK = "warehouse.damaged"


def is_damage(error: BaseException) -> bool:
    """Whether an error says that a DuckDB file is damaged, not that it is locked or that the disk is full."""
    return bool(_DAMAGE.search(str(error)))


def suspect(home: Home, error: BaseException) -> None:
    """Leave a mark when ``error`` says that the warehouse is damaged."""
    if is_damage(error):
        with suppress(OSError):
            (home.root / _MARK).touch(mode=0o600)


def discard_damaged(home: Home) -> bool:
    """Throw the warehouse away if it cannot be opened or a step has found damage in it. Needs its pool slot.

    Any other trouble (another process holds it, no permission) is raised as it is.
    """
    if (home.root / _MARK).exists() or _cannot_be_opened(home):
        discard(home)
        return True
    return False


def discard(home: Home) -> None:
    """Throw the warehouse away: the next load and build make it anew."""
    for path in (home.warehouse, home.warehouse.with_name(f"{home.warehouse.name}.wal"), home.root / _MARK):
        path.unlink(missing_ok=True)


def _cannot_be_opened(home: Home) -> bool:
    if not home.warehouse.exists():
        return False
    try:
        # Writable, as load will open it: a damaged log beside it shows only then.
        duck.connect(home.warehouse, home=home).close()
    except duckdb.Error as error:
        if is_damage(error):
            return True
        raise
    return False
