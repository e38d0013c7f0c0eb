"""Where things stand in a table: the region column, the first row of figures, dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from pilar.figures import numbers
from pilar.figures.blocks import Block, has_figures_beside, regions_down
from pilar.figures.grid import (
    NOTE_WORDS,
    Grid,
    are_years,
    has_figures,
    is_code,
    is_date,
    is_dimension_word,
    is_figure,
    is_numbering,
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
from pilar.figures.vocabulary import facets, normal
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
        if self.block.turned:
            return at
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
    named = next((at for at, row in enumerate(grid) if names_region(row[best]) and has_figures_beside(row, best)), None)
    if named is None:
        return None
    first = _first_figures(grid, named)
    return _with_dimensions(Layout(block, best, first), _body(grid[first:]))


def _first_figures(grid: Grid, named: int) -> int:
    """The first row of figures at or above the first known name: there stand regions that nobody knows."""
    first = named
    for at in range(named - 1, -1, -1):
        if has_figures(grid[at]) and not is_numbering(grid[at]):
            first = at
        elif texts_of(grid[at]) and sole_text(grid[at]) is None:
            break
    return first


def _of_one_region(block: Block) -> Layout | None:
    """The layout of a block whose rows are years, half-years, areas or indicators."""
    grid = block.grid

    def stub(row: list[Value]) -> bool:
        return has_figures(row) and any(map(says_dimension, row))

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

    heads = [row for row in grid[:first] if sole_text(row) is None and not is_numbering(row)]
    headers = {column: [facets(numbers.printed(row[column])) for row in heads] for column in others}
    years = [c for c in others if are_years(cells[c]) and not any(said.topics or said.year for said in headers[c])]
    provinces = find(names_province, 0.9) if layout.region is not None else []
    codes = [c for c in find(is_code, 0.9) if _heads(heads, c, ("kode", "code"))]
    dates = find(is_date, 0.8)
    taken = {*years, *provinces, *codes, *dates}
    notes = {c for c in others if _heads(heads, c, tuple(NOTE_WORDS))}
    words = find(is_dimension_word if layout.region is not None else says_dimension, 0.3)
    words += [
        c
        for c in find(names_indicator, 0.6)
        if _heads(heads, c, _INDICATOR_HEADS)
        or (share(cells[c], names_indicator) == 1 and not any(said.foreign for said in headers[c]))
    ]
    words = [c for c in dict.fromkeys(words) if c not in taken | notes]
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
    return names_dimension(" ".join(numbers.printed(row[column]) for row in rows))


def names_dimension(text: str) -> bool:
    """Whether a text is the head of a column of areas or periods: ``Periode``, ``Tahun``."""
    said = normal(text).split()
    return bool(said) and set(said) <= _DIMENSION_HEADS


def names_of(file_name: str) -> list[str]:
    """The file's name without its ending, then its folders from the nearest up."""
    path = PurePosixPath(file_name)
    return [path.stem, *reversed(path.parts[:-1])]
