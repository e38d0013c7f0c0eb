"""Members of a .zip or .gz, unpacked one level deep within limits."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from pilar.config import Limits
from pilar.reading import formats
from pilar.reading.bounds import check_unpacked, is_damage, too_large
from pilar.reading.cells import visible
from pilar.reading.model import MAX_NAME, Rejected

_BLOCK = 1 << 20
_PLAIN_ENDING = 16
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
    unpacked = 0
    with zipfile.ZipFile(path) as archive:
        wanted = [info for info in archive.infolist() if not _is_junk(info)]
        if len(wanted) > limits.max_archive_members:
            count = f"{len(wanted):,}"
            raise too_large(
                limits, "max_archive_members", f"Arsip berisi {count} berkas", f"An archive of {count} files"
            )
        packed_bytes = path.stat().st_size
        for (number, info), name in zip(enumerate(wanted), _names(wanted), strict=True):
            with naming(name):
                if info.flag_bits & 0x1:
                    raise Rejected("FILE_ENCRYPTED", "Memerlukan kata sandi.", "It asks for a password.")
                place = work / f"member-{number}{_ending(info.filename)}"
                try:
                    with archive.open(info) as packed:
                        unpacked = _copy(packed, place, unpacked, packed_bytes, limits)
                except formats.DAMAGES as error:
                    raise _damage(error) from error
            yield name, place


def _gunzip(path: Path, name: str, limits: Limits, work: Path) -> Iterator[tuple[str, Path]]:
    inner = PurePosixPath(name).stem
    place = work / f"member{_ending(inner)}"
    try:
        with gzip.open(path) as packed:
            _copy(packed, place, 0, path.stat().st_size, limits)
    except formats.DAMAGES as error:
        raise _damage(error) from error
    yield inner, place


def _copy(packed: _Readable, place: Path, unpacked: int, packed_bytes: int, limits: Limits) -> int:
    """Bytes that the archive has unpacked to so far, this member with them."""
    with place.open("wb") as out:
        while block := packed.read(_BLOCK):
            unpacked += len(block)
            check_unpacked(unpacked, packed_bytes, limits)
            out.write(block)
    return unpacked


def _names(infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    """What each member is called: nothing unseen in it, and no two alike, for a row is known by file and member."""
    taken: set[str] = set()
    for info in infos:
        plain = visible(info.filename)
        if len(plain) > MAX_NAME:
            raise Rejected("FILE_UNREADABLE", "Nama berkas di arsip terlalu panjang.", "A member's name is too long.")
        path, number = PurePosixPath(plain), 1
        while plain in taken:
            number += 1
            plain = str(path.with_name(f"{path.stem} ({number}){path.suffix}"))
        taken.add(plain)
        yield plain


def _ending(name: str) -> str:
    """The ending, if it may be one of a file of ours."""
    ending = PurePosixPath(name).suffix.lower()
    return ending if ending[1:].isalnum() and ending.isascii() and len(ending) <= _PLAIN_ENDING else ""


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


def _damage(error: Exception) -> Exception:
    if not is_damage(error):
        return error
    return Rejected("FILE_UNREADABLE", "Arsip rusak atau terpotong.", "The archive is damaged or cut off.")
