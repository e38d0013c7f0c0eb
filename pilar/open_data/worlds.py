"""Other worlds that agree with everything published: the proof that a small group does not show.

A **world** says how many people are in each group, in whole numbers and none below zero. Whoever reads the tables
cannot tell the true world from another that gives the same figures. So a small count is safe if there is a world in
which it is none, and one in which it reaches the threshold. Worlds are found by linear programming (HiGHS) and then
checked in whole numbers: the check trusts no solver.

A world is kept as its difference from the truth: a vector ``d`` over the variables, with ``truth + d >= 0`` and every
published sum unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from pilar.open_data.model import Block, Edition, Figure, Key

World = NDArray[np.int64]
Row = Mapping[int, int]
"""A linear sum: variable → coefficient."""


@dataclass(frozen=True)
class Target:
    """Something that must not show. ``wanted`` are sets of moves, as (least, most); one move of each set must be
    possible in some world."""

    what: str
    table: str
    row: Row
    wanted: tuple[tuple[tuple[int | None, int | None], ...], ...]


class Knowledge:
    """What an audience can know of a block: its figures, and everything that was published before, of any year.

    The reader is supposed to know what has not changed, which is the worst case. A group that is as large as in an
    earlier edition of the year is the same variable there and here. So are all groups of one roster (of a kab/kota's
    pillar) that are as large as in the year next to it: rosters stand from year to year.
    """

    def __init__(self, block: Block, earlier: Sequence[Edition], audience: str, threshold: int) -> None:
        self.block = block
        self.threshold = threshold
        self.earlier = earlier
        self.audience = audience
        self.blocks = [*(edition.block for edition in earlier), block]
        self.truth_list: list[int] = []
        self._all_numbers: list[dict[str, int]] = []
        for known in self.blocks:
            self._all_numbers.append(self._numbered(known))
        self.numbers = self._all_numbers[-1]
        fixed = _alike(block, self.numbers)
        bounds = list(_bounds(block, self.numbers, threshold))
        for edition, numbers in zip(earlier, self._all_numbers, strict=False):
            fixed += _alike(edition.block, numbers)
            bounds += _bounds(edition.block, numbers, edition.thresholds[audience])
            for key in sorted(edition.shown[audience]):
                fixed += rows_of(edition.block.figures[key], numbers)
        self.fixed = _distinct(fixed)
        self.bounds = bounds

    def _numbered(self, block: Block) -> dict[str, int]:
        """Variables of a block's groups: those of blocks before it where nothing has changed, else new ones."""
        before = list(zip(self.blocks, self._all_numbers, strict=False))
        found = dict(self._of_the_next_year(block, before))
        for known, numbers in before:
            if known.period == block.period:
                found |= {
                    name: numbers[name] for name, value in block.groups.items() if known.groups.get(name) == value
                }
        for name, value in block.groups.items():
            if name not in found:
                found[name] = len(self.truth_list)
                self.truth_list.append(value)
        return found

    @staticmethod
    def _of_the_next_year(block: Block, before: list[tuple[Block, dict[str, int]]]) -> Iterable[tuple[str, int]]:
        """Groups of the rosters that are as they are in the nearest other year, in its newest edition."""
        others = [one for one in before if one[0].period != block.period and one[0].period.isdigit()]
        if not others or not block.period.isdigit():
            return
        known, numbers = min(reversed(others), key=lambda one: abs(int(one[0].period) - int(block.period)))
        rosters: dict[str, list[str]] = {}
        for name in block.groups:
            rosters.setdefault(name.rpartition("|")[0], []).append(name)
        for names in rosters.values():
            if all(known.groups.get(name) == block.groups[name] for name in names):
                yield from ((name, numbers[name]) for name in names)

    @cached_property
    def truth(self) -> World:
        return np.array(self.truth_list, dtype=np.int64)

    def rows(self, key: Key) -> list[Row]:
        return rows_of(self.block.figures[key], self.numbers)

    def targets(self) -> list[Target]:
        """Everything that must not show, the hardest first."""
        threshold = self.threshold
        found = [*self._small(threshold), *self._hidden_before(threshold), *self._changes(threshold)]
        found += self._groups(threshold)
        distinct = {(tuple(sorted(one.row.items())), one.wanted): one for one in reversed(found)}
        return sorted(distinct.values(), key=lambda one: (-_need(one), one.what))

    def _small(self, threshold: int) -> Iterable[Target]:
        for _, figure in sorted(self.block.figures.items()):
            if figure.is_small(threshold):
                yield _from_none_to(threshold, figure, row_of(figure, self.numbers))

    def _hidden_before(self, threshold: int) -> Iterable[Target]:
        for edition, known in zip(self.earlier, self._all_numbers, strict=False):
            shown = edition.shown[self.audience]
            for key, figure in sorted(edition.block.figures.items()):
                if key not in shown and figure.is_small(threshold):
                    yield _from_none_to(threshold, figure, row_of(figure, known))

    def _changes(self, threshold: int) -> Iterable[Target]:
        """A figure that changed by few people between two editions: they might be the ones who came or left."""
        told = list(zip(self.blocks, self._all_numbers, strict=True))
        for (before, known_before), (after, known_after) in combinations(told, 2):
            for key, figure in sorted(after.figures.items()):
                same_year = before.period == after.period and key in before.figures
                change = figure.value - before.figures[key].value if same_year else 0
                if not 0 < abs(change) < threshold:
                    continue
                row = dict(row_of(figure, known_after))
                for number, coefficient in row_of(before.figures[key], known_before).items():
                    row[number] = row.get(number, 0) - coefficient
                row = {number: coefficient for number, coefficient in row.items() if coefficient}
                beyond = ((threshold - change, None), (None, -threshold - change))
                yield Target(f"change of {' '.join(key)}", figure.table, row, (((-change, -change),), beyond))

    def _groups(self, threshold: int) -> Iterable[Target]:
        """A small group that no table shows must at least not be certain."""
        for name, value in sorted(self.block.groups.items()):
            if 0 < value < threshold:
                yield Target(f"group {name}", "", {self.numbers[name]: 1}, (((None, -1), (1, None)),))


def row_of(figure: Figure, numbers: Mapping[str, int]) -> Row:
    return {numbers[part]: 1 for part in figure.parts}


def rows_of(figure: Figure, numbers: Mapping[str, int]) -> list[Row]:
    """What a reader learns of a shown figure: the count, and the money where it is another sum."""
    rows = [row_of(figure, numbers)]
    if len(set(figure.rates)) > 1:
        common = gcd(*figure.rates)
        rows.append({numbers[part]: rate // common for part, rate in zip(figure.parts, figure.rates, strict=True)})
    return rows


def fits(world: World, row: Row, moves: Iterable[tuple[int | None, int | None]]) -> bool:
    """Whether a world moves a sum in one of the ways wanted."""
    moved = _moved(world, row)
    return any((least is None or moved >= least) and (most is None or moved <= most) for least, most in moves)


def agrees(world: World, knowledge: Knowledge, shown: Iterable[Key]) -> bool:
    """Whether nobody can tell the world from the truth, in whole numbers: the check that a gate trusts."""
    if np.any(knowledge.truth + world < 0):
        return False
    if any(_moved(world, row) for row in knowledge.fixed):
        return False
    if any(_moved(world, row) < -slack for row, slack in knowledge.bounds):
        return False
    return not any(_moved(world, row) for key in shown for row in knowledge.rows(key))


class Finder:
    """Finds worlds for one audience's knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.keys = sorted(knowledge.block.figures)
        self.costs = np.array([knowledge.block.figures[key].cost for key in self.keys])
        rows = [(place, row) for place, key in enumerate(self.keys) for row in knowledge.rows(key)]
        self.owner = np.array([place for place, _ in rows], dtype=np.int64)
        self.size = len(knowledge.truth)
        self.choice = _matrix([row for _, row in rows], self.size)
        self.fixed = _matrix(knowledge.fixed, self.size)
        self.bounds = _matrix([row for row, _ in knowledge.bounds], self.size)
        self.slack = np.array([slack for _, slack in knowledge.bounds], dtype=np.int64)

    def moved(self, world: World) -> set[Key]:
        """Figures that are not the same in a world."""
        return {self.keys[self.owner[place]] for place in np.flatnonzero(self.choice @ world)}

    def find(self, row: Row, move: tuple[int | None, int | None], hidden: set[Key], *, may_hide: bool) -> World | None:
        """A world that moves ``row`` so, by hiding as little as it can beyond ``hidden``; None if there is none.

        ``may_hide=False`` asks for a world in which exactly the hidden figures may differ.
        """
        is_shown = np.array([key not in hidden for key in self.keys])[self.owner]
        shown = self.choice[is_shown]
        count = shown.shape[0]
        if may_hide:
            wide = sparse.hstack([shown, -sparse.identity(count), sparse.identity(count)])
            equal = sparse.vstack([wide, sparse.hstack([self.fixed, _none(self.fixed.shape[0], 2 * count)])])
            costs = np.concatenate([np.zeros(self.size), np.tile(self.costs[self.owner[is_shown]], 2)])
        else:
            equal, costs, count = sparse.vstack([shown, self.fixed]), np.zeros(self.size), 0
        bounded = sparse.hstack(
            [sparse.vstack([_matrix([row], self.size), self.bounds]), _none(1 + len(self.slack), 2 * count)]
        )
        least, most = move
        program = _Program(
            costs,
            LinearConstraint(equal.tocsr(), 0, 0),
            LinearConstraint(
                bounded.tocsr(),
                np.concatenate([[-np.inf if least is None else least], -self.slack]),
                np.concatenate([[np.inf if most is None else most], np.full(len(self.slack), np.inf)]),
            ),
            Bounds(np.concatenate([-self.knowledge.truth, np.zeros(2 * count)]), np.inf),
        )
        for whole in (0, self.size):
            solved = program.solve(whole)
            if solved is None:
                return None
            world: World = np.rint(solved[: self.size]).astype(np.int64)
            if self._holds(world, row, move, hidden, may_hide=may_hide):
                return world
        return None

    def _holds(
        self, world: World, row: Row, move: tuple[int | None, int | None], hidden: set[Key], *, may_hide: bool
    ) -> bool:
        if np.any(self.knowledge.truth + world < 0) or np.any(self.fixed @ world) or not fits(world, row, [move]):
            return False
        return bool(np.all(self.bounds @ world >= -self.slack)) and (may_hide or self.moved(world) <= hidden)


@dataclass(frozen=True)
class _Program:
    costs: NDArray[np.float64]
    equal: Any
    bounded: Any
    bounds: Any

    def solve(self, whole: int) -> Any:
        """The cheapest solution, its first ``whole`` numbers whole ones; None if there is none, or none was found soon.

        Corners of such programs are whole numbers nearly always, so the quick question comes first.
        """
        integrality = np.zeros(len(self.costs))
        integrality[:whole] = 1
        return milp(
            self.costs,
            constraints=[self.equal, self.bounded],
            bounds=self.bounds,
            integrality=integrality,
            options={"node_limit": 2000},
        ).x


def _from_none_to(threshold: int, figure: Figure, row: Row) -> Target:
    none: tuple[tuple[tuple[int | None, int | None], ...], ...] = ()
    if figure.value:
        none = (((-figure.value, -figure.value),),)
    return Target(" ".join(figure.key), figure.table, row, (*none, ((threshold - figure.value, None),)))


def _bounds(block: Block, numbers: Mapping[str, int], threshold: int) -> Iterable[tuple[Row, int]]:
    """Sums that readers know a bound of: each may move by so many people, at most, below zero."""
    for _, figure in sorted(block.figures.items()):
        less, more = figure.room(threshold)
        row = row_of(figure, numbers)
        if less is not None:
            yield row, less
        if more is not None:
            yield {number: -coefficient for number, coefficient in row.items()}, more


def _need(target: Target) -> int:
    return max(abs(bound) for moves in target.wanted for move in moves for bound in move if bound is not None)


def _alike(block: Block, numbers: Mapping[str, int]) -> list[Row]:
    rows: list[Row] = []
    for left, right in block.alike:
        row: dict[int, int] = {}
        for side, sign in ((left, 1), (right, -1)):
            for part in side:
                row[numbers[part]] = row.get(numbers[part], 0) + sign
        rows.append({number: coefficient for number, coefficient in row.items() if coefficient})
    return rows


def _distinct(rows: list[Row]) -> list[Row]:
    return [dict(row) for row in sorted({tuple(sorted(row.items())) for row in rows if row})]


def _moved(world: World, row: Row) -> int:
    return sum(int(world[number]) * coefficient for number, coefficient in row.items())


def _matrix(rows: Sequence[Row], width: int) -> Any:
    placed = [(place, number, value) for place, row in enumerate(rows) for number, value in row.items()]
    places, numbers, values = zip(*placed, strict=True) if placed else ((), (), ())
    return sparse.csr_matrix((values, (places, numbers)), shape=(len(rows), width), dtype=np.int64)


def _none(height: int, width: int) -> Any:
    return sparse.csr_matrix((height, width), dtype=np.int64)
