"""Where things stand in a table: the region column, the first row of figures, dimensions, titles and header rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from pilar.figures import numbers
from pilar.figures.blocks import Block, has_figures_beside, regions_down
from pilar.figures.grid import (
    NUMBERING,
    Grid,
    are_years,
    has_figures,
    is_code,
    is_date,
    is_dimension_word,
    is_figure,
    is_text,
    names_indicator,
    names_province,
    names_region,
    opens_notes,
    says_dimension,
    share,
    sole_text,
    texts_of,
)
from pilar.figures.vocabulary import Facets, facets, normal
from pilar.reading.model import Value

_DIMENSION_HEADS = frozenset(
    normal("daerah tipe area type periode period semester bulan month tahun year waktu time").split()
)
_INDICATOR_HEADS = ("indikator", "indicator", "variabel", "variable", "uraian", "description", "rincian")


@dataclass(frozen=True)
class Layout:
    """Which column and which row of a block is what. Columns and rows count from 0 in the block's own grid."""

    block: Block
    region: int | None
    """``None``: the table is about one region, which its title names."""
    first: int
    """First row with a name and something beside it."""
    province: int | None = None
    code: int | None = None
    years: int | None = None
    dates: int | None = None
    words: tuple[int, ...] = ()
    """Columns whose cells name areas, periods or indicators."""
    blanks: tuple[int, ...] = ()
    """Columns that are headed like a dimension (``Periode``) but say nothing that is understood."""
    asides: tuple[int, ...] = ()
    """Columns of other words: they may say that a row is about something else."""

    @property
    def grid(self) -> Grid:
        return self.block.grid

    @property
    def dimensions(self) -> set[int]:
        known = {self.region, self.province, self.code, self.years, self.dates, *self.words}
        return {column for column in known if column is not None}

    @property
    def start(self) -> int:
        """First row below the header: ``first``, or the sections over it, whose texts stand where names do."""
        at = self.first
        while at > 0 and (sole_text(self.grid[at - 1]) or not texts_of(self.grid[at - 1])):
            at -= 1
        if not any(len(texts_of(row)) > 1 for row in self.grid[:at]):
            return self.first
        over = range(at, self.first)
        return next((row for row in over if any(self.grid[row][column] for column in self.dimensions)), self.first)

    @property
    def is_long(self) -> bool:
        """Whether a row is a region and something more, so that a region stands in several rows."""
        return self.years is not None or bool(self.words)


def layouts_of(block: Block) -> list[Layout]:
    """Ways to read a block, the likeliest first: regions down, regions across, one region in the title."""
    turned = block.turn()
    down, across = _score(block), _score(turned) if turned else (0, 0)
    ways = [(down, block), *([(across, turned)] if turned else [])]
    ways.sort(key=lambda way: way[0], reverse=True)  # stable: of equals regions down
    found = [layout for score, way in ways if score[0] and (layout := _by_region(way))]
    if not found and not any(map(_names_region_beside_figures, block.grid)):
        return [layout for layout in [_of_one_region(block)] if layout]
    return found


def _names_region_beside_figures(row: list[Value]) -> bool:
    return any(names_region(cell) and has_figures_beside(row, at) for at, cell in enumerate(row))


def _score(block: Block) -> tuple[int, int]:
    width = len(block.grid[0]) if block.grid else 0
    return max((regions_down(block.grid, column) for column in range(width)), default=(0, 0))


def _by_region(block: Block) -> Layout | None:
    """The layout of a block whose region names stand in a column."""
    grid = block.grid
    best = max(range(len(grid[0])), key=lambda column: (*regions_down(grid, column), -column))
    first = next((at for at, row in enumerate(grid) if names_region(row[best]) and has_figures_beside(row, best)), None)
    if first is None:
        return None
    body = [row for row in _body(grid[first:]) if names_region(row[best]) or row[best] is None]
    return _with_dimensions(Layout(block, best, first), body)


def _of_one_region(block: Block) -> Layout | None:
    """The layout of a block whose rows are years, half-years, areas or indicators."""
    grid = block.grid

    def stub(row: list[Value]) -> bool:
        return any(says_dimension(cell) and has_figures(row[:at] + row[at + 1 :]) for at, cell in enumerate(row))

    first = next((at for at, row in enumerate(grid) if stub(row)), None)
    if first is None:
        return None
    if any(names_region(text) for row in grid[first:] for text in texts_of(row)):
        return None  # names between the rows: whose these are, the title does not say
    layout = _with_dimensions(Layout(block, None, first), _body(grid[first:]))
    return layout if layout.is_long else None


def _body(rows: Grid) -> Grid:
    """The rows with figures, above the notes."""
    end = next((at for at, row in enumerate(rows) if opens_notes(row)), len(rows))
    return [row for row in rows[:end] if any(map(is_figure, row))]


def _with_dimensions(layout: Layout, body: Grid) -> Layout:
    grid, first = layout.grid, layout.first
    others = [column for column in range(len(grid[0])) if column != layout.region]
    cells = {column: [row[column] for row in body if row[column] is not None] for column in others}

    def find(test: Callable[[Value], bool], least: float) -> list[int]:
        return [column for column in others if share(cells[column], test) > least]

    heads = [row for row in grid[:first] if sole_text(row) is None]
    headers = {column: [facets(numbers.printed(row[column])) for row in heads] for column in others}
    years = [c for c in others if are_years(cells[c]) and not any(said.topics or said.year for said in headers[c])]
    provinces = find(names_province, 0.9) if layout.region is not None else []
    codes = [c for c in find(is_code, 0.9) if _heads(heads, c, ("kode", "code"))]
    dates = find(is_date, 0.8)
    taken = {*years, *provinces, *codes, *dates}
    words = find(is_dimension_word if layout.region is not None else says_dimension, 0.6)
    words += [
        c
        for c in find(names_indicator, 0.6)
        if _heads(heads, c, _INDICATOR_HEADS)
        or (share(cells[c], names_indicator) == 1 and not any(said.foreign for said in headers[c]))
    ]
    words = [c for c in dict.fromkeys(words) if c not in taken]
    taken = {*taken, *words}
    blanks = [c for c in others if c not in taken and not any(map(is_figure, cells[c])) and _heads_dimension(heads, c)]
    asides = [c for c in find(is_text, 0.5) if c not in taken]
    return replace(
        layout,
        province=_first(provinces),
        code=_first(codes),
        years=_first(years),
        dates=_first(dates),
        words=tuple(sorted(words)),
        blanks=tuple(blanks),
        asides=tuple(asides),
    )


def _first(columns: Sequence[int]) -> int | None:
    return columns[0] if columns else None


def _heads(rows: Grid, column: int, words: Sequence[str]) -> bool:
    said = " ".join(normal(numbers.printed(row[column])) for row in rows).split()
    return any(word in said for word in words)


def _heads_dimension(rows: Grid, column: int) -> bool:
    said = " ".join(normal(numbers.printed(row[column])) for row in rows).split()
    return bool(said) and set(said) <= _DIMENSION_HEADS


def header_of(layout: Layout) -> tuple[list[str], Grid]:
    """(titles from the nearest up, header rows from the top). A row of one text is a title; numbering is nothing."""
    titles: list[str] = []
    rows: Grid = []
    for row in layout.grid[: layout.start]:
        cells = [None if NUMBERING.fullmatch(numbers.printed(cell)) else cell for cell in row]
        texts = texts_of(cells)
        if len(texts) == 1:
            titles.insert(0, texts[0])
        elif texts:
            rows.append(cells)
    return [*titles, *layout.block.titles], rows


def filled_header(layout: Layout, rows: Grid) -> list[list[str | None]]:
    """Header rows as text; a blank takes the text at its left while both stand under the same group.

    Where a row leaves its first column of figures blank although only its group could tell that column from others,
    the groups' names do not stand over their first column; then nobody knows where a group ends, and the row's
    blanks are ``None``.
    """
    filled: list[list[str | None]] = []
    for depth, row in enumerate(rows):
        texts: list[str | None] = [numbers.printed(cell) for cell in row]
        unsure = _is_off_its_columns(layout, rows, depth)
        for column in range(len(texts)):
            if texts[column] or column in layout.dimensions:
                continue
            if any(upper[column] != upper[max(column - 1, 0)] for upper in filled):
                texts[column] = None if _is_hole(rows, depth, column) else ""
            elif unsure:
                texts[column] = None
            elif column and column - 1 not in layout.dimensions:
                texts[column] = texts[column - 1]
        filled.append(texts)
    return filled


def _is_off_its_columns(layout: Layout, rows: Grid, depth: int) -> bool:
    named = [at for at, cell in enumerate(rows[depth]) if cell is not None and at not in layout.dimensions]
    if not any(_tells(facets(numbers.printed(rows[depth][at]))) for at in named):
        return False
    return any(_needs_group(rows, depth, column) for column in range(named[0]) if column not in layout.dimensions)


def _needs_group(rows: Grid, depth: int, column: int) -> bool:
    """Whether a column says something below, but nowhere that it is another matter nor below what is measured."""
    said = [facets(numbers.printed(row[column])) for row in rows]
    lower = [one for one, row in zip(said[depth + 1 :], rows[depth + 1 :], strict=True) if row[column] is not None]
    return any(map(_tells, lower)) and not any(one.topics for one in lower) and not any(one.foreign for one in said)


def _is_hole(rows: Grid, depth: int, column: int) -> bool:
    """Whether a blank stands between cells that tell something, in a row that does so in other columns."""
    lower = [facets(numbers.printed(row[column])) for row in rows[depth + 1 :] if row[column] is not None]
    return any(map(_tells, lower)) and any(_tells(facets(numbers.printed(cell))) for cell in rows[depth])


def _tells(said: Facets) -> bool:
    return bool(said.area or said.year or said.month or said.topics or said.measures)


def names_of(file_name: str) -> list[str]:
    """The file's name without its ending, then its folders from the nearest up."""
    path = PurePosixPath(file_name)
    return [path.stem, *reversed(path.parts[:-1])]
