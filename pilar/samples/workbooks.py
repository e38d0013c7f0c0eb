"""Bytes of spreadsheets, the same on every run. Needs the development tools openpyxl, xlwt and odfpy."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from pilar.samples.formats import STAMP, Cell, Row, repacked, text


@dataclass(frozen=True)
class Grid:
    """One sheet. ``merged`` holds 1-based (first row, first column, last row, last column)."""

    name: str
    rows: Sequence[Row]
    merged: Sequence[tuple[int, int, int, int]] = field(default_factory=tuple)


def xlsx(grids: Sequence[Grid]) -> bytes:
    """Office Open XML. A ``str`` is a text cell, an ``int`` a number, a ``date`` a date."""
    book = openpyxl.Workbook()
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
    return repacked(buffer.getvalue(), _without_clock)


def xls(grids: Sequence[Grid]) -> bytes:
    """The binary workbook of Excel 97."""
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
    return repacked(buffer.getvalue(), _own_namespaces)


def _ods_cell(value: Cell) -> Any:
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


def _without_clock(name: str, content: bytes) -> bytes:
    """openpyxl writes the time of saving into the document's properties."""
    if name != "docProps/core.xml":
        return content
    stamp = STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?", stamp, content)


def _own_namespaces(name: str, content: bytes) -> bytes:
    """odfpy declares every namespace that any document of the process has used: keep those used here, sorted."""
    if not name.endswith(".xml"):
        return content
    declared = re.findall(rb' xmlns:(\w+)="[^"]*"', content)
    bare = re.sub(rb' xmlns:\w+="[^"]*"', b"", content)
    used = {prefix for prefix in declared if re.search(rb"[< ]/?" + prefix + rb":", bare)}
    found = dict(re.findall(rb"( xmlns:(?:" + b"|".join(sorted(used)) + rb')=)("[^"]*")', content)) if used else {}
    declarations = b"".join(key + value for key, value in sorted(found.items()))
    return re.sub(rb"(<[\w:-]+)(?=[ />])", lambda tag: tag.group(1) + declarations, bare, count=1)
