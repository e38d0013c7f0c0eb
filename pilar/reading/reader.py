"""One file → rows of its feed's contract in Parquet, or a refusal with a reason.

Landed files are nobody's friends: :mod:`pilar.reading.sandbox` calls this in a process of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pilar import figures
from pilar.config import Limits
from pilar.contracts import Contract
from pilar.reading import answers, archives, grids, spreadsheets, stream, table
from pilar.reading.archives import Member, naming
from pilar.reading.bounds import too_large
from pilar.reading.grids import Grid
from pilar.reading.model import Control, Reading, Rejected, Sheet, SheetRead
from pilar.reading.output import RowWriter

Verdicts = list[list[str]]
"""Rows of verdicts that came along in one of Pilar's workbooks, in the order of the decisions' columns."""


@dataclass(frozen=True)
class _Job:
    """What all members of a landed file share."""

    contract: Contract
    file_name: str
    limits: Limits
    work: Path
    verdicts: Verdicts


@dataclass(frozen=True)
class _Table:
    """A sheet whose header is known, and the call that reads its rows."""

    planned: table.Plan
    read: Callable[[RowWriter], tuple[SheetRead, list[Control]]]


def read(
    path: Path,
    contract: Contract,
    *,
    file_name: str,
    sha256: str,
    limits: Limits,
    rows_to: Path,
    work: Path,
    verdicts: Verdicts | None = None,
) -> Reading:
    """Read the file at ``path``, landed as ``file_name``, and write its rows to ``rows_to``.

    ``work`` is a private folder for what archives unpack to; the caller removes it. Verdicts in a workbook of ours are
    appended to ``verdicts``, whatever becomes of its other sheets.

    :raises Rejected: the file is refused whole; ``rows_to`` may then hold a part and must not be used
    """
    job = _Job(contract, file_name, limits, work, verdicts if verdicts is not None else [])
    found = archives.members(path, file_name, limits, work)
    with RowWriter(rows_to, contract, sha256, limits) as writer:
        if contract.reader == "figures":
            reading = _read_figures(found, job, writer)
        else:
            reading = _read_tables(found, job, writer)
    reading.rows = writer.rows
    if not reading.rows:
        raise Rejected(
            "FILE_NO_ROWS",
            f"Lembar yang dibaca: {_names(reading.sheets)}.",
            f"Sheets that were read: {_names(reading.sheets)}.",
        )
    return reading


def _read_figures(found: list[Member], job: _Job, writer: RowWriter) -> Reading:
    reading = Reading()
    for member in found:
        with naming(member.name if member.inside else ""):
            landed_as = member.name if member.inside else job.file_name
            if member.format == "json":
                records = figures.read(landed_as, None, answers.load(member.path, job.limits))
                records = [record | {"sheet": member.name} for record in records]
                names = [member.name]
            else:
                opened, notes = _grids(member, job)
                by_file: dict[str, list[Sheet]] = {}
                for grid in opened:
                    by_file.setdefault(grid.member or grid.file, []).append(grid.sheet)
                records = [record for file, sheets in by_file.items() for record in figures.read(file, sheets, None)]
                names = [grid.sheet.name for grid in opened]
                reading.sheets += notes
        writer.add_records(records)
        figures_of = Counter(record["sheet"] for record in records)
        reading.sheets += [SheetRead(name, header_row=1, rows=figures_of[name]) for name in names]
    return reading


def _grids(member: Member, job: _Job) -> tuple[list[Grid], list[SheetRead]]:
    """Visible sheets of a member with the names they are known by, and notes on those that are not read."""
    if member.format == "text":
        size = member.path.stat().st_size
        if size > job.limits.max_figures_bytes:
            raise too_large(
                job.limits, "max_figures_bytes", f"Tabel teks {size:,} byte", f"A text table of {size:,} bytes"
            )
        sheet = stream.sheet(member.path, member.name, quoted=job.contract.quoted, limits=job.limits)
        return [Grid(sheet, job.file_name, member.name if member.inside else "")], []
    keep_verdicts = job.contract.feed == "decisions"
    book = spreadsheets.read(member.path, member.format, job.limits)
    found = grids.opened(book, member, job.file_name, keep_verdicts=keep_verdicts)
    if not keep_verdicts:
        job.verdicts.extend(found.verdicts)
        grids.refuse_part(found)
    if not found.grids:
        raise grids.nothing_to_read(found.notes)
    return found.grids, found.notes


def _read_tables(found: list[Member], job: _Job, writer: RowWriter) -> Reading:
    reading = Reading()
    tables: list[_Table] = []
    for member in found:
        with naming(member.name if member.inside else ""):
            new_tables, notes = _tables(member, job)
        tables += new_tables
        reading.sheets += notes
    if not tables:
        raise _no_header(reading.sheets, job.contract)
    complete = [each for each in tables if each.planned.refusal is None]
    for each in tables:
        refusal = each.planned.refusal
        if refusal is None:
            sheet, controls = each.read(writer)
            reading.sheets.append(sheet)
            reading.controls += controls
        elif complete and each.planned.foreign:
            reading.sheets.append(SheetRead(each.planned.sheet, note="another table"))
        else:
            raise refusal
    return reading


def _tables(member: Member, job: _Job) -> tuple[list[_Table], list[SheetRead]]:
    within = f"{job.file_name}/{member.name}" if member.inside else job.file_name
    if member.format == "text":
        source = stream.open_table(member.path, member.name, job.contract, within, job.limits)
        if source is None:
            return [], [SheetRead(member.name, note="no header")]
        return [_Table(source.planned, lambda writer: stream.read(source, writer))], []
    if member.format == "json":
        listed = answers.records(answers.load(member.path, job.limits), member.name, job.limits)
        planned = table.plan(listed.name, listed.rows, job.contract, within, keyed=True)
        if planned is None:
            return [], [SheetRead(listed.name, note="no header")]
        return [_sheet_table(listed, planned, shift=-1)], []
    opened, notes = _grids(member, job)
    tables: list[_Table] = []
    for grid in opened:
        sheet = grid.sheet
        planned = table.plan(sheet.name, sheet.rows, job.contract, grid.within, merged=sheet.merged)
        if planned is None:
            notes.append(SheetRead(sheet.name, note="no header"))
        else:
            tables.append(_sheet_table(sheet, planned))
    return tables, notes


def _sheet_table(grid: Sheet, planned: table.Plan, shift: int = 0) -> _Table:
    return _Table(planned, lambda writer: table.read(grid, planned, writer, shift=shift))


def _no_header(notes: list[SheetRead], contract: Contract) -> Rejected:
    wanted = ", ".join((column.headers or [column.name])[0] for column in contract.columns if column.required)
    hidden = [note.name for note in notes if note.note == "hidden"]
    more_id = f" Lembar tersembunyi tidak dibaca: {', '.join(hidden)}." if hidden else ""
    more_en = f" Hidden sheets are not read: {', '.join(hidden)}." if hidden else ""
    return Rejected(
        "FILE_NO_HEADER",
        f"Dicari di {_names(notes)}: baris dengan {wanted}.{more_id}",
        f"Looked in {_names(notes)} for a row with {wanted}.{more_en}",
    )


def _names(sheets: list[SheetRead]) -> str:
    return ", ".join(sheet.name for sheet in sheets) or "-"
