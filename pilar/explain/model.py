"""What an explanation is made of: the links of a chain that an auditor retraces, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

Row = dict[str, Any]
Kind = Literal["reference", "participant", "account", "finding", "file"]


class UnknownKey(LookupError):
    """The release knows nothing of this key. ``near`` are keys that look like it, the likeliest first."""

    def __init__(self, key: str, near: tuple[str, ...], release_id: str) -> None:
        hint = f"did you mean {', '.join(near)}?" if near else (
            "a key is a reference number, a participant_id, an account_key, a finding_key, a file name or the first "
            "letters of a file's sha256"
        )  # fmt: skip
        super().__init__(f"release {release_id} knows no {key}; {hint}")
        self.near = near


@dataclass(frozen=True)
class Link:
    """One link of a chain: rows in the order in which they are to be read."""

    name: str
    rows: tuple[Row, ...]
    remark: str | None = None
    """Why there is less to see than one would expect."""


@dataclass(frozen=True)
class Chain:
    """All that a release says about one key. ``facts`` say what it is, ``links`` how that came about."""

    kind: Kind
    key: str
    release_id: str
    facts: Mapping[str, Any]
    links: tuple[Link, ...]
    lacking: tuple[str, ...] = field(default=())
    """Tables and columns that the release (an older one) does not have, so that nothing could be said from them."""

    def link(self, name: str) -> Link:
        """The link of this name; an empty one if the chain has none."""
        return next((item for item in self.links if item.name == name), Link(name, ()))

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: amounts as text with all their decimals, days and moments in ISO form, moments in UTC."""
        return {
            "kind": self.kind,
            "key": self.key,
            "release_id": self.release_id,
            "facts": _plain(self.facts),
            "links": {item.name: [_plain(row) for row in item.rows] for item in self.links},
            "remarks": {item.name: item.remark for item in self.links if item.remark},
            "lacking": list(self.lacking),
        }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return value
