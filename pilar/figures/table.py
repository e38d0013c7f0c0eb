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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import PurePosixPath

from pilar import regions
from pilar.figures import numbers, vocabulary
from pilar.figures.blocks import blocks_of
from pilar.figures.columns import Column, columns_of
from pilar.figures.grid import Grid, grid_of, label_of
from pilar.figures.indicators import indicators
from pilar.figures.layout import Layout, header_of, layouts_of, names_of
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
class _Table:
    """A grid whose layout is known, ready to be read row by row."""

    file_name: str
    sheet: Sheet
    layout: Layout

    def reading(self) -> Reading:
        contexts, header_rows = header_of(self.layout)
        names = [*contexts, self.sheet.name, *names_of(self.file_name)]
        columns = columns_of(self.layout, header_rows, [facets(text).context() for text in names])
        resolved = self._regions(contexts, names)
        if resolved is None:
            return Reading(self.sheet.name, missing=["region names"])
        rows, skipped = rows_of(self.layout, columns, header_rows, resolved)
        understood: dict[str, str] = {}
        ignored: list[str] = []
        figures: list[Figure] = []
        yearly = self._is_yearly(resolved, columns)
        mark = numbers.decimal_mark(row.cells[column.index] for row in rows for column in columns)
        for column in columns:
            found, named = self._figures(column, rows, resolved=resolved, mark=mark, yearly=yearly)
            header = column.header or f"column {self.layout.block.place(0, column.index)[1]}"
            if named:
                understood[header] = ", ".join(sorted(named))
            if not found:
                ignored.append(header)
            figures += found
        title = self._title(contexts, header_rows)
        last = newest([figure.period for figure in figures])
        figures = [replace(figure, table_title=title, table_period=last) for figure in figures]
        figures.sort(key=lambda figure: (figure.source_row, int(figure.source_column)))
        return Reading(
            sheet=self.sheet.name,
            header_row=self.layout.block.place(self.layout.first, 0)[0] - 1,
            regions=len({resolution.region_code for resolution in resolved.values()} - {None}),
            figures=figures,
            columns=understood,
            ignored_headers=ignored,
            skipped={"title": len(contexts), "header": len(header_rows), **skipped},
            missing=[] if figures else ["year"] if understood else ["an indicator"],
        )

    def _regions(self, contexts: Sequence[str], names: Sequence[str]) -> dict[int, Resolution] | None:
        """The region of each row; ``None`` for a table without names that no title gives exactly one region."""
        if self.layout.region is not None:
            return Places(self.layout, contexts, self.file_name).by_row()
        code = region_of_title(names)
        rows = range(self.layout.first, len(self.layout.grid))
        return None if code is None else dict.fromkeys(rows, Resolution(code, ambiguous=False))

    def _is_yearly(self, resolved: dict[int, Resolution], columns: Sequence[Column]) -> bool:
        """A table by kab/kota in which no text names a month: BPS's yearly (March) tables."""
        levels = Counter(
            regions.regions()[resolution.region_code].level
            for resolution in resolved.values()
            if resolution.region_code
        )
        halves = any(vocabulary.first_month(column.stack) not in (None, vocabulary.YEARLY) for column in columns)
        return levels["kabkota"] > levels["province"] and not halves

    def _figures(
        self,
        column: Column,
        rows: Iterable[Row],
        *,
        resolved: dict[int, Resolution],
        mark: numbers.Mark | None,
        yearly: bool,
    ) -> tuple[list[Figure], set[str]]:
        """(figures of a column, indicators it names): an indicator without a year gives no figure."""
        figures: list[Figure] = []
        named: set[str] = set()
        for row in rows:
            if not column.stack or numbers.is_missing(row.cells[column.index]):
                continue
            stack = [*row.stack, *column.stack]
            indicator = vocabulary.indicator_of(stack)
            if indicator is None or _contradicts(stack, indicator):
                continue
            named.add(indicator)
            year = vocabulary.first_year(stack)
            if year is None:
                continue
            period = vocabulary.period(year, vocabulary.first_month(stack), indicator, yearly=yearly)
            code = resolved.get(row.at, UNKNOWN).region_code
            figures.append(
                self._figure(column, row, stack=stack, region_code=code, indicator=indicator, period=period, mark=mark)
            )
        return figures, named

    def _figure(
        self,
        column: Column,
        row: Row,
        *,
        stack: Sequence[Facets],
        region_code: str | None,
        indicator: str,
        period: str,
        mark: numbers.Mark | None,
    ) -> Figure:
        cell = row.cells[column.index]
        definition = indicators()[indicator]
        unit = vocabulary.unit_of(stack, indicator)
        value = numbers.decimal_text(cell, mark, definition.three_digits)
        factor = definition.units[unit] if unit else Decimal(1)
        dated = None if self.layout.dates is None else row.cells[self.layout.dates]
        source_row, source_column = self.layout.block.place(row.at, column.index)
        return Figure(
            table_title=None,
            region_label=self._label(row, region_code),
            region_code=region_code,
            area_type=vocabulary.first_area(stack),
            period=period,
            indicator=indicator,
            value_text=numbers.printed(cell),
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


def _contradicts(stack: Sequence[Facets], indicator: str) -> bool:
    nearest = next((said for said in stack if said.units), None)
    return nearest is not None and vocabulary.contradicts(nearest, indicator)
