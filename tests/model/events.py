"""Events and promises: who is entitled to what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.model.people import Person
from tests.model.states import Judged, amount
from tests.model.world import Line


@dataclass(frozen=True)
class Promise:
    """An accepted events row."""

    event: str
    day: date
    region: str
    pillar: str
    benefit: str
    amount: Decimal
    months: int
    starts_on: date | None


@dataclass(frozen=True)
class Calendar:
    """The events that accepted rows name."""

    promises: tuple[Promise, ...]
    names: dict[str, set[str]]

    def find(self, text: str) -> str | None:
        """The event of a code, or of a name that only one event has."""
        if any(promise.event == text for promise in self.promises):
            return text
        named = self.names.get(text, set())
        return next(iter(named)) if len(named) == 1 else None

    def day(self, event: str) -> date:
        return next(promise.day for promise in self.promises if promise.event == event)


def calendar(rows: Iterable[Judged]) -> Calendar:
    accepted = [row.line for row in rows if row.accepted]
    names: dict[str, set[str]] = {}
    for line in accepted:
        names.setdefault(line.cell("event_name"), set()).add(line.cell("event"))
    return Calendar(tuple(_promise(line) for line in accepted), names)


def promised(person: Person, known: Calendar) -> dict[tuple[str, str], list[Promise]]:
    """By (event, benefit) what the person is promised: each accepted, active row of a roster entitles."""
    found: dict[tuple[str, str], list[Promise]] = {}
    for row in person.current:
        for promise in known.promises:
            if _entitles(row.line, promise, known):
                found.setdefault((promise.event, promise.benefit), []).append(promise)
    return found


def _entitles(line: Line, promise: Promise, known: Calendar) -> bool:
    if is_inactive(line) or line.cell("pillar") != promise.pillar:
        return False
    if line.cell("event"):
        return known.find(line.cell("event")) == promise.event
    month = line.month("month")
    return line.cell("region") == promise.region and (month is None or month <= promise.day)


def is_inactive(line: Line) -> bool:
    return line.cell("status") == "NONAKTIF"


def _promise(line: Line) -> Promise:
    day = line.day("event_date")
    if day is None:
        raise ValueError("the model's events have a day")
    return Promise(
        line.cell("event"),
        day,
        line.cell("region"),
        line.cell("pillar"),
        line.cell("benefit"),
        amount(line),
        int(line.cell("months") or 0),
        line.month("starts_on"),
    )
