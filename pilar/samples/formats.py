"""Bytes of text files and archives, the same on every run."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime

Cell = str | int | date | None
Row = Sequence[Cell]

MONTHS = (
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
)

STAMP = datetime(2023, 11, 20, 8, 0, 0)  # noqa: DTZ001 (zip and workbook times have no zone)
"""The one time that stands inside archives and workbooks."""


def text(cell: Cell) -> str:
    """A cell as a text file prints it; days as dd/mm/yyyy."""
    if cell is None:
        return ""
    return cell.strftime("%d/%m/%Y") if isinstance(cell, date) else str(cell)


def delimited(rows: Sequence[Row], delimiter: str, encoding: str = "utf-8") -> bytes:
    """Unquoted delimited text with CRLF, as a spreadsheet or a bank's system exports it.

    Raises ValueError when a cell holds the delimiter: these feeds do not quote.
    """
    lines = []
    for row in rows:
        cells = [text(cell) for cell in row]
        if any(delimiter in cell or "\n" in cell for cell in cells):
            raise ValueError("a cell holds the delimiter")
        lines.append(delimiter.join(cells))
    return "".join(line + "\r\n" for line in lines).encode(encoding)


def records(rows: Sequence[dict[str, str]]) -> bytes:
    """A JSON list of objects."""
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(_entry(name), content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return buffer.getvalue()


def repacked(package: bytes, mend: Callable[[str, bytes], bytes]) -> bytes:
    """The archive again, its entries with the one time, ``mend(name, content)`` for content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(buffer, "w") as new:
        for item in old.infolist():
            content = mend(item.filename, old.read(item))
            new.writestr(_entry(item.filename), content, item.compress_type, compresslevel=9)
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
    entry.create_system = 3  # else Windows and Unix write different bytes
    entry.external_attr = 0o644 << 16
    return entry
