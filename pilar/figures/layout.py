"""Where things stand in a grid: the region column, the first row of figures, dimensions, titles and header rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from pilar import regions
from pilar.figures import numbers, vocabulary
from pilar.figures.vocabulary import FIRST_YEAR, LAST_YEAR, facets
from pilar.reading.model import Sheet, Value

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}( .*)?|\d{1,2}[/-]\d{1,2}[/-]\d{4}")
NUMBERING = re.compile(r"\(?\d{1,2}\)?")
"""BPS numbers its columns below the header: ``(1) (2) (3)``."""

Grid = list[list[Value]]


@dataclass(frozen=True)
class Layout:
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


def grid_of(sheet: Sheet) -> Grid:
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


def label_of(cell: Value) -> str:
    """A region label as printed, without markup."""
    return regions.clean(numbers.printed(cell))


def name_of(label: str) -> str:
    """A label without the number or code before it: ``01. Pacitan``, ``3501 Pacitan``."""
    return re.sub(r"^\d{1,4}\s*[.)-]?\s+(?=[^\W\d])", "", label)


def _names_region(cell: Value) -> bool:
    if not isinstance(cell, str) or numbers.is_number(cell):
        return False
    found = regions.resolve(name_of(label_of(cell)), bare_is="kabupaten", within=None)
    return bool(found.region_code) or found.ambiguous


def find_layout(grid: Grid) -> Layout | None:
    """The layout of a grid; ``None`` when no column names regions with figures beside them."""
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
    return Layout(grid, best, first, _first(provinces), _first(codes), _first(years), _first(dates), words)


def _first(columns: list[int]) -> int | None:
    return columns[0] if columns else None


def _region_score(cells: list[Value]) -> tuple[int, int]:
    found = [label_of(cell) for cell in cells if _names_region(cell)]
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


def header_of(layout: Layout) -> tuple[list[str], Grid]:
    """(titles from the nearest up, header rows from the top). A row of one text is a title; numbering is nothing."""
    titles: list[str] = []
    rows: Grid = []
    for row in layout.grid[: layout.first]:
        cells = [None if NUMBERING.fullmatch(numbers.printed(cell)) else cell for cell in row]
        texts = {numbers.printed(cell) for cell in cells if cell is not None}
        if len(texts) == 1:
            titles.insert(0, texts.pop())
        elif texts:
            rows.append(cells)
    return titles, rows


def filled_header(layout: Layout, rows: Grid) -> list[list[str]]:
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


def names_of(file_name: str) -> list[str]:
    """The file's name without its ending, then its folders from the nearest up."""
    path = PurePosixPath(file_name)
    return [path.stem, *reversed(path.parts[:-1])]
