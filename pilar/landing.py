"""Landing: what is new and at rest, and how one file becomes raw. Never opens the warehouse.

``scan`` knows files by name, size and mtime, so a night with nothing new reads no byte. ``ingest`` takes one
file: copy and hash, read, store. A file that cannot be read is stored too, with the reason, and stops nobody.

Verdicts that stewards filled into a workbook of ours are a delivery of their own, of the feed ``decisions``: the same
night takes them, with their own receipt, whatever becomes of the workbook's rows.
"""

from __future__ import annotations

import csv
import hashlib
import logging
import os
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pilar import raw
from pilar.config import Home, Limits, limits
from pilar.contracts import contracts
from pilar.reading import sandbox
from pilar.reading.bounds import TROUBLES, names_a_limit, too_large
from pilar.reading.cells import visible
from pilar.reading.model import Reading, Rejected
from pilar.rules import rule

log = logging.getLogger(__name__)

Outcome = Literal["read", "rejected", "duplicate", "waiting"]

_UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload", ".download", ".swp")

_BLOCK = 1 << 20
_HOLE = bytes(_BLOCK)
_MAX_ENDING = 16


@dataclass(frozen=True)
class LandingFile:
    """A file to take: what it is called and how it looked when it was found."""

    feed: str
    """A known feed, or :data:`raw.UNKNOWN`."""
    file_name: str
    """Relative to ``landing/<feed>/`` (to ``landing/`` for an unknown feed), with ``/``."""
    submitter: str | None
    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Waiting:
    """Something in landing that is not taken tonight, and why (Bahasa Indonesia, then English)."""

    file_name: str
    feed: str
    reason: str


@dataclass(frozen=True)
class Scan:
    """What a night finds in landing."""

    items: list[LandingFile] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)


@dataclass(frozen=True)
class Ingested:
    """What became of one file. ``rule_code`` and reasons are those of its content, when that was rejected.

    ``rows_read`` are rows that this file brought: none for a duplicate.
    """

    feed: str
    file_name: str
    outcome: Outcome
    sha256: str | None = None
    rows_read: int = 0
    rule_code: str | None = None
    reason_id: str | None = None
    reason_en: str | None = None
    erased: bool = False
    """The file brought back people who were erased: they are erased again, but it still lies in landing/."""


def scan(home: Home, bounds: Limits | None = None) -> Scan:
    """New files at rest, sorted by feed and name; the others with the reason why they wait.

    Files younger than ``settle_seconds`` are looked at twice, that long apart.
    """
    bounds = bounds or limits()
    taken = {(known.feed, known.file_name, known.size, known.mtime_ns) for known in raw.arrivals(home)}
    found = Scan()
    fresh: list[LandingFile] = []
    room = shutil.disk_usage(home.raw).free
    for path in _walk(home.landing, found.waiting):
        try:
            info = path.lstat()
        except FileNotFoundError:
            continue
        item = _item(home, path, info)
        reason = _reason_to_wait(path, info, room)
        if reason:
            found.waiting.append(Waiting(item.file_name, item.feed, reason))
        elif (item.feed, item.file_name, item.size, item.mtime_ns) not in taken:
            at_rest = time.time() - info.st_mtime >= bounds.settle_seconds
            (found.items if at_rest else fresh).append(item)
    if fresh:
        time.sleep(bounds.settle_seconds)
    for item in fresh:
        if _unchanged(item):
            found.items.append(item)
        else:
            found.waiting.append(Waiting(item.file_name, item.feed, _STILL_WRITTEN))
    found.items.sort(key=lambda item: (item.feed, item.file_name))
    return found


def files(home: Home) -> Iterator[LandingFile]:
    """Every plain entry of landing as it lies there now, taken or not."""
    for path in _walk(home.landing, []):
        try:
            yield _item(home, path, path.lstat())
        except FileNotFoundError:
            continue


def ingest(home: Home, item: LandingFile, bounds: Limits | None = None) -> Ingested:
    """Take one file into raw. Safe to repeat, and safe beside other processes that take the same file.

    ``waiting``: it changed or went away while it was being read; the next night looks again.
    """
    bounds = bounds or limits()
    with raw.incoming(home) as place:
        prepared = place / "content"
        prepared.mkdir(mode=0o700)
        original = prepared / f"original{ending(item.file_name)}"
        sha256 = _copy(item, original)
        if sha256 is None:
            return Ingested(item.feed, item.file_name, "waiting")
        line = _arrival(item)
        known = raw.receipt(home, item.feed, sha256)
        if known is None:
            verdicts: list[list[str]] = []
            known, rows = _understand(
                original, item, sha256, received_at=line.received_at, bounds=bounds, work=place, verdicts=verdicts
            )
            if verdicts:  # before the workbook counts, so that no crash can lose them
                ingest(home, _verdicts_file(item, verdicts, place), bounds)
            if rows is not None:
                known = _without_forgotten(home, known, rows, original)
                rows.rename(prepared / raw.ROWS)
            if raw.store(home, prepared, known, line):
                return _ingested(item, known, known.state)
            known = raw.receipt(home, item.feed, sha256) or known
        else:
            raw.restore(home, known, original)
        first = raw.arrive(home, known, line)
        return _ingested(item, known, known.state if first else "duplicate")


def reread(home: Home, receipt: raw.Receipt, bounds: Limits | None = None) -> raw.Receipt:
    """Read a stored content again with today's readers; arrivals and received_at stay as they are."""
    bounds = bounds or limits()
    original = raw.original_path(home, receipt)
    item = LandingFile(receipt.feed, receipt.file_name, receipt.submitter, original, receipt.size, 0)
    place = raw.folder(home, receipt.feed, receipt.sha256)
    with raw.incoming(home) as work:
        new, rows = _understand(
            original, item, receipt.sha256, received_at=receipt.received_at, bounds=bounds, work=work
        )
        new = new.model_copy(update={"delivered_at": receipt.delivered_at})
        if rows is not None:
            new = _without_forgotten(home, new, rows, original)
        new = raw.with_digest(new, rows)
        raw.replace_rows(place, rows)
    raw.write_receipt(place, new)
    return new


def _without_forgotten(home: Home, new: raw.Receipt, rows: Path, original: Path) -> raw.Receipt:
    """Where freshly read rows bring back people who were erased, erase them again, and the bytes with them."""
    if not (home.raw / raw.FORGOTTEN).is_file():
        return new
    from pilar.persons.erasure import forget_again

    if not forget_again(home, new.feed, rows):
        return new
    original.unlink()
    log.warning("%s %s brings back people who were erased: remove the file from landing", new.feed, new.sha256)
    return new.model_copy(update={"erased_at": datetime.now(UTC)})


_STILL_WRITTEN = "Masih ditulis; diambil malam berikutnya. / Still being written; taken the next night."
_UNFINISHED_NAME = "Nama sementara; menunggu nama akhirnya. / A temporary name; waiting for the final one."
_NOT_A_FILE = "Bukan berkas biasa (tautan, pipa, atau perangkat). / Not a plain file (link, pipe or device)."
_NO_ROOM = (
    "Berkas {size:,} byte, ruang kosong {room:,} byte. / A file of {size:,} bytes, and {room:,} bytes of free space."
)
_NO_ACCESS = "Tidak boleh dibaca; periksa izinnya. / Not readable; check its permissions."


def _walk(landing: Path, waiting: list[Waiting]) -> Iterator[Path]:
    """Every entry below landing that is no plain folder, links unfollowed, hidden names and office locks left out."""

    def denied(error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            return
        path = Path(error.filename)
        waiting.append(Waiting(_plain(path.relative_to(landing)), "", _NO_ACCESS))

    for root, folders, files in os.walk(landing, onerror=denied):
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        folders[:] = sorted(name for name in folders if name not in links and not _is_hidden(name))
        for name in sorted([*files, *links]):
            if not _is_hidden(name):
                yield Path(root) / name


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


def _item(home: Home, path: Path, info: os.stat_result) -> LandingFile:
    relative = path.relative_to(home.landing)
    feed = relative.parts[0] if len(relative.parts) > 1 else raw.UNKNOWN
    if feed not in contracts():
        return LandingFile(raw.UNKNOWN, _plain(relative), None, path, info.st_size, info.st_mtime_ns)
    within = relative.relative_to(feed)
    submitter = _plain(Path(within.parts[0])) if len(within.parts) > 1 else None
    return LandingFile(feed, _plain(within), submitter, path, info.st_size, info.st_mtime_ns)


def _plain(path: Path) -> str:
    """The path as text that every program can hold and show: bytes that are no UTF-8 become ``\ufffd``, a line end
    becomes ``\\n``."""
    return visible(os.fsencode(path.as_posix()).decode("utf-8", "replace"))


def _reason_to_wait(path: Path, info: os.stat_result, room: int) -> str | None:
    """``room``: free bytes of the disk that raw/ lies on; a sparse file may claim more than there ever was."""
    if not stat.S_ISREG(info.st_mode):
        return _NOT_A_FILE
    if info.st_size > room:
        return _NO_ROOM.format(size=info.st_size, room=room)
    if path.name.lower().endswith(_UNFINISHED):
        return _UNFINISHED_NAME
    return None if os.access(path, os.R_OK) else _NO_ACCESS


def _unchanged(item: LandingFile) -> bool:
    try:
        info = item.path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(info.st_mode) and (info.st_size, info.st_mtime_ns) == (item.size, item.mtime_ns)


def _copy(item: LandingFile, target: Path) -> str | None:
    """Copy the bytes, mode 0444, and hash them; ``None`` if the file is not the one that was found, or changes."""
    try:
        source = os.open(item.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    digest = hashlib.sha256()
    with os.fdopen(source, "rb") as handle, target.open("wb") as out:
        if not _is_as_found(item, os.fstat(handle.fileno())):
            return None
        while (block := handle.read(_BLOCK)) and out.tell() <= item.size:  # one that grows as fast would never end
            digest.update(block)
            if block == _HOLE:
                out.seek(len(block), os.SEEK_CUR)  # holes of a sparse file take no room here either
            else:
                out.write(block)
        if not _is_as_found(item, os.fstat(handle.fileno())) or out.tell() != item.size or not _unchanged(item):
            return None
        out.truncate()
    target.chmod(0o444)
    return digest.hexdigest()


def _is_as_found(item: LandingFile, info: os.stat_result) -> bool:
    return stat.S_ISREG(info.st_mode) and (info.st_size, info.st_mtime_ns) == (item.size, item.mtime_ns)


def _verdicts_file(item: LandingFile, verdicts: list[list[str]], work: Path) -> LandingFile:
    """The verdicts that came in the workbook ``item`` as a file of theirs, as old as the workbook.

    The same verdicts make the same bytes, whatever was mended beside them: they are taken once.
    """
    path = work / "verdicts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow([column.headers[0] for column in contracts()["decisions"].columns])
        lines.writerows(verdicts)
    os.utime(path, ns=(item.mtime_ns, item.mtime_ns))
    name = f"{PurePosixPath(item.file_name).with_suffix('')} (Keputusan).csv"
    return LandingFile("decisions", name, item.submitter, path, path.stat().st_size, item.mtime_ns)


def _understand(
    original: Path,
    item: LandingFile,
    sha256: str,
    *,
    received_at: datetime,
    bounds: Limits,
    work: Path,
    verdicts: list[list[str]] | None = None,
) -> tuple[raw.Receipt, Path | None]:
    """(receipt, rows): what the readers make of the bytes. Whatever goes wrong is a reason, not an error."""
    rows = work / raw.ROWS
    about: dict[str, Any] = {
        "feed": item.feed,
        "sha256": sha256,
        "size": item.size,
        "file_name": item.file_name,
        "submitter": item.submitter,
        "delivered_at": raw.utc(item.mtime_ns),
        "received_at": received_at,
        "reader_version": raw.reader_version(item.feed),
    }
    try:
        reading = _read(original, item, sha256, bounds=bounds, rows=rows, work=work / "unpacked", verdicts=verdicts)
    except Rejected as refusal:
        return _refused(about, refusal, bounds), None
    except Exception as error:  # one file's surprise stops no other; its message may hold values, so only its class
        if isinstance(error, OSError) and error.errno in TROUBLES:
            raise
        log.warning("%s %s: %s", item.feed, sha256, type(error).__name__)
        kind = type(error).__name__
        return _refused(about, Rejected("FILE_UNREADABLE", f"({kind})", f"({kind})"), bounds), None
    controls = [raw.ControlValue(**vars(control)) for control in reading.controls]
    sheets = [asdict(sheet) for sheet in reading.sheets]
    return raw.Receipt(**about, state="read", rows_read=reading.rows, sheets=sheets, controls=controls), rows


def _read(
    original: Path,
    item: LandingFile,
    sha256: str,
    *,
    bounds: Limits,
    rows: Path,
    work: Path,
    verdicts: list[list[str]] | None,
) -> Reading:
    contract = contracts().get(item.feed)
    if contract is None:
        known = ", ".join(contracts())
        raise Rejected("FILE_UNKNOWN_FEED", f"Folder yang dikenal: {known}.", f"Known folders: {known}.")
    if item.size > bounds.max_file_bytes:
        what = f"{item.size:,} byte"
        raise too_large(bounds, "max_file_bytes", f"Berkas {what}", f"A file of {what}s")
    return sandbox.read(
        original,
        contract,
        file_name=item.file_name,
        sha256=sha256,
        limits=bounds,
        rows_to=rows,
        work=work,
        verdicts=verdicts,
    )


def _refused(about: dict[str, Any], refusal: Rejected, bounds: Limits) -> raw.Receipt:
    general = rule(refusal.rule_code)
    return raw.Receipt(
        **about,
        state="rejected",
        rule_code=refusal.rule_code,
        refused_under=bounds.fingerprint if names_a_limit(refusal) else None,
        reason_id=f"{general.message_id} {refusal.detail_id}".strip(),
        reason_en=f"{general.message_en} {refusal.detail_en}".strip(),
    )


def _arrival(item: LandingFile) -> raw.ArrivalLine:
    return raw.ArrivalLine(
        file_name=item.file_name,
        submitter=item.submitter,
        delivered_at=raw.utc(item.mtime_ns),
        received_at=datetime.now(UTC),
        size=item.size,
        mtime_ns=item.mtime_ns,
    )


def ending(file_name: str) -> str:
    """The last ending, if it is short and plain enough to be one of ours: ``.xlsx``."""
    suffix = PurePosixPath(file_name).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= _MAX_ENDING else ""


def _ingested(item: LandingFile, known: raw.Receipt, outcome: Outcome) -> Ingested:
    return Ingested(
        item.feed,
        item.file_name,
        outcome,
        known.sha256,
        0 if outcome == "duplicate" else known.rows_read,
        known.rule_code,
        known.reason_id,
        known.reason_en,
        erased=known.erased_at is not None,
    )
