"""What readers hand on: sheets of cells with their places, an account of what was read, or a refusal with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

MAX_NAME = 1000
"""Letters in the name of a sheet or of an archive's member, which stands beside each of its rows."""

Value = str | int | float | bool | date | datetime | time | timedelta | None
"""A cell as the file types it. Text formats give ``str``; an empty cell is ``None``.

The Python type is evidence: a NIK that arrives as ``float`` has lost its 16th digit.
"""


@dataclass(frozen=True)
class Sheet:
    """A grid of cells. ``rows[i]`` is physical row ``i + 1`` of the sheet or text file."""

    name: str
    rows: list[list[Value]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    """Merged ranges as 0-based ((row, column), (row, column)), both ends inside."""


@dataclass(frozen=True)
class Control:
    """A line that states what the rows must add up to. ``value`` is text as printed, ``None`` if there is none."""

    name: str
    value: str | None
    sheet: str
    source_row: int


@dataclass
class SheetRead:
    """What was understood of one sheet, text file or archive member."""

    name: str
    header_row: int | None = None
    """Physical row of the header's first line, from 1; ``None`` when the sheet was not read."""
    rows: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    """Rows that are no records, by kind: title, blank, header, control, trailer."""
    columns: dict[str, str] = field(default_factory=dict)
    """Contract column → header text; for a value from the context ``= value``."""
    ignored_headers: list[str] = field(default_factory=list)
    note: str | None = None
    """Why the sheet was not read: ``hidden``, ``empty``, ``no header``, ``another table``."""
    ragged_rows: list[dict[str, int]] = field(default_factory=list)
    """Text rows with more cells than the header: ``source_row`` and how many ``extra_cells``; at most 1,000 named."""


@dataclass
class Reading:
    """What was read of a file."""

    rows: int = 0
    sheets: list[SheetRead] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)


class Rejected(Exception):
    """A file is refused whole.

    ``rule_code`` stands in the rule catalogue, which holds the general sentence. ``detail_id`` and
    ``detail_en`` say what is special to this file (sheet, column, what was understood), never a cell value
    of a column that may hold personal data.
    """

    def __init__(self, rule_code: str, detail_id: str = "", detail_en: str = "") -> None:
        super().__init__(f"{rule_code}: {detail_en}" if detail_en else rule_code)
        self.rule_code = rule_code
        self.detail_id = detail_id
        self.detail_en = detail_en
