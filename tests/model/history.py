"""History of a person: what the rosters state, from which day, and the versions that follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from tests.model.events import Calendar, is_inactive
from tests.model.nearness import letters
from tests.model.people import Person
from tests.model.states import Judged
from tests.model.world import Line, Order


@dataclass(frozen=True)
class Said:
    """What is said of a person."""

    pillar: str
    region: str
    district: str
    status: str
    sex: str
    birth_year: int


@dataclass(frozen=True)
class Statement:
    """What a row says of a person, from which day; ``order`` is the row's among all deliveries."""

    day: date
    order: tuple[Order, int]
    said: Said


@dataclass(frozen=True)
class Leaving:
    """That a person has left a region and pillar, from which day."""

    day: date
    place: tuple[str, str]


@dataclass(frozen=True)
class Version:
    """A row of ``dim_participant``."""

    participant_id: str
    said: Said
    valid_from: date
    valid_to: date | None


def versions(everybody: Iterable[Person], rosters: Iterable[Judged], known: Calendar) -> list[Version]:
    """All versions of all people."""
    rosters = list(rosters)
    series, stated = _series(rosters), in_force(rosters)
    found = []
    for person in everybody:
        present = [
            Statement(_from(row.line, known), row.line.order, _said(row.line)) for row in person.rows if stated(row)
        ]
        found += _versions(person, present, _left(person, series, rosters))
    return found


def in_force(rosters: Iterable[Judged]) -> Callable[[Judged], bool]:
    """Whether a row still says what is or was so: accepted rows do, and superseded standing rows too, unless their
    roster was sent again on its own day."""
    last_of_day = {
        (row.slice, row.line.delivery.day): row.line.delivery.order
        for row in sorted(rosters, key=lambda row: row.line.order)
    }
    return lambda row: (
        row.accepted
        or (_is_standing(row.line) and last_of_day[row.slice, row.line.delivery.day] == row.line.delivery.order)
    )


def _versions(person: Person, present: Iterable[Statement], left: Iterable[Leaving]) -> list[Version]:
    """Day by day: the newest statement, or else that they left where they were last said to be."""
    stated: dict[date, Said] = {}
    for statement in sorted(present, key=lambda one: (one.day, one.order)):
        stated[statement.day] = statement.said
    for leaving in sorted(left, key=lambda one: one.day):
        before = [stated[day] for day in sorted(stated) if day < leaving.day]
        if leaving.day not in stated and before and (before[-1].region, before[-1].pillar) == leaving.place:
            stated[leaving.day] = replace(before[-1], status="KELUAR")
    changes: list[tuple[date, Said]] = []
    for day in sorted(stated):
        if not changes or changes[-1][1] != stated[day]:
            changes.append((day, stated[day]))
    ends: list[date | None] = [*(day for day, _ in changes[1:]), None][: len(changes)]
    return [Version(person.participant_id, said, day, end) for (day, said), end in zip(changes, ends, strict=True)]


@dataclass(frozen=True)
class Roster:
    """A standing roster of a day or the roster of a month, of one region and pillar, as its newest delivery has it."""

    day: date
    slice: Hashable
    order: Order
    place: tuple[str, str]


def _series(rosters: Iterable[Judged]) -> list[list[Roster]]:
    """For each kind, region and pillar its rosters, oldest first."""
    by_day: dict[tuple[bool, tuple[str, str]], dict[date, Roster]] = defaultdict(dict)
    for row in sorted(rosters, key=lambda row: row.line.order):
        line = row.line
        if not line.cell("event"):
            place = (line.cell("region"), line.cell("pillar"))
            day = line.month("month") or line.delivery.day
            by_day[_is_standing(line), place][day] = Roster(day, row.slice, line.delivery.order, place)
    return [[rosters_of[day] for day in sorted(rosters_of)] for rosters_of in by_day.values()]


def _left(person: Person, series: Iterable[list[Roster]], rosters: Iterable[Judged]) -> list[Leaving]:
    """Where the person stood in a roster and in no row of the next one, and no quarantined row of it may be theirs."""
    broken = [row.line for row in rosters if row.quarantined]
    return [
        Leaving(after.day, after.place)
        for one_after_the_other in series
        for before, after in pairwise(one_after_the_other)
        if _stands_in(person, before)
        and not _stands_in(person, after)
        and not any(_may_be(person, line) for line in broken if line.delivery.order == after.order)
    ]


def _stands_in(person: Person, roster: Roster) -> bool:
    return any((row.slice, row.line.delivery.order) == (roster.slice, roster.order) for row in person.rows)


def _may_be(person: Person, broken: Line) -> bool:
    """Whether a quarantined row has the person's NIK, account, or name and birth date."""
    return any(
        _same(broken.cell("nik"), row.line.cell("nik"))
        or _same(broken.cell("account_no"), row.line.cell("account_no"))
        or (
            _same(letters(broken.cell("name")), letters(row.line.cell("name")))
            and _same(broken.cell("birth_date"), row.line.cell("birth_date"))
        )
        for row in person.rows
    )


def _same(one: str, other: str) -> bool:
    return one != "" and one == other


def _is_standing(line: Line) -> bool:
    return not line.cell("event") and not line.cell("month")


def _from(line: Line, known: Calendar) -> date:
    if line.cell("event"):
        event = known.find(line.cell("event"))
        return known.day(event) if event else line.delivery.day
    return line.month("month") or line.delivery.day


def _said(line: Line) -> Said:
    born = line.day("birth_date")
    return Said(
        line.cell("pillar"),
        line.cell("region"),
        line.cell("district"),
        "NONAKTIF" if is_inactive(line) else "AKTIF",
        line.cell("sex"),
        born.year if born else 0,
    )
