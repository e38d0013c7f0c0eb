"""A sheet of the submitter, written again row by row: every cell at its place, wrong ones marked, notes beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from pilar.reading.annotated import NOTES
from pilar.reading.cells import text_of
from pilar.reading.headers import SEARCHED_ROWS
from pilar.reading.model import Value
from pilar.reading.original import Original
from pilar.rules import rule
from pilar.workbooks import notes
from pilar.workbooks.fast import FastSheet
from pilar.workbooks.findings import Finding
from pilar.workbooks.styles import MAX_TEXT, NOTE_WIDTHS, Styles, Tone, plain, put, shown

MAX_COMMENTS = 1000
"""Comments of a workbook: each is a drawing that Excel keeps in memory, and the reason stands beside the row anyway."""

_SAMPLED_ROWS = 200
_MAX_MERGED = 500
_MAX_MERGED_ROWS = 200


@dataclass
class Marks:
    """What is to be marked in one sheet."""

    by_row: Mapping[int, Sequence[Finding]]
    """Row as findings count → its findings."""
    superseded: frozenset[int] = frozenset()
    whole_columns: Mapping[str, notes.Systemic] = field(default_factory=dict)
    """Rule code → that it is wrong nearly everywhere: told once, at the header."""

    def __bool__(self) -> bool:
        return bool(self.by_row or self.superseded)


@dataclass
class Given:
    """What was read of the cells in question: for the sheet of verdicts, by finding."""

    values: dict[str, str] = field(default_factory=dict)
    comments: int = 0


class OriginalSheet:
    """Writes one sheet. ``given`` is shared by the sheets of a workbook."""

    def __init__(self, sheet: FastSheet, original: Original, marks: Marks, styles: Styles, given: Given) -> None:
        self._sheet = sheet
        self._original = original
        self._marks = marks
        self._styles = styles
        self._given = given
        self._layout = original.layout
        self._width = max(original.width, original.layout.width if original.layout else 0)

    def write(self, text_columns: frozenset[int]) -> None:
        """All of it; ``text_columns`` are those whose cells get the format Text."""
        self._set_columns(text_columns)
        looks = [self._styles.cell("", "@" if at in text_columns else "") for at in range(self._width)]
        _keep_merged(self._sheet, self._original)
        header = self._header_row()
        last = -1
        for index, cells in enumerate(self._original.rows()):
            number = index + 1 - self._original.above
            last = index
            if (
                index != header
                and not self._is_marked(index, number)
                and len(cells) <= self._width
                and (quick := plain(cells, looks)) is not None
                and self._sheet.write_plain(index, quick)
            ):
                continue
            self._write_cells(index, number, cells, text_columns)
            if index == header and self._marks:
                self._write_header(index)
            elif number in self._marks.by_row or number in self._marks.superseded:
                self._write_note(index, number, cells)
        if self._layout:
            self._sheet.freeze_panes(min(self._layout.end, 20), 0)
            if self._marks and last >= self._layout.end:
                self._sheet.autofilter(self._layout.end - 1, 0, last, self._width + len(NOTES) - 1)

    def _is_marked(self, index: int, number: int) -> bool:
        """Whether a row looks otherwise than it came: by a finding, by a later delivery, as the header."""
        is_header = self._layout is not None and self._layout.first <= index < self._layout.end
        return is_header or number in self._marks.by_row or number in self._marks.superseded

    def _set_columns(self, text_columns: frozenset[int]) -> None:
        for column, letters in enumerate(_widths(self._original, self._width)):
            look = self._styles.cell("", "@") if column in text_columns else None
            self._sheet.set_column(column, column, letters, look)
        for offset, letters in enumerate(NOTE_WIDTHS if self._marks else ()):
            self._sheet.set_column(self._width + offset, self._width + offset, letters)

    def _write_cells(self, index: int, number: int, cells: Sequence[Value], text_columns: frozenset[int]) -> None:
        is_gone = number in self._marks.superseded
        tones = {} if is_gone else self._tones(self._marks.by_row.get(number, ()))
        is_header = self._layout is not None and self._layout.first <= index < self._layout.end
        base: Tone = "gone" if is_gone else "head" if is_header else ""
        for column in range(max(len(cells), max(tones, default=-1) + 1)):
            value = cells[column] if column < len(cells) else None
            tone = tones.get(column, base if value not in (None, "") else "")
            put(self._sheet, index, column, value, self._styles, tone=tone, text=column in text_columns)

    def _tones(self, found: Sequence[Finding]) -> dict[int, Tone]:
        return {column: tone_of(of_cell) for column, of_cell in self._by_column(found).items()}

    def _by_column(self, found: Sequence[Finding]) -> dict[int, list[Finding]]:
        by_column: dict[int, list[Finding]] = {}
        for finding in found:
            column = column_of(self._original, finding)
            if column is not None:
                by_column.setdefault(column, []).append(finding)
        return dict(sorted(by_column.items()))

    def _header_row(self) -> int:
        """Where the notes' own headers stand: in the header's last row, else above the first row with a finding."""
        if self._layout:
            return self._layout.end - 1
        first = min([*self._marks.by_row, *self._marks.superseded], default=1) - 1 + self._original.above
        return max(0, min(first - 1, SEARCHED_ROWS - 1))

    def _write_header(self, index: int) -> None:
        """The notes' headers; and what is wrong in a whole column, told once at the column's own."""
        for offset, name in enumerate(NOTES):
            self._sheet.write_string(index, self._width + offset, name, self._styles.note(header=True))
        by_column: dict[int, list[str]] = {}
        for code, one in self._marks.whole_columns.items():
            column = self._layout.columns.get(one.rule.field) if self._layout else None
            if column is not None:
                by_column.setdefault(column, []).append(code)
        for column, codes in sorted(by_column.items()):
            self._comment(index, column, codes)

    def _write_note(self, index: int, number: int, cells: Sequence[Value]) -> None:
        found = self._marks.by_row.get(number, ())

        def value_of(finding: Finding) -> tuple[str, str]:
            return given_of(self._original, cells, finding)

        note = notes.note(number, found, value_of, is_superseded=number in self._marks.superseded)
        *texts, place = note.cells()
        for offset, text in enumerate(texts):
            self._sheet.write_string(index, self._width + offset, shown(str(text)), self._styles.note())
        self._sheet.write_number(index, self._width + len(texts), place, self._styles.note())
        for finding in found:
            self._given.values[finding.key] = value_of(finding)[1]
        alone = [finding for finding in found if finding.rule_code not in self._marks.whole_columns]
        for column, of_cell in self._by_column(alone).items():
            self._comment(index, column, [finding.rule_code for finding in notes.gravest_first(of_cell)])

    def _comment(self, row: int, column: int, codes: Sequence[str]) -> None:
        if self._given.comments >= MAX_COMMENTS:
            return
        self._given.comments += 1
        known = [rule(code) for code in dict.fromkeys(codes)]
        told = [f"{one.message_id}\n→ {one.fix_id}" for one in known]
        told += [f"{one.message_en}\n→ {one.fix_en}" for one in known]
        text = "\n\n".join(told)
        lines = sum(1 + len(line) // 46 for line in text.split("\n"))
        look = {"author": "Pilar", "width": 320, "height": 18 * lines + 16, "font_size": 9}
        self._sheet.write_comment(row, column, text, look)


def given_of(original: Original, cells: Sequence[Value], finding: Finding) -> tuple[str, str]:
    """(header, text) of the cell that a finding is about; a value that title or file name gave is told as such."""
    column = column_of(original, finding)
    layout = original.layout
    if column is None:
        value = layout.context.get(finding.field, "") if layout else ""
        return (f"{finding.field} (judul/nama berkas)", value) if value else ("", "")
    value = text_of(cells[column]) or notes.EMPTY if column < len(cells) else notes.EMPTY
    header = layout.names.get(finding.field, "") if layout else f"kolom {xl_col_to_name(column)}"
    return header, value[:MAX_TEXT]


def column_of(original: Original, finding: Finding) -> int | None:
    """Index of the column that a finding is about, if the sheet has it."""
    if original.layout:
        return original.layout.columns.get(finding.field)
    return int(finding.column) - 1 if finding.column and finding.column.isdigit() else None


def tone_of(findings: Iterable[Finding]) -> Tone:
    """The look of a cell: that of the gravest finding on it."""
    severity = min((finding.severity for finding in findings), key=notes.severity_rank, default="info")
    return "error" if severity in ("critical", "error") else "warning" if severity == "warning" else "info"


def _widths(original: Original, width: int) -> list[int]:
    letters = [8] * width
    for row in islice(original.rows(), _SAMPLED_ROWS):
        if sum(1 for cell in row if cell not in (None, "")) < 2:
            continue  # a title runs on over its neighbours
        for column, cell in enumerate(row[:width]):
            letters[column] = max(letters[column], min(len(text_of(cell) or "") + 4, 40))
    return letters


def _keep_merged(sheet: Worksheet, original: Original) -> None:
    """Merged cells as they were. ``merge_range`` cannot reach below the row that is being written, its list can."""
    taken: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in islice(original.merged, _MAX_MERGED):
        area = {
            (row, column)
            for row in range(top, min(bottom, top + _MAX_MERGED_ROWS) + 1)
            for column in range(left, right + 1)
        }
        if len(area) > 1 and not area & taken and bottom - top < _MAX_MERGED_ROWS and right < original.width:
            taken |= area
            sheet.merge.append([top, left, bottom, right])
