"""Files of an invented history: the same people paid month after month, by bank files of one batch each.

Seeded, so a history of a size is always the same. Nobody in it exists: NIKs carry serials from 9001 on.
"""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

SEEDS = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds"
PEOPLE = 50_000
NEW_ROWS, NEW_RETRIES = 20_000, 500
AMOUNT = 1_000_000
FIRST_EVENT = date(2016, 1, 20)
PILLARS = ("PKH", "TAGANA", "TKSK")
SYLLABLES = [first + second for first in "BDGHJKLMNRSTW" for second in "AIU"]
STATUSES = ("SUKSES", "GAGAL", "RETUR", "PROSES")
SHARES = (95, 2, 2, 1)
REASONS = {"GAGAL": "U114", "RETUR": "U136"}
ROSTER_HEAD = "NIK;NAMA;L/P;TANGGAL LAHIR;PILAR;KAB/KOTA;NO REKENING;NAMA REKENING"
EVENTS_HEAD = "KEGIATAN,NAMA KEGIATAN,TANGGAL KEGIATAN,KAB/KOTA,PILAR,PROGRAM,NOMINAL"
BANK_HEAD = (
    "NO REFERENSI;BATCH/NO SP2D;KEGIATAN;PROGRAM;TANGGAL INSTRUKSI;NO REKENING;NAMA REKENING;NOMINAL;STATUS;"
    "KODE RETUR;TANGGAL EFEKTIF;NO REFERENSI ASAL"
)


@dataclass(frozen=True)
class Person:
    """Who is paid: one of every pillar and region in turn."""

    nik: str
    name: str
    sex: str
    born: date
    pillar: str
    region: str
    account: str


@dataclass(frozen=True)
class Attempt:
    """A transfer that did not arrive and that nobody has repeated yet."""

    reference: str
    event: int
    person: int


def lay_history(landing: Path, transfers: int) -> list[Attempt]:
    """Write rosters, an events file and batches of about ``transfers`` rows in all; returns what still has failed."""
    crowd = people()
    regions = sorted({person.region for person in crowd})
    for region in regions:
        lines = [_roster_line(person) for person in crowd if person.region == region]
        _write(landing / "rosters" / region / "pilar.csv", [ROSTER_HEAD, *lines], _event_day(0) - timedelta(days=30))
    everywhere = ";".join(regions)
    lines = [
        f"{_event(n)},Tali asih {n},{_event_day(n):%d/%m/%Y},{everywhere},{pillar},TALI_ASIH,{AMOUNT}"
        for n in range(_events(transfers) + 1)
        for pillar in PILLARS
    ]
    _write(landing / "events" / "kegiatan.csv", [EVENTS_HEAD, *lines], _event_day(0) - timedelta(days=60))
    unpaid: list[Attempt] = []
    failed: list[Attempt] = []
    for event in range(_events(transfers)):
        # Three of five failures are tried again with the next batch.
        again = [attempt for number, attempt in enumerate(failed) if number % 5 < 3]
        unpaid += [attempt for number, attempt in enumerate(failed) if number % 5 >= 3]
        failed = _lay_batch(landing, event, crowd, PEOPLE - len(again), again)
    return unpaid + failed


def lay_news(landing: Path, transfers: int, unpaid: Sequence[Attempt]) -> None:
    """Write the batch of a new night: ``NEW_ROWS``, of which ``NEW_RETRIES`` repeat failures of the whole history."""
    again = [unpaid[number * len(unpaid) // NEW_RETRIES] for number in range(NEW_RETRIES)]
    _lay_batch(landing, _events(transfers), people(), NEW_ROWS - NEW_RETRIES, again)


def people() -> list[Person]:
    """``PEOPLE`` of them, each with a NIK, a name, an account and a region of their own making."""
    with (SEEDS / "districts.csv").open(encoding="utf-8", newline="") as stream:
        districts = [(row["kemendagri_code"], row["region_code"]) for row in csv.DictReader(stream)]
    made = [_person(number, *districts[number % len(districts)]) for number in range(PEOPLE)]
    if len({person.nik for person in made}) != PEOPLE:
        raise ValueError("two invented people share a NIK")
    return made


def _person(number: int, district: str, region: str) -> Person:
    born = date(1960, 1, 1) + timedelta(days=number * 7919 % 14_600)
    sex = "LP"[number % 2]
    day = born.day + 40 * (sex == "P")
    nik = f"{district}{day:02d}{born:%m%y}{9001 + number // 700 % 999}"
    return Person(nik, _name(number), sex, born, PILLARS[number % 3], region, f"{9_100_000_000 + number}")


def _name(number: int) -> str:
    """Two words of three syllables, another for each number."""
    code = number * 104_729 % len(SYLLABLES) ** 6
    heard = [SYLLABLES[code // len(SYLLABLES) ** place % len(SYLLABLES)] for place in range(6)]
    return f"{''.join(heard[:3])} {''.join(heard[3:])}"


def _roster_line(person: Person) -> str:
    known = (person.nik, person.name, person.sex, f"{person.born:%d/%m/%Y}", person.pillar, person.region)
    return ";".join((*known, person.account, person.name))


def _lay_batch(
    landing: Path, event: int, crowd: Sequence[Person], first: int, again: Sequence[Attempt]
) -> list[Attempt]:
    """One bank file: the first ``first`` people are paid for the event, and failed attempts are repeated."""
    dice = random.Random(f"batch {event}")
    wanted = [Attempt("", event, person) for person in range(first)] + list(again)
    day = _event_day(event) + timedelta(days=2)
    said = f"{day:%d/%m/%Y}"
    failed, lines = [], [BANK_HEAD]
    for row, (attempt, status) in enumerate(zip(wanted, dice.choices(STATUSES, SHARES, k=len(wanted)), strict=True)):
        reference, person = f"BJTM{event:04d}{row:06d}", crowd[attempt.person]
        if status in REASONS:
            failed.append(Attempt(reference, attempt.event, attempt.person))
        lines.append(
            f"{reference};SP2D-{event:04d};{_event(attempt.event)};TALI_ASIH;{said};{person.account};"
            f"{person.name};{AMOUNT};{status};{REASONS.get(status, '')};{said};{attempt.reference}"
        )
    empty = ";" * (BANK_HEAD.count(";") - 1)
    lines += [f"JUMLAH TRANSAKSI;{len(wanted)}{empty}", f"TOTAL NOMINAL;{len(wanted) * AMOUNT}{empty}"]
    _write(_bank_file(landing, event), lines, day + timedelta(days=3))
    return failed


def bank_file(landing: Path, transfers: int) -> Path:
    """Where :func:`lay_news` writes."""
    return _bank_file(landing, _events(transfers))


def _bank_file(landing: Path, event: int) -> Path:
    return landing / "disbursements" / "bank" / f"sp2d {event:04d}.txt"


def _events(transfers: int) -> int:
    return max(1, round(transfers / PEOPLE))


def _event(number: int) -> str:
    return f"KEG-{number:04d}"


def _event_day(number: int) -> date:
    """An event each month."""
    return date(FIRST_EVENT.year + number // 12, number % 12 + 1, FIRST_EVENT.day)


def _write(path: Path, lines: Sequence[str], saved_on: date) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    moment = datetime(saved_on.year, saved_on.month, saved_on.day, 3, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
