"""The columns of figures in a table, each with the texts that stand over it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pilar.figures import numbers
from pilar.figures.grid import Grid
from pilar.figures.header import belongs_elsewhere, filled_header
from pilar.figures.layout import Layout
from pilar.figures.vocabulary import Facets, facets


@dataclass(frozen=True)
class Column:
    """A column of figures and the facets of its header cells, nearest first."""

    index: int
    header: str
    stack: list[Facets]
    known: bool
    """Whether its header says what it is: some text stands over it, and no blank that could mean several groups."""


def columns_of(layout: Layout, header_rows: Grid) -> list[Column]:
    """Columns that hold at least one number below the header."""
    filled = filled_header(layout, header_rows)
    areas_named = any(facets(text).area in ("urban", "rural") for row in filled for text in row if text)
    columns = []
    for index in range(len(layout.grid[0])):
        if index in layout.dimensions or not any(numbers.is_number(row[index]) for row in layout.grid[layout.first :]):
            continue
        over = [row[index] for row in reversed(filled)]
        texts = [text for text in over if text]
        owned = not header_rows or any(row[index] is not None for row in header_rows)
        known = owned and None not in over and not belongs_elsewhere(filled, index, turned=layout.block.turned)
        stack = [settle_total(facets(text), areas_named=areas_named) for text in texts]
        columns.append(Column(index, " / ".join(reversed(texts)), stack, known))
    return columns


def settle_total(said: Facets, *, areas_named: bool) -> Facets:
    """``Jumlah`` alone is an area beside urban and rural, else it says that people are counted."""
    if not said.sole_total:
        return said
    return replace(said, measures=frozenset()) if areas_named else replace(said, area=None)
