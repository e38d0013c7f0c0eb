"""An attacker who has nothing but the packages: reads the CSVs, writes down every equation, and solves them.

Shares no code with the export. The unknowns are people by kab/kota, pillar and sex (or outcome, or cover), one set for
each package; each shown row, its rupiah and each bound are equations. On top of that the attacker is told more than any
real one could know: which unknowns are alike (same people counted at the event, on the roster, under cover; unchanged
since the package before).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

Unknown = tuple[str, ...]
PROVINCE, ALL = "3500", "ALL"
GOOD = {"IN_FULL", "FULL"}


Package = Mapping[str, list[dict[str, str]]]


def rows(package: Path, table: str) -> list[dict[str, str]]:
    with (package / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def package_of(folder: Path) -> Package:
    """The tables of a package as its CSVs have them."""
    described = json.loads((folder / "datapackage.json").read_text("utf-8"))
    return {table: rows(folder, table) for table in ("people", "money", "premium_cover", "region_profile")} | {
        "threshold": [{"threshold": str(described["pilar"]["threshold"])}]
    }


@dataclass
class Attack:
    """Equations (and bounds from below) over unknown counts, none of which is below zero."""

    equations: list[tuple[dict[Unknown, int], int]] = field(default_factory=list)
    bounds: list[tuple[dict[Unknown, int], int]] = field(default_factory=list)
    hidden: dict[str, list[Unknown]] = field(default_factory=dict)
    """Rows that do not tell their count: what they are, and the unknowns that they add up."""
    totals: dict[tuple[str, ...], list[Unknown]] = field(default_factory=dict)
    """(edition, table, area, pillar, kind) of every row → its unknowns."""
    _made: Any = None

    def read(self, package: Package, rates: Mapping[str, int] | None = None, year: str = "2023") -> None:
        """Everything that a package says of a year. Its unknowns bear the name of the release that its figures are
        from, and of the year if it is another."""
        offices = {row["region_code"]: "bakorwil-" + row["bakorwil"].lower() for row in package["region_profile"]}
        room = 2 * int(package["threshold"][0]["threshold"])
        (edition,) = {row["as_of_release"] for row in package["people"] if row["year"] == year} - {""}
        edition += "" if year == "2023" else f" {year}"
        for table, last in (("people", "sex"), ("money", "outcome"), ("premium_cover", "cover")):
            told = [row for row in package[table] if row.get("year", row.get("event_date", "")).startswith(year)]
            areas = sorted({row["area_code"] for row in told if row["area_level"] in {"kabkota", "elsewhere"}})
            kinds = sorted({row[last] for row in told} - {ALL})
            pillars = sorted({row["pillar_code"] for row in told} - {ALL})
            wholes = {(row["area_code"], row["pillar_code"]): row["people"] for row in told if row[last] == ALL}
            for row in told:
                unknowns = [
                    (edition, table, area, pillar, kind)
                    for area in areas
                    if row["area_code"] in {area, PROVINCE, offices.get(area, "")}
                    for pillar in pillars
                    if row["pillar_code"] in {pillar, ALL}
                    for kind in kinds
                    if row[last] in {kind, ALL}
                ]
                name = (edition, table, row["area_code"], row["pillar_code"], row[last])
                self.totals[name] = unknowns
                if row["status"] == "hidden":
                    self.hidden[" ".join(name)] = unknowns
                self._row(row, unknowns, rates or {})
                whole = wholes[row["area_code"], row["pillar_code"]]
                if row["status"] == "hidden" and row[last] in GOOD and whole:
                    self._bounds(row, unknowns, int(whole), room)

    def _row(self, row: Mapping[str, str], unknowns: list[Unknown], rates: Mapping[str, int]) -> None:
        if row["status"] == "no_data":
            self.equations.append((dict.fromkeys(unknowns, 1), 0))
        if row["people"]:
            self.equations.append((dict.fromkeys(unknowns, 1), int(row["people"])))
        if row.get("entitled_idr") and rates:
            rupiah = {unknown: rates[unknown[3]] // 1000000 for unknown in unknowns}
            self.equations.append((rupiah, int(Fraction(row["entitled_idr"]) / 1000000)))

    def _bounds(self, row: Mapping[str, str], unknowns: list[Unknown], whole: int, room: int) -> None:
        """The percent that is told, and that none above it is, although a step is told wherever it leaves room."""
        told = int(row["at_least_pct"] or 0)
        for percent in range(50, 100, 5):
            least = -(-whole * percent // 100)
            if percent == told:
                self.bounds.append((dict.fromkeys(unknowns, 1), least))
            elif percent > told and whole - least >= room:
                self.bounds.append((dict.fromkeys(unknowns, -1), 1 - least))

    def suppose_alike(self, truth: Mapping[str, Mapping[tuple[str, ...], int]]) -> None:
        """Be told, of each edition: who is on the roster is at the event, and under cover if not of PKH; and between
        two editions: which unknowns have not changed. All of it where it is true."""
        by_sum: dict[tuple[str, ...], list[tuple[str, list[Unknown]]]] = {}
        for edition, table, area, pillar, kind in sorted({part for sums in self.totals.values() for part in sums}):
            group = by_sum.setdefault((edition, area, pillar), [])
            if not group or group[-1][0] != table:
                group.append((table, []))
            group[-1][1].append((edition, table, area, pillar, kind))
        for tables in by_sum.values():
            for (_, left), (_, right) in pairwise(tables):
                if _true(left, truth) == _true(right, truth):
                    self.suppose(left, right)
        for before, after in combinations(sorted(truth), 2):
            for unknown in sorted(self.unknowns):
                other = (before, *unknown[1:])
                if unknown[0] == after and _true([unknown], truth) == _true([other], truth):
                    self.suppose([unknown], [other])

    def suppose(self, left: Iterable[Unknown], right: Iterable[Unknown]) -> None:
        """Be told that two sums are the same."""
        sums = dict.fromkeys(left, 1)
        for unknown in right:
            sums[unknown] = sums.get(unknown, 0) - 1
        self.equations.append((sums, 0))

    @property
    def unknowns(self) -> list[Unknown]:
        return sorted({unknown for sums, _ in [*self.equations, *self.bounds] for unknown in sums})

    def _program(self) -> tuple[dict[Unknown, int], Any, Any]:
        """Columns of the unknowns, and the equations and bounds as matrices."""
        if self._made is None or self._made[0] != len(self.equations):
            place = {unknown: number for number, unknown in enumerate(self.unknowns)}
            equal, least = (
                sparse.csr_matrix(
                    (
                        [factor for sums, _ in lines for factor in sums.values()],
                        (
                            [number for number, (sums, _) in enumerate(lines) for _ in sums],
                            [place[unknown] for sums, _ in lines for unknown in sums],
                        ),
                    ),
                    shape=(len(lines), len(place)),
                )
                for lines in (self.equations, self.bounds)
            )
            self._made = (len(self.equations), place, equal, least)
        return self._made[1:]

    def certain(self, asked: Mapping[str, dict[Unknown, int]]) -> dict[str, Fraction]:
        """What follows from the equations alone, exactly: Gaussian elimination over fractions."""
        reduced = _eliminate([(dict(sums), Fraction(value)) for sums, value in self.equations])
        found = {}
        for what, sums in asked.items():
            rest, value = {unknown: Fraction(factor) for unknown, factor in sums.items()}, Fraction(0)
            for pivot, (row, right) in reduced.items():
                factor = rest.get(pivot)
                if factor:
                    value += factor * right
                    for unknown, other in row.items():
                        rest[unknown] = rest.get(unknown, Fraction(0)) - factor * other
            if not any(rest.values()):
                found[what] = value
        return found

    def interval(self, asked: dict[Unknown, int]) -> tuple[float, float]:
        """The least and the most that a sum can be: two linear programs."""
        place, equal, least = self._program()
        if not asked.keys() <= place.keys():
            return 0.0, float("inf")
        costs = np.zeros(len(place))
        for unknown, factor in asked.items():
            costs[place[unknown]] = factor
        ends = []
        for sign in (1, -1):
            answer = linprog(
                sign * costs,
                A_eq=equal,
                b_eq=[value for _, value in self.equations],
                A_ub=-least if self.bounds else None,
                b_ub=[-value for _, value in self.bounds] if self.bounds else None,
            )
            assert answer.status in {0, 3}, answer.message
            ends.append(float("inf") if answer.status == 3 else sign * answer.fun)
        return round(ends[0], 6), round(ends[1], 6)


def _true(unknowns: Iterable[Unknown], truth: Mapping[str, Mapping[tuple[str, ...], int]]) -> int:
    return sum(truth[unknown[0]].get(unknown[1:], 0) for unknown in unknowns)


def _changed(unknown: Unknown, before: str, after: str, truth: Mapping[str, Mapping[tuple[str, ...], int]]) -> bool:
    return _true([(before, *unknown[1:])], truth) != _true([(after, *unknown[1:])], truth)


def found_out(attack: Attack, truth: Mapping[str, Mapping[tuple[str, ...], int]], threshold: int) -> list[str]:
    """Small counts that the attack pins further than it may: each must be able to be none, and the threshold."""
    found = []
    for what, unknowns in sorted(attack.hidden.items()):
        value = _true(unknowns, truth)
        good_of_none = value == 0 and what.rpartition(" ")[2] in GOOD
        if 0 < value < threshold or good_of_none:
            least, most = attack.interval(dict.fromkeys(unknowns, 1))
            if least > 0 or most < threshold:
                found.append(f"{what} is from {least} to {most}")
    return found


def changes_found_out(attack: Attack, truth: Mapping[str, Mapping[tuple[str, ...], int]], threshold: int) -> list[str]:
    """Changes of few people between two editions that the attack pins: each must be able to be none, and many."""
    found, seen = [], set()
    for before, after in combinations(sorted(truth), 2):
        for name, unknowns in sorted(attack.totals.items()):
            earlier = attack.totals.get((before, *name[1:]))
            if name[0] != after or earlier is None:
                continue
            change = _true(unknowns, truth) - _true(earlier, truth)
            if 0 < abs(change) < threshold:
                asked = dict.fromkeys(unknowns, 1)
                for unknown in earlier:
                    asked[unknown] = asked.get(unknown, 0) - 1
                changed = frozenset(
                    (unknown, factor) for unknown, factor in asked.items() if _changed(unknown, before, after, truth)
                )
                if changed in seen:
                    continue
                seen.add(changed)
                least, most = attack.interval(asked)
                if not (least <= 0 <= most and (least <= -threshold or most >= threshold)):
                    found.append(f"{' '.join(name)} changed by {least} to {most}")
    return found


def _eliminate(
    equations: list[tuple[dict[Unknown, int], Fraction]],
) -> dict[Unknown, tuple[dict[Unknown, Fraction], Fraction]]:
    """Reduced rows by pivot, in the order in which they must be applied: each is free of the pivots before it."""
    reduced: dict[Unknown, tuple[dict[Unknown, Fraction], Fraction]] = {}
    for sums, value in equations:
        row, right = {unknown: Fraction(factor) for unknown, factor in sums.items()}, value
        for pivot, (other, other_right) in reduced.items():
            factor = row.get(pivot)
            if factor:
                right -= factor * other_right
                for unknown, amount in other.items():
                    row[unknown] = row.get(unknown, Fraction(0)) - factor * amount
        row = {unknown: factor for unknown, factor in row.items() if factor}
        if row:
            pivot = min(row)
            scale = row[pivot]
            reduced[pivot] = ({unknown: factor / scale for unknown, factor in row.items()}, right / scale)
    return reduced
