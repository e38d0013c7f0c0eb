"""A sheet of cells → rows of a contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pilar.contracts import Contract
from pilar.reading import context, headers
from pilar.reading.headers import Layout, Merged
from pilar.reading.model import Control, Rejected, Sheet, SheetRead, Value
from pilar.reading.output import RowWriter
from pilar.reading.rows import KINDS, Row, Sorter, row, threshold

BATCH = 20_000
"""Rows that are held as Python objects beside the sheet itself."""


@dataclass(frozen=True)
class Plan:
    """How a sheet will be read: its header is known, its rows are not seen yet."""

    sheet: str
    layout: Layout
    sorter: Sorter
    refusal: Rejected | None
    """What is missing for these rows to be rows of the contract."""
    foreign: bool
    """At least half of the required columns are missing: probably another table (a list of codes)."""


def plan(
    name: str,
    rows: Sequence[Sequence[Value]],
    contract: Contract,
    file_name: str,
    *,
    merged: Merged = (),
    keyed: bool = False,
    layout: Layout | None = None,
) -> Plan | None:
    """Find the header (unless ``layout`` is what would be found) in the first ``rows`` and what the context adds.

    ``None`` without a header. ``keyed`` rows are records of a JSON list: keys first, no titles and no trailer.
    ``rows`` reach at least :data:`pilar.reading.rows.SAMPLE_ROWS` below the header, where there are that many.
    """
    layout = layout or headers.find(rows, merged, contract, keyed=keyed)
    if layout is None:
        return None
    sure_from = threshold(layout, rows[layout.end :])
    sorter = Sorter(contract, layout, name, sure_from, merged=merged, tail=not keyed)
    titles = sorter.above([row(number, cells) for number, cells in enumerate(rows[: layout.first], start=1)])
    sorter.header(layout.depth)
    open_columns = [column for column in contract.from_context if column not in layout.columns]
    given = {column: context.known(column, titles, name, file_name) for column in open_columns}
    layout.context.update({column: value for column, value in given.items() if value})
    lacking = headers.missing(layout, contract)
    required = sum(1 for column in contract.columns if column.required)
    return Plan(
        name,
        layout,
        sorter,
        headers.missing_column(name, layout, contract) if lacking else None,
        foreign=len(lacking) * 2 >= required,
    )


def read(sheet: Sheet, planned: Plan, writer: RowWriter, *, shift: int = 0) -> tuple[SheetRead, list[Control]]:
    """All records of the sheet, written; ``shift`` is added to row numbers (records of a JSON list count from 1).

    :raises Rejected: FILE_AMBIGUOUS_HEADER, FILE_TOO_LARGE
    :raises RuntimeError: if a row were neither a record nor counted as skipped
    """
    layout, sorter = planned.layout, planned.sorter
    written = 0

    def write(records: list[Row]) -> int:
        check_twins(sheet.name, layout, records)
        writer.add_rows(sheet.name, layout, records)
        return len(records)

    known: list[Row] = []
    for index in range(layout.end, len(sheet.rows)):
        known += sorter.see(row(index + 1 + shift, sheet.rows[index]))
        if len(known) >= BATCH:
            written += write(known)
            known = []
    written += write([*known, *sorter.end()])
    if written + sum(sorter.skipped.values()) != len(sheet.rows):
        raise RuntimeError("rows and skipped rows do not add up to the rows of the sheet")
    return summary(planned, written, shift=shift), sorter.controls


def summary(planned: Plan, rows: int, *, shift: int = 0) -> SheetRead:
    """What the receipt says of a sheet that was read."""
    layout = planned.layout
    return SheetRead(
        name=planned.sheet,
        header_row=layout.first + 1 + shift,
        rows=rows,
        skipped={kind: planned.sorter.skipped[kind] for kind in KINDS},
        columns=layout.names | {column: f"= {value}" for column, value in layout.context.items()},
        ignored_headers=layout.ignored,
    )


def check_twins(sheet: str, layout: Layout, records: Sequence[Row]) -> None:
    """Two columns of one name must hold the same. :raises Rejected: FILE_AMBIGUOUS_HEADER"""
    for column, left, right in layout.twins:
        for record in records:
            if _at(record, left) != _at(record, right):
                raise headers.ambiguous(sheet, column, record.number)


def _at(record: Row, index: int) -> str | None:
    return record.texts[index] if index < len(record.texts) else None
