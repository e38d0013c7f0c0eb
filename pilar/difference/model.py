"""What a difference between two releases is made of. Plain data: no database, no words for readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
"""Column name to value. Money is Decimal in rupiah, days are dates, moments are naive UTC."""


@dataclass(frozen=True)
class Listing:
    """One list of changes: all of them counted, the first of them given."""

    name: str
    columns: tuple[str, ...]
    total: int
    rows: tuple[Row, ...]

    @property
    def left_out(self) -> int:
        """How many changes are counted but not given."""
        return self.total - len(self.rows)


@dataclass(frozen=True)
class Remark:
    """Something to know about a comparison (mostly why something is not compared), in both languages."""

    indonesian: str
    english: str


@dataclass(frozen=True)
class Section:
    """What changed in one matter (people, money, …). No listing with rows: nothing changed."""

    name: str
    listings: tuple[Listing, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def listing(self, name: str) -> Listing | None:
        """The listing of this name, if the section could be compared."""
        return next((item for item in self.listings if item.name == name), None)

    def rows(self, name: str) -> tuple[Row, ...]:
        """Rows of a listing; none where it could not be compared."""
        found = self.listing(name)
        return found.rows if found else ()

    @property
    def changed(self) -> bool:
        return any(item.total for item in self.listings)


@dataclass(frozen=True)
class Difference:
    """What changed from one release to another. ``before`` and ``after`` are release ids."""

    before: str
    after: str
    sections: tuple[Section, ...] = ()
    remarks: tuple[Remark, ...] = field(default=())
    overrides: tuple[Remark, ...] = field(default=())
    """Which of the two releases a person published although a gate held."""

    def section(self, name: str) -> Section:
        """The section of this name; an empty one if it was not asked for."""
        return next((item for item in self.sections if item.name == name), Section(name))

    @property
    def changed(self) -> bool:
        return any(section.changed for section in self.sections)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: amounts and figures as text with all their decimals, days and moments in ISO form."""
        return {
            "before": self.before,
            "after": self.after,
            "changed": self.changed,
            "remarks": [_both(remark) for remark in self.remarks],
            "overrides": [_both(remark) for remark in self.overrides],
            "sections": {
                section.name: {
                    "changed": section.changed,
                    "remarks": [_both(remark) for remark in section.remarks],
                    "listings": {
                        item.name: {"total": item.total, "rows": [_plain(row) for row in item.rows]}
                        for item in section.listings
                    },
                }
                for section in self.sections
            },
        }


def _both(remark: Remark) -> dict[str, str]:
    return {"id": remark.indonesian, "en": remark.english}


def _plain(row: Row) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return value.isoformat()
