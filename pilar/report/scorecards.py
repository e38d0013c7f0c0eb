"""Scorecards with their history: per source, per submitter, or per both. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pilar.config import DISPLAY_ZONE

Row = Mapping[str, Any]

_COUNTED = ("rows_read", "rows_accepted", "rows_quarantined", "rows_waived", "open_findings", "findings_waived")


@dataclass(frozen=True)
class Night:
    """One night of one card. ``rate`` is the share of rows right at first, in percent; None without a delivery."""

    night: date
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_waived: int
    open_findings: int
    findings_waived: int
    oldest_finding_days: int

    @property
    def rate(self) -> Decimal | None:
        if not self.rows_read:
            return None
        percent = Decimal(100 * self.rows_accepted) / self.rows_read
        return percent.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Punctuality:
    """When the newest file came: ``delivered_at`` (UTC), days from then to the night shown, and days from the delivery
    day before it; ``event_id`` and ``days_after`` tell how long after the newest event the file about it came."""

    delivered_at: datetime
    age_days: int
    gap_days: int | None
    event_id: str | None = None
    days_after: int | None = None


@dataclass(frozen=True)
class Score:
    """One scorecard: open findings as of the newest night, rows and rate of the newest night that brought any."""

    key: tuple[str, ...]
    nights: tuple[Night, ...]
    punctuality: Punctuality | None = None

    @property
    def now(self) -> Night:
        return self.nights[-1]

    @property
    def deliveries(self) -> tuple[Night, ...]:
        return tuple(night for night in self.nights if night.rows_read)

    @property
    def delivery(self) -> Night | None:
        return self.deliveries[-1] if self.deliveries else None

    @property
    def previous(self) -> Night | None:
        """The delivery before the newest."""
        return self.deliveries[-2] if len(self.deliveries) > 1 else None

    @property
    def better(self) -> int:
        """1 when the newest delivery was better than the one before, -1 when worse, else 0."""
        if not (self.delivery and self.previous and self.delivery.rate != self.previous.rate):
            return 0
        return 1 if (self.delivery.rate or 0) > (self.previous.rate or 0) else -1


def scores(history: Sequence[Row], by: Sequence[str], ledger: Sequence[Row], today: date) -> list[Score]:
    """Cards of a history, summed over whatever ``by`` (of ``feed``, ``submitter``) does not name, ordered by key.

    Counts add up, the oldest finding is the oldest of all. ``today`` is the day of the night shown.
    """
    cards: dict[tuple[str, ...], dict[date, list[Row]]] = {}
    for row in history:
        if row["night"] is not None:
            cards.setdefault(key_of(row, by), {}).setdefault(row["night"], []).append(row)
    files: dict[tuple[str, ...], list[Row]] = {}
    for row in ledger:
        files.setdefault(key_of(row, by), []).append(row)
    return [
        Score(
            key,
            tuple(_night(night, rows) for night, rows in sorted(nights.items())),
            punctuality(files.get(key, []), today),
        )
        for key, nights in sorted(cards.items())
    ]


def key_of(row: Row, by: Sequence[str]) -> tuple[str, ...]:
    """Values of ``by``; no submitter is ``-``."""
    return tuple(str(row[name] or "-") for name in by)


def punctuality(files: Sequence[Row], today: date) -> Punctuality | None:
    """From the times at which files were saved by whoever sent them; None without any. A duplicate brings no news."""
    times = sorted(row["delivered_at"] for row in files if row["delivered_at"] and row["state"] != "duplicate")
    if not times:
        return None
    days = sorted({local_day(moment) for moment in times})
    gap = (days[-1] - days[-2]).days if len(days) > 1 else None
    return Punctuality(times[-1], (today - days[-1]).days, gap)


def local_day(moment: datetime) -> date:
    """The day in Asia/Jakarta of a time in UTC, naive as DuckDB stores it."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(DISPLAY_ZONE).date()


def totals(history: Sequence[Row]) -> list[Night]:
    """All cards together, night by night."""
    nights: dict[date, list[Row]] = {}
    for row in history:
        if row["night"] is not None:
            nights.setdefault(row["night"], []).append(row)
    return [_night(night, rows) for night, rows in sorted(nights.items())]


def _night(night: date, rows: Sequence[Row]) -> Night:
    summed = {name: sum(int(row[name] or 0) for row in rows) for name in _COUNTED}
    return Night(night=night, oldest_finding_days=max(int(row["oldest_finding_days"] or 0) for row in rows), **summed)
