"""Transfers and what became of each promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tests.model.events import Calendar, Promise
from tests.model.nearness import letters
from tests.model.people import Person
from tests.model.states import amount
from tests.model.world import Line

Promised = dict[str, dict[tuple[str, str], list[Promise]]]
"""By participant and (event, benefit)."""

BY_TRANSFER = ("TALI_ASIH",)
"""Benefits settled by transfer."""

FELL_THROUGH = ("GAGAL", "RETUR")


@dataclass(frozen=True, order=True)
class Payee:
    """A person, or an account of nobody."""

    participant_id: str | None
    account: str | None = None


@dataclass(frozen=True)
class Attempt:
    """A row of ``fct_disbursement``."""

    reference_no: str
    event: str
    benefit: str
    payee: Payee
    amount: Decimal
    status: str
    instructed_on: date
    retry_of: str | None
    """The attempt that this one repeats, as the bank says it or, ``is_matched``, as rule 3 finds it."""
    is_matched: bool = False
    attempt_no: int = 0

    @property
    def order(self) -> tuple[date, str]:
        return (self.instructed_on, self.reference_no)


@dataclass(frozen=True)
class Reconciled:
    """A row of ``mart_disbursement_reconciliation``."""

    event: str
    benefit: str
    payee: Payee
    entitled: Decimal
    instructed: Decimal
    paid: Decimal
    failed: Decimal
    returned: Decimal
    pending: Decimal
    attempts: int
    outcome: str


def attempts(
    transfers: Sequence[Line], everybody: Sequence[Person], promises: Promised, known: Calendar
) -> list[Attempt]:
    """Section *Transfers*: payee, retry and number of each accepted transfer."""
    bank = _Bank({line.cell("reference_no"): line for line in transfers}, everybody, promises, known)
    paid_to = [
        Attempt(
            line.cell("reference_no"),
            *bank.promise(line),
            bank.payee(line),
            amount(line),
            line.cell("status"),
            line.day("instructed_on") or date.min,
            line.cell("retry_of") or None,
        )
        for line in transfers
    ]
    named = {attempt.retry_of for attempt in paid_to}
    numbered = []
    for series in _by_promise(paid_to).values():
        before: Attempt | None = None
        for number, attempt in enumerate(sorted(series, key=lambda attempt: attempt.order), start=1):
            told = replace(attempt, attempt_no=number)
            if before and not attempt.retry_of and before.reference_no not in named and before.status in FELL_THROUGH:
                told = replace(told, retry_of=before.reference_no, is_matched=True)
            numbered.append(told)
            before = attempt
    return numbered


def reconcile(known_attempts: Iterable[Attempt], promises: Promised) -> list[Reconciled]:
    """Section *Outcome*."""
    tried = _by_promise(known_attempts)
    entitled = {
        (event, benefit, Payee(participant_id)): max(promise.amount for promise in made)
        for participant_id, by_event in promises.items()
        for (event, benefit), made in by_event.items()
        if benefit in BY_TRANSFER
    }
    return [
        _outcome(key, entitled.get(key, Decimal(0)), tried.get(key, []))
        for key in sorted(tried.keys() | entitled, key=str)
    ]


Key = tuple[str, str, Payee]


def _outcome(key: Key, entitled: Decimal, tried: list[Attempt]) -> Reconciled:
    of = {
        status: sum((attempt.amount for attempt in tried if attempt.status == status), Decimal(0))
        for status in ("SUKSES", "GAGAL", "RETUR", "PROSES")
    }
    paid, pending = of["SUKSES"], of["PROSES"]
    last = max(tried, key=lambda attempt: attempt.order).status if tried else None
    if not entitled:
        outcome = "NOT_ENTITLED"
    elif paid > entitled:
        outcome = "OVERPAID"
    elif paid == entitled:
        outcome = "PAID"
    elif pending > 0:
        outcome = "PENDING"
    elif paid > 0:
        outcome = "UNDERPAID"
    else:
        outcome = {"GAGAL": "FAILED", "RETUR": "RETURNED", None: "UNPAID"}[last]
    return Reconciled(
        *key,
        entitled,
        sum(of.values(), Decimal(0)),
        paid,
        of["GAGAL"],
        of["RETUR"],
        pending,
        len(tried),
        outcome,
    )


def _by_promise(known_attempts: Iterable[Attempt]) -> dict[Key, list[Attempt]]:
    found: dict[Key, list[Attempt]] = defaultdict(list)
    for attempt in known_attempts:
        found[attempt.event, attempt.benefit, attempt.payee].append(attempt)
    return found


@dataclass(frozen=True)
class _Bank:
    """Accepted transfers by reference, and whom they may be for."""

    transfers: dict[str, Line]
    everybody: Sequence[Person]
    promises: Promised
    known: Calendar

    def payee(self, line: Line, told: frozenset[str] = frozenset()) -> Payee:
        """Rules 1 and 2: whose account it is, else whose transfer it repeats in their own name, over several steps too.

        ``told`` are the references that lead here: a retry in a circle repeats nobody's transfer.
        """
        owner = self._owner(line)
        if owner:
            return Payee(owner.participant_id)
        told |= {line.cell("reference_no")}
        original = self.transfers.get(line.cell("retry_of"))
        if original and original.cell("reference_no") not in told and self.promise(original) == self.promise(line):
            first = self.payee(original, told)
            person = next((person for person in self.everybody if person.participant_id == first.participant_id), None)
            if person and letters(line.cell("account_name")) in person.names:
                return first
        return Payee(None, line.cell("account_no"))

    def promise(self, line: Line) -> tuple[str, str]:
        """(event, benefit) that the transfer is for."""
        return (self.known.find(line.cell("event")) or line.cell("event").upper(), line.cell("benefit"))

    def _owner(self, line: Line) -> Person | None:
        account, holder = line.cell("account_no"), letters(line.cell("account_name"))
        return max(
            (person for person in self.everybody if account in person.accounts(person.rows)),
            key=lambda person: (
                account in person.accounts(person.current),
                self.promise(line) in self.promises[person.participant_id],
                holder in person.names,
                person.participant_id,
            ),
            default=None,
        )
