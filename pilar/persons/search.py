"""Whether a stored file holds certain values, whatever its format packs them into."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_DEPTH = 3
_MOST = 256 * 1024**2
"""Bytes of one member that are looked at; what is longer was refused by the readers."""


def needles(values: Iterable[str]) -> list[re.Pattern[bytes]]:
    """How these values may be spelled in bytes: numbers with what people put between digits, names in any case; as
    UTF-8 and as UTF-16. Numbers of fewer than eight digits and single words are too common to tell anybody."""
    found = []
    for value in sorted(values):
        if value.isdigit() and len(value) >= 8:
            found += _spelled(list(value), rb"[ .\-]", rb"{0,2}", before=rb"(?<![1-9])", behind=rb"(?![0-9])")
        elif not value.isdigit() and " " in value:
            found += _spelled(value.split(), rb"[^A-Za-z0-9]", rb"{1,3}")
    return found


def _spelled(
    parts: list[str], between: bytes, times: bytes, *, before: bytes = b"", behind: bytes = b""
) -> list[re.Pattern[bytes]]:
    """The parts with something between them, in one byte a letter and in two: then a zero stands beside each."""
    narrow = (between + times).join(part.encode() for part in parts)
    wide = (rb"(?:" + between + rb"\x00)" + times).join(
        b"".join(letter.encode() + rb"\x00" for letter in part) for part in parts
    )
    return [
        re.compile(before + narrow + behind, re.IGNORECASE),
        re.compile(wide.removesuffix(rb"\x00"), re.IGNORECASE),
    ]


def holds(path: Path, patterns: Iterable[re.Pattern[bytes]]) -> bool:
    """Whether any of the patterns stands in the file, or in what it packs (zip, gzip, workbooks)."""
    wanted = list(patterns)
    return any(pattern.search(part) for part in _parts(path.read_bytes(), _DEPTH) for pattern in wanted)


def _parts(content: bytes, depth: int) -> Iterator[bytes]:
    yield content
    if not depth:
        return
    if content[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
                yield from _parts(packed.read(_MOST), depth - 1)
        except (OSError, EOFError, zlib.error):
            return
    elif content[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for name in archive.namelist():
                    with archive.open(name) as member:
                        yield from _parts(member.read(_MOST), depth - 1)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, zlib.error):
            return
