"""A sheet → its tables: below each other, side by side, or turned (regions across).

Every block knows where its cells stand in the sheet, so that a figure of a turned or shifted table still names the
row and column that a person opens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pilar.figures import numbers
from pilar.figures.grid import (
    Grid,
    has_figures,
    is_figure,
    is_numbering,
    is_text,
    is_year,
    names_region,
    opens_notes,
    says_dimension,
    sole_text,
    texts_of,
    years_only,
)
from pilar.figures.vocabulary import normal
from pilar.reading.model import Value

_STUB_WORDS = frozenset(
    normal(
        "kabupaten kota kab provinsi wilayah daerah tahun uraian indikator no rincian "
        "region regency municipality province year indicator description periode semester bulan period month area"
    ).split()
)
"""Words that head the column of names."""


_GOES_ON = re.compile(r"(?i)\b(lanjutan|sambungan|continued)\b")


@dataclass(frozen=True)
class Block:
    """One table: its cells, where they stand in the sheet, and titles over it outside its cells (nearest first)."""

    grid: Grid
    rows: list[int]
    """For each row of the grid its row in the sheet, from 0."""
    columns: list[int]
    turned: bool = False
    titles: list[str] = field(default_factory=list)

    def place(self, row: int, column: int) -> tuple[int, int]:
        """(row, column) in the sheet, from 1."""
        row, column = self.rows[row], self.columns[column]
        return (column + 1, row + 1) if self.turned else (row + 1, column + 1)

    def part(self, rows: slice, columns: slice, titles: list[str]) -> Block:
        """A part of it, with these titles over it."""
        cells = [row[columns] for row in self.grid[rows]]
        return replace(self, grid=cells, rows=self.rows[rows], columns=self.columns[columns], titles=titles)

    def turn(self) -> Block | None:
        """The same table with its region names down; ``None`` when no row names regions over figures."""
        above = range(next((at for at, row in enumerate(self.grid) if has_figures(row)), 0))
        best = max(above, key=lambda at: (regions_across(self.grid, at), -at), default=None)
        if best is None or not regions_across(self.grid, best):
            return None
        head = next((at for at in range(best) if sole_text(self.grid[at]) is None and texts_of(self.grid[at])), best)
        titles = [text for row in reversed(self.grid[:head]) if (text := sole_text(row))]
        end = next((at for at in range(best + 1, len(self.grid)) if opens_notes(self.grid[at])), len(self.grid))
        below = [row for row in self.grid[best + 1 : end] if not is_numbering(row)]
        stubs = next(at for at in range(len(self.grid[best])) if has_figures([row[at] for row in below]))
        body = self.part(slice(head, end), slice(None), [*titles, *self.titles])._condensed(stubs)
        grid = [list(column) for column in zip(*body.grid, strict=True)]
        return replace(body, grid=grid, rows=body.columns, columns=body.rows, turned=True)

    def _condensed(self, stubs: int) -> Block:
        """Without numbering; rows of one text in the first columns become a column beside what they speak of."""
        section: Value = None
        cells: Grid = []
        rows = []
        for at, row in enumerate(self.grid):
            if any(cell is not None for cell in row[:stubs]) and (text := sole_text(row)):
                section = text
            elif not is_numbering(row):
                cells.append([section, *row])
                rows.append(self.rows[at])
        if section is None:
            return replace(self, grid=[row[1:] for row in cells], rows=rows)
        return replace(self, grid=cells, rows=rows, columns=[0, *self.columns])


def regions_across(grid: Grid, at: int) -> int:
    """Columns whose cell in this row names a region and has figures below and no names."""
    return sum(
        names_region(cell)
        and any(is_figure(row[column]) for row in grid[at + 1 :])
        and not any(names_region(row[column]) for row in grid[at + 1 :])
        for column, cell in enumerate(grid[at])
    )


def regions_down(grid: Grid, column: int) -> tuple[int, int]:
    """(rows, different names) that a column names regions in with figures beside."""
    found = [str(row[column]) for row in grid if names_region(row[column]) and has_figures_beside(row, column)]
    return len(found), len(set(found))


def has_figures_beside(row: list[Value], column: int) -> bool:
    """A figure or a mark for a missing one in another cell; years alone make a header."""
    beside = [cell for at, cell in enumerate(row) if at != column and cell is not None]
    return not years_only(beside) and any(map(is_figure, beside))


def blocks_of(grid: Grid) -> list[Block]:
    """The tables of a grid, from the left and from the top; a grid without any is one block.

    Tables beside each other all the way down are parted first: their rows have nothing to do with each other.
    """
    whole = Block(grid, list(range(len(grid))), list(range(len(grid[0]) if grid else 0)))
    return [table for side in _beside(whole, lists=False) for part in _stacked(side) for table in _beside(part)]


def _stacked(block: Block) -> Iterator[Block]:
    starts = [0, *_later_starts(block.grid), len(block.grid)]
    for start, end in pairwise(starts):
        yield block.part(slice(start, end), slice(None), [] if start else block.titles)


def _later_starts(grid: Grid) -> Iterator[int]:
    """First row of each table after the first: its titles if it has some, else its header."""
    header: list[list[str]] = []
    last_data: int | None = None
    for at, row in enumerate(grid):
        if _is_data(row):
            last_data = at
        elif last_data is None:
            header.append(texts_of(row))
        elif _is_header(row, apart=at > last_data + 1) and any(map(_is_data, grid[at + 1 :])):
            start = _first_title(grid, last_data + 1, at)
            titled = any(text and not _GOES_ON.search(text) for text in map(sole_text, grid[start:at]))
            if texts_of(row) in header and not titled:
                continue  # the header of a printed page, repeated
            yield start
            header, last_data = [texts_of(row)], None


def _is_data(row: list[Value]) -> bool:
    """A row with words or a year and a figure that is no year; with a region any figure will do."""
    if has_figures(row):
        return any(is_text(cell) or is_year(cell) for cell in row)
    return any(names_region(cell) and has_figures_beside(row, at) for at, cell in enumerate(row))


def _is_header(row: list[Value], *, apart: bool) -> bool:
    """Words or years over columns. Directly below figures only what heads names opens a table."""
    filled = [cell for cell in row if cell is not None]
    if len(texts_of(row)) < 2 or is_numbering(row) or opens_notes(row):
        return False
    if any(is_figure(cell) and not is_year(cell) for cell in filled):
        return False
    first = normal(numbers.printed(filled[0])).split()
    heads = bool(first) and set(first) <= _STUB_WORDS
    across = sum(map(names_region, filled)) > 1
    return heads or (apart and (across or sum(map(says_dimension, filled)) > 0))


def _first_title(grid: Grid, low: int, header: int) -> int:
    """Where the titles over a header begin: below the notes of the table above and the blank row after them."""
    note = next((at for at in range(header - 1, low - 1, -1) if opens_notes(grid[at])), None)
    if note is None:
        return low
    blank = next((at for at in range(note + 1, header) if not texts_of(grid[at])), None)
    return blank if blank is not None else note + 1


def _beside(block: Block, *, lists: bool = True) -> Iterator[Block]:
    """Parts after blank columns; with ``lists`` also those of one list that goes on beside itself."""
    grid = block.grid
    width = len(grid[0]) if grid else 0
    cuts = [0, *_cuts(grid, width, lists=lists), width]
    spans = [(left, right) for left, right in pairwise(cuts) if left < right]
    if len(spans) == 1:
        yield block
        return
    top = next((at for at, row in enumerate(grid) if len(texts_of(row)) > 1), 0)
    shared = [text for row in reversed(grid[:top]) if (text := _title_over(row, spans))]
    for left, right in spans:
        part = [row[left:right] for row in grid]
        own = any(sole_text(row) for row in part[: _first_data(part)] if sole_text(row) not in shared)
        titles = [] if own else [*_not_in(shared, part), *block.titles]
        yield block.part(slice(None), slice(left, right), titles)


def _cuts(grid: Grid, width: int, *, lists: bool) -> Iterator[int]:
    """Columns where a table of its own begins: after a blank column, or where names begin anew."""
    body = [row for row in grid if sole_text(row) is None and (has_figures(row) or not opens_notes(row))]
    left = 0
    for column in range(1, width):
        gap = all(row[column - 1] is None for row in body)
        begins = _has_stub([row[column:] for row in body]) if gap else lists and _names_anew(body, left, column)
        if begins and _is_table([row[left:column] for row in body]):
            yield column
            left = column


def _names(body: Grid, column: int) -> int:
    return sum(names_region(row[column]) and has_figures_beside(row, column) for row in body)


def _names_anew(body: Grid, left: int, column: int) -> bool:
    """Whether names stand here as in a column further left, figures between them and after: a list that goes on."""
    if _names(body, column) < 2 or not any(is_figure(cell) for row in body for cell in row[column + 1 :]):
        return False
    return any(
        names_region(row[other]) and any(map(numbers.is_number, row[other + 1 : column]))
        for other in range(left, column)
        if _names(body, other) > 1
        for row in body
    )


def _is_table(part: Grid) -> bool:
    return any(map(_is_data, part))


def _has_stub(part: Grid) -> bool:
    """Whether the leftmost filled column names rows: regions, areas, periods or indicators."""
    if not part or not _is_table(part):
        return False
    stub = next((at for at in range(len(part[0])) if any(row[at] is not None for row in part)), 0)
    rows = [row for row in part if has_figures(row) and not is_numbering(row)]
    cells = [row[stub] for row in rows if row[stub] is not None]
    if cells and all(map(is_year, cells)):
        return any(is_text(row[stub]) for row in part if not has_figures_beside(row, stub))
    return bool(cells) and sum(names_region(cell) or says_dimension(cell) for cell in cells) > len(cells) / 2


def _title_over(row: list[Value], spans: list[tuple[int, int]]) -> str | None:
    """The text of a row that only one of the parts has a text in."""
    filled = [texts for left, right in spans if (texts := texts_of(row[left:right]))]
    merged = {text for texts in filled for text in texts}
    return merged.pop() if len(merged) == 1 and sole_text(row) else None


def _first_data(part: Grid) -> int:
    return next((at for at, row in enumerate(part) if _is_data(row)), len(part))


def _not_in(shared: list[str], part: Grid) -> list[str]:
    inside = {text for row in part for text in texts_of(row)}
    return [text for text in shared if text not in inside]
