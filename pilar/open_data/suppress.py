"""Which figures to hide: every small one, and as few others as keep the small ones from being reckoned.

For each small figure in turn, the linear program of :mod:`pilar.open_data.worlds` looks for the world in which it is
none (then: the threshold) and which touches the cheapest shown figures; those are hidden as well. Worlds found before
often serve again. In the end each figure that was hidden on the way is shown again, dearest first, if worlds are found
without it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pilar.open_data.model import Block, Key, Refused
from pilar.open_data.worlds import Finder, Knowledge, Target, World, fits


@dataclass(frozen=True)
class Pattern:
    """What is hidden from an audience, and the worlds that prove it enough: one for each wanted move of each target."""

    hidden: frozenset[Key]
    worlds: tuple[World, ...]


def hide(knowledge: Knowledge, hidden_already: Collection[Key] = ()) -> Pattern:
    """The pattern for an audience. Raises :class:`Refused` if earlier packages already tell what must not show."""
    finder = Finder(knowledge)
    targets = knowledge.targets()
    small = {key for key, figure in knowledge.block.figures.items() if figure.is_small(knowledge.threshold)}
    needed = small | set(hidden_already)
    hidden = set(needed)
    worlds: list[World] = []
    told: list[str] = []
    wanted = [(target, moves) for target in targets for moves in target.wanted]
    for target, moves in wanted:
        if any(fits(world, target.row, moves) for world in worlds):
            continue
        found = _find(finder, target, moves, hidden, may_hide=True)
        if found is None:
            told.append(already_told(target))
        else:
            worlds.append(found)
            hidden |= finder.moved(found)
    if told:
        raise Refused(sorted(set(told)))
    for key in sorted(hidden - needed, key=lambda key: (-knowledge.block.figures[key].cost, key)):
        if _leaves_a_small_one(knowledge.block, key, hidden, small):
            continue
        without = _without(finder, wanted, worlds, hidden - {key}, key)
        if without is not None:
            hidden.discard(key)
            worlds = without
    return Pattern(frozenset(hidden), tuple(worlds))


def prove(knowledge: Knowledge, hidden: Collection[Key]) -> Pattern:
    """Worlds for a pattern as it is. Raises :class:`Refused` if it tells what must not show."""
    finder = Finder(knowledge)
    worlds: list[World] = []
    told: list[str] = []
    for target in knowledge.targets():
        for moves in target.wanted:
            if any(fits(world, target.row, moves) for world in worlds):
                continue
            found = _find(finder, target, moves, set(hidden), may_hide=False)
            if found is None:
                told.append(already_told(target))
            else:
                worlds.append(found)
    if told:
        raise Refused(sorted(set(told)))
    return Pattern(frozenset(hidden), tuple(worlds))


def already_told(target: Target) -> str:
    kind = "a change of few people" if target.what.startswith("change") else "a small group"
    table = f"table {target.table}" if target.table else "the tables together"
    return f"{table}: {kind} follows from what is published"


_FEW = 16
"""Groups of a kab/kota's total: sums as short as that are compared by themselves."""


def _leaves_a_small_one(block: Block, key: Key, hidden: set[Key], small: set[Key]) -> bool:
    """Whether a small figure is a shown total less this one (and less another shown one): it must stay hidden then, and
    no program needs to be asked. The usual case by far."""
    parts = {name: frozenset(figure.parts) for name, figure in block.figures.items() if len(figure.parts) <= _FEW}
    given = parts.get(key)
    if given is None:
        return False
    shown = {sums for name, sums in parts.items() if name not in hidden}
    for total in shown:
        if given < total:
            rest = total - given
            for name in small:
                few = parts.get(name)
                if few is not None and few <= rest and (few == rest or rest - few in shown):
                    return True
    return False


def _without(
    finder: Finder,
    wanted: list[tuple[Target, tuple[tuple[int | None, int | None], ...]]],
    worlds: list[World],
    hidden: set[Key],
    key: Key,
) -> list[World] | None:
    """Worlds in which a figure stays as it is, or None if some target needs it to differ."""
    kept = [world for world in worlds if key not in finder.moved(world)]
    if len(kept) == len(worlds):
        return kept
    for target, moves in wanted:
        if any(fits(world, target.row, moves) for world in kept):
            continue
        found = _find(finder, target, moves, hidden, may_hide=False)
        if found is None:
            return None
        kept.append(found)
    return kept


def _find(
    finder: Finder,
    target: Target,
    moves: tuple[tuple[int | None, int | None], ...],
    hidden: set[Key],
    *,
    may_hide: bool,
) -> World | None:
    for move in moves:
        found = finder.find(target.row, move, hidden, may_hide=may_hide)
        if found is not None:
            return found
    return None
