""".xlsx, .xls and .ods through calamine, which keeps cell types and merged ranges."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    XmlError,
    ZipError,
)

from pilar.config import Limits
from pilar.reading.bounds import check_unpacked, is_damage, too_large
from pilar.reading.cells import visible
from pilar.reading.formats import DAMAGES
from pilar.reading.model import MAX_NAME, Rejected, Sheet, Value

_DAMAGES: tuple[type[Exception], ...] = (CalamineError, XmlError, ZipError, *DAMAGES)
_CELL = re.compile(rb'\br="([A-Z]{1,9})([0-9]{1,12})"')


@dataclass(frozen=True)
class Workbook:
    sheets: list[Sheet]
    """Visible sheets in their order, empty ones too."""
    hidden: list[str]
    """Names of sheets that nobody sees when the file is opened; they are not read."""


def read(path: Path, kind: str, limits: Limits) -> Workbook:
    """All visible sheets with typed cells; row 1 of each is the first physical row.

    Damaged bytes can make the parser die, or eat all memory: see :mod:`pilar.reading.sandbox`.

    :raises Rejected: FILE_UNREADABLE, FILE_ENCRYPTED, FILE_TOO_LARGE
    """
    try:
        if kind in ("xlsx", "ods"):
            _check_size(path, kind, limits)
        return _workbook(path, limits)
    except PasswordError as error:
        raise Rejected("FILE_ENCRYPTED", "Memerlukan kata sandi.", "It asks for a password.") from error
    except _DAMAGES as error:
        if not is_damage(error):
            raise
        raise Rejected("FILE_UNREADABLE", "Buku kerja rusak.", "The workbook is damaged.") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the parser, and no Exception
            raise Rejected("FILE_UNREADABLE", "Buku kerja rusak.", "The workbook is damaged.") from None
        raise


def _workbook(path: Path, limits: Limits) -> Workbook:
    sheets: list[Sheet] = []
    hidden: list[str] = []
    book = CalamineWorkbook.from_path(path)  # by its ending: only so does a password show as one
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != SheetVisibleEnum.Visible:
            hidden.append(visible(meta.name[:MAX_NAME]))
            continue
        if len(meta.name) > MAX_NAME:
            raise Rejected("FILE_UNREADABLE", "Nama lembar terlalu panjang.", "The name of a sheet is too long.")
        sheet = book.get_sheet_by_name(meta.name)
        _check_rectangle(sheet.total_height, sheet.total_width, limits)
        merged = list(sheet.merged_cell_ranges or [])
        rows: list[Any] = sheet.to_python(skip_empty_area=False)
        del sheet  # as large as its rows
        for at, row in enumerate(rows):
            rows[at] = _row(row)
        sheets.append(Sheet(visible(meta.name), rows, merged))
    return Workbook(sheets, hidden)


def _row(cells: Sequence[Value]) -> list[Value]:
    return [None if cell == "" else cell for cell in cells]


def _check_size(path: Path, kind: str, limits: Limits) -> None:
    """Refuse a workbook that would unpack, or spread its cells, beyond the limits."""
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
        check_unpacked(unpacked, path.stat().st_size, limits)
        if kind != "xlsx":
            return
        for info in archive.infolist():
            if info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml"):
                with archive.open(info) as handle:
                    _check_area(handle, limits)


def _check_area(handle: IO[bytes], limits: Limits) -> None:
    last_row = last_column = 0
    for block in _blocks(handle):
        places = _CELL.findall(block)
        if places:
            last_row = max([last_row, *(int(row) for _, row in places)])
            last_column = max([last_column, *map(_column_number, {letters for letters, _ in places})])
    _check_rectangle(last_row, last_column, limits)


def _check_rectangle(rows: int, columns: int, limits: Limits) -> None:
    """One stray cell in the last corner would otherwise ask for 17 billion."""
    if columns > limits.max_columns:
        raise too_large(limits, "max_columns", f"Selembar {columns:,} kolom", f"A sheet of {columns:,} columns")
    if rows * columns > limits.max_sheet_cells:
        area = f"{rows:,} × {columns:,}"
        raise too_large(limits, "max_sheet_cells", f"Selembar {area} sel", f"A sheet of {area} cells")


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
