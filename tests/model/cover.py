"""Cover: expected months, covered months and the gaps between."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tests.model.money import Promised
from tests.model.nearness import letters
from tests.model.people import Person
from tests.model.states import Judged
from tests.model.world import Line

BY_PREMIUM = ("BPJS_TK",)
"""Benefits settled by premium."""


@dataclass(frozen=True)
class Cover:
    """A row of ``mart_premium_coverage``."""

    participant_id: str
    year: int
    months_expected: int
    months_covered: int
    months_not_entitled: int
    gap_months: tuple[str, ...]
    outcome: str


def cover(
    premiums: Iterable[Line], everybody: Sequence[Person], promises: Promised, in_force: Callable[[Judged], bool]
) -> list[Cover]:
    """Section *Cover*, for each person and year of which a month is expected or paid."""
    expected: dict[tuple[str, int], set[str]] = defaultdict(set)
    paid: dict[tuple[str, int], set[str]] = defaultdict(set)
    for participant_id, by_event in promises.items():
        for (_, benefit), made in by_event.items():
            if benefit in BY_PREMIUM:
                for promise in made:
                    for covered in _months(promise.starts_on or promise.day, promise.months):
                        expected[participant_id, covered.year].add(f"{covered:%Y-%m}")
    for line in premiums:
        person = _member(line, everybody, in_force)
        month = line.month("month")
        if person and month and line.cell("status") == "LUNAS":
            paid[person.participant_id, month.year].add(f"{month:%Y-%m}")
    return [_cover(*key, expected[key], paid[key]) for key in sorted(expected.keys() | paid.keys())]


def _cover(participant_id: str, year: int, expected: set[str], paid: set[str]) -> Cover:
    gaps = tuple(sorted(expected - paid))
    if not expected:
        outcome = "NOT_ENTITLED"
    elif not gaps:
        outcome = "COVERED"
    else:
        outcome = "GAP" if expected & paid else "UNCOVERED"
    return Cover(participant_id, year, len(expected), len(expected & paid), len(paid - expected), gaps, outcome)


def _member(line: Line, everybody: Sequence[Person], in_force: Callable[[Judged], bool]) -> Person | None:
    """By NIK, else by member number if one person alone has it and the row's NIK does not speak against them."""
    nik, number = line.cell("nik"), line.cell("bpjs_no")
    for person in everybody:
        if nik and any(node.text == f"nik {nik}" for node in person.nodes):
            return person
    having = _having(number, everybody, in_force)
    if len(having) != 1:
        return None
    has_nik = any(not node.without_nik for node in having[0].nodes)
    stranger = nik and has_nik and letters(line.cell("name")) not in having[0].names
    return None if stranger else having[0]


def _having(number: str, everybody: Sequence[Person], in_force: Callable[[Judged], bool]) -> list[Person]:
    """Whose member number it is by what is in force, or else by what was corrected."""
    if not number:
        return []
    current = [person for person in everybody if number in _numbers(row for row in person.rows if in_force(row))]
    return current or [person for person in everybody if number in _numbers(person.rows)]


def _numbers(rows: Iterable[Judged]) -> set[str]:
    return {row.line.cell("bpjs_no") for row in rows}


def _months(first: date, count: int) -> list[date]:
    return [
        date(first.year + (first.month - 1 + later) // 12, (first.month - 1 + later) % 12 + 1, 1)
        for later in range(count)
    ]
