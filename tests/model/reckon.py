"""From files and verdicts to the tables of section 5 of the design, as ``docs/reckoning.md`` says it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from tests.harness.deliveries import File
from tests.model.cover import Cover, cover
from tests.model.events import calendar, promised
from tests.model.history import Version, in_force, versions
from tests.model.money import Attempt, Reconciled, attempts, reconcile
from tests.model.people import Node, people
from tests.model.states import (
    event_errors,
    judge,
    newest_statements,
    premium_errors,
    roster_errors,
    roster_slice,
    transfer_errors,
    waivers,
)
from tests.model.world import Verdict, deliveries, lines


@dataclass(frozen=True)
class Reckoned:
    """What the model says of a world."""

    participants: list[Version]
    transfers: list[Attempt]
    reconciliation: list[Reconciled]
    coverage: list[Cover]


def reckon(
    files: Iterable[File], verdicts: Iterable[Verdict], *, today: date, pseudonym: Callable[[Node], str]
) -> Reckoned:
    """``pseudonym`` names a person after a node; ``today`` is the night's day, on which waivers must still hold."""
    known = deliveries(files)
    waived = waivers(verdicts, today)
    events = calendar(judge(lines(known, "events"), lambda line: line.cell("event"), event_errors, waived))
    rosters = judge(lines(known, "rosters"), roster_slice, roster_errors, waived)
    transfers = judge(lines(known, "disbursements"), lambda line: line.cell("batch"), transfer_errors, waived)
    premiums = judge(
        lines(known, "premiums"), lambda line: (line.cell("month"), line.cell("region")), premium_errors, waived
    )
    everybody = people(rosters, pseudonym)
    promises = {person.participant_id: promised(person, events) for person in everybody}
    counted = [row.line for row in newest_statements(transfers)]
    tried = attempts(counted, everybody, promises, events)
    return Reckoned(
        versions(everybody, rosters, events),
        tried,
        reconcile(tried, promises),
        cover((row.line for row in premiums if row.accepted), everybody, promises, in_force(rosters)),
    )
