""".xlsx, .xls and .ods through calamine, which keeps cell types and merged ranges."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    XmlError,
    ZipError,
)

from pilar.reading.model import Rejected, Sheet, Value

MAX_CELLS = 20_000_000
"""Cells of a sheet's rectangle. One stray cell in the last corner would otherwise ask for 17 billion."""

_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')


Refusal = tuple[str, str, str]
"""What :class:`Rejected` is made of."""


@dataclass(frozen=True)
class Workbook:
    sheets: list[Sheet]
    """Visible sheets in their order, empty ones too."""
    hidden: list[str]
    """Names of sheets that nobody sees when the file is opened; they are not read."""


def read(path: Path, kind: str, max_unpacked_bytes: int) -> Workbook | Refusal:
    """All visible sheets with typed cells; row 1 of each is the first physical row. A refusal is returned.

    Only :mod:`pilar.reading.sandbox` calls this: damaged bytes can make the parser die, or eat all memory.
    """
    try:
        if kind in ("xlsx", "ods"):
            _check_size(path, kind, max_unpacked_bytes)
        return _workbook(path)
    except Rejected as refusal:
        return refusal.rule_code, refusal.detail_id, refusal.detail_en
    except MemoryError:
        return "FILE_TOO_LARGE", "Memori tidak cukup.", "Not enough memory."
    except PasswordError:
        return "FILE_ENCRYPTED", "Memerlukan kata sandi.", "It asks for a password."
    except (CalamineError, XmlError, ZipError, zipfile.BadZipFile):
        return "FILE_UNREADABLE", "Buku kerja rusak.", "The workbook is damaged."


def _workbook(path: Path) -> Workbook:
    sheets: list[Sheet] = []
    hidden: list[str] = []
    book = CalamineWorkbook.from_path(path)  # by its ending: only so does a password show as one
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != SheetVisibleEnum.Visible:
            hidden.append(meta.name)
            continue
        sheet = book.get_sheet_by_name(meta.name)
        rows = [_row(row) for row in sheet.to_python(skip_empty_area=False)]
        sheets.append(Sheet(sheet.name, rows, list(sheet.merged_cell_ranges or [])))
    return Workbook(sheets, hidden)


def _row(cells: Sequence[Value]) -> list[Value]:
    return [None if cell == "" else cell for cell in cells]


def _check_size(path: Path, kind: str, max_unpacked_bytes: int) -> None:
    """Refuse a workbook that would unpack, or spread its cells, beyond the limits."""
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
        if unpacked > max_unpacked_bytes:
            raise _too_large(f"{unpacked:,} byte")
        if kind != "xlsx":
            return
        for info in archive.infolist():
            if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
                with archive.open(info) as handle:
                    _check_area(handle)


def _check_area(handle: IO[bytes]) -> None:
    last_row = last_column = 0
    for block in _blocks(handle):
        places = _CELL.findall(block)
        if places:
            last_row = max([last_row, *(int(row) for _, row in places)])
            last_column = max([last_column, *map(_column_number, {letters for letters, _ in places})])
    if last_row * last_column > MAX_CELLS:
        raise _too_large(f"{last_row:,} × {last_column:,} sel/cells")


def _blocks(handle: IO[bytes]) -> Iterator[bytes]:
    """Pieces of the XML that never cut an attribute: each overlaps the one before."""
    tail = b""
    while block := handle.read(1 << 20):
        yield tail + block
        tail = block[-32:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(what: str) -> Rejected:
    return Rejected("FILE_TOO_LARGE", f"Buku kerja terlalu besar: {what}.", f"The workbook is too large: {what}.")
