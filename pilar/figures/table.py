"""BPS tables → figures, by structure: where the region names stand, what stands above and beside a number.

Nothing depends on the place of a column or the count of header rows. The region column is the one with the
most region names; what stands above its first name is header; a text column beside it that keeps naming areas
or periods is a dimension (``Daerah``, ``Periode``), as is a column of years. Every other column with numbers
is read through the stack of texts over it: its header cells from the lowest up, then titles, sheet and file
name. A column that speaks of something else is left out and listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath

from pilar import regions
from pilar.figures import numbers, vocabulary
from pilar.figures.indicators import indicators
from pilar.figures.layout import (
    NUMBERING,
    Grid,
    Layout,
    filled_header,
    find_layout,
    grid_of,
    header_of,
    label_of,
    names_of,
)
from pilar.figures.model import Figure, Reading, newest
from pilar.figures.places import UNKNOWN, Places
from pilar.figures.vocabulary import Facets, facets
from pilar.reading.model import Sheet, Value
from pilar.regions import Resolution

NOTE_WORDS = ("catatan", "keterangan", "sumber", "note", "notes", "source")


@dataclass(frozen=True)
class _Column:
    """A column of figures and the facets of the texts over it, nearest first."""

    index: int
    header: str
    stack: list[Facets]


def read_sheet(file_name: str, sheet: Sheet) -> Reading:
    """Read one grid. A table that cannot be told apart gives a ``Reading`` with ``missing``, never a guess."""
    grid = grid_of(sheet)
    layout = find_layout(grid)
    if layout is None:
        return Reading(sheet.name, missing=["region names"])
    contexts, header_rows = header_of(layout)
    named = [facets(text).context() for text in [*contexts, sheet.name, *names_of(file_name)]]
    columns = _columns(layout, header_rows, named)
    return _Table(file_name, sheet, layout, contexts, header_rows, columns).reading()


def _columns(layout: Layout, header_rows: Grid, named: list[Facets]) -> list[_Column]:
    """Columns that hold at least one number below the header and have a header of their own."""
    filled = filled_header(layout, header_rows)
    areas_named = any(facets(text).area in ("urban", "rural") for row in filled for text in row)
    columns = []
    for index in range(len(layout.grid[0])):
        if index in layout.dimensions or not any(numbers.is_number(row[index]) for row in layout.grid[layout.first :]):
            continue
        texts = [row[index] for row in reversed(filled) if row[index]]
        owned = not header_rows or any(row[index] is not None for row in header_rows)
        stack = [_settle_total(facets(text), areas_named) for text in texts]
        columns.append(_Column(index, " / ".join(reversed(texts)), [*stack, *named] if owned else []))
    return columns


def _settle_total(said: Facets, areas_named: bool) -> Facets:
    """``Jumlah`` alone is an area beside urban and rural, else it says that people are counted."""
    if not said.sole_total:
        return said
    return replace(said, measures=frozenset()) if areas_named else replace(said, area=None)


@dataclass(frozen=True)
class _Table:
    """A grid whose layout is known, ready to be read row by row."""

    file_name: str
    sheet: Sheet
    layout: Layout
    contexts: list[str]
    header_rows: Grid
    columns: list[_Column]

    def reading(self) -> Reading:
        resolved = Places(self.layout, self.contexts, self.file_name).by_row()
        understood: dict[str, str] = {}
        ignored: list[str] = []
        figures: list[Figure] = []
        rows, skipped = self._rows(resolved)
        yearly = self._is_yearly(resolved)
        mark = numbers.decimal_mark(row[column.index] for _, row in rows for column in self.columns)
        for column in self.columns:
            found, named = self._figures(column, rows, resolved=resolved, mark=mark, yearly=yearly)
            header = column.header or f"column {column.index + 1}"
            if named:
                understood[header] = ", ".join(sorted(named))
            if not found:
                ignored.append(header)
            figures += found
        last = newest([figure.period for figure in figures])
        figures = [replace(figure, table_period=last) for figure in figures]
        figures.sort(key=lambda figure: (figure.source_row, int(figure.source_column)))
        missing = [] if figures else ["year"] if understood else ["an indicator"]
        return Reading(
            sheet=self.sheet.name,
            header_row=self.layout.first,
            regions=len({resolution.region_code for resolution in resolved.values()} - {None}),
            figures=figures,
            columns=understood,
            ignored_headers=ignored,
            skipped=skipped,
            missing=missing,
        )

    def _rows(self, resolved: dict[int, Resolution]) -> tuple[list[tuple[int, list[Value]]], dict[str, int]]:
        """Rows with figures: of known regions, and above the notes of unknown ones too."""
        rows: list[tuple[int, list[Value]]] = []
        skipped: Counter[str] = Counter(title=len(self.contexts), header=len(self.header_rows))
        header_texts = [[numbers.printed(cell) for cell in row] for row in self.header_rows]
        in_notes = False
        for at in range(self.layout.first, len(self.layout.grid)):
            row = self.layout.grid[at]
            texts = [numbers.printed(cell) for cell in row]
            opening = vocabulary.normal(next((text for text in texts if text), "")).split()
            in_notes = in_notes or (bool(opening) and opening[0] in NOTE_WORDS)
            known = resolved.get(at, UNKNOWN) != UNKNOWN
            has_figures = any(numbers.is_number(row[column.index]) for column in self.columns)
            if not any(texts):
                skipped["blank"] += 1
            elif texts in header_texts or _is_numbering(texts):
                skipped["header"] += 1
            elif known or (has_figures and not in_notes):
                rows.append((at, row))
            else:
                skipped["trailer"] += 1
        return rows, dict(skipped)

    def _is_yearly(self, resolved: dict[int, Resolution]) -> bool:
        """A table by kab/kota in which no text names a month: BPS's yearly (March) tables."""
        levels = Counter(
            regions.regions()[resolution.region_code].level
            for resolution in resolved.values()
            if resolution.region_code
        )
        halves = any(vocabulary.first_month(column.stack) not in (None, vocabulary.YEARLY) for column in self.columns)
        return levels["kabkota"] > levels["province"] and not halves

    def _figures(
        self,
        column: _Column,
        rows: list[tuple[int, list[Value]]],
        *,
        resolved: dict[int, Resolution],
        mark: numbers.Mark | None,
        yearly: bool,
    ) -> tuple[list[Figure], set[str]]:
        """(figures of a column, indicators it names): an indicator without a year gives no figure."""
        figures: list[Figure] = []
        named: set[str] = set()
        for at, row in rows:
            if numbers.is_missing(row[column.index]):
                continue
            stack = [*self._row_facets(row), *column.stack]
            indicator = vocabulary.indicator_of(stack) if column.stack else None
            if indicator is None or self._contradicts(stack, indicator):
                continue
            named.add(indicator)
            year = vocabulary.first_year(stack)
            if year is None:
                continue
            period = vocabulary.period(year, vocabulary.first_month(stack), indicator, yearly=yearly)
            code = resolved.get(at, UNKNOWN).region_code
            figures.append(
                self._figure(column, at, stack=stack, region_code=code, indicator=indicator, period=period, mark=mark)
            )
        return figures, named

    def _contradicts(self, stack: Sequence[Facets], indicator: str) -> bool:
        nearest = next((said for said in stack if said.units), None)
        return nearest is not None and vocabulary.contradicts(nearest, indicator)

    def _row_facets(self, row: list[Value]) -> list[Facets]:
        """What the row's own dimension cells say; they are nearer to the figure than any header."""
        said = []
        if self.layout.years is not None:
            said.append(facets(numbers.printed(row[self.layout.years])).context())
        said += [facets(numbers.printed(row[column])).context() for column in self.layout.words]
        if self.layout.dates is not None and not any(one.year for one in said):
            said.append(_date_facets(row[self.layout.dates]))
        return said

    def _figure(
        self,
        column: _Column,
        at: int,
        *,
        stack: Sequence[Facets],
        region_code: str | None,
        indicator: str,
        period: str,
        mark: numbers.Mark | None,
    ) -> Figure:
        row = self.layout.grid[at]
        definition = indicators()[indicator]
        unit = vocabulary.unit_of(stack, indicator)
        value = numbers.decimal_text(row[column.index], mark, definition.three_digits)
        factor = definition.units[unit] if unit else Decimal(1)
        dated = None if self.layout.dates is None else row[self.layout.dates]
        return Figure(
            table_title=self._title(),
            region_label=label_of(row[self.layout.region]) or None,
            region_code=region_code,
            area_type=vocabulary.first_area(stack),
            period=period,
            indicator=indicator,
            value_text=numbers.printed(row[column.index]),
            value=value if value is None or factor == 1 else numbers.scaled(value, factor),
            unit=unit,
            source_column=str(column.index + 1),
            table_period=None,
            released_on=None,
            date_text=None if dated is None else numbers.printed(dated),
            sheet=self.sheet.name,
            source_row=at + 1,
        )

    def _title(self) -> str:
        """The text that reads like a table's title; else the file's name."""
        top = [numbers.printed(cell) for cell in self.header_rows[0]] if len(self.header_rows) > 1 else []
        titles = [text for text in [*self.contexts, *top] if facets(text).topics and len(text.split()) > 3]
        return titles[0] if titles else PurePosixPath(self.file_name).stem


def _is_numbering(texts: Iterable[str]) -> bool:
    said = [text for text in texts if text]
    return len(said) > 1 and all(NUMBERING.fullmatch(text) and text.startswith("(") for text in said)


def _date_facets(cell: Value) -> Facets:
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
