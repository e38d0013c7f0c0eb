"""The rows of the rosters: the 1,657 people, and the rows that should not be there or are not right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pilar.samples.cast import RESPELLED, SPELLED_TWICE, Cast
from pilar.samples.formats import Cell
from pilar.samples.people import HEADCOUNT, Person, Register


@dataclass(frozen=True)
class Mistake:
    """What is odd about one row, and the rule it breaks, if it breaks one."""

    rule_code: str | None
    what: str
    quarantines: bool = True


@dataclass(frozen=True)
class Line:
    """A row before it is laid out: the person, and cells that say something else than the person."""

    person: Person
    instead: dict[str, Cell]
    mistakes: tuple[Mistake, ...] = ()


Extra = Callable[[Cast, Callable[[], Person]], list[tuple[int, Line]]]
"""Rows beyond the 1,657 of one kab/kota, each with its index (-1: at the end). The second argument invents people."""


def lines_of(region: str, everyone: Sequence[Person], cast: Cast, register: Register) -> list[Line]:
    """The rows of a kab/kota, as its office has them."""
    lines = [_line(person, cast) for person in everyone if person.region == region]
    if region in EXTRA:
        for at, line in EXTRA[region](cast, lambda: register.person("PKH", region, "")):
            lines.insert(at if at >= 0 else len(lines), line)
    return lines


def _line(person: Person, cast: Cast) -> Line:
    """The row of one of the 1,657; what is wrong with some of them is a warning."""
    if person is cast.numeric_account:
        what = "account as a numeric cell: the leading zero is lost"
        return Line(person, {"account_no": int(person.account_no)}, (_warning("ACCOUNT_NUMERIC_CELL", what),))
    if person is cast.no_account:
        return Line(person, {"account_no": None}, (_warning("ACCOUNT_MISSING", "no account"),))
    if person is cast.birth_differs:
        what = "birth date eleven days later than in the NIK"
        other = person.birth + timedelta(days=11)
        return Line(person, {"birth_date": other}, (_warning("NIK_BIRTH_DATE_DIFFERS", what),))
    if person is cast.health_number:
        what = "a health-insurance number (13 digits) in the KPJ column"
        return Line(person, {"bpjs_no": f"00{person.bpjs_no}"}, (_warning("BPJS_NO_INVALID", what),))
    if person is cast.misspelled_district:
        what = "district misspelled"
        return Line(person, {"district": f"{person.district[:-1]}xx"}, (_warning("DISTRICT_UNKNOWN", what),))
    return Line(person, {})


def _warning(rule_code: str | None, what: str) -> Mistake:
    return Mistake(rule_code, what, quarantines=False)


def _kab_mojokerto(cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    ambiguous = Mistake("REGION_AMBIGUOUS", "kab/kota is just `Mojokerto`: the regency or the city?")
    again = replace(cast.spelled_twice, name=SPELLED_TWICE[1])
    what = "the NIK also stands in Kota Mojokerto's standing roster, where the name is spelled otherwise"
    return [
        (20, Line(stranger(), {"region": "Mojokerto"}, (ambiguous,))),
        (-1, Line(again, {}, (_warning(None, what),))),
    ]


def _jombang(_cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    person = stranger()
    return [(12, Line(person, {"nik": person.nik[:-1]}, (Mistake("NIK_LENGTH", "NIK of 15 digits"),)))]


def _nganjuk(_cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    zero, nameless = stranger(), stranger()
    serial = Mistake("NIK_SERIAL_ZERO", "serial 0000 in the NIK")
    return [
        (30, Line(zero, {"nik": f"{zero.nik[:-4]}0000"}, (serial,))),
        (31, Line(nameless, {"name": None}, (Mistake("NAME_MISSING", "no name"),))),
    ]


def _tuban(_cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    never = replace(stranger(), birth=date(1985, 2, 28))
    wrong = f"{never.nik[:6]}{'71' if never.sex == 'P' else '31'}0285{never.nik[-4:]}"
    impossible = Mistake("NIK_DATE_IMPOSSIBLE", "31 February inside the NIK")
    unknown = Mistake("REGION_UNKNOWN", "kab/kota `Kab. Tubanan` does not exist")
    return [
        (40, Line(never, {"nik": wrong}, (impossible,))),
        (55, Line(stranger(), {"region": "Kab. Tubanan"}, (unknown,))),
    ]


def _lamongan(cast: Cast, _stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    twice = _warning("PERSON_DUPLICATE", "the same person twice in one roster")
    otherwise = _warning("PERSON_DUPLICATE", "the same NIK twice in one roster, the name spelled otherwise")
    behind_pkh = HEADCOUNT["3524"][0]
    return [
        (behind_pkh, Line(cast.twice_in_roster, {}, (twice,))),
        (behind_pkh + 1, Line(replace(cast.respelled, name=RESPELLED[1]), {}, (otherwise,))),
    ]


def _gresik(_cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    pillar = Mistake("PILLAR_UNKNOWN", "pillar `Karang Taruna` is none of the three")
    return [(15, Line(stranger(), {"pillar": "Karang Taruna"}, (pillar,)))]


EXTRA: dict[str, Extra] = {
    "3516": _kab_mojokerto,
    "3517": _jombang,
    "3518": _nganjuk,
    "3523": _tuban,
    "3524": _lamongan,
    "3525": _gresik,
}
