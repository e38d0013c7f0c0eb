"""The same grid of cells written as every kind of file that is read."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

from pilar.config import Limits
from pilar.contracts import contract
from pilar.reading import reader
from pilar.reading.model import Reading, Value

PROVENANCE = ("sheet", "source_row", "numeric_cells", "file_sha256")


@dataclass
class Grid:
    """Rows of cells and merged ranges (0-based, both ends inside)."""

    rows: list[list[Value]] = field(default_factory=list)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    sheet: str = "Data"


def write_xlsx(path: Path, *grids: Grid, hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in grids:
        sheet = book.create_sheet(grid.sheet)
        for r, row in enumerate(grid.rows, 1):
            for c, value in enumerate(row, 1):
                if value is not None:
                    sheet.cell(r, c, value)
        for (top, left), (bottom, right) in grid.merged:
            sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
        if grid.sheet in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def write_xls(path: Path, grid: Grid) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet(grid.sheet, cell_overwrite_ok=True)
    for (top, left), (bottom, right) in grid.merged:
        sheet.write_merge(top, bottom, left, right, grid.rows[top][left])
    for r, row in enumerate(grid.rows):
        for c, value in enumerate(row):
            if value is not None:
                sheet.write(r, c, value)
    book.save(str(path))
    return path


def write_ods(path: Path, grid: Grid) -> Path:
    document = OpenDocumentSpreadsheet()
    table = Table(name=grid.sheet)
    document.spreadsheet.addElement(table)
    spans = {area[0]: area[1] for area in grid.merged}
    covered = {
        (r, c)
        for (top, left), (bottom, right) in grid.merged
        for r in range(top, bottom + 1)
        for c in range(left, right + 1)
    } - set(spans)
    for r, row in enumerate(grid.rows):
        line = TableRow()
        for c, value in enumerate(row):
            line.addElement(_ods_cell(r, c, value, spans) if (r, c) not in covered else CoveredTableCell())
        table.addElement(line)
    document.save(str(path))
    return path


def _ods_cell(r: int, c: int, value: Value, spans: dict[tuple[int, int], tuple[int, int]]) -> TableCell:
    given: dict[str, object] = {}
    if (r, c) in spans:
        bottom, right = spans[r, c]
        given = {"numberrowsspanned": bottom - r + 1, "numbercolumnsspanned": right - c + 1}
    if value is None:
        return TableCell(**given)
    if isinstance(value, int | float):
        given |= {"valuetype": "float", "value": str(value)}
    else:
        given |= {"valuetype": "string"}
    cell = TableCell(**given)
    cell.addElement(P(text=str(value)))
    return cell


def write_text(
    path: Path, grid: Grid, delimiter: str = ",", encoding: str = "utf-8", end: str = "\r\n", *, last_end: bool = True
) -> Path:
    lines = [delimiter.join("" if cell is None else str(cell) for cell in row) for row in grid.rows]
    path.write_bytes((end.join(lines) + (end if last_end else "")).encode(encoding))
    return path


def write_json(path: Path, records: list[dict[str, Value]], *, wrapped: bool = False) -> Path:
    path.write_text(json.dumps({"meta": {"halaman": 1}, "data": records} if wrapped else records), "utf-8")
    return path


def zipped(path: Path, *members: Path, junk: bool = True) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.write(member, member.name)
        if junk:
            archive.writestr("__MACOSX/._data.csv", b"\x00\x05\x16\x07")
            archive.writestr("Thumbs.db", b"\xd0\xcf\x11\xe0")
    return path


def gzipped(path: Path, member: Path) -> Path:
    path.write_bytes(gzip.compress(member.read_bytes(), mtime=0))
    return path


def read(
    path: Path,
    feed: str,
    file_name: str | None = None,
    limits: Limits | None = None,
    by: Callable[..., Reading] = reader.read,
) -> tuple[Reading, list[dict[str, object]]]:
    """The reading of a file and its rows as they stand in Parquet; ``by`` may be that of the sandbox."""
    rows_to = path.parent / f"{path.name}.parquet"
    reading = by(
        path,
        contract(feed),
        file_name=file_name or path.name,
        sha256="f" * 64,
        limits=limits or Limits(),
        rows_to=rows_to,
        work=path.parent / f"{path.name}.work",
    )
    return reading, pq.read_table(rows_to).to_pylist()


def values(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Rows without provenance and without empty columns."""
    return [{k: v for k, v in row.items() if k not in PROVENANCE and v is not None} for row in rows]
