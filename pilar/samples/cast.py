"""Who plays which part: the people to whom something out of the ordinary happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from pilar.samples.people import Person, renamed

SPELLED_SO = "Moch. Choirul Anam"
SPELLED_OTHERWISE = "Muhammad Khoirul Anam, S.Pd."


@dataclass(frozen=True)
class Cast:
    """Parts in rosters, at the bank and with BPJS. Nobody plays two parts, except where said."""

    # rosters
    numeric_account: Person
    """Never instructed either: the bank cannot know an account that lost its zero."""
    no_account: Person
    """Never instructed either."""
    birth_differs: Person
    health_number: Person
    misspelled_district: Person
    twice_in_roster: Person
    spelled_twice: Person
    # bank
    never_instructed: tuple[Person, ...]
    held_batch: tuple[Person, ...]
    failed: tuple[Person, ...]
    failed_then_paid: tuple[Person, ...]
    failed_again: tuple[Person, ...]
    returned: tuple[Person, ...]
    returned_then_paid: tuple[Person, ...]
    pending: tuple[Person, ...]
    overpaid: Person
    underpaid: Person
    other_event: Person
    # premiums
    arrears: Person
    lapsed: Person
    one_month_missing: Person
    never_covered: Person
    paid_twice: Person
    damaged_nik: Person
    not_entitled: Person
    """A PKH facilitator for whom a premium was paid."""

    @property
    def without_transfer(self) -> tuple[Person, ...]:
        return (self.numeric_account, self.no_account, *self.never_instructed)


def choose(everyone: list[Person], rng: Random) -> tuple[list[Person], Cast]:
    """The people (one renamed for his part) and the cast."""
    spelled = next(p for p in everyone if p.region == "3576" and p.pillar == "TAGANA" and p.sex == "L")
    everyone = [renamed(p, SPELLED_SO) if p is spelled else p for p in everyone]
    free = list(everyone)

    def take(region: str = "", pillars: Sequence[str] = ("PKH", "TAGANA", "TKSK")) -> Person:
        person = rng.choice([p for p in free if region in ("", p.region) and p.pillar in pillars])
        free.remove(person)
        return person

    def several(count: int) -> tuple[Person, ...]:
        return tuple(take() for _ in range(count))

    spelled = next(p for p in free if p.name == SPELLED_SO and p.nik == spelled.nik)
    free.remove(spelled)
    insured = ("TAGANA", "TKSK")
    cast = Cast(
        numeric_account=take("3516", ["PKH"]),
        no_account=take("3525", ["PKH"]),
        birth_differs=take("3523", ["PKH"]),
        health_number=take("3517", ["TAGANA"]),
        misspelled_district=take("3518", ["PKH"]),
        twice_in_roster=take("3524", ["PKH"]),
        spelled_twice=spelled,
        never_instructed=several(2),
        held_batch=several(3),
        failed=several(3),
        failed_then_paid=several(4),
        failed_again=several(1),
        returned=several(3),
        returned_then_paid=several(2),
        pending=several(5),
        overpaid=take(),
        underpaid=take(),
        other_event=take(),
        arrears=take(pillars=insured),
        lapsed=take(pillars=insured),
        one_month_missing=take(pillars=insured),
        never_covered=take(pillars=insured),
        paid_twice=take(pillars=insured),
        damaged_nik=take(pillars=insured),
        not_entitled=take(pillars=["PKH"]),
    )
    return everyone, cast
