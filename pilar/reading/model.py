"""What a reader hands on: sheets of cells with their places, or a refusal with a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

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
