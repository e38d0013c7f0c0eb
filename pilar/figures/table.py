"""BPS tables → figures, by structure: where the region names stand, what stands above and beside a number.

Nothing depends on the place of a column or the count of header rows. A sheet is parted into its tables
(``blocks``); of each the region names are found, down or across or in its title alone (``layout``). What stands
above the first name is header; a text column beside it that keeps naming areas, periods or indicators is a
dimension, as is a column of years. Every other column with numbers is read through the stack of texts over it:
the row's own dimensions, its section, its header cells from the lowest up, then titles, sheet and file name. A
column that speaks of something else is left out and listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import PurePosixPath

from pilar import regions
from pilar.figures import numbers, vocabulary
from pilar.figures.blocks import blocks_of
from pilar.figures.columns import Column, columns_of
from pilar.figures.grid import Grid, grid_of, label_of
from pilar.figures.header import header_of
from pilar.figures.indicators import indicators
from pilar.figures.layout import Layout, layouts_of, names_of
from pilar.figures.model import Figure, Reading, newest
from pilar.figures.places import UNKNOWN, Places, region_of_title
from pilar.figures.rows import Row, rows_of
from pilar.figures.vocabulary import Facets, facets
from pilar.reading.model import Sheet
from pilar.regions import Resolution


def read_sheet(file_name: str, sheet: Sheet) -> list[Reading]:
    """Read every table of one grid. One that cannot be told apart gives a ``Reading`` with ``missing``, no guess."""
    readings = []
    for block in blocks_of(grid_of(sheet)):
        ways = [_Table(file_name, sheet, layout).reading() for layout in layouts_of(block)]
        nothing = Reading(sheet.name, missing=["region names"])
        readings.append(next((way for way in ways if way.figures), ways[0] if ways else nothing))
    return readings


@dataclass(frozen=True)
class _Cell:
    """A figure of a known indicator: what its row and header say, and with titles and names the whole stack."""

    column: Column
    row: Row
    own: list[Facets]
    stack: list[Facets]
    indicator: str

    @property
    def says(self) -> frozenset[str]:
        """Which facts its own row and header tell."""
        return frozenset(kind for said in self.own for kind in said.kinds) - {"topic"}


@dataclass(frozen=True)
class _Table:
    """A grid whose layout is known, ready to be read row by row."""

    file_name: str
    sheet: Sheet
    layout: Layout

    def reading(self) -> Reading:
        contexts, header_rows = header_of(self.layout)
        names = [*contexts, self.sheet.name, *names_of(self.file_name)]
        columns = columns_of(self.layout, header_rows)
        resolved = self._regions(contexts, names)
        if resolved is None:
            return Reading(self.sheet.name, missing=["region names"])
        rows, skipped = rows_of(self.layout, columns, header_rows, resolved)
        named = [facets(text).context() for text in names]
        cells = [cell for column in columns for row in rows if (cell := _cell(column, row, named))]
        clear = _told_apart(cells)
        yearly = self._is_yearly(resolved, columns, named)
        mark = numbers.decimal_mark(row.cells[column.index] for row in rows for column in columns)
        title = self._title(contexts, header_rows)
        figures = [
            self._figure(cell, year, resolved=resolved, mark=mark, yearly=yearly, title=title)
            for cell in clear
            if (year := vocabulary.first_year(cell.stack))
        ]
        last = newest([figure.period for figure in figures])
        figures = [replace(figure, table_period=last) for figure in figures]
        figures.sort(key=lambda figure: (figure.source_row, int(figure.source_column)))
        understood: dict[str, set[str]] = {}
        for cell in cells:
            understood.setdefault(self._header(cell.column), set()).add(cell.indicator)
        used = {cell.column.index for cell in clear if vocabulary.first_year(cell.stack)}
        lacking = (
            ["year"] if clear else ["area, half-year or year of some columns or rows"] if cells else ["an indicator"]
        )
        return Reading(
            sheet=self.sheet.name,
            header_row=self.layout.block.place(self.layout.first, 0)[0] - (not self.layout.block.turned),
            regions=len({resolution.region_code for resolution in resolved.values()} - {None}),
            figures=figures,
            columns={header: ", ".join(sorted(found)) for header, found in understood.items()},
            ignored_headers=[self._header(column) for column in columns if column.index not in used],
            skipped={"title": len(contexts), "header": len(header_rows), **skipped, "unclear": len(cells) - len(clear)},
            missing=[] if figures else lacking,
        )

    def _header(self, column: Column) -> str:
        return column.header or f"column {self.layout.block.place(self.layout.first, column.index)[1]}"

    def _regions(self, contexts: Sequence[str], names: Sequence[str]) -> dict[int, Resolution] | None:
        """The region of each row; ``None`` for a table without names that no title gives exactly one region."""
        if self.layout.region is not None:
            return Places(self.layout, contexts, self.file_name).by_row()
        code = region_of_title(names)
        rows = range(self.layout.first, len(self.layout.grid))
        return None if code is None else dict.fromkeys(rows, Resolution(code, ambiguous=False))

    def _is_yearly(self, resolved: dict[int, Resolution], columns: Sequence[Column], named: Sequence[Facets]) -> bool:
        """A table by kab/kota in which no text names a month: BPS's yearly (March) tables."""
        levels = Counter(
            regions.regions()[resolution.region_code].level
            for resolution in resolved.values()
            if resolution.region_code
        )
        months = {vocabulary.first_month([*column.stack, *named]) for column in columns}
        halves = bool(months - {None, vocabulary.YEARLY})
        return levels["kabkota"] > levels["province"] and not halves

    def _figure(
        self,
        cell: _Cell,
        year: int,
        *,
        resolved: dict[int, Resolution],
        mark: numbers.Mark | None,
        yearly: bool,
        title: str,
    ) -> Figure:
        row, stack = cell.row, cell.stack
        printed = row.cells[cell.column.index]
        definition = indicators()[cell.indicator]
        unit = vocabulary.unit_of(stack, cell.indicator)
        value = numbers.decimal_text(printed, mark, definition.three_digits)
        factor = definition.units[unit] if unit else Decimal(1)
        code = resolved.get(row.at, UNKNOWN).region_code
        dated = None if self.layout.dates is None else row.cells[self.layout.dates]
        source_row, source_column = self.layout.block.place(row.at, cell.column.index)
        return Figure(
            table_title=title,
            region_label=self._label(row, code),
            region_code=code,
            area_type=vocabulary.first_area(stack),
            period=vocabulary.period(year, vocabulary.first_month(stack), cell.indicator, yearly=yearly),
            indicator=cell.indicator,
            value_text=numbers.printed(printed),
            value=value if value is None or factor == 1 else numbers.scaled(value, factor),
            unit=unit,
            source_column=str(source_column),
            table_period=None,
            released_on=None,
            date_text=None if dated is None else numbers.printed(dated),
            sheet=self.sheet.name,
            source_row=source_row,
        )

    def _label(self, row: Row, code: str | None) -> str | None:
        if self.layout.region is not None:
            return label_of(row.cells[self.layout.region]) or None
        return regions.regions()[code].name if code else None

    def _title(self, contexts: Sequence[str], header_rows: Grid) -> str:
        """The text that reads like a table's title; else the file's name."""
        top = [numbers.printed(cell) for cell in header_rows[0]] if len(header_rows) > 1 else []
        titles = [text for text in [*contexts, *top] if facets(text).topics and len(text.split()) > 3]
        return titles[0] if titles else PurePosixPath(self.file_name).stem


def _cell(column: Column, row: Row, named: Sequence[Facets]) -> _Cell | None:
    """A filled cell whose texts name an indicator, agree on its unit and speak of nothing else."""
    if not column.known or numbers.is_missing(row.cells[column.index]):
        return None
    own = [*row.stack, *column.stack]
    stack = [*own, *named]
    indicator = vocabulary.indicator_of(stack)
    if indicator is None or any(said.other for said in own) or any(said.foreign for said in row.stack):
        return None
    nearest = next((said for said in stack if said.units), None)
    if nearest is not None and vocabulary.contradicts(nearest, indicator):
        return None
    return _Cell(column, row, own, stack, indicator)


def _told_apart(cells: Sequence[_Cell]) -> list[_Cell]:
    """Cells that tell by themselves every fact that another cell of their indicator does.

    Beside a column ``September`` one without a half-year is not the year's figure: nobody knows what it is.
    """
    told: dict[str, frozenset[str]] = {}
    for cell in cells:
        told[cell.indicator] = told.get(cell.indicator, frozenset()) | cell.says
    return [cell for cell in cells if cell.says == told[cell.indicator]]
