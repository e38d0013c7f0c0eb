"""Pilar's own workbooks come back: the submitter's sheets are read as if nothing had been written beside them.

A workbook of :mod:`pilar.workbooks` is known by what stands in its sheets, not by its name or its properties, so that
Excel, LibreOffice and openpyxl may save it and people may rename and sort it:

* a sheet whose first cell begins with one of the marks below is ours: summary, verdicts, or a list of findings;
* in the other sheets the columns headed :data:`NOTES` are ours, and so is a row marked :data:`SUPERSEDED`: a later
  delivery holds those rows now, and an old workbook must not bring them back;
* the summary says which sheet was which sheet of which file, because a pillar or region may be told by those names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pilar.contracts import contracts
from pilar.reading import headers
from pilar.reading.cells import key, text_of
from pilar.reading.model import Sheet, Value

SUMMARY = "PILAR · RINGKASAN"
VERDICTS = "PILAR · KEPUTUSAN"
FINDINGS = "PILAR · DAFTAR TEMUAN"

NOTES = ("Alasan", "Nilai diberikan", "Nilai diharapkan", "Cara memperbaiki", "Kode aturan", "Baris")
"""Headers of the columns to the right of the submitter's last one."""

ORIGINS = ("Lembar", "Lembar asal", "Berkas asal", "Isi arsip")
"""Headers of the table that says where the sheets come from."""

SUPERSEDED = "DIGANTIKAN"
"""Stands under ``Kode aturan`` of a row that a later delivery holds."""

_SURE = 3
"""Of our headers side by side and in order: an ALASAN of the submitter's own beside PETUGAS is no note."""
_SEARCHED = headers.SEARCHED_ROWS + headers.MAX_DEPTH
_NOTE_KEYS = [key(name) for name in NOTES]
_CODE = NOTES.index("Kode aturan")


@dataclass(frozen=True)
class Origin:
    """The sheet's name as findings have it; the file below the submitter's folder; its member, if it is an archive."""

    sheet: str
    file: str
    member: str


@dataclass(frozen=True)
class Book:
    """Sheets without what Pilar added, where they come from by their names, and what else the workbook brings."""

    sheets: list[Sheet]
    origins: dict[str, Origin] = field(default_factory=dict)
    verdicts: list[list[str]] = field(default_factory=list)
    """Rows of the verdicts that were filled in, in the order of the columns of the decisions' contract."""
    is_part: bool = False
    """Whether it only lists findings: it has not all rows of the file, so it is no delivery."""


def opened(sheets: Sequence[Sheet], *, keep_verdicts: bool = False) -> Book:
    """Take apart what may be one of our workbooks; any other comes out as it went in.

    ``keep_verdicts`` leaves the sheet of verdicts among the sheets, as a table of those that were filled in.
    """
    kept: list[Sheet] = []
    book = Book(kept)
    is_part = False
    for sheet in sheets:
        mark = key(_first(sheet))
        if mark.startswith(key(SUMMARY)):
            book.origins.update(_origins(sheet))
        elif mark.startswith(key(VERDICTS)):
            table = _filled_in(sheet)
            book.verdicts.extend(_verdicts(table))
            if keep_verdicts:
                kept.append(table)
        elif mark.startswith(key(FINDINGS)):
            is_part = True
        else:
            kept.append(_without_notes(sheet))
    return Book(kept, book.origins, book.verdicts, is_part)


def _first(sheet: Sheet) -> str | None:
    return text_of(sheet.rows[0][0]) if sheet.rows and sheet.rows[0] else None


def _origins(summary: Sheet) -> dict[str, Origin]:
    """The rows below the header of :data:`ORIGINS`, as far as they go."""
    found: dict[str, Origin] = {}
    below = False
    for row in summary.rows:
        texts = [text_of(cell) or "" for cell in row[: len(ORIGINS)]]
        texts += [""] * (len(ORIGINS) - len(texts))
        if below:
            if not texts[0]:
                break
            found[texts[0]] = Origin(texts[1] or texts[0], texts[2].strip("/"), texts[3])
        below = below or [key(text) for text in texts] == [key(name) for name in ORIGINS]
    return found


def _filled_in(sheet: Sheet) -> Sheet:
    """The verdicts' sheet with the rows emptied that hold none: there is a place for one beside each finding."""
    layout = headers.find(sheet.rows, (), contracts()["decisions"])
    if layout is None or "verdict" not in layout.columns:
        return Sheet(sheet.name, [])
    at = layout.columns["verdict"]
    rows = [
        row if number < layout.end or (at < len(row) and text_of(row[at])) else [None] * len(row)
        for number, row in enumerate(sheet.rows)
    ]
    return Sheet(sheet.name, rows)


def _verdicts(table: Sheet) -> list[list[str]]:
    contract = contracts()["decisions"]
    layout = headers.find(table.rows, (), contract)
    if layout is None:
        return []
    places = [layout.columns.get(column.name) for column in contract.columns]
    return [
        [_one_line(row[at]) if at is not None and at < len(row) else "" for at in places]
        for row in table.rows[layout.end :]
        if any(cell is not None for cell in row)
    ]


def _one_line(cell: Value) -> str:
    return " ".join((text_of(cell) or "").split())


def _without_notes(sheet: Sheet) -> Sheet:
    notes = _note_columns(sheet.rows)
    if not notes:
        return sheet
    code = notes.get(_CODE)
    ours = set(notes.values())
    rows: list[list[Value]] = []
    for row in sheet.rows:
        if code is not None and code < len(row) and key(text_of(row[code])) == SUPERSEDED:
            rows.append([None] * len(row))
        else:
            rows.append([None if index in ours else cell for index, cell in enumerate(row)])
    return Sheet(sheet.name, rows, sheet.merged)


def _note_columns(rows: Sequence[Sequence[Value]]) -> dict[int, int]:
    """Note (its place in :data:`NOTES`) → column, of the longest run of our headers; nothing if there is none."""
    best: dict[int, int] = {}
    for row in rows[:_SEARCHED]:
        run: dict[int, int] = {}
        for index, cell in enumerate(row):
            name = key(text_of(cell)) if isinstance(cell, str) else ""
            note = _NOTE_KEYS.index(name) if name in _NOTE_KEYS else -1
            if note < 0 or note <= max(run, default=-1):
                run = {}
            if note >= 0:
                run[note] = index
            if len(run) > len(best):
                best = dict(run)
    return best if len(best) >= _SURE else {}
