"""A workbook of a landed file → its visible sheets, each with the names it is known by."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pilar.reading import annotated
from pilar.reading.archives import Member
from pilar.reading.model import Rejected, Sheet, SheetRead
from pilar.reading.spreadsheets import Workbook


@dataclass(frozen=True)
class Grid:
    """A sheet to read. Its name is the one that findings print."""

    sheet: Sheet
    file: str
    """The landed name, with its folders, whose words may tell a pillar or region of all rows."""
    member: str
    """The member of the archive ``file``, if it is one."""

    @property
    def within(self) -> str:
        """Both names as one path."""
        return f"{self.file}/{self.member}" if self.member else self.file


@dataclass
class Opened:
    """What a workbook holds."""

    grids: list[Grid] = field(default_factory=list)
    notes: list[SheetRead] = field(default_factory=list)
    """Sheets that are not read, and why."""
    verdicts: list[list[str]] = field(default_factory=list)
    """See :class:`pilar.reading.annotated.Book`."""
    is_part: bool = False


def opened(book: Workbook, member: Member, file_name: str, *, keep_verdicts: bool = False) -> Opened:
    """The filled visible sheets of ``book``, a spreadsheet member of the file landed as ``file_name``.

    What Pilar wrote into one of its own workbooks is taken out, and sheets get the names back that they had.
    """
    ours = annotated.opened(book.sheets, keep_verdicts=keep_verdicts)
    prefix = f"{member.name}/" if member.inside else ""
    found = Opened(verdicts=ours.verdicts, is_part=ours.is_part)
    found.notes = [SheetRead(prefix + name, note="hidden") for name in book.hidden]
    taken: set[str] = set()
    for sheet in ours.sheets:
        origin = ours.origins.get(sheet.name)
        if origin is None or origin.sheet in taken:
            grid = Grid(_named(sheet, prefix + sheet.name), file_name, member.name if member.inside else "")
        else:
            file = (PurePosixPath(file_name).parent / origin.file).as_posix() if origin.file else file_name
            grid = Grid(_named(sheet, origin.sheet), file, origin.member)
        taken.add(grid.sheet.name)
        if all(cell is None for row in sheet.rows for cell in row):
            found.notes.append(SheetRead(grid.sheet.name, note="empty"))
        else:
            found.grids.append(grid)
    return found


def refuse_part(found: Opened) -> None:
    """:raises Rejected: FILE_PART_ONLY for a workbook that only lists findings: its rows are not all of the file's"""
    if found.is_part:
        raise Rejected("FILE_PART_ONLY")


def nothing_to_read(notes: list[SheetRead]) -> Rejected:
    """FILE_EMPTY that names the hidden sheets, if there are any."""
    hidden = [note.name for note in notes if note.note == "hidden"]
    if hidden:
        return Rejected(
            "FILE_EMPTY",
            f"Semua lembar yang terlihat kosong; lembar tersembunyi tidak dibaca: {', '.join(hidden)}.",
            f"All visible sheets are empty; hidden sheets are not read: {', '.join(hidden)}.",
        )
    return Rejected("FILE_EMPTY", "Semua lembar kosong.", "All sheets are empty.")


def _named(sheet: Sheet, name: str) -> Sheet:
    return Sheet(name, sheet.rows, sheet.merged)
