"""The rows of the rosters: the 1,657 people, and the rows that should not be there or are not right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pilar.samples.cast import RESPELLED, SPELLED_TWICE, Cast
from pilar.samples.formats import Cell
from pilar.samples.people import HEADCOUNT, Person, Register, districts


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
    odd = _odd_lines(cast)
    lines = [odd.get(person, Line(person, {})) for person in everyone if person.region == region]
    if region in EXTRA:
        for at, line in EXTRA[region](cast, lambda: register.person("PKH", region, "")):
            lines.insert(at if at >= 0 else len(lines), line)
    return lines


def _odd_lines(cast: Cast) -> dict[Person, Line]:
    """The rows of those of the 1,657 with whom something is odd; none of it quarantines."""
    lines: dict[Person, Line] = {}
    for person, instead, rule_code, what in _oddities(cast):
        line = lines.get(person, Line(person, {}))
        lines[person] = Line(person, line.instead | instead, (*line.mistakes, _warning(rule_code, what)))
    return lines


Oddity = tuple[Person, dict[str, Cell], str | None, str]
"""Whose row, the cells that say something else than the person, the rule, and what is odd."""


def _oddities(cast: Cast) -> Iterator[Oddity]:
    person = cast.numeric_account
    yield (
        person,
        {"account_no": int(person.account_no)},
        "ACCOUNT_NUMERIC_CELL",
        ("account as a numeric cell: the leading zero is lost"),
    )
    yield cast.no_account, {"account_no": None}, "ACCOUNT_MISSING", "no account"
    yield (
        cast.birth_differs,
        {"birth_date": cast.birth_differs.birth + timedelta(days=11)},
        "NIK_BIRTH_DATE_DIFFERS",
        ("birth date eleven days later than in the NIK"),
    )
    person = cast.health_number
    yield (
        person,
        {"bpjs_no": f"00{person.bpjs_no}"},
        "BPJS_HEALTH_NUMBER",
        ("a health-insurance number (13 digits) in the KPJ column"),
    )
    yield cast.short_number, {"bpjs_no": cast.short_number.bpjs_no[:-1]}, "BPJS_NO_INVALID", "a KPJ of ten digits"
    person = cast.misspelled_district
    yield person, {"district": f"{person.district[:-1]}xx"}, "DISTRICT_UNKNOWN", "district misspelled"
    person = cast.wrong_district
    neighbour = next(d.name for d in districts() if d.region == person.region and d.name != person.district)
    yield (
        person,
        {"district": neighbour},
        "TKSK_DISTRICT_TWO",
        ("the neighbour's district: two TKSK there, none in the person's own"),
    )
    yield cast.in_two_lists, {}, "PERSON_TWO_PILLARS", "Lamongan lists the same person as a facilitator of PKH"
    yield cast.in_two_lists, {}, "PERSON_TWO_REGIONS", "the same person also stands in Lamongan's roster"
    for person in cast.registered_elsewhere:
        yield person, {}, "NIK_REGISTERED_ELSEWHERE", "the NIK was first registered in another kab/kota"
    born = "a namesake born on the same day, but all else differs: two people"
    yield from ((person, {}, None, born) for person in cast.namesakes)
    yield (
        cast.twins[1],
        {},
        "PERSON_NEAR_MATCH",
        ("born on one day, names almost alike, one telephone: twins, or one person twice?"),
    )
    for person in cast.couple:
        yield person, {}, "ACCOUNT_SHARED", "two people with one account"
    for person in cast.without_transfer:
        yield person, {}, "ENTITLED_NOT_INSTRUCTED", "entitled, and the bank was never told to pay"
    for person, months in (
        (cast.arrears, "two months in arrears"),
        (cast.lapsed, "the last three months are missing"),
        (cast.one_month_missing, "one month is missing"),
        (cast.never_covered, "no premium at all"),
    ):
        yield person, {}, "PREMIUM_GAP", f"entitled to twelve months of cover: {months}"


def _warning(rule_code: str | None, what: str) -> Mistake:
    return Mistake(rule_code, what, quarantines=False)


def _kab_mojokerto(cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    ambiguous = Mistake("REGION_AMBIGUOUS", "kab/kota is just `Mojokerto`: the regency or the city?")
    again = replace(cast.spelled_twice, name=SPELLED_TWICE[1])
    what = "the NIK also stands in Kota Mojokerto's standing roster, where the name is spelled otherwise"
    matched = "two digits of the NIK are swapped; Kota Mojokerto's standing roster has it right: one person"
    return [
        (20, Line(stranger(), {"region": "Mojokerto"}, (ambiguous,))),
        (-1, Line(again, {}, (_warning(None, what),))),
        (-1, Line(cast.mistyped, {"nik": swapped(cast.mistyped.nik)}, (_warning("PERSON_MATCHED", matched),))),
    ]


def swapped(nik: str) -> str:
    """The NIK with the two last digits that differ swapped, behind the 9 that the serial begins with.

    Raises ValueError when the last three digits are the same.
    """
    for at in (14, 13):
        if nik[at] != nik[at + 1]:
            return nik[:at] + nik[at + 1] + nik[at] + nik[at + 2 :]
    raise ValueError("no two digits to swap: choose another SEED")


def _kota_mojokerto(cast: Cast, _stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    before = replace(cast.moved, region="3576", district="Kranggan")
    what = "moved: the roster of Kab. Mojokerto has the NIK from 20 November on; a version of `dim_participant` ends"
    elsewhere = _warning("NIK_REGISTERED_ELSEWHERE", "the NIK was first registered in Kab. Mojokerto")
    return [(-1, Line(before, {}, (_warning(None, what), elsewhere)))]


def _jombang(_cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    person = stranger()
    return [(12, Line(person, {"nik": person.nik[:-1]}, (Mistake("NIK_LENGTH", "NIK of 15 digits"),)))]


def _nganjuk(_cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    zero, nameless, zero_lost = stranger(), stranger(), stranger()
    serial = Mistake("NIK_SERIAL_ZERO", "serial 0000 in the NIK")
    lost = Mistake("NIK_LEADING_ZERO_LOST", "NIK of 15 digits: typed with a 0 for the first digit, and the 0 was lost")
    return [
        (30, Line(zero, {"nik": f"{zero.nik[:-4]}0000"}, (serial,))),
        (31, Line(nameless, {"name": None}, (Mistake("NAME_MISSING", "no name"),))),
        (45, Line(zero_lost, {"nik": zero_lost.nik[1:]}, (lost,))),
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


def _lamongan(cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    twice = _warning("PERSON_DUPLICATE", "the same person twice in one roster")
    otherwise = _warning("PERSON_DUPLICATE", "the same NIK twice in one roster, the name spelled otherwise")
    accounts = _warning("PERSON_TWO_ACCOUNTS", "one person with two accounts")
    respelled = replace(cast.respelled, name=RESPELLED[1], account_no=stranger().account_no)
    of_gresik = replace(cast.in_two_lists, pillar="PKH", region="3524", district="Deket")
    pillars = _warning("PERSON_TWO_PILLARS", "Gresik lists the same person as Tagana; the later delivery counts")
    regions = _warning("PERSON_TWO_REGIONS", "the same person also stands in Gresik's roster")
    elsewhere = _warning("NIK_REGISTERED_ELSEWHERE", "the NIK was first registered in Gresik")
    behind_pkh = HEADCOUNT["3524"][0]
    return [
        (behind_pkh, Line(cast.twice_in_roster, {}, (twice,))),
        (behind_pkh + 1, Line(respelled, {}, (otherwise, accounts))),
        (behind_pkh + 2, Line(of_gresik, {}, (elsewhere, pillars, regions))),
    ]


def _gresik(_cast: Cast, stranger: Callable[[], Person]) -> list[tuple[int, Line]]:
    pillar = Mistake("PILLAR_UNKNOWN", "pillar `Karang Taruna` is none of the three")
    person = stranger()
    scientific = Mistake("NIK_SCIENTIFIC", "NIK printed as `3,52…E+15`")
    return [
        (15, Line(stranger(), {"pillar": "Karang Taruna"}, (pillar,))),
        (25, Line(person, {"nik": f"{person.nik[0]},{person.nik[1:6]}E+15"}, (scientific,))),
    ]


EXTRA: dict[str, Extra] = {
    "3516": _kab_mojokerto,
    "3576": _kota_mojokerto,
    "3517": _jombang,
    "3518": _nganjuk,
    "3523": _tuban,
    "3524": _lamongan,
    "3525": _gresik,
}


def rounded(lines: Sequence[Line], count: int) -> list[Line]:
    """The last Tagana again, as a spreadsheet left them that read the NIK as numbers and wrote them as text."""
    what = "an older list: every NIK of the sheet ends in 0; the same people stand in the other members"
    mistake = Mistake("NIK_ENDS_IN_ZERO", what)
    people = [line.person for line in lines if line.person.pillar == "TAGANA"][-count:]
    return [Line(person, {"nik": f"{person.nik[:-1]}0"}, (mistake,)) for person in people]
