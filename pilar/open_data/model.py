"""What is published about people, as linear sums of small groups.

A :class:`Block` holds one year: **groups** (how many people are in each smallest group, never published themselves) and
**figures** (sums of groups, one for each cell and total of the tables). Everything that somebody can reckon from the
tables is then a question of linear algebra over the groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

ALL = "ALL"
"""Stands in a dimension for its total."""

SHOWN, HIDDEN, NO_DATA = "shown", "hidden", "no_data"
"""A figure's status: published; withheld, so that no small group shows; nothing was ever delivered."""

Key = tuple[str, ...]
"""A figure's name: its table, then the values of the table's dimensions."""


class Refused(RuntimeError):
    """The package would tell too much, or is not what it says; nothing was written.

    ``reasons`` name tables and kinds of cells, never a value.
    """

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Figure:
    """One published cell or total."""

    key: Key
    parts: tuple[str, ...]
    """Groups whose people it counts."""
    value: int
    cost: float = 1.0
    """What hiding it costs readers; totals cost more than cells."""
    whole: int | None = None
    """People of the total that it is the good part of (paid in full, covered in full)."""
    entitled_idr: Decimal | None = None
    """Rupiah promised to them; None for a figure without money."""
    rates: tuple[int, ...] = ()
    """Rupiah for each person of each part: where they differ, the money is a second sum of the same groups."""

    def is_small(self, threshold: int) -> bool:
        """Whether it must not be published, nor follow from what is. None paid or covered at all says something of
        everybody there, so it counts as small."""
        return 0 < self.value < threshold or bool(self.value == 0 and self.whole)

    def at_least_pct(self, threshold: int) -> int | None:
        """What may be said of a good part that is hidden: so many percent of the whole at least, in steps of five.

        The step leaves room for twice the threshold of others, so that it says nothing of a small group.
        """
        return max((percent for percent, least in self._steps(threshold) if least <= self.value), default=None)

    def room(self, threshold: int) -> tuple[int | None, int | None]:
        """By how many people it could be less, and more, with the same :meth:`at_least_pct`; None: any number.

        More, because a step that is not told although it leaves room was not reached.
        """
        steps = [least for _, least in self._steps(threshold)]
        below = max((least for least in steps if least <= self.value), default=None)
        above = min((least for least in steps if least > self.value), default=None)
        return None if below is None else self.value - below, None if above is None else above - 1 - self.value

    def _steps(self, threshold: int) -> list[tuple[int, int]]:
        """Percents that may be told, each with the fewest people that make it."""
        whole = self.whole or 0
        steps = [(percent, -(-whole * percent // 100)) for percent in range(50, 100, 5)]
        return [(percent, least) for percent, least in steps if whole - least >= 2 * threshold]

    @property
    def table(self) -> str:
        return self.key[0]


@dataclass(frozen=True)
class Block:
    """Everything published about the people of one year, from one release."""

    period: str
    release_id: str
    groups: Mapping[str, int]
    figures: Mapping[Key, Figure]
    alike: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    """Pairs of sums over groups that are equal, because they count the same people in another way."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What readers need of each event: name, day, benefit."""

    @cached_property
    def content(self) -> tuple[Any, ...]:
        """Equal for two blocks that say the same, from whichever release."""
        figures = tuple(figure for _, figure in sorted(self.figures.items()))
        return (self.period, tuple(sorted(self.groups.items())), figures, self.alike, self.labels)

    def as_json(self) -> dict[str, Any]:
        place = {name: number for number, name in enumerate(sorted(self.groups))}
        return {
            "period": self.period,
            "release_id": self.release_id,
            "groups": {name: self.groups[name] for name in place},
            "figures": [
                {
                    "key": list(key),
                    "parts": [place[part] for part in one.parts],
                    "value": one.value,
                    "cost": one.cost,
                    "whole": one.whole,
                    "entitled_idr": None if one.entitled_idr is None else str(one.entitled_idr),
                    "rates": list(one.rates),
                }
                for key, one in sorted(self.figures.items())
            ],
            "alike": [[[place[part] for part in side] for side in pair] for pair in self.alike],
            "labels": self.labels,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Block:
        names = sorted(told["groups"])

        def parts(numbers: list[int]) -> tuple[str, ...]:
            return tuple(names[number] for number in numbers)

        figures = [
            Figure(
                key=tuple(one["key"]),
                parts=parts(one["parts"]),
                value=one["value"],
                cost=one["cost"],
                whole=one["whole"],
                entitled_idr=None if one["entitled_idr"] is None else Decimal(one["entitled_idr"]),
                rates=tuple(one["rates"]),
            )
            for one in told["figures"]
        ]
        return cls(
            period=told["period"],
            release_id=told["release_id"],
            groups=dict(told["groups"]),
            figures={one.key: one for one in figures},
            alike=tuple((parts(left), parts(right)) for left, right in told["alike"]),
            labels=told["labels"],
        )


@dataclass(frozen=True)
class Edition:
    """A block as it was published: which figures were shown, to whom, under which thresholds."""

    block: Block
    shown: Mapping[str, frozenset[Key]]
    """Audience → keys of the figures that it was shown."""
    thresholds: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        return {
            "block": self.block.as_json(),
            "shown": {audience: sorted(map(list, keys)) for audience, keys in self.shown.items()},
            "thresholds": dict(self.thresholds),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Edition:
        return cls(
            block=Block.from_json(told["block"]),
            shown={audience: frozenset(map(tuple, keys)) for audience, keys in told["shown"].items()},
            thresholds=dict(told["thresholds"]),
        )
