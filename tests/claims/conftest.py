"""Nights in memory in which BPS's tables of the samples land, and revisions of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pilar import regions
from pilar.config import Home
from pilar.privacy import load_key
from tests.harness.compiled import Compiled
from tests.harness.fixtures import compiled
from tests.harness.memory import Memory
from tests.harness.nights import Nights

__all__ = ["compiled"]

BPS = Path(__file__).parents[2] / "samples" / "poverty" / "bps"
YEARLY = "Jumlah dan Persentase Penduduk Miskin Menurut Provinsi, 2023.csv"
COUNTS = {"Jawa Timur": "4188.81", "Jawa Tengah": "3791.5"}
"""Poor people (thousand) as the table of 2023 states them."""


def moment(text: str) -> float:
    """Seconds of a moment in UTC, ``2023-07-18 04:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.fixture(scope="session")
def provinces(compiled: Compiled) -> Iterator[Memory]:
    """A warehouse in memory that knows Indonesia, the provinces and the kab/kota of invented histories."""
    known = [
        alias for alias in regions.aliases() if (alias.region_code or "").endswith("00") or alias.region_code == "3523"
    ]
    opened = Memory(compiled, load_key(compiled.home), known)
    yield opened
    opened.close()


@pytest.fixture
def nights(home: Home, provinces: Memory) -> Nights:
    """An empty home over which nothing was built."""
    provinces.forget()
    return Nights(home, provinces)


@pytest.fixture
def landed(nights: Nights) -> Nights:
    """The night on which BPS's tables of March 2021, 2022 and 2023 are known."""
    land_bps(nights)
    nights.run()
    return nights


def land_bps(nights: Nights) -> None:
    for name, delivered in {"Penduduk Miskin Provinsi.zip": "2022-07-18 04:00", YEARLY: "2023-07-18 04:00"}.items():
        nights.drop(f"poverty/bps/{name}", (BPS / name).read_bytes(), at=moment(delivered))


def land_revision(nights: Nights, folder: str, count: str, *, at: str, province: str = "Jawa Timur") -> None:
    """BPS's table of 2023 again, with another number of poor people (thousand) for one province."""
    table = (BPS / YEARLY).read_text("utf-8-sig")
    (line,) = (line for line in table.splitlines() if line.startswith(f"{province},"))
    assert COUNTS[province] in line
    revised = table.replace(line, line.replace(COUNTS[province], count))
    # A byte more, or the table that says the same again would be the same file as the first.
    nights.drop(f"poverty/{folder}/{YEARLY}", f"{revised}\n", at=moment(at))
