"""How a roster's line becomes cells, and lines a sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from pilar.samples.formats import MONTHS, Cell
from pilar.samples.model import Trap
from pilar.samples.people import REGIONS
from pilar.samples.roster_lines import Line
from pilar.samples.workbooks import Grid

ROLES = {"PKH": "Pendamping PKH", "TAGANA": "Tagana", "TKSK": "TKSK"}
"""How offices name the pillars."""

Column = tuple[str, Callable[[Line], Cell]]
"""Header as printed, and its cell."""


def value(key: str) -> Callable[[Line], Cell]:
    """The cell of a canonical column, as the person or the line has it."""

    def cell(line: Line) -> Cell:
        person = line.person
        if key in line.instead:
            return line.instead[key]
        if key == "region":
            return REGIONS[person.region]
        if key == "birth_date":
            return person.birth
        own: str = getattr(person, key)
        return own

    return cell


def always(value: str) -> Callable[[Line], Cell]:
    return lambda _line: value


def dashed(line: Line) -> Cell:
    """dd-mm-yy."""
    born = value("birth_date")(line)
    return born.strftime("%d-%m-%y") if isinstance(born, date) else born


def in_words(line: Line) -> Cell:
    """12 Mei 1978."""
    born = value("birth_date")(line)
    return f"{born.day} {MONTHS[born.month - 1]} {born.year}" if isinstance(born, date) else born


def iso(line: Line) -> Cell:
    born = value("birth_date")(line)
    return born.isoformat() if isinstance(born, date) else born


def role(line: Line) -> Cell:
    """The office's word for the pillar."""
    return line.instead.get("pillar", ROLES[line.person.pillar])


def without_comma(line: Line) -> Cell:
    """`SITI AMINAH S.Sos.`: the delimiter of the file is a comma."""
    name = value("name")(line)
    return name.replace(",", "") if isinstance(name, str) else name


def curly(line: Line) -> Cell:
    """Typographic apostrophe, as a word processor sets it: a byte that only cp1252 reads."""
    name = value("name")(line)
    return name.replace("'", "’") if isinstance(name, str) else name


def numeric_nik(line: Line) -> Cell:
    """What a spreadsheet keeps of a NIK that was typed as a number: 15 digits."""
    return int(line.person.nik) // 10 * 10


def laid_out(
    name: str,
    above: Sequence[Sequence[Cell]],
    columns: Sequence[Column],
    lines: Sequence[Line],
    below: Sequence[Sequence[Cell]] = (),
) -> tuple[Grid, tuple[Trap, ...]]:
    """A sheet with its title rows, header, rows and signature, and the mistakes with the row they ended up in."""
    head = [*above, [header for header, _ in columns]]
    body = [[cell(line) for _, cell in columns] for line in lines]
    return Grid(name, [*head, *body, *below]), mistakes_of(lines, len(head) + 1, name)


def mistakes_of(lines: Sequence[Line], first_row: int, sheet: str | None) -> tuple[Trap, ...]:
    return tuple(
        Trap(mistake.rule_code, mistake.what, sheet, row, mistake.quarantines)
        for row, line in enumerate(lines, start=first_row)
        for mistake in line.mistakes
    )


def numbered(columns: Sequence[Column], lines: Sequence[Line]) -> list[Column]:
    number = {id(line): index for index, line in enumerate(lines, start=1)}
    return [("NO", lambda line: number[id(line)]), *columns]


def signature(place: str, day: str, width: int) -> list[list[Cell]]:
    pad: list[Cell] = [None] * (width - 3)
    return [
        [],
        [*pad, f"{place}, {day}"],
        [*pad, "Kepala Dinas Sosial"],
        [],
        [],
        [*pad, "Drs. SUTOMO HADIWINOTO, M.Si."],
        [*pad, "NIP. 19680101 199303 1 099"],
    ]


def padded(cells: Sequence[Cell], width: int) -> list[Cell]:
    """As a spreadsheet exports a title row to CSV: every row has every delimiter."""
    return [*cells, *[None] * (width - len(cells))]
