"""One file → rows of its feed's contract in Parquet, or a refusal with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pilar import figures
from pilar.config import Limits
from pilar.contracts import Contract
from pilar.reading import answers, archives, sandbox, stream, table
from pilar.reading.archives import Member, naming
from pilar.reading.model import Rejected, Sheet
from pilar.reading.output import RowWriter, SheetRead
from pilar.reading.rows import Control

MAX_GRID_BYTES = 64 * 1024**2
"""Text that is read as a grid, not in chunks: published tables, which are small."""


@dataclass
class Reading:
    """What was read of a file."""

    rows: int = 0
    sheets: list[SheetRead] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)


@dataclass(frozen=True)
class _Job:
    """What all members of a landed file share."""

    contract: Contract
    file_name: str
    limits: Limits
    work: Path


@dataclass(frozen=True)
class _Table:
    """A sheet whose header is known, and the call that reads its rows."""

    planned: table.Plan
    read: Callable[[RowWriter], tuple[SheetRead, list[Control]]]


def read(
    path: Path, contract: Contract, *, file_name: str, sha256: str, limits: Limits, rows_to: Path, work: Path
) -> Reading:
    """Read the file at ``path``, landed as ``file_name``, and write its rows to ``rows_to``.

    ``work`` is a private folder for what archives unpack to; the caller removes it.

    :raises Rejected: the file is refused whole; ``rows_to`` may then hold a part and must not be used
    """
    job = _Job(contract, file_name, limits, work)
    found = archives.members(path, file_name, limits, work)
    with RowWriter(rows_to, contract, sha256) as writer:
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
                records = figures.read(landed_as, None, answers.load(member.path))
                records = [record | {"sheet": member.name} for record in records]
                names = [member.name]
            else:
                grids, notes = _grids(member, job)
                records = figures.read(landed_as, grids, None)
                names = [grid.name for grid in grids]
                reading.sheets += notes
        writer.add_records(records)
        figures_of = Counter(record["sheet"] for record in records)
        reading.sheets += [SheetRead(name, header_row=1, rows=figures_of[name]) for name in names]
    return reading


def _grids(member: Member, job: _Job) -> tuple[list[Sheet], list[SheetRead]]:
    """Visible sheets of a member with the names they are known by, and notes on those that are not read."""
    if member.format == "text":
        if member.path.stat().st_size > MAX_GRID_BYTES:
            raise Rejected("FILE_TOO_LARGE", "Tabel teks melebihi 64 MiB.", "A text table above 64 MiB.")
        return [stream.sheet(member.path, member.name, quoted=job.contract.quoted)], []
    book = sandbox.read(member.path, member.format, job.limits, job.work)
    prefix = f"{member.name}/" if member.inside else ""
    notes = [SheetRead(prefix + name, note="hidden") for name in book.hidden]
    full = [Sheet(prefix + sheet.name, sheet.rows, sheet.merged) for sheet in book.sheets if not _is_empty(sheet)]
    notes += [SheetRead(prefix + sheet.name, note="empty") for sheet in book.sheets if _is_empty(sheet)]
    if not full:
        raise _nothing_to_read(notes)
    return full, notes


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
        source = stream.open_table(member.path, member.name, job.contract, within)
        if source is None:
            return [], [SheetRead(member.name, note="no header")]
        return [_Table(source.planned, lambda writer: stream.read(source, writer))], []
    if member.format == "json":
        grid = answers.records(answers.load(member.path), member.name)
        planned = table.plan(grid.name, grid.rows, job.contract, within, keyed=True)
        if planned is None:
            return [], [SheetRead(grid.name, note="no header")]
        return [_sheet_table(grid, planned, shift=-1)], []
    grids, notes = _grids(member, job)
    tables: list[_Table] = []
    for grid in grids:
        planned = table.plan(grid.name, grid.rows, job.contract, within, merged=grid.merged)
        if planned is None:
            notes.append(SheetRead(grid.name, note="no header"))
        else:
            tables.append(_sheet_table(grid, planned))
    return tables, notes


def _sheet_table(grid: Sheet, planned: table.Plan, shift: int = 0) -> _Table:
    return _Table(planned, lambda writer: table.read(grid, planned, writer, shift=shift))


def _is_empty(sheet: Sheet) -> bool:
    return all(cell is None for row in sheet.rows for cell in row)


def _nothing_to_read(notes: list[SheetRead]) -> Rejected:
    hidden = [note.name for note in notes if note.note == "hidden"]
    if hidden:
        return Rejected(
            "FILE_EMPTY",
            f"Semua lembar yang terlihat kosong; lembar tersembunyi tidak dibaca: {', '.join(hidden)}.",
            f"All visible sheets are empty; hidden sheets are not read: {', '.join(hidden)}.",
        )
    return Rejected("FILE_EMPTY", "Semua lembar kosong.", "All sheets are empty.")


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
