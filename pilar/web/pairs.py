"""Two people who are or may be one, put beside each other field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pilar.contracts import contracts
from pilar.web.raw_rows import Place, label, place_of
from pilar.web.words import FIELDS, LEVELS, Words

_LEFT_OUT = {"status", "event", "month"}
"""Columns that say nothing about who somebody is."""


@dataclass(frozen=True)
class Side:
    """One of the two: the newest row that names the person, and on how many roster rows that person stands."""

    place: Mapping[str, Any]
    row: Mapping[str, str | None]
    rows: int


@dataclass(frozen=True)
class Line:
    """One field of both, and how far they agree as Pilar compared them (over all their rows, not these two alone)."""

    label: str
    values: tuple[str | None, str | None]
    agreement: Words | None
    is_alike: bool


@dataclass(frozen=True)
class Comparison:
    sides: tuple[Side, Side]
    lines: tuple[Line, ...]
    weight: Any
    """Evidence in bits: how many times the odds double that the two are one."""
    probability: Any
    """Between 0 and 1."""


def compared(pair: Mapping[str, Any], rows: Mapping[Place, Mapping[str, str | None]]) -> Comparison | None:
    """A pair (of ``release.pair_of``) with the raw rows of its places; ``None`` when those are not there for both."""
    told = [(place, rows[place_of(place)]) for place in pair["places"] if place_of(place) in rows]
    groups: dict[str, list[tuple[Mapping[str, Any], Mapping[str, str | None]]]] = {}
    joined = pair["participant_id_a"] == pair["participant_id_b"]
    for place, row in told:  # newest first
        # Two who were joined have one pseudonym: what they were joined in spite of is their NIK.
        key = _letters(row.get("nik")) if joined else str(place["participant_id"])
        groups.setdefault(key, []).append((place, row))
    if not joined:
        ids = (pair["participant_id_a"], pair["participant_id_b"])
        groups = {key: groups[key] for key in ids if key in groups}
    if len(groups) < 2:
        return None
    first, second = (Side(*members[0], len(members)) for members in list(groups.values())[:2])
    return Comparison((first, second), _lines(pair, first, second), pair["match_weight"], pair["match_probability"])


def _lines(pair: Mapping[str, Any], first: Side, second: Side) -> tuple[Line, ...]:
    names = [column.name for column in contracts()["rosters"].columns if column.name not in _LEFT_OUT]
    return tuple(_line(pair, name, first, second) for name in names)


def _line(pair: Mapping[str, Any], name: str, first: Side, second: Side) -> Line:
    values = first.row.get(name), second.row.get(name)
    field = FIELDS.get(name)
    agreement = LEVELS[field].get(pair[field]) if field else None
    return Line(label("rosters", name), values, agreement, _letters(values[0]) == _letters(values[1]))


def _letters(value: str | None) -> str:
    return "".join(letter for letter in (value or "").upper() if letter.isalnum())
