"""What a crash must not take back, and whether there is room for what comes."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from pilar.config import Home

_LEFT = re.compile(r"\..+\.(\d+|part)|\.(work|building)-\w+")
"""Names of what is not in its place yet."""


def sync(path: Path) -> None:
    """Have a file's content, or a folder's names, on disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, text: str) -> None:
    """Write a file (mode 0600) so that whoever reads the name, after a crash too, finds the old text or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync(path.parent)


def sweep(home: Home) -> int:
    """Remove drafts and workshops that killed processes left below ``nights/``, ``reports/`` and in ``raw/``; how many.

    Call it only while nobody writes there: with the night's lock in hand.
    """
    found = [*home.raw.glob(".*"), *home.nights.rglob(".*"), *home.reports.rglob(".*")]
    left = [path for path in found if _LEFT.fullmatch(path.name)]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


class NoRoom(RuntimeError):
    """The disk has too little room for a night. The message says how much is needed, for what, and what to do."""


@dataclass(frozen=True)
class Room:
    """What a night may write at most, by what it is for, and what is free; bytes."""

    needed: dict[str, int]
    free: int

    @property
    def is_enough(self) -> bool:
        return sum(self.needed.values()) <= self.free


def room(home: Home, incoming: int, *, spare: int) -> Room:
    """What a night needs that takes ``incoming`` bytes from landing.

    An estimate on the safe side: bytes and rows of new files; the warehouse grown by them and written whole once more
    beside its old blocks, as when the code has changed; a candidate as large as the release, sorted; and ``spare``.
    """
    warehouse, release = _size(home.warehouse), _size(home.current_marts)
    needed = {
        "raw": 2 * incoming,
        "warehouse": warehouse + 4 * incoming,
        "candidate": 2 * release + 2 * incoming,
        "spare": spare,
    }
    return Room(needed, shutil.disk_usage(home.root).free)


def require(found: Room, home: Home) -> None:
    """Raise :class:`NoRoom` when there is not enough."""
    if found.is_enough:
        return
    parts = ", ".join(f"{name} {_mebibytes(size)}" for name, size in found.needed.items())
    raise NoRoom(
        f"too little room below {home.root}: {_mebibytes(found.free)} free, up to "
        f"{_mebibytes(sum(found.needed.values()))} needed ({parts}). The release stays as it is. Free some space, for "
        "example by PILAR_KEEP_RELEASES=2 and the weekly house-keeping, or move PILAR_HOME to a larger disk; then run "
        "the night again. PILAR_SPARE_BYTES changes what is kept spare."
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MiB"
