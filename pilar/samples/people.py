"""1,657 invented people: the pillars of the eight kab/kota of Bakorwil Bojonegoro.

Nobody here exists. A NIK has the right shape (a real district code, a birth date, +40 for women) but a serial from
9001 on, which registers practically never reach; phone numbers start with 0810, which no operator is known to use.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from random import Random

from pilar.config import PROJECT

REGIONS = {
    "3516": "Kab. Mojokerto",
    "3576": "Kota Mojokerto",
    "3517": "Kab. Jombang",
    "3518": "Kab. Nganjuk",
    "3522": "Kab. Bojonegoro",
    "3523": "Kab. Tuban",
    "3524": "Kab. Lamongan",
    "3525": "Kab. Gresik",
}
HEADCOUNT = {  # PKH and Tagana; TKSK follow from the districts
    "3516": (142, 38),
    "3576": (24, 16),
    "3517": (158, 42),
    "3518": (152, 41),
    "3522": (214, 62),
    "3523": (176, 46),
    "3524": (187, 52),
    "3525": (120, 34),
}
WITHOUT_TKSK = {("3522", "Kedewan"), ("3525", "Tambak")}
"""155 districts, 153 TKSK: two have none."""

BEFORE = {"men": ("Moch.", "Moh.", "Muhammad", "M.", "H.", "Drs."), "women": ("Hj.", "Dra.")}
DEGREES = ("S.Sos.", "S.Pd.", "S.Pd.I.", "S.E.", "S.H.", "S.Kom.", "S.Psi.", "S.ST.", "A.Md.", "S.Sos., M.Si.", "S.Ag.")

FIRST_BIRTH = date(1970, 1, 1)
BIRTH_SPAN_DAYS = 11_600  # to October 2001


@dataclass(frozen=True)
class District:
    """A kecamatan: the Kemendagri code that a NIK starts with, and the kab/kota it lies in."""

    code: str
    name: str
    region: str


@dataclass(frozen=True)
class Person:
    """An invented person in a pillar. ``name`` carries titles, ``account_name`` is how the bank prints it."""

    nik: str
    name: str
    sex: str
    birth: date
    pillar: str
    region: str
    district: str
    account_no: str
    phone: str
    bpjs_no: str

    @property
    def account_name(self) -> str:
        bare = re.sub(r"^(Drs|Dra|H|Hj)\.\s+", "", self.name.split(",")[0])
        return bare.upper().replace("'", "")[:30]


@cache
def districts() -> tuple[District, ...]:
    """The 666 districts of East Java, from the seed."""
    with (PROJECT / "dbt_project" / "seeds" / "districts.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(
            District(row["kemendagri_code"], row["district_name"], row["region_code"]) for row in csv.DictReader(handle)
        )


@cache
def _names() -> dict[str, list[str]]:
    content = (resources.files("pilar.samples") / "data" / "names.txt").read_text("utf-8")
    lists: dict[str, list[str]] = {}
    for line in content.splitlines():
        if line.endswith(":"):
            names = lists[line.removesuffix(":")] = []
        elif line and not line.startswith("#"):
            names.extend(line.split())
    return lists


class Register:
    """Hands out people whose numbers are unique."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._taken: set[str] = set()

    def person(self, pillar: str, region: str, district: str) -> Person:
        rng = self._rng
        sex = "P" if rng.random() < (0.58 if pillar == "PKH" else 0.3) else "L"
        birth = FIRST_BIRTH + timedelta(days=rng.randrange(BIRTH_SPAN_DAYS))
        home = [d for d in districts() if d.region == region]
        return Person(
            nik=self.nik(rng.choice(home).code, birth, sex),
            name=self._name(sex),
            sex=sex,
            birth=birth,
            pillar=pillar,
            region=region,
            district=district,
            account_no=self._unique(lambda: f"0{rng.randrange(100_000_000, 999_999_999)}"),
            phone=self._unique(lambda: f"0810{rng.randrange(10_000_000, 99_999_999)}"),
            bpjs_no=self._unique(lambda: f"23{rng.randrange(100_000_000, 999_999_999)}"),
        )

    def nik(self, district_code: str, birth: date, sex: str) -> str:
        """A NIK that nobody has: first registered in that district."""
        return self._unique(lambda: nik(district_code, birth, sex, self._rng.randrange(9001, 9999)))

    def account(self) -> str:
        """An account that belongs to nobody."""
        return self._unique(lambda: f"0{self._rng.randrange(100_000_000, 999_999_999)}")

    def _unique(self, make: Callable[[], str]) -> str:
        while (made := make()) in self._taken:
            pass
        self._taken.add(made)
        return made

    def _name(self, sex: str) -> str:
        rng = self._rng
        who = "men" if sex == "L" else "women"
        if rng.random() < 0.06:
            return rng.choice(_names()[f"single_{who}"])
        name = f"{rng.choice(_names()[who])} {rng.choice(_names()[f'second_{who}'])}"
        if rng.random() < 0.18:
            name = f"{rng.choice(BEFORE[who])} {name}"
        return f"{name}, {rng.choice(DEGREES)}" if rng.random() < 0.3 else name


def nik(district_code: str, birth: date, sex: str, serial: int) -> str:
    """PPKKCC DDMMYY NNNN; a woman's day is her birth day + 40."""
    day = birth.day + (40 if sex == "P" else 0)
    return f"{district_code}{day:02d}{birth:%m%y}{serial:04d}"


def everybody(register: Register) -> list[Person]:
    """The 1,657: by region, then PKH, TAGANA, TKSK."""
    return [person for region in REGIONS for person in _of(region, register)]


def _of(region: str, register: Register) -> Iterator[Person]:
    names = [d.name for d in districts() if d.region == region]
    pkh, tagana = HEADCOUNT[region]
    for i in range(pkh):
        yield register.person("PKH", region, names[i % len(names)])
    for i in range(tagana):
        yield register.person("TAGANA", region, names[(i * 3) % len(names)])
    for name in names:
        if (region, name) not in WITHOUT_TKSK:
            yield register.person("TKSK", region, name)
