"""How cells of a workbook look, and how a value becomes one.

No text of a submitter ever becomes a formula or a link: every cell is written by its type. What identifies has the
format Text, so that what is typed anew keeps all of its digits; a number stays a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pilar.reading.cells import text_of
from pilar.reading.model import Value
from pilar.workbooks.fast import Cell

Tone = Literal["", "head", "error", "warning", "info", "gone"]

MAX_TEXT = 32_000
"""Letters of a cell; Excel has no more than 32,767."""
NOTE_WIDTHS = (46, 24, 40, 46, 26, 8)

_EXACT = 2**53
"""Above this a spreadsheet's number loses digits."""
_EARLIEST = 1901
"""Excel's days before 1 March 1900 are off by one."""
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_TONES: dict[Tone, dict[str, object]] = {
    "": {},
    "head": {"bold": True, "bg_color": "#E7EFEC", "bottom": 1},
    "error": {"bg_color": "#FFC7CE", "font_color": "#7F0010"},
    "warning": {"bg_color": "#FFEB9C", "font_color": "#5F4700"},
    "info": {"bg_color": "#DCE9F7", "font_color": "#1D3B5C"},
    "gone": {"bg_color": "#EFEFEF", "font_color": "#6B6B6B"},
}
_LINES: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 16, "font_color": "#175C4C"},
    "subtitle": {"font_color": "#4A4A4A"},
    "heading": {"bold": True, "font_size": 12, "font_color": "#175C4C"},
    "plain": {},
    "strong": {"bold": True},
    "quiet": {"italic": True, "font_color": "#5A5A5A"},
    "head": {"bold": True, "bg_color": "#175C4C", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"},
    "critical": {"bg_color": "#FFC7CE", "text_wrap": True, "valign": "top"},
    "error": {"bg_color": "#FFC7CE", "text_wrap": True, "valign": "top"},
    "warning": {"bg_color": "#FFEB9C", "text_wrap": True, "valign": "top"},
    "info": {"bg_color": "#DCE9F7", "text_wrap": True, "valign": "top"},
}


@dataclass
class Styles:
    """Formats of one workbook, each made once."""

    book: Workbook
    _made: dict[tuple[object, ...], Format] = field(default_factory=dict)

    def cell(self, tone: Tone, kind: str = "") -> Format:
        """``kind`` is ``@`` for text, a date's format, or nothing."""
        look = _TONES[tone] | {"valign": "top"} | ({"num_format": kind} if kind else {})
        return self._format(("cell", tone, kind), look)

    def line(self, style: str) -> Format:
        return self._format(("line", style), _LINES[style])

    def note(self, *, header: bool = False) -> Format:
        if header:
            return self.line("head")
        return self._format(("note",), {"text_wrap": True, "valign": "top", "left": 1, "left_color": "#BFD3CC"})

    def _format(self, name: tuple[object, ...], look: Mapping[str, object]) -> Format:
        if name not in self._made:
            self._made[name] = self.book.add_format(dict(look))
        return self._made[name]


def shown(text: str) -> str:
    """The text as a cell can hold it."""
    return _UNSEEN.sub("\ufffd", text)[:MAX_TEXT]


def plain(cells: Sequence[Value], looks: Sequence[Format]) -> list[Cell] | None:
    """The cells of a row in which nothing is marked, as :func:`put` would write them; None if it holds a day, say."""
    found: list[Cell] = []
    for column, (value, look) in enumerate(zip(cells, looks, strict=False)):
        if value is None:
            continue
        if isinstance(value, str):
            if value and not value.isspace():
                found.append((column, value, look))
        elif isinstance(value, bool) or not isinstance(value, int | float):
            return None
        elif math.isfinite(value) and abs(value) < _EXACT:
            found.append((column, value, look))
        else:
            return None
    return found


def put(sheet: Worksheet, row: int, column: int, value: Value, styles: Styles, *, tone: Tone, text: bool) -> None:
    """One cell as it came: text as text, a number as a number, a day as a day."""
    kind = "@" if text else ""
    if isinstance(value, str):
        if value.strip() or tone:
            sheet.write_string(row, column, shown(value), styles.cell(tone, kind))
    elif value is None:
        if tone:
            sheet.write_blank(row, column, None, styles.cell(tone, kind))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, styles.cell(tone, kind))
    elif isinstance(value, int | float) and math.isfinite(value) and abs(value) < _EXACT:
        sheet.write_number(row, column, value, styles.cell(tone, kind))
    elif isinstance(value, datetime) and value.year >= _EARLIEST:
        sheet.write_datetime(row, column, value.replace(tzinfo=None), styles.cell(tone, "dd/mm/yyyy hh:mm:ss"))
    elif isinstance(value, date) and value.year >= _EARLIEST:
        sheet.write_datetime(row, column, value, styles.cell(tone, "dd/mm/yyyy"))
    else:
        sheet.write_string(row, column, text_of(value) or "", styles.cell(tone, kind))
