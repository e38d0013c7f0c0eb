"""East Java as it might be: 38 kab/kota and their province, figures that fit each other in every way BPS's do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import NamedTuple

EAST_JAVA = "3500"
MEMBERS = tuple(f"35{number:02}" for number in (*range(1, 30), *range(71, 80)))
PERIODS = tuple(f"{year}-03" for year in range(2016, 2024))
COUNT, RATE, LINE = "poor_people_thousand", "poverty_rate_pct", "poverty_line_idr"
AREAS = ("urban", "rural", "total")
UNITS = {COUNT: "ribu jiwa", RATE: "persen", LINE: "rupiah/kapita/bulan"}


class Cell(NamedTuple):
    region: str
    area: str
    period: str
    indicator: str


@dataclass(frozen=True)
class Table:
    """A published table: ``figures`` as printed; a second row of a region may stand in ``doubled``."""

    title: str
    figures: dict[Cell, Decimal]
    doubled: tuple[tuple[Cell, Decimal], ...] = ()
    released_on: str | None = None

    def spoilt(self, changes: dict[Cell, Decimal]) -> Table:
        """The same table with other figures; each must be another one."""
        assert all(self.figures[cell] != value for cell, value in changes.items())
        return replace(self, figures={**self.figures, **changes})

    def titled(self, title: str) -> Table:
        return replace(self, title=title)

    def rows(self) -> list[dict[str, str | int]]:
        """Rows of the feed; the figures of a region, area and period share a row of the table."""
        places = {place: number for number, place in enumerate(dict.fromkeys(cell[:3] for cell in self.figures), 2)}
        printed = [(cell, value, places[cell[:3]]) for cell, value in self.figures.items()]
        printed += [(cell, value, 100_000) for cell, value in self.doubled]
        newest = max(cell.period for cell in self.figures)
        return [
            {
                "table_title": self.title,
                "region_label": cell.region,
                "region_code": cell.region,
                "area_type": cell.area,
                "period": cell.period,
                "indicator": cell.indicator,
                "value_text": str(value),
                "value": str(value),
                "unit": UNITS.get(cell.indicator, ""),
                "table_period": newest,
                "source_column": cell.indicator,
                "source_row": number,
                **({"released_on": self.released_on} if self.released_on else {}),
            }
            for cell, value, number in printed
        ]


def table(
    title: str,
    periods: Iterable[str] = PERIODS,
    indicators: Iterable[str] = (COUNT, RATE),
    areas: Iterable[str] = ("total",),
    regions: Iterable[str] = (*MEMBERS, EAST_JAVA),
) -> Table:
    wanted, listed = set(indicators), list(areas)
    return Table(
        title,
        {
            cell: value
            for period in periods
            for area in listed
            for region in regions
            for cell, value in _figures(region, area, period)
            if cell.indicator in wanted
        },
    )


def cells(of: Table, keep: Callable[[Cell], bool]) -> list[Cell]:
    return [cell for cell in of.figures if keep(cell)]


def true(region: str, period: str, indicator: str, area: str = "total") -> Decimal:
    return next(value for cell, value in _figures(region, area, period) if cell.indicator == indicator)


@cache
def _figures(region: str, area: str, period: str) -> tuple[tuple[Cell, Decimal], ...]:
    if region == EAST_JAVA:
        people = sum((_people(member, area, period) for member in MEMBERS), Decimal(0))
        population = sum((_population(member, area, period) for member in MEMBERS), Decimal(0))
    else:
        people, population = _people(region, area, period), _population(region, area, period)
    year, number = int(period[:4]), int(region)
    line = Decimal(300_000 + 15_000 * (year - 2016) + 700 * (number % 100) + number * year % 997)
    rate = round(100 * people / population, 2)
    return tuple(
        (Cell(region, area, period, name), value) for name, value in ((COUNT, people), (RATE, rate), (LINE, line))
    )


def _population(region: str, area: str, period: str) -> Decimal:
    year, number = int(period[:4]), int(region)
    total = (Decimal(600 + number * 7919 % 2300)) * (1 + Decimal("0.008") * (year - 2016))
    share = {"total": Decimal(1), "urban": Decimal("0.4"), "rural": Decimal("0.6")}[area]
    return total * share


def _people(region: str, area: str, period: str) -> Decimal:
    """Poor people in thousands, to two digits; urban and rural add up to the total exactly."""
    year, number = int(period[:4]), int(region)
    rate = Decimal(500 + number * 4787 % 1500 + number * year % 23 - 17 * (year - 2016)) / 100
    total = round(_population(region, "total", period) * rate / 100, 2)
    urban = round(total * Decimal("0.3"), 2)
    return {"total": total, "urban": urban, "rural": total - urban}[area]
