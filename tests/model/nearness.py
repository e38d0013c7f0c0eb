"""How near two nodes are: Fellegi and Sunter's sum of weights, for people who are clearly alike or clearly different.

The names, birth dates and NIKs of invented people are equal or have nothing in common; what is similar is another
question, and ``tests/identity`` asks it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from decimal import Decimal

from pilar.build import DBT_PROJECT
from tests.model.states import Judged

TITLES = re.compile(r"\b(DRS|DRA|DR|IR|H|HJ|KH|PROF|R|RR)\b\.?")


def letters(name: str) -> str:
    """A name's letters, without titles."""
    return re.sub("[^A-Z]", "", TITLES.sub("", re.sub(",.*$", "", name).upper()))


def _seed() -> dict[tuple[str, str], Decimal]:
    with (DBT_PROJECT / "seeds" / "identity_weights.csv").open(encoding="utf-8", newline="") as rows:
        return {(row["field"], row["level"]): Decimal(row["weight"]) for row in csv.DictReader(rows)}


WEIGHTS = _seed()
THRESHOLD = WEIGHTS["threshold", "upper"]
"""From this weight on two nodes are one person."""

_PLAIN = {"equal": "equal", "differs": "differs"}
_COMPARED = (
    ("name", "name", _PLAIN),
    ("birth_date", "birth_date", _PLAIN),
    ("bpjs_no", "bpjs_no", _PLAIN),
    ("sex", "sex", _PLAIN),
    ("region", "region", _PLAIN),
    ("contact", "account_no", {"equal": "one", "differs": "differs"}),
)
"""(field of the weights, column of the rosters, what the seed calls equal and different)."""


def weight(one: Iterable[Judged], other: Iterable[Judged]) -> Decimal:
    """The weight of two nodes' rows; minus infinity for two that share nothing by which pairs are found."""
    left, right = _Stated(one), _Stated(other)
    shared = ("birth_date", "account_no", "bpjs_no", "name")
    if not any(left.values[field] & right.values[field] for field in shared):
        return Decimal("-Infinity")
    total = WEIGHTS["prior", "any"]
    total += WEIGHTS["nik", "differs" if left.values["nik"] and right.values["nik"] else "missing"]
    for field, column, levels in _COMPARED:
        level = _level(left, right, column)
        total += WEIGHTS[field, levels[level]] if level else Decimal(0)
    return total


class _Stated:
    """What the rows of a node state, by column."""

    def __init__(self, rows: Iterable[Judged]) -> None:
        lines = [row.line for row in rows]
        columns = ("birth_date", "account_no", "bpjs_no", "sex", "region")
        self.values = {column: {line.cell(column) for line in lines} - {""} for column in columns}
        self.values["name"] = {letters(line.cell("name")) for line in lines} - {""}
        self.values["nik"] = {line.cell("nik") for line in lines if len(line.cell("nik")) == 16}


def _level(left: _Stated, right: _Stated, column: str) -> str | None:
    """``equal`` or ``differs``; nothing when one of the two does not state it."""
    if not left.values[column] or not right.values[column]:
        return None
    return "equal" if left.values[column] & right.values[column] else "differs"
