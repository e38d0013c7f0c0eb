"""The concentration index and its curve as the project's SQL says them, against the textbook's definition in fractions.

Known values stand beside the models (``_unit_tests.yml``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness.compiled import Compiled, Model

MODELS = ("mart_equity_curve", "mart_equity")
CLOSE = 2e-6
"""An index is rounded to six digits."""


@dataclass(frozen=True)
class Region:
    """A kab/kota: rate in percent, poor people in thousands, and how many people serve there."""

    rate: Decimal
    poor: Decimal
    people: int


def concentration_index(regions: Sequence[Region]) -> Fraction:
    """2/μ · cov(h, r): h people for each poor one, r the fractional rank of the poor, the poorest kab/kota first."""
    poor = [Fraction(region.poor) for region in regions]
    total = sum(poor)
    ranks = [
        (
            sum(p for p, other in zip(poor, regions, strict=True) if other.rate > region.rate)
            + sum(p for p, other in zip(poor, regions, strict=True) if other.rate == region.rate) / Fraction(2)
        )
        / total
        for region in regions
    ]
    served = [region.people / Fraction(region.poor) for region in regions]
    mean = sum(p * h for p, h in zip(poor, served, strict=True)) / total
    covariance = sum(
        p * (h - mean) * (r - Fraction(1, 2)) for p, h, r in zip(poor, served, ranks, strict=True)
    ) / Fraction(total)
    return 2 * covariance / mean


@dataclass(frozen=True)
class Said:
    """What the marts say of one year: the index, what stands elsewhere in percent, and the curve's points."""

    index: float
    elsewhere: float
    curve: list[tuple[float, float]]

    @property
    def from_the_curve(self) -> float:
        """The index as one less twice the area under the curve."""
        corners = [(0.0, 0.0), *self.curve]
        return 1 - sum((x - before_x) * (y + before_y) for (before_x, before_y), (x, y) in pairwise(corners))


class Marts:
    """The two models over profiles that a test makes up."""

    def __init__(self, compiled: Compiled) -> None:
        models = {model.name: model for model in compiled.models}
        self._session = duckdb.connect(":memory:")
        self._session.execute("ATTACH ':memory:' AS warehouse; USE warehouse; CREATE SCHEMA marts")
        self._make(models["mart_region_profile"], nullable=True)
        self._models = [models[name] for name in MODELS]
        for model in self._models:
            self._make(model)

    def close(self) -> None:
        self._session.close()

    def say(self, *worlds: Sequence[Region]) -> list[Said]:
        """What they say of each world; each has a year of its own."""
        for name in ("mart_region_profile", *MODELS):
            self._session.execute(f"DELETE FROM marts.{name}")
        self._session.executemany(
            "INSERT INTO marts.mart_region_profile (year, region_code, poverty_period, regions_ranked,"
            " poverty_rate_pct, poor_people_thousand, people) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (2001 + year, f"{3501 + at}", f"{2001 + year}-03", len(world), one.rate, one.poor, one.people)
                for year, world in enumerate(worlds)
                for at, one in enumerate(world)
            ],
        )
        for model in self._models:
            self._session.execute(f"INSERT INTO {model.relation} BY NAME ({model.whole})")
        curves: dict[int, list[tuple[float, float]]] = {}
        for year, x, y in self._session.execute(
            "SELECT DISTINCT year, cumulative_poor_share::DOUBLE, cumulative_value_share::DOUBLE "
            "FROM marts.mart_equity_curve WHERE measure = 'people' ORDER BY ALL"
        ).fetchall():
            curves.setdefault(year, []).append((x, y))
        return [
            Said(index, elsewhere, curves[year])
            for year, index, elsewhere in self._session.execute(
                "SELECT year, concentration_index::DOUBLE, elsewhere_pct::DOUBLE FROM marts.mart_equity "
                "WHERE measure = 'people' ORDER BY year"
            ).fetchall()
        ]

    def _make(self, model: Model, *, nullable: bool = False) -> None:
        columns = ", ".join(model.columns)
        self._session.execute(
            f"CREATE TABLE {model.relation} ({columns.replace(' NOT NULL', '') if nullable else columns})"
        )


@pytest.fixture(scope="module")
def marts(compiled: Compiled) -> Iterator[Marts]:
    opened = Marts(compiled)
    yield opened
    opened.close()


def worlds(smallest: int = 2) -> st.SearchStrategy[list[Region]]:
    """Kab/kota of few different rates, so that some are equal, in which at least one person serves."""
    region = st.builds(
        Region,
        rate=st.integers(1, 12).map(lambda rate: Decimal(rate) * Decimal("2.75")),
        poor=st.decimals("0.01", "999.99", places=2, allow_nan=False),
        people=st.integers(0, 500),
    )
    return st.lists(region, min_size=smallest, max_size=12).filter(lambda world: any(r.people for r in world))


@given(worlds())
@settings(max_examples=80, deadline=None)
def test_the_index_is_the_textbooks(marts: Marts, world: list[Region]) -> None:
    (said,) = marts.say(world)
    assert said.index == pytest.approx(float(concentration_index(world)), abs=CLOSE)
    assert -1 < said.index < 1


@given(worlds())
@settings(max_examples=50, deadline=None)
def test_the_curve_and_the_index_tell_the_same(marts: Marts, world: list[Region]) -> None:
    (said,) = marts.say(world)
    assert said.curve[-1] == (1, 1)
    assert said.from_the_curve == pytest.approx(said.index, abs=5e-5)  # two dozen coordinates of six digits
    shares = [(Fraction(r.poor), Fraction(r.people)) for r in world]
    poor, people = (sum(column) for column in zip(*shares, strict=True))
    elsewhere = 50 * sum(abs(b / people - a / poor) for a, b in shares)
    assert said.elsewhere == pytest.approx(float(elsewhere), abs=0.006)


@given(worlds(), st.integers(2, 5))
@settings(max_examples=25, deadline=None)
def test_what_must_not_change_it(marts: Marts, world: list[Region], times: int) -> None:
    """The order of rows, units, how a rate is spelt out (only its order counts), and how people are grouped."""
    first, *others = marts.say(
        world,
        world[::-1],
        [replace(r, poor=r.poor * times, people=r.people * (times + 1)) for r in world],
        [replace(r, rate=r.rate / 2 + 1) for r in world],
        [part for r in world for part in [replace(r, poor=r.poor / 2, people=r.people)] * 2],
    )
    assert [other.index for other in others] == pytest.approx([first.index] * 4, abs=CLOSE)


@given(worlds())
@settings(max_examples=25, deadline=None)
def test_seen_from_the_other_end_it_turns_its_sign(marts: Marts, world: list[Region]) -> None:
    turned = [replace(region, rate=Decimal(50) - region.rate) for region in world]
    there, here = marts.say(turned, world)
    assert there.index == pytest.approx(-here.index, abs=CLOSE)


@pytest.mark.parametrize(("at", "sign"), [(0, -1), (-1, 1)], ids=["poorest", "least poor"])
def test_a_person_more_at_one_end_leans_there(marts: Marts, at: int, sign: int) -> None:
    even = [Region(Decimal(20 - place), Decimal(10), 5) for place in range(8)]
    leaning = list(even)
    leaning[at] = replace(even[at], people=6)
    same, more = marts.say(even, leaning)
    assert same.index == 0
    assert sign * more.index > 0
