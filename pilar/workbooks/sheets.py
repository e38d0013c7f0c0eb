"""The sheets that are Pilar's own: the summary, the verdicts, and a list of findings where that must do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pilar import deciding
from pilar.reading.annotated import NOTES, VERDICTS
from pilar.reading.original import Original
from pilar.rules import rule
from pilar.workbooks.fast import Cell, FastSheet
from pilar.workbooks.findings import Finding
from pilar.workbooks.rows import Given
from pilar.workbooks.styles import NOTE_WIDTHS, Styles, Tone, shown
from pilar.workbooks.words import Line

MAX_VERDICTS = 2000
"""Findings with a place for a verdict; who has more mends the file."""

_LONGEST_NAME = 31
_FILLED = ("head", "critical", "error", "warning", "info")
_SUMMARY_WIDTHS = (38, 26, 24, 24, 46, 46, 46)
_VERDICT_HEADS = ("Lembar", "Baris", "Aturan", "Temuan", "Isi sel", "Tentang", *deciding.HEAD[:5])
_VERDICT_WIDTHS = (20, 8, 26, 46, 24, 46, 26, 18, 40, 20, 18)


def write_summary(sheet: Worksheet, lines: Iterable[Line], styles: Styles) -> None:
    """The lines of :func:`pilar.workbooks.words.summary`."""
    for column, width in enumerate(_SUMMARY_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for row, line in enumerate(lines):
        for column, cell in enumerate(line.cells):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell, styles.line(line.style))
            elif cell or line.style in _FILLED:
                sheet.write_string(row, column, shown(cell), _whole_line(line, styles))


def _whole_line(line: Line, styles: Styles) -> Format:
    """A sentence that stands alone runs on over the columns; a table's cell wraps."""
    if len(line.cells) > 1 or line.style not in _FILLED[1:]:
        return styles.line(line.style)
    return styles.cell("error" if line.style == "critical" else line.style)  # type: ignore[arg-type]


def _filled(cells: Sequence[str | int | None], looks: Sequence[Format]) -> list[Cell]:
    """The cells that hold something, as a cell can hold it."""
    return [
        (column, shown(cell) if isinstance(cell, str) else cell, look)
        for column, (cell, look) in enumerate(zip(cells, looks, strict=True))
        if cell is not None and cell != ""
    ]


def write_verdicts(sheet: FastSheet, rows: Sequence[tuple[str, Finding, str]], given: Given, styles: Styles) -> None:
    """A line for each finding that a verdict can settle: (sheet's name, finding, whom it is about)."""
    for column, letters in enumerate(_VERDICT_WIDTHS):
        sheet.set_column(
            column, column, letters, styles.cell("", "@") if column >= _VERDICT_HEADS.index("ALASAN") else None
        )
    told = (
        (VERDICTS, "title"),
        ("Isi hanya bila barisnya benar atau temuan menyangkut dua orang. Kosong: tidak ada keputusan.", "plain"),
        ("Fill in only where the row is right, or where two people may be one. Empty means no verdict.", "quiet"),
        ("ALASAN dan PETUGAS wajib diisi; jangan menulis NIK, nama, atau nomor rekening di ALASAN.", "plain"),
        ("ALASAN (reason) and PETUGAS (your account) are required; no NIK, name or account in the reason.", "quiet"),
    )  # fmt: skip
    for row, (text, style) in enumerate(told):
        sheet.write_string(row, 0, text, styles.line(style))
    head = len(told)
    for column, name in enumerate(_VERDICT_HEADS):
        sheet.write_string(head, column, name, styles.note(header=True))
    sheet.freeze_panes(head + 1, 0)
    first = head + 1
    runs: list[tuple[tuple[str, ...], int, int]] = []
    for row, (name, finding, about) in enumerate(rows, start=first):
        known = rule(finding.rule_code)
        cells: tuple[str | int | None, ...] = (
            name, finding.row, known.rule_code, f"{known.message_id}\n{known.message_en}",
            given.values.get(finding.key), about, finding.key,
        )  # fmt: skip
        sheet.write_cells(row, _filled(cells, [styles.note()] * len(cells)))
        fits = deciding.fitting(finding.rule_code)
        if runs and runs[-1][0] == fits:
            runs[-1] = (fits, runs[-1][1], row)
        else:
            runs.append((fits, row, row))
    verdict = _VERDICT_HEADS.index("KEPUTUSAN")
    for fits, top, bottom in runs:
        listed = ", ".join(fits)
        sheet.data_validation(
            top, verdict, bottom, verdict,
            {
                "validate": "list", "source": list(fits), "error_title": "KEPUTUSAN",
                "error_message": f"Pilih salah satu: {listed}. Kosongkan bila tidak ada keputusan.",
            },
        )  # fmt: skip


def list_findings(
    sheet: FastSheet,
    mark: str,
    head: Sequence[str],
    rows: Iterable[tuple[Sequence[str | int | None], Tone]],
    styles: Styles,
) -> None:
    """Wrong rows only, for a file that cannot be written out again: the mark, two sentences, then a table."""
    told = (
        (mark, "title"),
        ("Hanya baris yang salah. Perbaiki berkas asli; buku kerja ini tidak dibaca sebagai kiriman.", "plain"),
        ("Wrong rows only. Mend your own file; this workbook is not read as a delivery.", "quiet"),
    )
    for number, (text, style) in enumerate(told):
        sheet.write_string(number, 0, text, styles.line(style))
    for column, name in enumerate(head):
        sheet.write_string(len(told), column, name, styles.note(header=True))
    notes_from = len(head) - len(NOTES)
    for column in range(len(head)):
        letters = NOTE_WIDTHS[column - notes_from] if column >= notes_from else 20
        sheet.set_column(column, column, letters, styles.cell("", "@"))
    sheet.freeze_panes(len(told) + 1, 0)
    last = len(told)
    for last, (cells, tone) in enumerate(rows, start=len(told) + 1):
        looks = [styles.cell(tone, "@"), *[styles.cell("", "@")] * (notes_from - 1), *[styles.note()] * len(NOTES)]
        sheet.write_cells(last, _filled(cells, looks))
    sheet.autofilter(len(told), 0, last, len(head) - 1)


def sheet_names(originals: Sequence[Original], reserved: Iterable[str]) -> list[str]:
    """Names that Excel takes, as like the original ones as can be, none twice."""
    taken = {name.casefold() for name in (*reserved, "History")}
    names: list[str] = []
    for original in originals:
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "-", original.name).strip("' ") or "Lembar"
        name, count = plain[:_LONGEST_NAME].rstrip("' "), 1
        while name.casefold() in taken:
            count += 1
            name = f"{plain[: _LONGEST_NAME - len(f' ({count})')]} ({count})"
        taken.add(name.casefold())
        names.append(name)
    return names
