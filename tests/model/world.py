"""What the plain model starts from: files as they were delivered, in the order that counts, and verdicts.

The model is the second telling of ``docs/reckoning.md``: written from that page, without SQL and without a table
library, for small invented worlds. It may be slow and it must be plain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.harness.deliveries import File

JAKARTA = ZoneInfo("Asia/Jakarta")

Order = tuple[datetime, str, str]
"""(modification time, file name, sha256): a later delivery is a larger one."""


@dataclass(frozen=True)
class Delivery:
    """One content, at the place in the order that its earliest arrival has."""

    file: File
    order: Order

    @property
    def day(self) -> date:
        """The day of delivery in Asia/Jakarta."""
        return self.file.modified.astimezone(JAKARTA).date()


@dataclass(frozen=True)
class Line:
    """A row of a delivery; ``number`` is its physical row."""

    delivery: Delivery
    number: int
    cells: Mapping[str, str]

    @property
    def order(self) -> tuple[Order, int]:
        return (self.delivery.order, self.number)

    def cell(self, column: str) -> str:
        """The cell's text, empty when it is missing."""
        return self.cells.get(column, "").strip()

    def day(self, column: str) -> date | None:
        """A cell that holds an ISO date."""
        return date.fromisoformat(self.cell(column)) if self.cell(column) else None

    def month(self, column: str) -> date | None:
        """A cell that holds a month as ``2023-11``: its first day."""
        return date.fromisoformat(self.cell(column) + "-01") if self.cell(column) else None


@dataclass(frozen=True)
class Verdict:
    """A steward's verdict on a finding about a row: a rule, and the row of a file that breaks it."""

    rule: str
    file: File
    number: int
    """Place of the row in the file's rows, from 0."""
    verdict: str
    expires_on: date | None
    order: tuple[datetime, str, int]
    """When it was delivered, in which file and at which row."""


def deliveries(files: Iterable[File]) -> list[Delivery]:
    """Each content once, at its earliest arrival, oldest first."""
    earliest: dict[str, Delivery] = {}
    for file in files:
        arrived = Delivery(file, (file.modified, file.name, file.sha256))
        known = earliest.get(file.sha256)
        if known is None or arrived.order < known.order:
            earliest[file.sha256] = arrived
    return sorted(earliest.values(), key=lambda delivery: delivery.order)


def lines(known: Iterable[Delivery], feed: str) -> list[Line]:
    """All rows of a feed, in the order of deliveries."""
    return [
        Line(delivery, number, cells)
        for delivery in known
        if delivery.file.feed == feed
        for number, cells in enumerate(delivery.file.rows, start=2)
    ]
