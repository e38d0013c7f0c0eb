"""Who plays which part: the people to whom something out of the ordinary happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from pilar.samples.people import Person, renamed

SPELLED_TWICE = ("Moch. Choirul Anam", "Muhammad Khoirul Anam, S.Pd.")
RESPELLED = ("Moh. Nu'man Hakim", "Muhammad Nukman Hakim, S.Pd.I.")


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
    respelled: Person
    """Twice in one roster, the second time spelled otherwise."""
    spelled_twice: Person
    """In two rosters, spelled otherwise."""
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
    """The people (two renamed for their parts) and the cast."""
    everyone, spelled_twice = _rename_one(everyone, "3576", "TAGANA", SPELLED_TWICE[0])
    everyone, respelled = _rename_one(everyone, "3524", "PKH", RESPELLED[0])
    free = [person for person in everyone if person not in (spelled_twice, respelled)]

    def take(region: str = "", pillars: Sequence[str] = ("PKH", "TAGANA", "TKSK")) -> Person:
        person = rng.choice([p for p in free if region in ("", p.region) and p.pillar in pillars])
        free.remove(person)
        return person

    def several(count: int) -> tuple[Person, ...]:
        return tuple(take() for _ in range(count))

    insured = ("TAGANA", "TKSK")
    cast = Cast(
        numeric_account=take("3516", ["PKH"]),
        no_account=take("3525", ["PKH"]),
        birth_differs=take("3523", ["PKH"]),
        health_number=take("3517", ["TAGANA"]),
        misspelled_district=take("3518", ["PKH"]),
        twice_in_roster=take("3524", ["PKH"]),
        respelled=respelled,
        spelled_twice=spelled_twice,
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


def _rename_one(everyone: list[Person], region: str, pillar: str, name: str) -> tuple[list[Person], Person]:
    """The people with one man of that region and pillar renamed, and him."""
    old = next(p for p in everyone if (p.region, p.pillar, p.sex) == (region, pillar, "L"))
    new = renamed(old, name)
    return [new if person is old else person for person in everyone], new
