"""Verify: does ``raw/`` still hold what was put there?

Each night compares size and time of every stored file with what was seen before, and reads a thirtieth of the contents
whole; ``pilar verify`` reads all of them. What can be made right is made right at once: rows are read again from the
bytes, and bytes are fetched from the file in ``landing/`` that brought them. What remains is *damage*: the night goes
on, the rows of the file count as before while they are whole, and a critical finding says so until the bytes are back.

``raw/.seen.json`` remembers sizes, times and damage. It may be deleted: the next check looks at everything anew.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pilar import landing, raw
from pilar.config import Home
from pilar.disk import write_whole

RULE = "RAW_BYTES_DAMAGED"
SEEN = ".seen.json"
PARTS = 30
"""Nights in which every content is read whole once."""


@dataclass(frozen=True, order=True)
class Damage:
    """A content whose original bytes are not those of its name. ``rows_lost``: its rows are gone as well."""

    feed: str
    sha256: str
    file_name: str
    rows_lost: bool

    @property
    def key(self) -> str:
        return f"{self.feed}/{self.sha256}"


@dataclass(frozen=True)
class Checked:
    """What a check found: contents known, contents read whole, contents made right, and the damage that remains."""

    contents: int
    read_whole: int
    mended: list[str] = field(default_factory=list)
    damage: list[Damage] = field(default_factory=list)


@dataclass
class _Seen:
    """Size and time of a content's files (None: absent) when they were last found to be right or wrong."""

    original: tuple[int, int] | None
    rows: tuple[int, int] | None
    damage: Damage | None = None


def check(home: Home, *, day: date | None = None, every: bool = False) -> Checked:
    """Look at every content and mend what can be mended. Read whole are those whose turn it is on ``day``, or ``every``
    one, beside those that look other than before; a new one has just been hashed, so its size is enough.

    Hold the night's lock: nobody else may write below ``raw/``. What is known to be damaged is read again each time,
    so restored bytes are noticed the same night.
    """
    before = _recall(home)
    now: dict[str, _Seen] = {}
    mended: list[str] = []
    read_whole = 0
    names = _landed(home)
    for receipt in raw.receipts(home):
        key = _key(receipt)
        seen, known = _look(home, receipt), before.get(key)
        due = every or (day is not None and int(receipt.sha256[:8], 16) % PARTS == day.toordinal() % PARTS)
        if not due and known in (None, seen) and _has_its_size(seen, receipt):
            now[key] = seen
            continue
        read_whole += 1
        damage, was_mended = _judge(home, receipt, names.get(key, []))
        mended += [key] if was_mended else []
        now[key] = _look(home, receipt)
        now[key].damage = damage
    if now != before:
        _remember(home, now)
    return Checked(len(now), read_whole, mended, sorted(seen.damage for seen in now.values() if seen.damage))


def damaged(home: Home) -> list[Damage]:
    """The damage that the last check left."""
    return sorted(seen.damage for seen in _recall(home).values() if seen.damage)


def _judge(home: Home, receipt: raw.Receipt, landed: list[Path]) -> tuple[Damage | None, bool]:
    """(damage that remains, whether something was mended)."""
    place = raw.folder(home, receipt.feed, receipt.sha256)
    if receipt.erased_at is not None:  # its bytes are not kept: nothing to compare with, nothing to mend from
        lost = receipt.state == "read" and not _rows_are_whole(place / raw.ROWS, receipt)
        return (Damage(receipt.feed, receipt.sha256, receipt.file_name, rows_lost=True) if lost else None), False
    whole = any(raw.is_whole(path, receipt) for path in place.glob("original*"))
    bytes_back = not whole and any(_put_back(home, receipt, path) for path in landed)
    lost = receipt.state == "read" and not _rows_are_whole(place / raw.ROWS, receipt)
    if not (whole or bytes_back):
        return Damage(receipt.feed, receipt.sha256, receipt.file_name, lost), False
    # Other readers' rows are read again tonight anyway.
    rows_back = lost and receipt.reader_version == raw.reader_version(receipt.feed)
    if rows_back:
        landing.reread(home, receipt)
    return None, bytes_back or rows_back


def _has_its_size(seen: _Seen, receipt: raw.Receipt) -> bool:
    has_rows = seen.rows is not None or receipt.state == "rejected"
    has_bytes = seen.original is not None and seen.original[0] == receipt.size
    return (has_bytes or receipt.erased_at is not None) and has_rows


def _put_back(home: Home, receipt: raw.Receipt, source: Path) -> bool:
    """Replace the damaged bytes by those of ``source``, if they are the right ones."""
    if source.is_symlink() or not raw.is_whole(source, receipt):
        return False
    with raw.incoming(home) as work:
        fresh = work / f"original{landing.ending(receipt.file_name)}"
        shutil.copyfile(source, fresh)
        return raw.restore(home, receipt, fresh)


def _rows_are_whole(path: Path, receipt: raw.Receipt) -> bool:
    if not path.is_file():
        return False
    if receipt.rows_sha256 is not None:
        return raw.digest(path) == receipt.rows_sha256
    try:  # from before digests of rows were kept
        return bool(pq.read_metadata(path).num_rows == receipt.rows_read)
    except (OSError, pa.ArrowException):
        return False


def _landed(home: Home) -> dict[str, list[Path]]:
    """Content → where in ``landing/`` the files that brought it would lie."""
    found: dict[str, list[Path]] = {}
    for arrival in raw.arrivals(home):
        base = home.landing if arrival.feed == raw.UNKNOWN else home.landing / arrival.feed
        found.setdefault(f"{arrival.feed}/{arrival.sha256}", []).append(base / arrival.file_name)
    return found


def _look(home: Home, receipt: raw.Receipt) -> _Seen:
    place = raw.folder(home, receipt.feed, receipt.sha256)
    original = next(iter(sorted(place.glob("original*"))), None)
    return _Seen(_stat(original) if original else None, _stat(place / raw.ROWS))


def _stat(path: Path) -> tuple[int, int] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_size, info.st_mtime_ns


def _key(receipt: raw.Receipt) -> str:
    return f"{receipt.feed}/{receipt.sha256}"


def _recall(home: Home) -> dict[str, _Seen]:
    return dict(_recorded(home.raw / SEEN))


def _recorded(path: Path) -> Iterator[tuple[str, _Seen]]:
    try:
        noted = json.loads(path.read_bytes())
        for key, seen in noted.items():
            original, rows = (tuple(at) if at else None for at in (seen["original"], seen["rows"]))
            yield key, _Seen(original, rows, Damage(**seen["damage"]) if seen["damage"] else None)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return  # never written, or damaged itself: all is looked at anew


def _remember(home: Home, seen: dict[str, _Seen]) -> None:
    write_whole(home.raw / SEEN, json.dumps({key: asdict(one) for key, one in seen.items()}) + "\n")
