"""The invented people and places of all histories. Nobody is near anybody else: who is who stands without weights."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pilar.build import DBT_PROJECT


@dataclass(frozen=True)
class Invented:
    """A person as files write them. ``accounts``: the one they began with, and the one they changed to."""

    nik: str
    name: str
    sex: str
    birth_date: str
    accounts: tuple[str, str]
    bpjs_no: str


SARI = Invented("3523014101809001", "SARI WULANDARI", "P", "1980-01-01", ("1100000001", "1100000002"), "23000009001")
BUDI = Invented("3522020302829002", "BUDI SANTOSO", "L", "1982-02-03", ("2200000001", "2200000002"), "23000009002")
RINA = Invented("3524034503849003", "RINA KARTIKA", "P", "1984-03-05", ("3300000001", "3300000002"), "23000009003")
JOKO = Invented("3523040704869004", "JOKO PRASETYO", "L", "1986-04-07", ("4400000001", "4400000002"), "23000009004")
DEWI = Invented("3522054905889005", "DEWI PERMATA", "P", "1988-05-09", ("5500000001", "5500000002"), "23000009005")
NOBODY = Invented("3523040707909009", "WATI LESTARI", "L", "1990-07-07", ("6600000001", "6600000002"), "23000009009")
"""On no roster, ever."""
PEOPLE = (SARI, BUDI, RINA, JOKO, DEWI)

UNKNOWN_ACCOUNTS = ("9900000001", "9900000002")
"""On no roster, ever."""

REGIONS = ("3522", "3523", "3524")
PILLARS = ("PKH", "TAGANA", "TKSK")
DISTRICTS = {"3522": {"Ngraho": "352201", "Dander": "352206"}, "3523": {"Kerek": "352308"}, "3524": {}}
"""By region: name of a district as rosters write it → its code."""


def _district_codes() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with (DBT_PROJECT / "seeds" / "districts.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            found[row["region_code"]][row["district_name"]] = row["kemendagri_code"]
    return dict(found)


DISTRICT_CODES = _district_codes()
"""The same of every kab/kota, for histories that move elsewhere."""

EVENTS = {"TBN-1": ("Tali Asih November", "2023-11-20"), "TBN-2": ("Tali Asih Februari", "2024-02-10")}
"""Code → name and day."""
UNKNOWN_EVENT = "XXX-9"

AMOUNTS = ("1000000", "1000000", "500000")
RATES = ("16800", "10800")

START = datetime(2023, 11, 1, 3, 0, tzinfo=UTC)
"""The first delivery: ten in the morning in Asia/Jakarta."""


def moment(days: int, hours: int = 0) -> datetime:
    """A time of delivery."""
    return START + timedelta(days=days, hours=hours)
