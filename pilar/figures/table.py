"""BPS tables → figures, by structure: where the region names stand, what stands above and beside a number.

Nothing depends on the place of a column or the count of header rows. The region column is the one with the
most region names; what stands above its first name is header; a text column beside it that keeps naming areas
or periods is a dimension (``Daerah``, ``Periode``), as is a column of years. Every other column with numbers
is read through the stack of texts over it: its header cells from the lowest up, then titles, sheet and file
name. A column that speaks of something else is left out and listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import PurePosixPath

from pilar import regions
from pilar.figures import numbers, vocabulary
from pilar.figures.model import Figure, Reading, newest
from pilar.figures.vocabulary import FIRST_YEAR, LAST_YEAR, Facets, facets
from pilar.reading.model import Sheet, Value
from pilar.regions import Resolution

NOTE_WORDS = ("catatan", "keterangan", "sumber", "note", "notes", "source")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}( .*)?|\d{1,2}[/-]\d{1,2}[/-]\d{4}")
_NUMBERING = re.compile(r"\(?\d{1,2}\)?")
_UNKNOWN = Resolution(None, ambiguous=False)

Grid = list[list[Value]]


@dataclass(frozen=True)
class _Layout:
    """Which column and which row of a grid is what. Columns and rows count from 0."""

    grid: Grid
    region: int
    first: int
    """First row with a region and something beside it."""
    province: int | None
    code: int | None
    years: int | None
    dates: int | None
    words: list[int]
    """Columns whose cells name areas, periods or indicators."""

    @property
    def dimensions(self) -> set[int]:
        known = {self.region, self.province, self.code, self.years, self.dates, *self.words}
        return {column for column in known if column is not None}


@dataclass(frozen=True)
class _Column:
    """A column of figures and the facets of the texts over it, nearest first."""

    index: int
    header: str
    stack: list[Facets]


def read_sheet(file_name: str, sheet: Sheet) -> Reading:
    """Read one grid. A table that cannot be told apart gives a ``Reading`` with ``missing``, never a guess."""
    grid = _grid(sheet)
    layout = _layout(grid)
    if layout is None:
        return Reading(sheet.name, missing=["region names"])
    contexts, header_rows = _header(layout)
    named = [facets(text).context() for text in [*contexts, sheet.name, *_names(file_name)]]
    columns = _columns(layout, header_rows, named)
    return _Table(file_name, sheet, layout, contexts, header_rows, columns).reading()


def _grid(sheet: Sheet) -> Grid:
    """Equal row lengths, merged ranges filled, blanks as ``None``."""
    width = max((len(row) for row in sheet.rows), default=0)
    grid: Grid = [[_blank(cell) for cell in row] + [None] * (width - len(row)) for row in sheet.rows]
    for (top, left), (bottom, right) in sheet.merged:
        if top >= len(grid) or left >= width:
            continue
        for row in range(top, min(bottom + 1, len(grid))):
            for column in range(left, min(right + 1, width)):
                grid[row][column] = grid[top][left]
    return grid


def _blank(cell: Value) -> Value:
    return None if isinstance(cell, str) and not cell.strip() else cell


def _label(cell: Value) -> str:
    return regions.clean(numbers.printed(cell))


def _names_region(cell: Value) -> bool:
    if not isinstance(cell, str) or numbers.is_number(cell):
        return False
    found = regions.resolve(cell, bare_is="kabupaten", within=None)
    return bool(found.region_code) or found.ambiguous


def _layout(grid: Grid) -> _Layout | None:
    width = len(grid[0]) if grid else 0
    columns = [[row[column] for row in grid] for column in range(width)]
    scores = [_region_score(cells) for cells in columns]
    best = max(range(width), key=lambda column: (*scores[column], -column), default=None)
    if best is None or scores[best][0] == 0:
        return None
    first = next((at for at, row in enumerate(grid) if _is_data_row(row, best)), None)
    if first is None:
        return None
    body = [row for row in grid[first:] if _names_region(row[best]) or row[best] is None]
    others = [column for column in range(width) if column != best]

    def find(test: Callable[[list[Value]], bool]) -> list[int]:
        return [column for column in others if test([row[column] for row in body if row[column] is not None])]

    headers = {column: [facets(numbers.printed(row[column])) for row in grid[:first]] for column in others}
    years = [c for c in find(_are_years) if not any(said.topics or said.year for said in headers[c])]
    provinces = find(lambda cells: _share(cells, _names_province) > 0.9)
    codes = [c for c in find(lambda cells: _share(cells, _is_code) > 0.9) if _has_word(grid[:first], c, "kode", "code")]
    dates = find(lambda cells: _share(cells, _is_date) > 0.8)
    taken = {*years, *provinces, *codes, *dates}
    words = find(lambda cells: _share(cells, _is_dimension_word) > 0.6)
    words += [
        c
        for c in find(lambda cells: _share(cells, _names_indicator) > 0.6)
        if _has_word(grid[:first], c, "indikator", "indicator", "variabel", "variable", "uraian")
    ]
    words = [c for c in words if c not in taken]
    return _Layout(grid, best, first, _first(provinces), _first(codes), _first(years), _first(dates), words)


def _first(columns: list[int]) -> int | None:
    return columns[0] if columns else None


def _region_score(cells: list[Value]) -> tuple[int, int]:
    found = [_label(cell) for cell in cells if _names_region(cell)]
    return len(found), len(set(found))


def _is_data_row(row: list[Value], region: int) -> bool:
    """A region with a figure or a mark for a missing one beside it; years alone make a header."""
    if not _names_region(row[region]):
        return False
    beside = [cell for column, cell in enumerate(row) if column != region and cell is not None]
    years_only = len(beside) > 1 and all(_is_year(cell) for cell in beside)
    return not years_only and any(numbers.is_number(cell) or numbers.is_missing(cell) for cell in beside)


def _share(cells: list[Value], test: Callable[[Value], bool]) -> float:
    return sum(map(test, cells)) / len(cells) if cells else 0.0


def _is_year(cell: Value) -> bool:
    text = numbers.printed(cell)
    return text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR and len(text) == 4


def _are_years(cells: list[Value]) -> bool:
    return bool(cells) and all(_is_year(cell) for cell in cells)


def _is_date(cell: Value) -> bool:
    return isinstance(cell, date) or (isinstance(cell, str) and bool(_DATE.fullmatch(cell.strip())))


def _is_code(cell: Value) -> bool:
    return numbers.printed(cell).replace(".", "") in regions.regions()


def _names_province(cell: Value) -> bool:
    if not isinstance(cell, str) or numbers.is_number(cell):
        return False  # 35 and 8.1 are codes of provinces too
    return regions.resolve(cell, level="province").region_code is not None


def _is_dimension_word(cell: Value) -> bool:
    if not isinstance(cell, str) or numbers.is_number(cell):
        return False
    said = facets(cell)
    return bool(said.area or said.month) and not said.foreign and not said.topics


def _names_indicator(cell: Value) -> bool:
    return isinstance(cell, str) and bool(facets(cell).topics)


def _has_word(rows: Grid, column: int, *words: str) -> bool:
    said = " ".join(vocabulary.normal(numbers.printed(row[column])) for row in rows).split()
    return any(word in said for word in words)


def _header(layout: _Layout) -> tuple[list[str], Grid]:
    """(titles from the nearest up, header rows from the top). A row of one text is a title; numbering is nothing."""
    titles: list[str] = []
    rows: Grid = []
    for row in layout.grid[: layout.first]:
        cells = [None if _NUMBERING.fullmatch(numbers.printed(cell)) else cell for cell in row]
        texts = {numbers.printed(cell) for cell in cells if cell is not None}
        if len(texts) == 1:
            titles.insert(0, texts.pop())
        elif texts:
            rows.append(cells)
    return titles, rows


def _filled(layout: _Layout, rows: Grid) -> list[list[str]]:
    """Header rows as text; a blank takes the text at its left while both stand under the same group."""
    filled: list[list[str]] = []
    for depth, row in enumerate(rows):
        texts = [numbers.printed(cell) for cell in row]
        for column in range(1, len(texts)):
            same_group = not any(rows[above][column] is not None for above in range(depth))
            if not texts[column] and same_group and column - 1 not in layout.dimensions:
                texts[column] = texts[column - 1]
        filled.append(texts)
    return filled


def _names(file_name: str) -> list[str]:
    """The file's name without its ending, then its folders from the nearest up."""
    path = PurePosixPath(file_name)
    return [path.stem, *reversed(path.parts[:-1])]


def _columns(layout: _Layout, header_rows: Grid, named: list[Facets]) -> list[_Column]:
    """Columns that hold at least one number below the header and have a header of their own."""
    filled = _filled(layout, header_rows)
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
    layout: _Layout
    contexts: list[str]
    header_rows: Grid
    columns: list[_Column]

    def reading(self) -> Reading:
        resolved = _Regions(self.layout, self.contexts, self.file_name).by_row()
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
        missing = [] if figures else ["year"] if understood else ["poverty indicator"]
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
            known = resolved.get(at, _UNKNOWN) != _UNKNOWN
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
            period = vocabulary.period(year, vocabulary.first_month(stack), month_when_yearly=yearly)
            code = resolved.get(at, _UNKNOWN).region_code
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
        definition = vocabulary.indicators()[indicator]
        unit = vocabulary.unit_of(stack, indicator)
        value = numbers.decimal_text(row[column.index], mark, definition.three_digits)
        factor = definition.units[unit] if unit else Decimal(1)
        dated = None if self.layout.dates is None else row[self.layout.dates]
        return Figure(
            table_title=self._title(),
            region_label=_label(row[self.layout.region]) or None,
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
    return len(said) > 1 and all(_NUMBERING.fullmatch(text) and text.startswith("(") for text in said)


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


class _Regions:
    """Which region each row of a table stands for."""

    def __init__(self, layout: _Layout, contexts: Iterable[str], file_name: str) -> None:
        self.layout = layout
        self.labels = self._labels()
        texts = [*contexts, *_names(file_name)]
        titled = next((found for text in texts if (found := regions.find_in_text(text, None, "province"))), None)
        self.province = titled or regions.EAST_JAVA
        self.mixed_case = any(not label.isupper() for label in self.labels.values())
        levels = Counter(
            regions.regions()[code].level for label in self.labels.values() if (code := self._plain(label)) is not None
        )
        self.by_kabkota = levels["kabkota"] > levels["province"]

    def by_row(self) -> dict[int, Resolution]:
        """Resolution of each row that has a label; rows without one are absent."""
        prefixed = any(re.match(r"kab(upaten)?\b", label, re.IGNORECASE) for label in self.labels.values())
        found: dict[int, Resolution] = {}
        province = self.province
        for at, label in self.labels.items():
            code = self._own_code(at)
            resolution = Resolution(code, ambiguous=False) if code else self._resolve(label, at, province, prefixed)
            if resolution.region_code and regions.regions()[resolution.region_code].level == "province":
                province = resolution.region_code
            found[at] = resolution
        return self._twins_by_place(found)

    def _labels(self) -> dict[int, str]:
        """Labels by row; in a long table a blank label repeats the one above."""
        layout = self.layout
        long = layout.years is not None or bool(layout.words)
        labels: dict[int, str] = {}
        above = ""
        for at in range(layout.first, len(layout.grid)):
            label = _label(layout.grid[at][layout.region])
            if label:
                above = label
            elif long and any(numbers.is_number(cell) for cell in layout.grid[at]):
                label = above
            if label and not numbers.is_number(label):
                labels[at] = label
        return labels

    def _plain(self, label: str) -> str | None:
        return regions.resolve(label, bare_is="kabupaten", within=None).region_code

    def _own_code(self, at: int) -> str | None:
        if self.layout.code is None:
            return None
        code = numbers.printed(self.layout.grid[at][self.layout.code]).replace(".", "")
        return code if code in regions.regions() else None

    def _resolve(self, label: str, at: int, province: str, prefixed: bool) -> Resolution:
        if not self.by_kabkota:
            return regions.resolve(label, within=None)
        stated = None
        if self.layout.province is not None:
            cell = self.layout.grid[at][self.layout.province]
            stated = regions.resolve(numbers.printed(cell), level="province").region_code
        if stated is None and self.mixed_case and label.isupper():
            whole = regions.resolve(label, within=None)
            if whole.region_code and regions.regions()[whole.region_code].level != "kabkota":
                return whole
        # BPS means the regency by a bare name, but not in a table that writes "Kab." before the others.
        bare_is = None if prefixed else "kabupaten"
        found = regions.resolve(label, bare_is=bare_is, within=stated or province, level="kabkota")  # type: ignore[arg-type]
        return found if found != _UNKNOWN else regions.resolve(label, within=None)

    def _twins_by_place(self, found: dict[int, Resolution]) -> dict[int, Resolution]:
        """Settle a bare name that stands for a regency in one row and for a city in another.

        BPS lists kab/kota by code, so the place tells: between Tulungagung (3504) and Lumajang (3508) ``Kediri``
        is 3506. Where the list is not in that order, every row of that name stays ambiguous.
        """
        if not self.by_kabkota or self.layout.years is not None or self.layout.words:
            return found
        bare = {at: regions.key(label) for at, label in self.labels.items() if self._is_bare_twin(at, label, found[at])}
        counts = Counter(bare.values())
        twins = {at for at, name in bare.items() if counts[name] > 1}
        if not twins:
            return found
        sure = [
            (at, resolution.region_code)
            for at, resolution in found.items()
            if at not in twins and resolution.region_code and not resolution.region_code.endswith("00")
        ]
        ordered = all(before[1] < after[1] for before, after in pairwise(sure))
        settled = dict(found)
        for at in twins:
            below = max((code for row, code in sure if row < at), default="0000")
            above = min((code for row, code in sure if row > at), default="9999")
            fitting = [code for code in self._candidates(self.labels[at]) if below < code < above]
            settled[at] = Resolution(fitting[0], False) if ordered and len(fitting) == 1 else Resolution(None, True)
        return settled

    def _is_bare_twin(self, at: int, label: str, resolution: Resolution) -> bool:
        """A bare name of a regency and a city that neither a code nor capital letters have settled."""
        if self._own_code(at) or (resolution.region_code or "").endswith("00"):
            return False
        return regions.resolve(label, within=None, level="kabkota").ambiguous

    def _candidates(self, label: str) -> list[str]:
        return [
            code
            for code, region in regions.regions().items()
            if region.level == "kabkota" and regions.key(region.bare) == regions.key(label)
        ]
