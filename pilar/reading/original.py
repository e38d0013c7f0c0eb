"""A landed file as its submitter sees it: every sheet's cells at their places, and where the contract's columns stand.

What readers make of the cells is not repeated here; they find the header, the delimiter and the sheets' names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pilar.config import Limits
from pilar.contracts import Contract
from pilar.reading import answers, archives, grids, sandbox, stream, table, text
from pilar.reading.archives import Member
from pilar.reading.headers import Layout, Merged
from pilar.reading.model import Rejected, Value

Rows = Iterable[Sequence[Value]]


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
    rows: Callable[[], Rows]
    """The cells, anew with each call; text files are read as they go."""
    count: int
    width: int
    """Columns of the widest row."""
    above: int = 0
    """Rows that only this grid has above what is counted: the keys of a JSON list."""


def sheets(path: Path, contract: Contract, file_name: str, limits: Limits, work: Path) -> list[Original]:
    """The visible sheets of the file at ``path``, landed as ``file_name``; ``work`` is a private folder.

    :raises Rejected: what cannot be opened, or is no table (the answer of an API)
    """
    found: list[Original] = []
    for member in archives.members(path, file_name, limits, work):
        if member.format == "text":
            found.append(_text(member, contract, file_name, limits))
        elif member.format == "json":
            found.append(_records(member, contract, file_name, limits))
        else:
            found += _book(member, contract, file_name, limits, work)
    return found


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

    def rows() -> Rows:
        for line in text.lines(member.path, encoding):
            yield text.split(line, delimiter, quoted=quoted, width=wide)

    widths = [len(row) for row in rows()]
    layout = source.planned.layout if source else None
    return Original(member.name, file_name, inner, layout, (), rows, len(widths), max(widths, default=0))


def _records(member: Member, contract: Contract, file_name: str, limits: Limits) -> Original:
    inner = member.name if member.inside else ""
    if contract.reader != "table":
        raise Rejected("TABLE_NOT_UNDERSTOOD")
    grid = answers.records(answers.load(member.path, limits), member.name, limits)
    planned = table.plan(grid.name, grid.rows, contract, f"{file_name}/{inner}" if inner else file_name, keyed=True)
    layout = planned.layout if planned else None
    return Original(
        grid.name, file_name, inner, layout, (), lambda: grid.rows, len(grid.rows), len(grid.rows[0]), above=1
    )


def _book(member: Member, contract: Contract, file_name: str, limits: Limits, work: Path) -> list[Original]:
    book = sandbox.open_workbook(member.path, member.format, limits, work)
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
    return Original(
        sheet.name, grid.file, grid.member, layout, sheet.merged, lambda: sheet.rows, len(sheet.rows), width
    )
