"""Which row names the columns, and which column is which column of the contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from pilar.contracts import Contract
from pilar.reading.cells import key, text_of, visible
from pilar.reading.model import Rejected, Value

SEARCHED_ROWS = 100
"""A header stands in the first rows, below titles, letterheads and instructions."""

MAX_DEPTH = 3
MIN_MATCHES = 2
"""One known word in a row is chance; two are a header."""

Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]

_FORMAT_HINT = re.compile(
    r"""\((?: [dmyhbt/.\ -]+ | rp\.? | l\s*/\s*p | l\s*atau\s*p | \d+\s*(?:digit|angka)
          | wajib(?:\ diisi)? | teks | text | opsional | pilihan )\)""",
    re.IGNORECASE | re.VERBOSE,
)
_HOME_ADDRESS = re.compile(r"alamat|ktp|domisili|tempat tinggal|rumah", re.IGNORECASE)
_MANY_DIGITS = 6
_LONGEST = 400
_PLACES = ("region", "district")
"""Columns of duty: below a heading that speaks of the home address the same words mean something else."""


@dataclass(frozen=True)
class Layout:
    """Where the columns of a contract stand in a sheet. Indices are 0-based."""

    columns: dict[str, int]
    """Contract column → index."""
    names: dict[str, str]
    """Contract column → header text as printed."""
    ignored: list[str]
    """Headers that name no column of the contract."""
    first: int
    """Index of the first header row."""
    depth: int
    """Header rows, sub-headings and column numbers included."""
    keys: list[list[str]]
    """Comparison keys of the header rows, to know them again further down."""
    width: int
    """Columns of the header."""
    twins: list[tuple[str, int, int]] = field(default_factory=list)
    """(contract column, index, other index): named alike, so they must hold the same."""
    context: dict[str, str] = field(default_factory=dict)
    """Contract column → value that title, sheet or file name gives to all rows."""

    @property
    def end(self) -> int:
        """Index of the first row below the header."""
        return self.first + self.depth


def find(rows: Sequence[Sequence[Value]], merged: Merged, contract: Contract, *, keyed: bool = False) -> Layout | None:
    """The best header among the first rows; ``None`` when no row names two columns of the contract.

    ``keyed`` rows (JSON) have their keys in the first row and nowhere else.
    """
    names = _Names(contract)
    if keyed:
        layout = _layout([[_short(cell) for cell in rows[0]]], 0, 1, (), names)
        return layout if len(layout.columns) >= MIN_MATCHES else None
    texts = [[_short(cell) for cell in row] for row in rows[: SEARCHED_ROWS + MAX_DEPTH]]
    best: tuple[int, int, int, int] | None = None
    unbeatable = (len(contract.columns), 0, -1)
    for first in range(min(len(texts), SEARCHED_ROWS)):
        if best and best[:3] == unbeatable:
            break
        for depth in range(1, min(MAX_DEPTH, len(texts) - first) + 1):
            if depth > 1 and _filled(texts[first]) < MIN_MATCHES:
                break  # a title above the header, not a heading over columns
            columns, twins = names.claimed(_window(texts, first, depth, merged))
            rank = (len(columns), -len(twins), -depth, -first)
            if len(columns) >= MIN_MATCHES and (best is None or rank > best):
                best = rank
    if best is None:
        return None
    _, _, depth, first = best
    return _with_lower_rows(_layout(texts, -first, -depth, merged, names), texts, merged)


def missing(layout: Layout, contract: Contract) -> list[str]:
    """Required columns that neither a column nor the context gives."""
    have = {*layout.columns, *layout.context}
    return [column.name for column in contract.columns if column.required and column.name not in have]


_ALIKE = 0.7
"""How like one of ours a header must be to count as misspelt."""


def missing_column(sheet: str, layout: Layout, contract: Contract) -> Rejected:
    """FILE_MISSING_COLUMN that names sheet, columns, their accepted headers and the headers that were seen: of foreign
    ones those that are like one of the contract's, as any other may be somebody's name."""
    columns = {column.name: column for column in contract.columns}
    wanted = ", ".join(
        f"{name} ({' / '.join(columns[name].headers[:3]) or name})" for name in missing(layout, contract)
    )
    known = [key(header) for column in contract.columns for header in (column.name, *column.headers)]
    alike = [name for name in layout.ignored if get_close_matches(key(name), known, n=1, cutoff=_ALIKE)]
    others = len(layout.ignored) - len(alike)
    seen = ", ".join([*layout.names.values(), *alike, *([f"+ {others}"] if others else [])])
    return Rejected(
        "FILE_MISSING_COLUMN",
        f"Lembar {sheet}, baris judul {layout.first + 1}: tidak ada kolom {wanted}. Judul yang terbaca: {seen}.",
        f"Sheet {sheet}, header row {layout.first + 1}: no column {wanted}. Headers seen: {seen}.",
    )


def ambiguous(sheet: str, column: str, row: int) -> Rejected:
    """FILE_AMBIGUOUS_HEADER: two columns of one name that differ."""
    return Rejected(
        "FILE_AMBIGUOUS_HEADER",
        f"Lembar {sheet}: kolom {column} ada dua, dan isinya berbeda di baris {row}.",
        f"Sheet {sheet}: column {column} stands twice and differs in row {row}.",
    )


def _short(cell: Value) -> str | None:
    """As much of a cell as a name may have: a header is sought in megabytes of text as quickly as in words."""
    text = text_of(cell)
    return text[:_LONGEST] if text else None


@dataclass(frozen=True)
class _Window:
    """Rows that may be a header: of each column its texts, top to bottom, and the heading over it."""

    paths: list[list[str | None]]
    headings: list[str | None]


class _Names:
    """What the columns of a contract may be called. Each text is looked at once, in however many windows it stands."""

    def __init__(self, contract: Contract) -> None:
        self._synonyms: dict[str, dict[str, int]] = {}
        """Header key → contract columns it may name, each with the rank of the synonym (0 is best)."""
        for column in contract.columns:
            for rank, header in enumerate([*column.headers, column.name]):
                self._synonyms.setdefault(key(header), {}).setdefault(column.name, rank)
        self._keys: dict[str, str] = {}

    def claimed(self, window: _Window) -> tuple[dict[str, int], list[tuple[str, int, int]]]:
        """(contract column → index, twins), as in :class:`Layout`."""
        claims: dict[str, list[tuple[int, int, int]]] = {}
        for index, path in enumerate(window.paths):
            for column, (rank, penalty) in self._named(path, window.headings[index]).items():
                claims.setdefault(column, []).append((rank, penalty, index))
        columns: dict[str, int] = {}
        twins: list[tuple[str, int, int]] = []
        for column, claim in claims.items():
            best, *others = sorted(claim)
            columns[column] = best[2]
            twins += [(column, best[2], other[2]) for other in others if other[:2] == best[:2]]
        return columns, twins

    def _named(self, path: list[str | None], heading: str | None) -> dict[str, tuple[int, int]]:
        """Contract columns that a column's header cells, top to bottom, name: each with (rank, penalty)."""
        parts = list(dict.fromkeys(text for text in path if text))
        if not parts:
            return {}
        for names, penalty in ((_whole_names(parts), 0), ([parts[-1:]], 1)):
            for name in names:
                found, further = self._synonyms.get("".join(map(self._key, name))), 0
                if not found and any("(" in part for part in name):
                    found, further = self._synonyms.get(key(_FORMAT_HINT.sub(" ", " ".join(name)))), 1
                if found:
                    above = " ".join([heading or "", *parts[:-1]]) if penalty or heading else ""
                    return {
                        column: (rank, penalty + further)
                        for column, rank in found.items()
                        if not (column in _PLACES and _HOME_ADDRESS.search(above))
                    }
        return {}

    def _key(self, text: str) -> str:
        known = self._keys.get(text)
        if known is None:
            known = self._keys[text] = key(text)
        return known


def _window(texts: list[list[str | None]], first: int, depth: int, merged: Merged) -> _Window:
    rows = texts[first : first + depth]
    width = max((_width(row) for row in rows), default=0)
    spread = [_spread(row, first + offset, rows[offset + 1 :], width, merged) for offset, row in enumerate(rows)]
    return _Window([list(path) for path in zip(*spread, strict=True)], _headings(texts, first, width, merged))


def _layout(texts: list[list[str | None]], first: int, depth: int, merged: Merged, names: _Names) -> Layout:
    window = _window(texts, first, depth, merged)
    columns, twins = names.claimed(window)
    printed = [_printed(path) for path in window.paths]
    taken = set(columns.values())
    return Layout(
        columns=columns,
        names={column: printed[index] for column, index in columns.items()},
        ignored=[name for index, name in enumerate(printed) if name and index not in taken],
        first=first,
        depth=depth,
        keys=[[key(text) for text in row] for row in texts[first : first + depth]],
        width=len(window.paths),
        twins=twins,
    )


def _whole_names(parts: list[str]) -> list[list[str]]:
    """``[TANGGAL, LAHIR]`` → TANGGAL LAHIR; ``[LOKASI TUGAS, KECAMATAN]`` → KECAMATAN LOKASI TUGAS."""
    if len(parts) == 1:
        return [parts]
    names = [parts, parts[::-1]]
    if len(parts) > 2:
        names += [parts[-2:], parts[:-3:-1]]
    return names


def _headings(texts: list[list[str | None]], first: int, width: int, merged: Merged) -> list[str | None]:
    """What stands over each column in the row above the header, if that row is one of headings."""
    if first == 0 or _filled(texts[first - 1]) < MIN_MATCHES:
        return [None] * width
    return _spread(texts[first - 1], first - 1, texts[first : first + 1], width, merged)


def _spread(
    row: list[str | None], number: int, below: list[list[str | None]], width: int, merged: Merged
) -> list[str | None]:
    """A header row with merged cells filled in.

    Without merged ranges (text files, ODS) a heading reaches right over empty cells, as long as something
    stands below them.
    """
    cells = [row[index] if index < len(row) else None for index in range(width)]
    ranges = [area for area in merged if area[0][0] <= number <= area[1][0]]
    if ranges:
        for (top, left), (_, right) in ranges:
            if top == number:
                for index in range(left, min(right, width - 1) + 1):
                    cells[index] = cells[left]
        return cells
    if not below:
        return cells
    for index in range(1, width):
        covered = any(index < len(lower) and lower[index] for lower in below)
        if cells[index] is None and covered:
            cells[index] = cells[index - 1]
    return cells


def _printed(path: list[str | None]) -> str:
    """The header as one line. A text with many digits is no header but a value, and values stay out of receipts."""
    name = " ".join(" ".join(dict.fromkeys(text for text in path if text)).split())
    name = visible(name[:_LONGEST])
    return name if sum(map(str.isdigit, name)) < _MANY_DIGITS else "…"


def _with_lower_rows(layout: Layout, texts: list[list[str | None]], merged: Merged) -> Layout:
    """The header with what still belongs to it: sub-headings of other columns, and the row of column numbers."""
    depth = layout.depth
    while layout.first + depth < len(texts) and depth < layout.depth + 2:
        row = texts[layout.first + depth]
        if not (_is_numbering(row) or _is_sub_heading(row, layout, layout.first + depth, merged)):
            break
        depth += 1
    keys = [[key(text) for text in row] for row in texts[layout.first : layout.first + depth]]
    width = max(layout.width, *(_width(row) for row in texts[layout.first : layout.first + depth]))
    return replace(layout, depth=depth, keys=keys, width=width)


def _is_numbering(row: list[str | None]) -> bool:
    """``1 2 3 4`` or ``(1) (2) (3)`` under the header of an official form."""
    keys = [key(text) for text in row if text]
    return len(keys) > 2 and keys == [str(number) for number in range(1, len(keys) + 1)]


def _is_sub_heading(row: list[str | None], layout: Layout, number: int, merged: Merged) -> bool:
    mapped = set(layout.columns.values())
    filled = {index: text for index, text in enumerate(row) if text}
    if not filled or mapped.intersection(filled) or any(any(map(str.isdigit, text)) for text in filled.values()):
        return False
    reaches_down = any(area[0][0] < number <= area[1][0] and area[0][0] >= layout.first for area in merged)
    return reaches_down or len(filled) > 1


def _filled(row: list[str | None]) -> int:
    return sum(1 for text in row if text)


def _width(row: list[str | None]) -> int:
    return max((index + 1 for index, text in enumerate(row) if text), default=0)
