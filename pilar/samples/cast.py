"""Who plays which part: the people to whom something out of the ordinary happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from pilar.samples.people import Person, Register

SPELLED_TWICE = ("Moch. Choirul Anam", "Muhammad Khoirul Anam, S.Pd.")
RESPELLED = ("Moh. Nu'man Hakim", "Muhammad Nukman Hakim, S.Pd.I.")
NAMESAKES = ("Siti Rahmawati", "Hj. Siti Rahmawati, S.Pd.")
TWINS = ("Nur Rohmah", "Nur Rohimah")

PILLARS = ("PKH", "TAGANA", "TKSK")
INSURED = ("TAGANA", "TKSK")


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
    short_number: Person
    misspelled_district: Person
    twice_in_roster: Person
    respelled: Person
    """Twice in one roster, the second time spelled otherwise and with another account."""
    spelled_twice: Person
    """In two rosters, spelled otherwise."""
    mistyped: Person
    """In two rosters, in the second with two digits of the NIK swapped."""
    namesakes: tuple[Person, Person]
    """Two women of one name, born on one day, in two kab/kota."""
    twins: tuple[Person, Person]
    """Two women born on one day, named almost alike, with one telephone: a steward is asked whether they are one."""
    couple: tuple[Person, Person]
    """Two people with one account."""
    moved: Person
    """Of Kab. Mojokerto; Kota Mojokerto's standing roster, which is older, still has the district before."""
    in_two_lists: Person
    """A Tagana of Gresik whom Lamongan lists among its PKH facilitators."""
    wrong_district: Person
    """A TKSK for whom the roster names the neighbour's district."""
    registered_elsewhere: tuple[Person, ...]
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
    changed_account: Person
    """Of Bojonegoro, whose correction gives another account than the first list; the bank pays ``old_account``."""
    old_account: str
    left_out: Person
    """In Bojonegoro's first list only, so none of the 1,657; the bank pays her all the same."""
    retry_unnamed: Person
    new_account: Person
    """Returned, and paid again to an account on no roster: docs/worked-example.md."""
    wrong_account: Person
    other_holder: Person
    backward: Person
    withdrawn: Person
    repeated: Person
    # premiums
    arrears: Person
    lapsed: Person
    one_month_missing: Person
    never_covered: Person
    paid_twice: Person
    damaged_nik: Person
    health_number_paid: Person
    wrong_rate: Person
    other_program: Person
    not_entitled: Person
    """A PKH facilitator for whom a premium was paid."""

    @property
    def without_transfer(self) -> tuple[Person, ...]:
        return (self.numeric_account, self.no_account, *self.never_instructed)


class _Casting:
    """Hands out parts; a part may change the person who plays it."""

    def __init__(self, everyone: Sequence[Person], rng: Random) -> None:
        self.people = list(everyone)
        self._free = list(everyone)
        self._rng = rng

    def take(self, region: str = "", pillars: Sequence[str] = PILLARS, sex: str = "LP") -> Person:
        person = self._rng.choice(
            [p for p in self._free if region in ("", p.region) and p.pillar in pillars and p.sex in sex]
        )
        self._free.remove(person)
        return person

    def several(self, count: int) -> tuple[Person, ...]:
        return tuple(self.take() for _ in range(count))

    def recast(self, person: Person, **changes: Any) -> Person:
        """The person with other values, in place among the people."""
        changed = replace(person, **changes)
        self.people[self.people.index(person)] = changed
        return changed


def choose(everyone: Sequence[Person], register: Register, rng: Random) -> tuple[list[Person], Cast]:
    """The people (a few of them changed for their parts) and the cast."""
    casting = _Casting(everyone, rng)
    take, several = casting.take, casting.several
    spelled_twice = casting.recast(take("3576", ["TAGANA"], "L"), name=SPELLED_TWICE[0])
    respelled = casting.recast(take("3524", ["PKH"], "L"), name=RESPELLED[0])
    cast = Cast(
        numeric_account=take("3516", ["PKH"]),
        no_account=take("3525", ["PKH"]),
        birth_differs=take("3523", ["PKH"]),
        health_number=take("3517", ["TAGANA"]),
        short_number=take("3518", ["TAGANA"]),
        misspelled_district=take("3518", ["PKH"]),
        twice_in_roster=take("3524", ["PKH"]),
        respelled=respelled,
        spelled_twice=spelled_twice,
        mistyped=take("3576", ["PKH"]),
        namesakes=_namesakes(casting, register),
        twins=_twins(casting),
        couple=_couple(casting),
        moved=take("3516", ["PKH"]),
        in_two_lists=take("3525", ["TAGANA"]),
        wrong_district=take("3518", ["TKSK"]),
        registered_elsewhere=_registered_elsewhere(casting, register),
        never_instructed=several(2),
        held_batch=several(3),
        failed=several(2),
        failed_then_paid=several(4),
        failed_again=several(1),
        returned=several(3),
        returned_then_paid=several(2),
        pending=several(5),
        overpaid=take(),
        underpaid=take(),
        other_event=take(),
        changed_account=take("3522", ["PKH"]),
        old_account=register.account(),
        left_out=register.person("PKH", "3522", "Balen"),
        retry_unnamed=take(),
        new_account=take(),
        wrong_account=take(),
        other_holder=take(),
        backward=take(),
        withdrawn=take(),
        repeated=take(),
        arrears=take(pillars=INSURED),
        lapsed=take(pillars=INSURED),
        one_month_missing=take(pillars=INSURED),
        never_covered=take(pillars=INSURED),
        paid_twice=take(pillars=INSURED),
        damaged_nik=take(pillars=INSURED),
        health_number_paid=take(pillars=INSURED),
        wrong_rate=take(pillars=INSURED),
        other_program=take(pillars=INSURED),
        not_entitled=take(pillars=["PKH"]),
    )
    return casting.people, cast


def _namesakes(casting: _Casting, register: Register) -> tuple[Person, Person]:
    first = casting.recast(casting.take("3523", ["PKH"], "P"), name=NAMESAKES[0])
    second = casting.take("3525", ["PKH"], "P")
    number = register.nik(second.nik[:6], first.birth, "P")
    return first, casting.recast(second, name=NAMESAKES[1], birth=first.birth, nik=number)


def _twins(casting: _Casting) -> tuple[Person, Person]:
    both = [casting.take("3524", ["PKH"], "P") for _ in TWINS]
    elder, second = sorted(both, key=casting.people.index)
    first = casting.recast(elder, name=TWINS[0])
    last = int(first.nik[-1])
    number = f"{first.nik[:-1]}{last + 1 if last < 9 else last - 1}"
    return first, casting.recast(second, name=TWINS[1], birth=first.birth, nik=number, phone=first.phone)


def _couple(casting: _Casting) -> tuple[Person, Person]:
    husband, wife = casting.take("3517", ["PKH"], "L"), casting.take("3517", ["PKH"], "P")
    return husband, casting.recast(wife, account_no=husband.account_no)


def _registered_elsewhere(casting: _Casting, register: Register) -> tuple[Person, ...]:
    """Three who moved here: from Madiun, from Surabaya and from Rembang in Central Java."""
    moved = (("3516", "351901"), ("3517", "357801"), ("3523", "331701"))
    people = [(casting.take(region, ["PKH"]), code) for region, code in moved]
    return tuple(casting.recast(p, nik=register.nik(code, p.birth, p.sex)) for p, code in people)
