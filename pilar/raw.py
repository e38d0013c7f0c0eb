"""The raw store: immutable bytes by content, each with a receipt, its rows and the names it arrived under.

::

    raw/<feed>/<sha256>/original.<ext>   the exact bytes, mode 0444
    raw/<feed>/<sha256>/rows.parquet     the rows of the contract as text; absent for rejected files
    raw/<feed>/<sha256>/receipt.json     what was understood
    raw/<feed>/<sha256>/arrivals.jsonl   one line for each landed name and time, oldest first

A content is prepared in ``raw/.incoming/`` and becomes one of the store by one rename, so a crash leaves
nothing that counts, and of two processes with the same bytes one wins and the other sees a duplicate.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pilar import locks
from pilar.config import PROJECT, Home, limits
from pilar.disk import sync

UNKNOWN = "_unknown"
"""Where files of no known feed are kept."""

RECEIPT = "receipt.json"
ROWS = "rows.parquet"
ARRIVALS = "arrivals.jsonl"
FORGOTTEN = "forgotten.jsonl"
"""Below ``raw/``: a line for each person who was erased."""

_INCOMING = ".incoming"
_PACKAGE = Path(__file__).parent
_SEEDS = PROJECT / "dbt_project" / "seeds"


class ControlValue(BaseModel):
    """A line of the file that states what its rows must add up to; ``value`` as printed."""

    model_config = ConfigDict(frozen=True)
    name: str
    value: str | None
    sheet: str
    source_row: int


class Receipt(BaseModel):
    """What Pilar knows of one content. Times are UTC."""

    model_config = ConfigDict(frozen=True)
    feed: str
    sha256: str
    size: int
    file_name: str
    """The name it first arrived under, relative to ``landing/<feed>/`` (``landing/`` for an unknown feed)."""
    submitter: str | None
    delivered_at: datetime
    """mtime of the landed file: orders deliveries."""
    received_at: datetime
    state: Literal["read", "rejected"]
    rule_code: str | None = None
    reason_id: str | None = None
    reason_en: str | None = None
    rows_read: int = 0
    sheets: list[dict[str, Any]] = []
    """See :class:`pilar.reading.model.SheetRead`."""
    controls: list[ControlValue] = []
    rows_sha256: str | None = None
    """Digest of ``rows.parquet``; None where there are no rows, or from before it was kept."""
    erased_at: datetime | None = None
    """When somebody was erased from it (:mod:`pilar.persons.erasure`): since then its original bytes are not kept."""
    reader_version: str
    refused_under: str | None = None
    """:attr:`pilar.config.Limits.fingerprint` where a limit refused the content: others may let it in."""


class ArrivalLine(BaseModel):
    """One landed name of a content, as its line in ``arrivals.jsonl``."""

    model_config = ConfigDict(frozen=True)
    file_name: str
    submitter: str | None
    delivered_at: datetime
    received_at: datetime
    size: int
    mtime_ns: int

    def same_file(self, other: ArrivalLine) -> bool:
        """The same landed file, not only the same name."""
        return (self.file_name, self.size, self.mtime_ns) == (other.file_name, other.size, other.mtime_ns)


class Arrival(ArrivalLine):
    """An arrival with the content it brought."""

    feed: str
    sha256: str


def folder(home: Home, feed: str, sha256: str) -> Path:
    """Where a content lies."""
    return home.raw / feed / sha256


def rows_path(home: Home, receipt: Receipt) -> Path:
    """The Parquet file of a read content."""
    return folder(home, receipt.feed, receipt.sha256) / ROWS


def original_path(home: Home, receipt: Receipt) -> Path:
    """The exact bytes. Raises ``FileNotFoundError`` where they are lost or not kept (``erased_at``)."""
    place = folder(home, receipt.feed, receipt.sha256)
    for path in place.glob("original*"):
        return path
    raise FileNotFoundError(f"{receipt.feed}/{receipt.sha256} has no original")


def receipts(home: Home) -> list[Receipt]:
    """All contents, by delivery: time, then name."""
    found = [_receipt(path) for path in home.raw.glob(f"*/*/{RECEIPT}") if path.parts[-3] != _INCOMING]
    return sorted(found, key=lambda receipt: (receipt.delivered_at, receipt.file_name, receipt.sha256))


def receipt(home: Home, feed: str, sha256: str) -> Receipt | None:
    """The receipt of one content, if it is in the store."""
    path = folder(home, feed, sha256) / RECEIPT
    return _receipt(path) if path.is_file() else None


def arrivals(home: Home) -> list[Arrival]:
    """Every landed name and time of every content, by delivery: time, then name."""
    found = [
        Arrival(**vars(line), feed=path.parts[-3], sha256=path.parts[-2])
        for path in home.raw.glob(f"*/*/{ARRIVALS}")
        if path.parts[-3] != _INCOMING and (path.parent / RECEIPT).is_file()
        for line in _lines(path.read_bytes())
    ]
    return sorted(found, key=lambda arrival: (arrival.delivered_at, arrival.file_name, arrival.received_at))


def outdated(home: Home) -> list[Receipt]:
    """Contents that other code or another contract has read than today's, or other limits have refused: to be read
    again from their bytes, where those are kept."""
    today = limits().fingerprint
    return [
        found
        for found in receipts(home)
        if found.erased_at is None
        and (found.reader_version != reader_version(found.feed) or found.refused_under not in (None, today))
    ]


@cache
def reader_version(feed: str) -> str:
    """Twelve characters that change with the readers, the resolver, its seeds and the feed's contract."""
    sources = sorted([*(_PACKAGE / "reading").glob("*.py"), *(_PACKAGE / "figures").glob("*.*")])
    sources += [_PACKAGE / "regions.py", *(_SEEDS / f"{seed}.csv" for seed in ("regions", "pillars", "indicators"))]
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + b"\0" + hashlib.sha256(source.read_bytes()).digest())
    contract = resources.files("pilar.contracts").joinpath(f"{feed}.yaml")
    digest.update(contract.read_bytes() if contract.is_file() else b"")
    return digest.hexdigest()[:12]


@contextmanager
def incoming(home: Home) -> Iterator[Path]:
    """A private folder to prepare a content in; whatever is left of it is removed."""
    place = home.raw / _INCOMING / uuid.uuid4().hex
    place.mkdir(parents=True, mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def sweep(home: Home) -> int:
    """Remove contents that killed processes left in the making; how many. Call it only while nobody takes a file: with
    the night's lock in hand."""
    left = list((home.raw / _INCOMING).glob("*"))
    for place in left:
        shutil.rmtree(place, ignore_errors=True)
    return len(left)


def store(home: Home, prepared: Path, new: Receipt, first: ArrivalLine) -> bool:
    """Make ``prepared`` (original and, if read, rows) a content of the store by one rename.

    Returns ``False`` when another process has stored the same content meanwhile.
    """
    write_receipt(prepared, with_digest(new, prepared / ROWS))
    _append(prepared / ARRIVALS, first)
    for path in prepared.iterdir():
        sync(path)
    sync(prepared)
    target = folder(home, new.feed, new.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        prepared.rename(target)
    except OSError:
        if (target / RECEIPT).is_file():
            return False
        if not target.is_dir():
            raise
        target.rename(prepared.parent / "orphan")  # no receipt, so no content: somebody's hand was in here
        prepared.rename(target)
    sync(target.parent)
    return True


def arrive(home: Home, known: Receipt, line: ArrivalLine) -> bool:
    """Note that a known content arrived again; ``True`` if this is the very arrival it was stored for.

    Safe to repeat and safe between processes: the same landed file is noted once.
    """
    path = folder(home, known.feed, known.sha256) / ARRIVALS
    with locks.hold(path, wait_seconds=locks.FOR_EVER):
        noted = list(_lines(path.read_bytes()))
        if not any(line.same_file(other) for other in noted):
            _append(path, line)
            sync(path)
    return bool(noted) and line.same_file(noted[0])


def digest(path: Path) -> str:
    """SHA-256 of a file, without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(path: Path, known: Receipt) -> bool:
    """Whether a file holds the very bytes of a content."""
    try:
        return path.stat().st_size == known.size and digest(path) == known.sha256
    except OSError:
        return False


def restore(home: Home, known: Receipt, fresh: Path) -> bool:
    """Move ``fresh``, a private copy of a known content, to where its stored bytes are damaged or gone.

    ``False``, and nothing done, when the stored bytes are whole or are not to be kept, or ``fresh`` is another content.
    """
    if known.erased_at is not None:
        return False
    place = folder(home, known.feed, known.sha256)
    stored = next(place.glob("original*"), place / fresh.name)
    if is_whole(stored, known) or not is_whole(fresh, known):
        return False
    fresh.chmod(0o444)
    sync(fresh)
    fresh.replace(stored)
    sync(place)
    return True


def with_digest(new: Receipt, rows: Path | None) -> Receipt:
    """The receipt with the digest of its rows, if there are any."""
    return new.model_copy(update={"rows_sha256": digest(rows) if rows is not None and rows.is_file() else None})


def write_receipt(place: Path, new: Receipt) -> None:
    """Write or replace the receipt in ``place`` atomically."""
    fresh = place / f"{RECEIPT}.part"  # one that a crash has left is written over when its work is done again
    fresh.write_text(new.model_dump_json(indent=1) + "\n", encoding="utf-8")
    sync(fresh)
    fresh.replace(place / RECEIPT)
    sync(place)


def replace_rows(place: Path, fresh: Path | None) -> None:
    """Put ``fresh`` in the place of a content's rows, or remove them."""
    if fresh is None:
        (place / ROWS).unlink(missing_ok=True)
    else:
        sync(fresh)
        fresh.replace(place / ROWS)
    sync(place)


def utc(nanoseconds: int) -> datetime:
    """A file time as a moment in UTC, to the microsecond."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest // 1000)


def _receipt(path: Path) -> Receipt:
    return Receipt.model_validate_json(path.read_bytes())


def _lines(content: bytes) -> Iterator[ArrivalLine]:
    """Whole lines; a last one that a crash cut off is no arrival, its file will arrive again."""
    for line in content.split(b"\n")[:-1]:
        if line:
            try:
                yield ArrivalLine.model_validate_json(line)
            except ValueError:
                continue


def _append(path: Path, line: ArrivalLine) -> None:
    """One write in append mode; begins on a new line if a crash has cut the one before."""
    content = line.model_dump_json().encode() + b"\n"
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            content = b"\n" + content
        os.write(handle, content)
    finally:
        os.close(handle)
