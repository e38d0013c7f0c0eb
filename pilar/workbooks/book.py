"""One file with open findings → one workbook, written in constant memory from the exact bytes that landed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path, PurePosixPath

from xlsxwriter.workbook import Workbook

from pilar import deciding, raw
from pilar.config import Home, Limits
from pilar.contracts import Contract, contracts
from pilar.reading import sandbox
from pilar.reading.annotated import FINDINGS, NOTES
from pilar.reading.model import Rejected
from pilar.reading.original import Original
from pilar.rules import rule
from pilar.workbooks import notes, sheets, words
from pilar.workbooks.fast import FastSheet
from pilar.workbooks.findings import File, Finding, Source
from pilar.workbooks.rows import MAX_COMMENTS, Given, Marks, OriginalSheet, tone_of
from pilar.workbooks.styles import Styles, Tone

SUMMARY_SHEET = "Ringkasan"
VERDICTS_SHEET = "Keputusan"
LIST_SHEET = "Daftar temuan"

_SHEET_RULES = ("CONTROL_TOTAL_DIFFERS",)
"""Rules whose verdict settles a whole sheet (macro ``sheet_rules``): one place for it is enough."""


@dataclass(frozen=True)
class Job:
    """A file and what is known of it."""

    home: Home
    night_id: str
    file: File
    receipt: raw.Receipt
    source: Source
    limits: Limits

    @property
    def contract(self) -> Contract:
        return contracts()[self.file.feed]

    @property
    def submitter(self) -> str:
        return self.receipt.submitter or "-"


def make(job: Job, target: Path, work: Path) -> bool:
    """Write the workbook of a file to ``target`` (mode 0600); False where its content cannot be opened at all.

    ``work`` is a private folder: XlsxWriter and archives leave what they unpack there for a while.
    """
    if job.receipt.refused_under or job.receipt.rule_code == "FILE_UNREADABLE":
        return False  # what was too much for the reader's own process is not opened in this one
    with tempfile.TemporaryDirectory(dir=work) as place:
        try:
            found = (
                []
                if _is_listed_anyway(job)
                else sandbox.open_original(
                    raw.original_path(job.home, job.receipt),
                    job.contract,
                    job.receipt.file_name,
                    job.limits,
                    Path(place) / "unpacked",
                )
            )
        except Rejected:
            if job.file.state == "rejected":
                return False
            found = []
        except (OSError, MemoryError):
            return False
        options = {
            "constant_memory": True,
            "tmpdir": place,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with Workbook(str(target), options) as book:
            book.set_properties(
                {"title": "Pilar", "created": job.file.received_at.astimezone(UTC).replace(tzinfo=None)}
            )
            superseded = job.source.superseded(job.file) if _fits(found, job) else None
            if superseded is None:
                _write_list(book, job)
            else:
                _write(book, job, found, superseded)
        target.chmod(0o600)
    return True


def _is_listed_anyway(job: Job) -> bool:
    """Whether the wrong rows are all that can be shown, so that nobody need open the file: its bytes are not kept, or
    the rows that were read of it are too many (published tables give many for each line)."""
    too_many = job.contract.reader == "table" and job.file.rows_read > job.limits.max_workbook_rows
    return too_many or job.receipt.erased_at is not None


def _fits(found: Sequence[Original], job: Job) -> bool:
    """Whether the sheets can be written again, and every finding has its sheet there."""
    names = {one.name for one in found}
    placed = {finding.sheet for finding in job.file.findings if finding.row is not None}
    return bool(found) and placed <= names and sum(one.count for one in found) <= job.limits.max_workbook_rows


def _write(book: Workbook, job: Job, found: Sequence[Original], superseded: set[tuple[str, int]]) -> None:
    styles, given = Styles(book), Given()
    names = sheets.sheet_names(found, (SUMMARY_SHEET, VERDICTS_SHEET))
    whole = _systemic(job, superseded)
    columns = {column.name: (column.headers or [column.name])[0] for column in job.contract.columns}
    columns |= {name: header for one in found if one.layout for name, header in one.layout.names.items()}
    origins = [(name, one.name, _below(one.file), one.member) for name, one in zip(names, found, strict=True)]
    told = _told(job, whole, columns, origins)
    sheets.write_summary(book.add_worksheet(SUMMARY_SHEET), words.summary(told), styles)
    for name, one in zip(names, found, strict=True):
        by_row: dict[int, list[Finding]] = {}
        for finding in job.file.findings:
            if finding.sheet == one.name and finding.row is not None:
                by_row.setdefault(finding.row, []).append(finding)
        marks = Marks(
            by_row,
            frozenset(row for sheet, row in superseded if sheet == one.name),
            {each.rule.rule_code: each for each in whole if each.sheet == one.name},
        )
        OriginalSheet(book.add_worksheet(name, worksheet_class=FastSheet), one, marks, styles, given).write(
            _text_columns(one, job.contract)
        )
    shown_as = {one.name: name for name, one in zip(names, found, strict=True)}
    _write_verdicts(book, job, given, styles, shown_as)


def _write_list(book: Workbook, job: Job) -> None:
    """Wrong rows only, from what the readers made of them: the file is too long, or no table that can be shown."""
    styles, given = Styles(book), Given()
    told = _told(job, (), {}, [(LIST_SHEET, "", _below(job.receipt.file_name), "")], is_part=True)
    sheets.write_summary(book.add_worksheet(SUMMARY_SHEET), words.summary(told), styles)
    columns = [column.name for column in job.contract.columns]
    heads = [
        "Lembar",
        "Baris berkas",
        *((column.headers or [column.name])[0] for column in job.contract.columns),
        *NOTES,
    ]
    sheets.list_findings(
        book.add_worksheet(LIST_SHEET, worksheet_class=FastSheet), FINDINGS, heads, _listed(job, columns, given), styles
    )
    _write_verdicts(book, job, given, styles, {})


def _listed(job: Job, columns: Sequence[str], given: Given) -> Iterator[tuple[Sequence[str | int | None], Tone]]:
    by_row: dict[tuple[str, int], list[Finding]] = {}
    for finding in job.file.findings:
        if finding.sheet is not None and finding.row is not None:
            by_row.setdefault((finding.sheet, finding.row), []).append(finding)
    path = raw.rows_path(job.home, job.receipt)
    if not path.is_file():
        return
    for sheet, row, *values in job.source.rows_at(path, columns, list(by_row), job.limits.max_workbook_rows):
        cells = dict(zip(columns, values, strict=True))
        found = by_row[sheet, row]

        def value_of(finding: Finding, cells: dict[str, str | None] = cells) -> tuple[str, str]:
            return finding.field, cells.get(finding.field) or notes.EMPTY

        given.values.update({finding.key: value_of(finding)[1] for finding in found})
        note = notes.note(row, found, value_of, is_superseded=False)
        yield (sheet, row, *values, *note.cells()), tone_of(found)


def _write_verdicts(book: Workbook, job: Job, given: Given, styles: Styles, shown_as: dict[str, str]) -> None:
    decidable = _decidable(job.file.findings)
    if not decidable:
        return
    listed = decidable[: sheets.MAX_VERDICTS]
    abouts = job.source.abouts(listed)
    rows = [
        (shown_as.get(finding.sheet or "", finding.sheet or ""), finding, abouts.get(finding.key, ""))
        for finding in listed
    ]
    sheets.write_verdicts(book.add_worksheet(VERDICTS_SHEET, worksheet_class=FastSheet), rows, given, styles)


def _decidable(findings: Sequence[Finding]) -> list[Finding]:
    """Findings that a verdict settles: about two people first, then those that may be waived; one for a whole sheet."""
    seen: set[tuple[str, str | None]] = set()
    found: list[Finding] = []
    for finding in findings:
        fits = deciding.fitting(finding.rule_code)
        is_pair = "same_person" in fits
        if (
            rule(finding.rule_code).category == "file"
            or "waive" not in fits
            or (finding.severity == "info" and not is_pair)
        ):
            continue
        if finding.rule_code in _SHEET_RULES:
            if (finding.rule_code, finding.sheet) in seen:
                continue
            seen.add((finding.rule_code, finding.sheet))
        found.append(finding)
    return sorted(found, key=lambda finding: "same_person" not in deciding.fitting(finding.rule_code))


def _systemic(job: Job, superseded: set[tuple[str, int]]) -> list[notes.Systemic]:
    if job.contract.reader != "table":
        return []
    rows = {str(sheet["name"]): int(sheet.get("rows") or 0) for sheet in job.receipt.sheets}
    for sheet, _ in superseded:
        rows[sheet] = rows.get(sheet, 0) - 1
    living = [finding for finding in job.file.findings if (finding.sheet, finding.row) not in superseded]
    return notes.systemic(living, rows)


def _told(
    job: Job,
    whole: Sequence[notes.Systemic],
    columns: dict[str, str],
    origins: Sequence[tuple[str, str, str, str]],
    *,
    is_part: bool = False,
) -> words.Told:
    abouts = job.source.abouts([finding for finding in job.file.findings if finding.row is None])
    return words.Told(
        file=job.file,
        file_name=job.receipt.file_name,
        submitter=job.submitter,
        delivered_at=job.receipt.delivered_at,
        night_id=job.night_id,
        systemic=whole,
        columns=columns,
        abouts=abouts,
        sheets=origins,
        notes=tuple(_remarks(job, is_part=is_part)),
        is_part=is_part,
    )


def _remarks(job: Job, *, is_part: bool) -> Iterator[tuple[str, str]]:
    if is_part:
        yield (
            f"Buku kerja ini hanya memuat baris yang salah (paling banyak {job.limits.max_workbook_rows} baris).",
            f"This workbook holds the wrong rows only (at most {job.limits.max_workbook_rows} rows).",
        )
    if job.file.rows_superseded and not is_part:
        yield (
            "Baris abu-abu (kode DIGANTIKAN) sudah ada pada kiriman yang lebih baru; dari sini tidak dibaca lagi.",
            "Grey rows (code DIGANTIKAN) stand in a later delivery; they are not read again from here.",
        )
    if job.file.count > MAX_COMMENTS:
        yield (
            f"Komentar sel hanya pada {MAX_COMMENTS} sel pertama; alasannya tertulis di kanan setiap baris.",
            f"Only the first {MAX_COMMENTS} cells carry a comment; the reason stands to the right of every row.",
        )


def _below(file_name: str) -> str:
    """The landed name below the submitter's folder."""
    parts = PurePosixPath(file_name).parts
    return PurePosixPath(*(parts[1:] if len(parts) > 1 else parts)).as_posix()


def _text_columns(one: Original, contract: Contract) -> frozenset[int]:
    """Columns of names and of numbers that identify: everything but days and amounts."""
    if one.layout is None:
        return frozenset()
    texts = {column.name for column in contract.columns if column.logicalType == "string"}
    return frozenset(at for name, at in one.layout.columns.items() if name in texts)
