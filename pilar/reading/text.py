"""Text files: encoding, physical lines, delimiter and quotes. Every physical line is a row.

A quote never reaches beyond its line. One stray ``"`` therefore spoils at most its own row; the usual CSV
readers let it swallow tens of thousands of lines without a word.
"""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pilar.reading import formats
from pilar.reading.cells import REPLACEMENT
from pilar.reading.model import Rejected

DELIMITERS = (";", "\t", "|", ",")
"""Best first: a comma also stands in names and in decimals."""

MAX_LINE_BYTES = 8 * 1024**2
CHUNK_BYTES = 2 * 1024**2
"""As quick as larger ones, and little memory."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Encoding:
    codec: str
    mark: int = 0
    """Bytes of the byte order mark."""
    errors: str = "replace"


def recognise_encoding(path: Path) -> Encoding:
    """By its mark; else UTF-8 if all bytes are; else UTF-16 by its zeros; else cp1252.

    A file with more whole UTF-8 characters than broken ones stays UTF-8, with the broken ones replaced.
    """
    with path.open("rb") as handle:
        head = handle.read(4096)
        for mark, codec in _MARKS:
            if head.startswith(mark):
                return Encoding(codec, len(mark))
        unmarked = formats.is_utf16_without_mark(head)
        if unmarked:
            return Encoding(unmarked)
        handle.seek(0)
        whole, broken = _utf8_characters(iter(lambda: handle.read(CHUNK_BYTES), b""))
    return Encoding("utf-8") if broken == 0 or whole > broken else Encoding("cp1252")


def blocks(path: Path, encoding: Encoding, chunk_bytes: int | None = None) -> Iterator[bytes]:
    """Whole physical lines as UTF-8, parted by ``\\n``, in blocks; the last line of a block has no end.

    Ends are ``\\n``, ``\\r\\n`` (the ``\\r`` stays) or, where there is no ``\\n``, ``\\r``. A last line without an end
    counts; what follows the last end, if it is nothing, is no line.

    :raises Rejected: FILE_UNREADABLE for a line of more than :data:`MAX_LINE_BYTES`
    """
    end: bytes | None = None
    rest = b""
    for piece in _utf8_pieces(path, encoding, chunk_bytes or CHUNK_BYTES):
        rest += piece
        end = end or _line_end(rest)
        whole, found, rest = rest.rpartition(end) if end else (b"", b"", rest)
        if len(rest) > MAX_LINE_BYTES:
            raise Rejected(
                "FILE_UNREADABLE", "Ada baris yang lebih panjang dari 8 MiB.", "A line is longer than 8 MiB."
            )
        if found:
            yield whole.replace(b"\r", b"\n") if end == b"\r" else whole
    if rest:
        yield rest


def lines(path: Path, encoding: Encoding, chunk_bytes: int | None = None) -> Iterator[str]:
    """Physical lines without their ends."""
    for block in blocks(path, encoding, chunk_bytes):
        for line in block.split(b"\n"):
            yield line.rstrip(b"\r").decode()


def split(line: str, delimiter: str, *, quoted: bool, width: int | None = None) -> list[str]:
    """Cells of one line.

    Quotes are data, except where the file quotes (``quoted``), or where a plain split gives more cells than
    the header has (``width``) and well-formed quotes give exactly as many: ``…;"A; B";…``.
    """
    plain = line.split(delimiter)
    if '"' not in line:
        return plain
    if quoted:
        return _split_quoted(line, delimiter) or plain
    if width is not None and len(plain) > width:
        cells = _split_quoted(line, delimiter)
        if cells is not None and len(cells) == width:
            return cells
    return plain


def quotes_everything(line: str, delimiter: str) -> bool:
    """Whether each cell of the (header) line stands in quotes: such a file quotes, whatever its contract says."""
    cells = line.strip().split(delimiter)
    return len(cells) > 1 and all(len(cell) > 1 and cell.startswith('"') and cell.endswith('"') for cell in cells)


def guess_delimiter(sample: list[str], *, quoted: bool) -> str:
    """The delimiter that cuts most lines into the same number of cells (files without a known header)."""

    def evenness(delimiter: str) -> tuple[int, int]:
        counts = Counter(len(split(line, delimiter, quoted=quoted)) for line in sample if line.strip())
        counts.pop(1, None)
        cells, times = max(counts.items(), key=lambda item: item[1], default=(0, 0))
        return times, cells

    return max(DELIMITERS, key=evenness)


def _split_quoted(line: str, delimiter: str) -> list[str] | None:
    """Cells of a line whose quotes are well formed; ``None`` otherwise."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=delimiter != "\t"), None)
    except csv.Error:
        return None


def _line_end(block: bytes) -> bytes | None:
    if b"\n" in block:
        return b"\n"
    return b"\r" if b"\r" in block[:-1] else None


def _utf8_pieces(path: Path, encoding: Encoding, chunk_bytes: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.codec)(encoding.errors)
    with path.open("rb") as handle:
        handle.seek(encoding.mark)
        while block := handle.read(chunk_bytes):
            pending = decoder.getstate()[0] if encoding.codec == "utf-8" else b""
            if encoding.codec == "utf-8" and not pending and block.isascii():
                yield _without_nul(block)
            else:
                yield _without_nul(decoder.decode(block).encode("utf-8", "replace"))
        yield _without_nul(decoder.decode(b"", final=True).encode("utf-8", "replace"))


def _without_nul(block: bytes) -> bytes:
    return block.replace(b"\0", REPLACEMENT.encode()) if b"\0" in block else block


def _utf8_characters(blocks: Iterator[bytes]) -> tuple[int, int]:
    """(whole, broken) characters beyond ASCII when the bytes are read as UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole = broken = 0
    for block in blocks:
        if block.isascii() and not decoder.getstate()[0]:
            continue
        decoded = decoder.decode(block)
        beyond = len(decoded) - len(decoded.encode("ascii", "ignore"))
        lost = decoded.count(REPLACEMENT)
        whole, broken = whole + beyond - lost, broken + lost
    lost = decoder.decode(b"", final=True).count(REPLACEMENT)
    return whole, broken + lost
