"""What stands above the figures of a table: titles, header rows, and which header cell stands over which columns."""

from __future__ import annotations

from pilar.figures import numbers
from pilar.figures.grid import NUMBERING, Grid, texts_of
from pilar.figures.layout import Layout, names_dimension
from pilar.figures.vocabulary import Facets, facets

Filled = list[list[str | None]]
"""Texts of header rows over each column. ``""``: nothing stands there; ``None``: what stands there is not sure."""


def header_of(layout: Layout) -> tuple[list[str], Grid]:
    """(titles from the nearest up, header rows from the top). A row of one text is a title; numbering is nothing.

    Below a header row a lone text over figures heads its own columns, and is a title too where these are all.
    """
    first = _first_figures(layout)
    titles: list[str] = []
    rows: Grid = []
    for row in layout.grid[: layout.start]:
        cells = [None if NUMBERING.fullmatch(numbers.printed(cell)) else cell for cell in row]
        texts = texts_of(cells)
        at = next((column for column, cell in enumerate(cells) if cell is not None), 0)
        heads = len(texts) > 1 or layout.block.turned or (bool(rows) and at >= first)
        if texts and heads:
            rows.append(cells)
        if len(texts) == 1 and not layout.block.turned and (not heads or at == first):
            titles.insert(0, texts[0])
    return [*titles, *layout.block.titles], rows


def _first_figures(layout: Layout) -> int:
    width = len(layout.grid[0])
    body = layout.grid[layout.first :]
    others = (column for column in range(width) if column not in layout.dimensions)
    return next((column for column in others if any(numbers.is_number(row[column]) for row in body)), width)


def filled_header(layout: Layout, rows: Grid) -> Filled:
    """Header rows as text; a blank takes the text at its left while both stand under the same group.

    Where a row leaves its first column of figures blank although only its group could tell what that column is, the
    groups do not begin over their first columns: then nothing in the row is sure. Nor is a blank between cells that
    tell something, or one beside the head of its dimension in a turned table.
    """
    filled: Filled = []
    for depth, row in enumerate(rows):
        texts: list[str | None] = [numbers.printed(cell) for cell in row]
        displaced = _is_displaced(layout, rows, depth)
        headed = layout.block.turned and any(names_dimension(numbers.printed(row[at])) for at in layout.dimensions)
        for column in range(len(texts)):
            if column in layout.dimensions:
                continue
            if displaced:
                texts[column] = None
            elif not texts[column] and any(upper[column] != upper[max(column - 1, 0)] for upper in filled):
                texts[column] = None if _is_hole(rows, depth, column) else ""
            elif not texts[column] and column and column - 1 not in layout.dimensions:
                texts[column] = texts[column - 1]
            if headed and not texts[column]:
                texts[column] = None
        filled.append(texts)
    return filled


def belongs_elsewhere(filled: Filled, column: int, *, turned: bool) -> bool:
    """Whether a header cell over a column is foreign: below it nothing says what is measured, or its row parts areas,
    periods or years, among which it is none. In a turned table each row of the header was a column of dimensions."""
    for depth, row in enumerate(filled):
        if facets(row[column] or "").foreign:
            lower = any(facets(below[column] or "").topics for below in filled[depth + 1 :])
            parts = {kind for text in row if text for kind in facets(text).kinds}
            if turned or not lower or parts & {"area", "month", "year"}:
                return True
    return False


def _is_displaced(layout: Layout, rows: Grid, depth: int) -> bool:
    named = [at for at, cell in enumerate(rows[depth]) if cell is not None and at not in layout.dimensions]
    told = {kind for at in named for kind in _said(rows, depth, at).kinds}
    first = (column for column in range(named[0] if named else 0) if column not in layout.dimensions)
    return bool(told) and any(_lacks(told, rows, depth, column) for column in first)


def _lacks(told: set[str], rows: Grid, depth: int, column: int) -> bool:
    """Whether a column says something below, but not what this row tells of the others, and is no other matter."""
    said = [_said(rows, at, column) for at in range(len(rows))]
    lower = {kind for one in said[depth + 1 :] for kind in one.kinds}
    return bool(lower) and not told <= {kind for one in said for kind in one.kinds} and not any(s.foreign for s in said)


def _is_hole(rows: Grid, depth: int, column: int) -> bool:
    """Whether a blank stands above cells that tell something, in a row that does so in other columns."""
    lower = any(_said(rows, at, column).kinds for at in range(depth + 1, len(rows)))
    return lower and any(_said(rows, depth, at).kinds for at in range(len(rows[depth])))


def _said(rows: Grid, depth: int, column: int) -> Facets:
    return facets(numbers.printed(rows[depth][column]))
