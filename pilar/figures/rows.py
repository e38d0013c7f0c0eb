"""The rows of a table: which hold figures, and what each says of its figures by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from pilar import regions
from pilar.figures import numbers
from pilar.figures.columns import Column, settle_total
from pilar.figures.grid import Grid, is_numbering, names_region, opens_notes, sole_text
from pilar.figures.layout import Layout
from pilar.figures.places import UNKNOWN, opens_kind
from pilar.figures.vocabulary import Facets, facets
from pilar.reading.model import Value
from pilar.regions import Resolution


@dataclass(frozen=True)
class Row:
    """A row of figures: its place in the block, its cells, and what it says, nearest first."""

    at: int
    cells: list[Value]
    stack: list[Facets]


def rows_of(
    layout: Layout, columns: Sequence[Column], header_rows: Grid, resolved: dict[int, Resolution]
) -> tuple[list[Row], dict[str, int]]:
    """(rows with figures, count of other rows by kind): of known regions, and above the notes of unknown ones too."""
    rows: list[Row] = []
    skipped: Counter[str] = Counter()
    header_texts = [[numbers.printed(cell) for cell in row] for row in header_rows]
    sections: list[Facets] = []
    dimensions = _Dimensions(layout)
    levels = Counter(regions.regions()[one.region_code].level for one in resolved.values() if one.region_code)
    by_kabkota = levels["kabkota"] > levels["province"]
    in_notes = False
    for at in range(layout.start, len(layout.grid)):
        cells = layout.grid[at]
        texts = [numbers.printed(cell) for cell in cells]
        in_notes = in_notes or opens_notes(cells)
        known = resolved.get(at, UNKNOWN) != UNKNOWN
        has_figures = any(numbers.is_number(cells[column.index]) for column in columns)
        said = dimensions.of(cells)
        if not any(texts):
            skipped["blank"] += 1
        elif texts in header_texts or is_numbering(cells):
            skipped["header"] += 1
        elif (text := sole_text(cells)) and not in_notes and not names_region(text):
            sections = _opened(sections, facets(text)) if not (by_kabkota and opens_kind(text)) else sections
            skipped["section"] += 1
        elif (known and layout.region is not None) or (has_figures and not in_notes):
            rows.append(Row(at, cells, [*said, *reversed(sections)]))
        else:
            skipped["trailer"] += 1
    return rows, {kind: count for kind, count in skipped.items() if count}


def _opened(sections: list[Facets], said: Facets) -> list[Facets]:
    """Sections that hold below a new one: it ends the one of its kind, and all that stood within that."""
    kinds = said.kinds
    if not kinds and not said.other:
        return sections
    ended = next((at for at, one in enumerate(sections) if kinds & one.kinds or one.other), len(sections))
    return [*sections[:ended], said if said.other else said.context()]


class _Dimensions:
    """What the cells of a row's own dimension columns say; they are nearer to the figure than any header."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._above: dict[int, Value] = {}
        self._foreign = False
        named = (layout.region, layout.years, *layout.words)
        self._columns = sorted(column for column in named if column is not None)
        body = layout.grid[layout.first :]
        self._unsure = any(body[0][column] is None for column in self._columns)
        self._areas_named = {
            column: any(facets(numbers.printed(row[column])).area in ("urban", "rural") for row in body)
            for column in layout.words
        }

    def of(self, cells: list[Value]) -> list[Facets]:
        """Facets from the rightmost column to the left: there the smaller unit stands (half-year in year).

        A blank cell repeats the one above while a column to its right goes on. A row is nobody's where the first
        row of a column is blank, so that nobody knows which blanks go with which cell; where a blank has nothing
        above it in its group; where a column headed like a dimension says nothing understood; where another matter is
        named; and in a table about one region where it says nothing by itself.
        """
        if self._layout.blanks or self._unsure:
            return [_NOBODYS]
        for column in self._columns:
            if cells[column] is not None:
                self._above = {at: value for at, value in self._above.items() if at < column}
                self._above[column] = cells[column]
        last = next((column for column in reversed(self._columns) if cells[column] is not None), -1)
        said: list[Facets] = []
        told = [column for column in self._columns if column <= last and column in self._above]
        if set(self._columns) - {*told, self._layout.region}:
            return [_NOBODYS]
        for column in reversed(told):
            found = facets(numbers.printed(self._above[column]))
            if column == self._layout.years:
                said.append(found.context())
            elif column != self._layout.region:
                said.append(settle_total(found, areas_named=self._areas_named[column]))
        if self._layout.region is None and not said:
            return [_NOBODYS]
        if self._layout.dates is not None and not any(one.year for one in said):
            said.append(date_facets(cells[self._layout.dates]))
        asides = [facets(numbers.printed(cells[column])) for column in self._layout.asides]
        # What stands beside the names of a turned table was its header, whose cells hold for the blanks after them.
        self._foreign |= self._layout.block.turned and any(one.foreign for one in asides)
        return [_NOBODYS] if self._foreign or any(one.other for one in asides) else said


_NOBODYS = replace(facets(""), foreign=True)


def date_facets(cell: Value) -> Facets:
    """Year and month of a date cell; ``dd/mm/yyyy`` as written in Indonesia."""
    if isinstance(cell, date):
        return Facets(year=cell.year, month=f"{cell.month:02d}")
    text = numbers.printed(cell)
    for shape in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"):
        try:
            found = datetime.strptime(text.split(" ")[0], shape)  # noqa: DTZ007 (a reference date has no zone)
        except ValueError:
            continue
        return Facets(year=found.year, month=f"{found.month:02d}")
    return Facets()
