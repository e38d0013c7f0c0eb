"""Bytes of every format that a landing folder meets, the same bytes on every run.

openpyxl, xlwt and odfpy are development tools, so they are imported only where a workbook is written.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Cell = str | int | date | None
Row = Sequence[Cell]

STAMP = datetime(2023, 11, 20, 8, 0, 0)  # noqa: DTZ001 (zip and workbook times have no zone)
"""The one time that stands inside archives and workbooks."""


@dataclass(frozen=True)
class Grid:
    """One sheet. ``merged`` holds 1-based (first row, first column, last row, last column)."""

    name: str
    rows: Sequence[Row]
    merged: Sequence[tuple[int, int, int, int]] = field(default_factory=tuple)


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


def xlsx(grids: Sequence[Grid]) -> bytes:
    """Office Open XML. A ``str`` is a text cell, an ``int`` a number, a ``date`` a date."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "Dinas Sosial"
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for r, row in enumerate(grid.rows, start=1):
            for c, value in enumerate(row, start=1):
                if value is None:
                    continue
                cell = sheet.cell(r, c, value)
                if not isinstance(value, str):
                    cell.number_format = "DD/MM/YYYY" if isinstance(value, date) else "0"
        for top, left, bottom, right in grid.merged:
            sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    buffer = io.BytesIO()
    book.save(buffer)
    return _same_every_time(buffer.getvalue())


def xls(grids: Sequence[Grid]) -> bytes:
    """The binary workbook of Excel 97."""
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for grid in grids:
        sheet = book.add_sheet(grid.name)
        for r, row in enumerate(grid.rows):
            for c, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write(r, c, value, day)
                elif value is not None:
                    sheet.write(r, c, value)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def ods(grids: Sequence[Grid]) -> bytes:
    """Open Document spreadsheet."""
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableRow

    document = OpenDocumentSpreadsheet()
    for grid in grids:
        table = Table(name=grid.name)
        for row in grid.rows:
            line = TableRow()
            for value in row:
                line.addElement(_ods_cell(value))
            table.addElement(line)
        document.spreadsheet.addElement(table)
    buffer = io.BytesIO()
    document.write(buffer)
    return _same_every_time(buffer.getvalue())


def _ods_cell(value: Cell) -> Any:
    from odf.table import TableCell
    from odf.text import P

    if value is None or value == "":
        return TableCell()
    if isinstance(value, date):
        cell = TableCell(valuetype="date", datevalue=value.isoformat())
    elif isinstance(value, int):
        cell = TableCell(valuetype="float", value=value)
    else:
        cell = TableCell(valuetype="string")
    cell.addElement(P(text=text(value)))
    return cell


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
    entry.create_system = 3  # else Windows and Unix write different bytes
    entry.external_attr = 0o644 << 16
    return entry


def _same_every_time(package: bytes) -> bytes:
    """The package again without the clock: entry times and the workbook's own times are fixed."""
    stamp = STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(buffer, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename in ("docProps/core.xml", "meta.xml"):
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?", stamp, content)
            new.writestr(_entry(item.filename), content, item.compress_type, compresslevel=9)
    return buffer.getvalue()
