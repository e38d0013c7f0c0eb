"""What was published before, and what was true then: so that two packages never tell what one does not.

``PILAR_HOME/open-data/editions.json`` (0600) holds every edition of every year's figures, shown or not. Without it a
next package could not be compared with the ones that are out: back it up, never delete it while a package is public.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pilar import locks
from pilar.config import Home
from pilar.disk import write_whole
from pilar.open_data.model import Edition


class BrokenRecord(RuntimeError):
    """The record of what was published cannot be read, so nothing can be compared with it."""


def read(home: Home) -> list[Edition]:
    """Every edition ever published, in the order of publication. Raises :class:`BrokenRecord`."""
    path = home.open_data_record
    if not path.exists():
        if (home.published / "open" / "current").is_symlink():
            raise BrokenRecord(
                f"packages were published from here, but {path} is gone: restore it from a backup, for without it "
                "nobody can say what the next package would give away"
            )
        return []
    try:
        return [Edition.from_json(told) for told in json.loads(path.read_text("utf-8"))]
    except (ValueError, KeyError, TypeError, IndexError) as broken:
        raise BrokenRecord(f"{path} cannot be read ({type(broken).__name__}): restore it from a backup") from None


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """One export after the other: each is compared with what the one before it published."""
    folder = home.open_data_record.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locks.hold(folder / "lock", wait_seconds=locks.FOR_EVER):
        yield


def write(home: Home, editions: Iterable[Edition]) -> None:
    """Keep all editions, and nothing else, as the record."""
    path = home.open_data_record
    write_whole(path, json.dumps([edition.as_json() for edition in editions], ensure_ascii=False, sort_keys=True))
