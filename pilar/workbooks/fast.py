"""A worksheet that writes plain rows at once: of a long file nearly every row has nothing wrong.

XlsxWriter takes some 8 µs for each cell; a row whose cells are texts and numbers can be put together in one go. What it
writes is XlsxWriter's own XML to the byte (a test compares them), so anything else, such as a text to be escaped, is
left to XlsxWriter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

Cell = tuple[int, str | int | float, Format]
"""Column, value, look."""

LONGEST = 16_000
"""Letters of a row's texts; in a longer row one may have more than a cell can hold."""
_EDGE = "\x1f"
_ODD = re.compile(rf"[&<>\x00-\x08\x0b-\x1e\ufffe\uffff]|_x[0-9a-fA-F]{{4}}_|(?:^|{_EDGE})\s|\s(?:{_EDGE}|$)")
"""What must be escaped or kept by an attribute, in texts joined by an edge."""


class FastSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """A worksheet of a workbook in constant memory."""

    def __init__(self) -> None:
        super().__init__()
        self._heads: dict[tuple[int, Format], tuple[str, str]] = {}

    def write_plain(self, row: int, listed: Sequence[Cell]) -> bool:
        """Write a whole row, columns ascending, below all rows so far; False if XlsxWriter must do it cell by cell."""
        texts = [value for _, value, _ in listed if isinstance(value, str)]
        joined = _EDGE.join(texts)
        if len(joined) > LONGEST or joined.count(_EDGE) != max(len(texts) - 1, 0) or _ODD.search(joined):
            return False
        if not listed:
            return True
        if self._check_dimensions(row, listed[0][0]) or self._check_dimensions(row, listed[-1][0]):
            return False
        if row > self.previous_row:
            self._write_single_row(row)
        number = row + 1
        parts = [f'<row r="{number}">']
        for column, value, look in listed:
            head = self._heads.get((column, look)) or self._head(column, look)
            if isinstance(value, str):
                parts.append(f'{head[0]}{number}{head[1]} t="inlineStr"><is><t>{value}</t></is></c>')
            else:
                parts.append(f"{head[0]}{number}{head[1]}><v>{value:.16G}</v></c>")
        parts.append("</row>")
        self.fh.write("".join(parts))
        return True

    def write_cells(self, row: int, listed: Sequence[Cell]) -> None:
        """Write a whole row of texts and numbers, at once where that can be."""
        if self.write_plain(row, listed):
            return
        for column, value, look in listed:
            if isinstance(value, str):
                self.write_string(row, column, value, look)
            else:
                self.write_number(row, column, value, look)

    def _head(self, column: int, look: Format) -> tuple[str, str]:
        made = f'<c r="{xl_col_to_name(column)}', f'" s="{look._get_xf_index()}"'
        self._heads[column, look] = made
        return made

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        """XlsxWriter takes a text in ``<r>…</r>`` for markup of its own; here it is somebody's cell."""
        self._xml_inline_string(string, None, attributes)
