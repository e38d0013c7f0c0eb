"""Members of a .zip or .gz, unpacked one level deep within limits."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from pilar.config import Limits
from pilar.reading import formats
from pilar.reading.model import Rejected

_BLOCK = 1 << 20
_JUNK_FOLDERS = {"__MACOSX"}
_JUNK_NAMES = {"thumbs.db", "desktop.ini"}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Member:
    """A file to read: the landed one, or one out of an archive. ``name`` has no folder of ours in it."""

    name: str
    path: Path
    format: formats.Format
    inside: bool
    """Whether it came out of a ``.zip``: its sheets then carry its name."""


def members(path: Path, name: str, limits: Limits, work: Path) -> list[Member]:
    """What is to be read of the landed file ``name``; archive members are unpacked into ``work``.

    :raises Rejected: as :func:`formats.recognise` does, naming the member; FILE_TOO_LARGE; FILE_ENCRYPTED
    """
    kind = formats.recognise(path, name)
    if kind not in formats.ARCHIVES:
        return [Member(PurePosixPath(name).name, path, kind, inside=False)]
    work.mkdir(parents=True, exist_ok=True)
    unpacked = _unzip(path, limits, work) if kind == "zip" else _gunzip(path, name, limits, work)
    found = [_recognised(member, place, inside=kind == "zip") for member, place in unpacked]
    if not found:
        raise Rejected("FILE_EMPTY", "Arsip tidak memuat berkas.", "The archive holds no file.")
    return found


def _recognised(name: str, path: Path, *, inside: bool) -> Member:
    with naming(name if inside else ""):
        kind = formats.recognise(path, name)
        if kind in formats.ARCHIVES:
            raise Rejected(
                "FILE_UNKNOWN_FORMAT", "Arsip di dalam arsip tidak dibaca.", "Archives in archives are not read."
            )
    return Member(name, path, kind, inside)


@contextmanager
def naming(member: str) -> Iterator[None]:
    """Refusals from here name the member of the archive."""
    try:
        yield
    except Rejected as refusal:
        if not member:
            raise
        raise Rejected(
            refusal.rule_code, f"{member}: {refusal.detail_id}", f"{member}: {refusal.detail_en}"
        ) from refusal


def _unzip(path: Path, limits: Limits, work: Path) -> Iterator[tuple[str, Path]]:
    left = limits.max_unpacked_bytes
    with zipfile.ZipFile(path) as archive:
        wanted = [info for info in archive.infolist() if not _is_junk(info)]
        if len(wanted) > limits.max_archive_members:
            raise _too_large(f"{len(wanted)} > {limits.max_archive_members} berkas/files")
        for number, info in enumerate(wanted):
            with naming(info.filename):
                if info.flag_bits & 0x1:
                    raise Rejected("FILE_ENCRYPTED", "Memerlukan kata sandi.", "It asks for a password.")
                place = work / f"member-{number}{PurePosixPath(info.filename).suffix.lower()}"
                try:
                    with archive.open(info) as packed:
                        left -= _copy(packed, place, left)
                except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
                    raise _damaged() from error
            yield info.filename, place


def _gunzip(path: Path, name: str, limits: Limits, work: Path) -> Iterator[tuple[str, Path]]:
    inner = PurePosixPath(name).stem
    place = work / f"member{PurePosixPath(inner).suffix.lower()}"
    try:
        with gzip.open(path) as packed:
            _copy(packed, place, limits.max_unpacked_bytes)
    except (gzip.BadGzipFile, zlib.error, EOFError, OSError) as error:
        raise _damaged() from error
    yield inner, place


def _copy(packed: _Readable, place: Path, limit: int) -> int:
    written = 0
    with place.open("wb") as out:
        while block := packed.read(_BLOCK):
            written += len(block)
            if written > limit:
                raise _too_large(f"> {limit:,} byte")
            out.write(block)
    return written


def _is_junk(info: zipfile.ZipInfo) -> bool:
    """Folders and what macOS, Windows and office programs leave behind."""
    parts = PurePosixPath(info.filename).parts
    last = parts[-1] if parts else ""
    return (
        info.is_dir()
        or bool(_JUNK_FOLDERS.intersection(parts))
        or last.lower() in _JUNK_NAMES
        or last.startswith((".", "~$"))
    )


def _damaged() -> Rejected:
    return Rejected("FILE_UNREADABLE", "Arsip rusak atau terpotong.", "The archive is damaged or cut off.")


def _too_large(what: str) -> Rejected:
    return Rejected("FILE_TOO_LARGE", f"Setelah dibuka: {what}.", f"Unpacked: {what}.")
