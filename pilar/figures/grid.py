"""Cells of a grid and what they can be: a region, a year, a date, words of a dimension, a note."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache

from pilar import regions
from pilar.figures import numbers
from pilar.figures.vocabulary import FIRST_YEAR, LAST_YEAR, facets, normal
from pilar.reading.model import Sheet, Value

Grid = list[list[Value]]
"""Rows of cells, all of one length; a blank cell is ``None``."""

NOTE_WORDS = frozenset({"catatan", "keterangan", "sumber", "note", "notes", "source", "ket"})
NUMBERING = re.compile(r"\(?\d{1,2}\)?")
"""BPS numbers its columns below the header: ``(1) (2) (3)``."""
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}( .*)?|\d{1,2}[/-]\d{1,2}[/-]\d{4}")


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


def names_region(cell: Value) -> bool:
    """Whether a text names one or several regions; codes alone do not."""
    return isinstance(cell, str) and _text_names_region(cell)


@lru_cache(maxsize=8192)
def _text_names_region(text: str) -> bool:
    if numbers.is_number(text) or not re.search(r"[^\W\d]", text):
        return False
    found = regions.resolve(name_of(label_of(text)), bare_is="kabupaten", within=None)
    return bool(found.region_code) or found.ambiguous


def names_province(cell: Value) -> bool:
    """Whether a text names a province; ``35`` and ``8.1`` are figures here."""
    if not isinstance(cell, str) or numbers.is_number(cell):
        return False
    return regions.resolve(cell, level="province").region_code is not None


def is_year(cell: Value) -> bool:
    text = numbers.printed(cell)
    return text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR and len(text) == 4


def are_years(cells: list[Value]) -> bool:
    return bool(cells) and all(is_year(cell) for cell in cells)


def is_date(cell: Value) -> bool:
    return isinstance(cell, date) or (isinstance(cell, str) and bool(_DATE.fullmatch(cell.strip())))


def is_code(cell: Value) -> bool:
    return numbers.printed(cell).replace(".", "") in regions.regions()


def is_text(cell: Value) -> bool:
    """Whether a cell holds words: no number, no year, no mark for a missing figure."""
    return isinstance(cell, str) and not numbers.is_number(cell) and not numbers.is_missing(cell)


def is_dimension_word(cell: Value) -> bool:
    """Whether a text names an area or a period and nothing else: ``Perkotaan``, ``Maret 2021``."""
    if not is_text(cell):
        return False
    said = facets(numbers.printed(cell))
    return bool(said.area or said.month or said.year) and not said.foreign and not said.topics


def names_indicator(cell: Value) -> bool:
    return is_text(cell) and bool(facets(numbers.printed(cell)).topics)


def says_dimension(cell: Value) -> bool:
    """Whether a cell can stand for a row or a column without a region: area, period, indicator or measure."""
    if is_year(cell) or names_indicator(cell) or is_dimension_word(cell):
        return True
    if not is_text(cell):
        return False
    said = facets(numbers.printed(cell))
    return bool(said.measures or said.units) and not said.foreign


def share(cells: list[Value], test: Callable[[Value], bool]) -> float:
    """Part of the cells that pass a test; 0 for no cells."""
    return sum(map(test, cells)) / len(cells) if cells else 0.0


def texts_of(row: Iterable[Value]) -> list[str]:
    """The printed cells of a row without blanks, each once, in order."""
    return list(dict.fromkeys(text for cell in row if (text := numbers.printed(cell))))


def sole_text(row: Iterable[Value]) -> str | None:
    """The one text or year of a row that holds nothing else (a merged title fills many cells)."""
    texts = texts_of(row)
    return texts[0] if len(texts) == 1 and (is_text(texts[0]) or is_year(texts[0])) else None


def is_numbering(row: Iterable[Value]) -> bool:
    """``(1) (2) (3)``, or ``1 2 3`` and nothing else."""
    texts = texts_of(row)
    if len(texts) < 2 or not all(map(NUMBERING.fullmatch, texts)):
        return False
    digits = [int(text.strip("()")) for text in texts]
    return all(text.startswith("(") for text in texts) or digits == list(range(digits[0], digits[0] + len(digits)))


def opens_notes(row: Iterable[Value]) -> bool:
    """Whether a row begins the notes below a table."""
    opening = normal(next(iter(texts_of(row)), "")).split()
    return bool(opening) and opening[0] in NOTE_WORDS


def is_figure(cell: Value) -> bool:
    """A number or a mark for a missing one; blank is neither."""
    return cell is not None and (numbers.is_number(cell) or numbers.is_missing(cell))


def has_figures(row: Iterable[Value]) -> bool:
    """Whether a row holds a figure that is no year, or a mark for a missing one."""
    return any(is_figure(cell) and not is_year(cell) for cell in row)


def years_only(cells: Iterable[Value]) -> bool:
    """Several cells, all of them years: a header, not figures."""
    filled = [cell for cell in cells if cell is not None]
    return len(filled) > 1 and all(map(is_year, filled))
