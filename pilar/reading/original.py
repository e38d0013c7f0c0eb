"""A landed file as its submitter sees it: every sheet's cells at their places, and where the contract's columns stand.

What readers make of the cells is not repeated here; they find the header, the delimiter and the sheets' names. As any
landed file, this one is opened by :mod:`pilar.reading.sandbox` in a process of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pilar.config import Limits
from pilar.contracts import Contract
from pilar.reading import answers, archives, grids, spreadsheets, stream, table, text
from pilar.reading.archives import Member
from pilar.reading.headers import Layout, Merged
from pilar.reading.model import Rejected, Value

Rows = Sequence[Sequence[Value]]


@dataclass(frozen=True)
class Original:
    """One sheet. A row of it is row ``index + 1 - above`` of findings, its index counting from 0."""

    name: str
    """As findings print it."""
    file: str
    """The landed name whose words may tell something of all rows; see :class:`pilar.reading.grids.Grid`."""
    member: str
    layout: Layout | None
    """Where the contract's columns stand; ``None`` for published tables and where no header was found."""
    merged: Merged
    cells: Rows
    """None of them where the file has more rows than a workbook shows: then only the wrong ones are listed."""
    count: int
    width: int
    """Columns of the widest row."""
    above: int = 0
    """Rows that only this grid has above what is counted: the keys of a JSON list."""

    def rows(self) -> Rows:
        """The cells, row by row."""
        return self.cells


def sheets(path: Path, contract: Contract, file_name: str, limits: Limits, work: Path) -> list[Original]:
    """The visible sheets of the file at ``path``, landed as ``file_name``; ``work`` is a private folder.

    For the child of the sandbox; others call :func:`pilar.reading.sandbox.open_original`.

    :raises Rejected: what cannot be opened, or is no table (the answer of an API)
    """
    found: list[Original] = []
    for member in archives.members(path, file_name, limits, work):
        if member.format == "text":
            found.append(_text(member, contract, file_name, limits))
        elif member.format == "json":
            found.append(_records(member, contract, file_name, limits))
        else:
            found += _book(member, contract, file_name, limits)
    too_long = sum(one.count for one in found) > limits.max_workbook_rows
    return [replace(one, cells=(), merged=()) for one in found] if too_long else found


def _text(member: Member, contract: Contract, file_name: str, limits: Limits) -> Original:
    inner = member.name if member.inside else ""
    within = f"{file_name}/{inner}" if inner else file_name
    encoding = text.recognise_encoding(member.path)
    source = None
    if contract.reader == "table":
        source = stream.open_table(member.path, member.name, contract, within, limits)
    if source is not None:
        delimiter, quoted, wide = source.delimiter, source.quoted, source.planned.layout.width
    else:
        sample = [line for line, _ in zip(text.lines(member.path, encoding), range(500), strict=False)]
        delimiter, quoted, wide = text.guess_delimiter(sample, quoted=contract.quoted), contract.quoted, None
    rows: list[list[str]] = []
    count = width = 0
    for line in text.lines(member.path, encoding):
        count += 1
        if count <= limits.max_workbook_rows:
            rows.append(text.split(line, delimiter, quoted=quoted, width=wide))
            width = max(width, len(rows[-1]))
    layout = source.planned.layout if source else None
    return Original(member.name, file_name, inner, layout, (), rows, count, width)


def _records(member: Member, contract: Contract, file_name: str, limits: Limits) -> Original:
    inner = member.name if member.inside else ""
    if contract.reader != "table":
        raise Rejected("TABLE_NOT_UNDERSTOOD")
    grid = answers.records(answers.load(member.path, limits), member.name, limits)
    planned = table.plan(grid.name, grid.rows, contract, f"{file_name}/{inner}" if inner else file_name, keyed=True)
    layout = planned.layout if planned else None
    return Original(grid.name, file_name, inner, layout, (), grid.rows, len(grid.rows), len(grid.rows[0]), above=1)


def _book(member: Member, contract: Contract, file_name: str, limits: Limits) -> list[Original]:
    book = spreadsheets.read(member.path, member.format, limits)
    opened = grids.opened(book, member, file_name, keep_verdicts=contract.feed == "decisions")
    grids.refuse_part(opened)
    return [_sheet(grid, contract) for grid in opened.grids]


def _sheet(grid: grids.Grid, contract: Contract) -> Original:
    sheet = grid.sheet
    planned = (
        table.plan(sheet.name, sheet.rows, contract, grid.within, merged=sheet.merged)
        if contract.reader == "table"
        else None
    )
    width = max((at + 1 for row in sheet.rows for at, cell in enumerate(row) if cell is not None), default=0)
    layout = planned.layout if planned else None
    return Original(sheet.name, grid.file, grid.member, layout, sheet.merged, sheet.rows, len(sheet.rows), width)
