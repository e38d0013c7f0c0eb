"""The 38 kab/kota of East Java as tiles of one size, laid by hand roughly where they lie (north is up).

A map gives the eye land area; here each kab/kota counts the same, and the cities are as easy to hit as the regencies.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Tile:
    """A kab/kota's place: column from the west and row from the north, both from 1; ``short`` fits a phone."""

    region_code: str
    column: int
    row: int
    short: str
    name: str


@cache
def tiles() -> tuple[Tile, ...]:
    """All tiles, as ``tiles.csv`` lays them."""
    lines = files("pilar.desk").joinpath("tiles.csv").read_text("utf-8").splitlines()
    return tuple(
        Tile(line["region_code"], int(line["column"]), int(line["row"]), line["short"], line["name"])
        for line in csv.DictReader(lines)
    )
