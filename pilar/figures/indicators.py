"""The indicators that Pilar reads: the rows of ``dbt_project/seeds/indicators.csv``.

The seed is the one place that knows them: readers, the fetch of the BPS Web API, dbt and the release take them from
there. ``dbt_project/seeds/_seeds.yml`` says what each column means.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pilar.config import PROJECT
from pilar.figures.numbers import ThreeDigits

SEED = PROJECT / "dbt_project" / "seeds" / "indicators.csv"


def _listed(cell: object) -> object:
    """``a|b`` → two words; an empty cell holds none."""
    return tuple(cell.split("|")) if isinstance(cell, str) and cell else () if cell == "" else cell


def _factors(cell: object) -> object:
    """``ribu jiwa=1|jiwa=0.001`` → factor by unit."""
    return dict(part.split("=") for part in cell.split("|")) if isinstance(cell, str) else cell


def _ids(cell: object) -> object:
    """``0000:185|0000:619`` → ids by domain."""
    if not isinstance(cell, str):
        return cell
    found: dict[str, list[str]] = {}
    for part in filter(None, cell.split("|")):
        domain, _, number = part.partition(":")
        found.setdefault(domain, []).append(number)
    return found


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Indicator(BaseModel):
    """What the readers need of a row of the seed."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    code: str = Field(alias="indicator", pattern=r"^[a-z][a-z0-9_]*$")
    topic: Words = Field(min_length=1)
    measure: Words
    alone: bool
    units: Annotated[dict[str, Decimal], BeforeValidator(_factors), Field(min_length=1)]
    three_digits: ThreeDigits
    yearly_from: str = Field(pattern=r"^(\d{4}-\d{2})?$")
    variables: Annotated[dict[str, tuple[int, ...]], BeforeValidator(_ids)]

    def yearly_period(self, year: int) -> str:
        """The period of a year's one figure: its month where the indicator has one by then, else the bare year."""
        first_year, _, month = self.yearly_from.partition("-")
        return f"{year}-{month}" if month and year >= int(first_year) else str(year)


@cache
def indicators() -> Mapping[str, Indicator]:
    """The indicators by code, in the order of the seed. Raises ``ValidationError`` for a row that is none."""
    with SEED.open(encoding="utf-8", newline="") as handle:
        return {item.code: item for item in map(Indicator.model_validate, csv.DictReader(handle))}
