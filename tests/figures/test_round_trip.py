"""Figures → a table in any shape → the same figures; a table with a fault never gives other ones.

``rendering`` lays true figures out in thousands of shapes. Each is read back; then one of its texts is blanked,
made foreign or moved, and whatever still comes out must be true, or say itself that it is not sure: a region or a
value that could not be told, or two values for one cell, all of which are findings in the warehouse.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilar.figures import read
from pilar.figures.indicators import indicators
from pilar.reading.model import Rejected, Sheet
from tests.figures.rendering import (
    FAULTS,
    INDICATORS,
    NAMED,
    WRITTEN,
    Shape,
    Truth,
    below,
    beside,
    drawn,
    render,
    spoiled,
)

Cell = tuple[str | int | None, ...]

seeds = st.integers(min_value=0, max_value=2**32 - 1)
bounded = settings(max_examples=400, derandomize=True, deadline=None)


def cells_of(truth: Truth) -> dict[Cell, Decimal]:
    """By region, area, period and indicator; a yearly figure is that of the month that its indicator knows."""
    return {
        (region, area, f"{year}-{half}" if half else indicators()[code].yearly_period(year), code): value
        for (region, area, year, half, code), value in truth.items()
    }


def read_back(sheet: Sheet) -> dict[Cell, set[str | int | None]]:
    """The values read for each cell."""
    found: dict[Cell, set[str | int | None]] = defaultdict(set)
    for row in read("tabel.xlsx", [sheet], None):
        found[row["region_code"], row["area_type"], row["period"], row["indicator"]].add(row["value"])
    return found


@bounded
@given(seeds)
def test_every_shape_gives_its_figures_back(seed: int) -> None:
    truth, shape = drawn(Random(seed))
    found = read_back(render(truth, shape).sheet)
    exact = {cell: {Decimal(str(value)) for value in values} for cell, values in found.items()}
    assert exact == {cell: {value} for cell, value in cells_of(truth).items()}, shape


@settings(bounded, max_examples=200)
@given(seeds, st.sampled_from([below, beside]))
def test_two_tables_in_one_sheet_keep_to_themselves(seed: int, joined: Callable[[Sheet, Sheet], Sheet]) -> None:
    rng = Random(seed)
    (first, one_shape), (second, other_shape) = drawn(rng), drawn(rng)
    found = read_back(joined(render(first, one_shape).sheet, render(second, other_shape).sheet))
    told: dict[Cell, set[Decimal]] = defaultdict(set)
    for cell, value in [*cells_of(first).items(), *cells_of(second).items()]:
        told[cell].add(value)
    assert {cell: {Decimal(str(value)) for value in values} for cell, values in found.items()} == told


@bounded
@given(seeds)
def test_a_table_with_a_fault_never_gives_another_figure(seed: int) -> None:
    rng = Random(seed)
    truth, shape = drawn(rng)
    done = spoiled(rng, truth, shape, render(truth, shape))
    if done is None:
        return
    fault, sheet = done
    try:
        found = read_back(sheet)
    except Rejected as rejected:
        assert rejected.detail_id
        assert "missing:" in rejected.detail_en
        return
    told = cells_of(truth)
    wrong = {
        cell: value
        for cell, (value, *others) in found.items()
        if cell[0] and value is not None and not others and told.get(cell) != Decimal(str(value))
    }
    assert not wrong, (fault, shape)


def test_the_shapes_and_faults_that_are_drawn_are_many_and_all() -> None:
    """The two tests above are worth what is drawn for them."""
    shapes, faults = [], Counter[str]()
    for seed in range(1_500):
        rng = Random(seed)
        truth, shape = drawn(rng)
        shapes.append(shape)
        if done := spoiled(rng, truth, shape, render(truth, shape)):
            faults[done[0]] += 1
    assert {shape.named for shape in shapes} == set(NAMED)
    assert {shape.written for shape in shapes} == set(WRITTEN)
    assert len({(shape.down, shape.across) for shape in shapes}) > 500
    assert all(faults[fault] > 20 for fault in FAULTS), faults
    assert set(INDICATORS) == set(indicators()), "every indicator of the seed is rendered"


@pytest.mark.parametrize("english", [False, True])
def test_a_rendering_looks_like_a_table_of_bps(english: bool) -> None:
    """The renderer itself, on one table that a reader can check by eye."""
    truth = {
        ("3523", "total", year, "", "poverty_rate_pct"): Decimal(value)
        for year, value in ((2023, "14.91"), (2024, "14.36"))
    }
    shape = Shape(down=("region",), across=("year",), written="indonesian", english=english, notes=True)
    title = "Percentage of Poor People (Percent)" if english else "Persentase Penduduk Miskin (Persen)"
    assert render(truth, shape).sheet.rows[:3] == [
        [title, None, None],
        ["Region" if english else "Wilayah", 2023, 2024],
        ["Kabupaten Tuban", "14,91", "14,36"],
    ]
