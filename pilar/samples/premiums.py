"""BPJS Ketenagakerjaan: a year of premiums for Tagana and TKSK, with arrears and gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pilar.samples import formats
from pilar.samples.cast import Cast
from pilar.samples.formats import MONTHS, Cell
from pilar.samples.model import COVER_YEAR, PREMIUM_IDR, Delivery, Trap
from pilar.samples.people import Person

HEAD: list[Cell] = ["KPJ", "NIK", "NAMA PESERTA", "BULAN", "PROGRAM", "IURAN", "STATUS", "TANGGAL BAYAR"]


@dataclass(frozen=True)
class MemberMonth:
    """One row. ``mistakes`` are (rule, what)."""

    person: Person
    month: int
    paid: bool = True
    nik: str | None = None
    bpjs_no: str | None = None
    amount: int = PREMIUM_IDR
    program: str = "JKK+JKM"
    mistakes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Cover:
    """The feed's file and what must come out: people by how well they are covered, and the months that are not."""

    delivery: Delivery
    gaps: dict[str, list[str]]
    """Who has gaps (the part in the cast) → the months, `2023-08`."""
    people: int
    months_covered: int


def cover(everyone: Sequence[Person], cast: Cast) -> Cover:
    insured = [person for person in everyone if person.pillar in ("TAGANA", "TKSK")]
    gaps = {
        "arrears": (cast.arrears, [8, 9]),
        "lapsed": (cast.lapsed, [10, 11, 12]),
        "one_month_missing": (cast.one_month_missing, [3]),
        "never_covered": (cast.never_covered, list(range(1, 13))),
    }
    missing = {person: months for part, (person, months) in gaps.items() if part != "arrears"}
    rows = [
        row
        for person in [*insured, cast.not_entitled]
        for row in _months(person, cast)
        if row.month not in missing.get(person, [])
    ]
    return Cover(
        _delivery(rows),
        {part: [f"{COVER_YEAR}-{month:02d}" for month in months] for part, (_, months) in gaps.items()},
        len(insured),
        12 * len(insured) - sum(len(months) for _, months in gaps.values()),
    )


def _months(person: Person, cast: Cast) -> Iterator[MemberMonth]:
    if person is cast.not_entitled:
        what = "a premium for a PKH facilitator, who is not entitled to cover"
        yield MemberMonth(person, 9, mistakes=(("PREMIUM_NOT_ENTITLED", what),))
        return
    odd = {(row.person, row.month): row for row in _odd_months(cast)}
    for month in range(1, 13):
        if person is cast.paid_twice and month == 4:
            twice = ("PREMIUM_PAID_TWICE", "this month is paid again in the next row")
            yield MemberMonth(person, month, mistakes=(twice,))
            yield MemberMonth(person, month)
        elif (person, month) in odd:
            yield odd[person, month]
        else:
            yield MemberMonth(person, month, paid=not (person is cast.arrears and month in (8, 9)))


def _odd_months(cast: Cast) -> Iterator[MemberMonth]:
    """Months that are covered, and something about the row is wrong."""
    person = cast.damaged_nik
    what = "NIK printed as `3,52…E+15`; the KPJ tells who it is"
    damaged = f"{person.nik[0]},{person.nik[1:6]}E+15"
    yield MemberMonth(person, 5, nik=damaged, mistakes=(("PREMIUM_NIK_DAMAGED", what),))
    person = cast.health_number_paid
    what = "a health-insurance number (13 digits) for the KPJ; the NIK tells who it is"
    yield MemberMonth(person, 2, bpjs_no=f"00{person.bpjs_no}", mistakes=(("PREMIUM_HEALTH_NUMBER", what),))
    what = "Rp 6,800 for JKK+JKM: that is JKM alone"
    yield MemberMonth(cast.wrong_rate, 6, amount=6_800, mistakes=(("PREMIUM_RATE_DIFFERS", what),))
    what = "programme `JHT`, which is not promised"
    yield MemberMonth(cast.other_program, 10, program="JHT", mistakes=(("PREMIUM_PROGRAM_UNKNOWN", what),))


def _delivery(rows: Sequence[MemberMonth]) -> Delivery:
    members: dict[str, bytes] = {}
    traps: list[Trap] = []
    for name, months in (("iuran 2023 semester 1.csv", range(1, 7)), ("iuran 2023 semester 2.csv", range(7, 13))):
        own = [row for row in rows if row.month in months]
        first_half = months.start == 1
        cells = [_cells(row, first_half) for row in own]
        members[name] = formats.delimited([HEAD, *cells], ";")
        traps += [Trap(rule, what, name, at) for at, row in enumerate(own, start=2) for rule, what in row.mistakes]
    return Delivery(
        "premiums",
        "bpjs-ketenagakerjaan/iuran pilar sosial 2023.zip",
        datetime(2024, 1, 8, 3, 0, tzinfo=UTC),
        formats.zipped(members),
        "Premiums of 2023 of 484 Tagana and TKSK, a member for each half-year: months `2023-01` and `Juli 2023`, "
        "premiums `16.800` and `16800,00`. ZIP of CSV `;`.",
        rows_read=len(rows),
        traps=tuple(traps),
    )


def _cells(row: MemberMonth, first_half: bool) -> list[Cell]:
    person = row.person
    return [
        row.bpjs_no or person.bpjs_no,
        row.nik or person.nik,
        person.account_name,
        f"{COVER_YEAR}-{row.month:02d}" if first_half else f"{MONTHS[row.month - 1]} {COVER_YEAR}",
        row.program,
        f"{row.amount:,}".replace(",", ".") if first_half else f"{row.amount},00",
        "LUNAS" if row.paid else "TUNGGAK",
        date(COVER_YEAR, row.month, 10) if row.paid else None,
    ]
