"""Who is wrong where figures do not fit: the spoilt figure waits with its reason, and none of its neighbours does."""

from __future__ import annotations

import random
from decimal import Decimal
from functools import cache

import pytest

from tests.poverty.conftest import Figures
from tests.poverty.world import COUNT, EAST_JAVA, LINE, MEMBERS, RATE, Cell, Table, cells, table, true

NOW, BEFORE = "2023-03", "2022-03"
ALL = (COUNT, RATE, LINE)


def total(region: str, period: str, indicator: str) -> Cell:
    return Cell(region, "total", period, indicator)


@cache
def known() -> list[Table]:
    """Two tables of different titles that agree."""
    return [table("Jumlah dan Persentase, 2016-2023", indicators=ALL), table("Profil", [BEFORE, NOW], ALL)]


@cache
def new() -> Table:
    return table("Tabel baru", [BEFORE, NOW], ALL)


def test_figures_that_fit_each_other_raise_nothing(figures: Figures) -> None:
    figures.night(*known(), new(), table("Menurut daerah", areas=("urban", "rural", "total")))
    assert figures.quarantined() == {}
    assert figures.ask("SELECT rule_code FROM quality_findings") == []


@cache
def spoilings() -> dict[str, tuple[Table, dict[Cell, set[str]]]]:
    """Each real kind of error in one new table, beside :func:`known`: what must wait, and by which rules."""
    tables: dict[str, tuple[Table, dict[Cell, set[str]]]] = {}

    def one(name: str, cell: Cell, value: Decimal, *rules: str) -> None:
        tables[name] = (new().spoilt({cell: value}), {cell: set(rules)})

    member = total("3522", NOW, COUNT)
    one("a member's count", member, true("3522", NOW, COUNT) + 30, "POVERTY_MEMBERS_DIFFER")
    one("the parent's count", total(EAST_JAVA, NOW, COUNT), true(EAST_JAVA, NOW, COUNT) - 90, "POVERTY_MEMBERS_DIFFER")
    one("the parent's rate", total(EAST_JAVA, NOW, RATE), true(EAST_JAVA, NOW, RATE) - 1, "POVERTY_RATE_COUNT_DIFFER")
    one("a rate above 100", total("3522", NOW, RATE), Decimal("112.3"), "POVERTY_RATE_RANGE")
    one("a line that is cut off", total(EAST_JAVA, NOW, LINE), Decimal(505), "POVERTY_LINE_RANGE")
    one("persons for thousands", member, true("3522", NOW, COUNT) * 1000, "POVERTY_VALUE_RANGE")
    one("a shifted decimal mark", total("3522", NOW, RATE), true("3522", NOW, RATE) / 10, "POVERTY_SCALE_DIFFERS")
    one("a zero for nothing", total("3522", NOW, LINE), Decimal(0), "POVERTY_ZERO_VALUE")

    swapped = {}
    columns: dict[Cell, set[str]] = {}
    for region in (*MEMBERS, EAST_JAVA):
        count, rate = total(region, NOW, COUNT), total(region, NOW, RATE)
        swapped |= {count: new().figures[rate], rate: new().figures[count]}
        columns[count] = {"POVERTY_WRONG_COLUMN"}
        columns[rate] = {"POVERTY_RATE_RANGE" if new().figures[count] > 100 else "POVERTY_WRONG_COLUMN"}
    tables["columns of count and rate swapped"] = (new().spoilt(swapped), columns)

    of_parent = {
        total("3522", period, indicator): true(EAST_JAVA, period, indicator)
        for period in (BEFORE, NOW)
        for indicator in ALL
    }
    tables["the province's figures under a member's name"] = (
        new().spoilt(of_parent),
        {cell: {"POVERTY_ROW_COPIED"} for cell in of_parent},
    )

    exchanged = {}
    for one_region, other in (("3522", "3524"), ("3524", "3522")):
        for period in (BEFORE, NOW):
            exchanged |= {total(one_region, period, indicator): true(other, period, indicator) for indicator in ALL}
    tables["two rows exchanged"] = (new().spoilt(exchanged), {cell: {"POVERTY_FIGURES_SHIFTED"} for cell in exchanged})
    return tables


@pytest.mark.parametrize("name", spoilings())
def test_the_spoilt_figure_waits_and_no_other(figures: Figures, name: str) -> None:
    spoilt, wrong = spoilings()[name]
    figures.night(*known(), spoilt)
    found = figures.quarantined()
    assert set(found) == set(wrong)
    assert [cell for cell in wrong if not wrong[cell] <= found[cell]] == []
    for cell in list(wrong)[:3]:
        assert figures.latest(cell) == true(cell.region, cell.period, cell.indicator)


def test_columns_shifted_by_a_year_are_told_by_two_other_tables(figures: Figures) -> None:
    shifted = {cell: true(cell.region, f"{int(cell.period[:4]) - 1}-03", cell.indicator) for cell in new().figures}
    figures.night(*known(), new().spoilt(shifted))
    assert figures.quarantined() == {cell: {"POVERTY_FIGURES_SHIFTED"} for cell in shifted}
    assert figures.warnings() == ["POVERTY_TABLE_CONTRADICTS"]


def test_of_two_tables_that_contradict_each_other_the_later_is_marked_and_neither_waits(figures: Figures) -> None:
    first, _ = known()
    shifted = {cell: true(cell.region, f"{int(cell.period[:4]) - 1}-03", cell.indicator) for cell in new().figures}
    figures.night(first, new().spoilt(shifted))
    assert figures.quarantined() == {}
    assert "POVERTY_TABLE_CONTRADICTS" in figures.warnings()
    assert figures.states("POVERTY_TABLE_CONTRADICTS") == [("Tabel baru.csv", "open")]


def test_where_nobody_can_tell_the_total_is_marked_and_all_count(figures: Figures) -> None:
    cell = total("3522", NOW, COUNT)
    figures.night(new().spoilt({cell: true("3522", NOW, COUNT) + 3}))
    assert figures.quarantined() == {}
    assert figures.warnings() == ["POVERTY_SUM_UNCLEAR"]
    assert figures.latest(cell) == true("3522", NOW, COUNT) + 3


@pytest.mark.parametrize("area", ["urban", "rural", "total"])
def test_of_three_areas_the_wrong_one_is_known_by_the_others_sums(figures: Figures, area: str) -> None:
    areas = table("Menurut daerah", [BEFORE, NOW], areas=("urban", "rural", "total"))
    cell = Cell("3522", area, NOW, COUNT)
    figures.night(areas.spoilt({cell: areas.figures[cell] + 20}))
    assert figures.quarantined() == {cell: {"POVERTY_AREAS_DIFFER", "POVERTY_MEMBERS_DIFFER"}}


def test_a_row_under_a_wrong_period_waits_whole(figures: Figures) -> None:
    """As Aceh's rows in the workbook of 2016 to 2021: count, rate and line moved together."""
    areas = table("Menurut daerah", indicators=ALL, areas=("urban", "rural", "total"))
    region = max(MEMBERS, key=lambda one: abs(true(one, NOW, COUNT) - true(one, BEFORE, COUNT)))
    moved = {}
    for period, other in ((BEFORE, NOW), (NOW, BEFORE)):
        moved |= {total(region, period, indicator): true(region, other, indicator) for indicator in ALL}
    figures.night(areas.spoilt(moved))
    found = figures.quarantined()
    assert set(found) == set(moved)
    assert {"POVERTY_ROW_MISPLACED"} == found[total(region, NOW, RATE)] == found[total(region, BEFORE, LINE)]


def test_a_region_without_villages_and_figures_filled_in_for_them(figures: Figures) -> None:
    """As Jakarta's rural rows: the mean of a column stands where nothing is."""
    areas = table("Menurut daerah", areas=("urban", "rural", "total"))
    city = {
        Cell("3571", area, cell.period, cell.indicator): true("3571", cell.period, cell.indicator)
        for cell in areas.figures if cell.region == "3571" and cell.area == "total" for area in ("urban", "rural")
    }  # fmt: skip
    filled = {
        cell: Decimal("52.66") if cell.indicator == COUNT else Decimal("10.5") for cell in city if cell.area == "rural"
    }
    # Without the city's villages its province has fewer poor there and more in towns.
    mended = {}
    for cell in cells(
        areas, lambda cell: cell.region == EAST_JAVA and cell.area != "total" and cell.indicator == COUNT
    ):
        moved = areas.figures[Cell("3571", "rural", cell.period, COUNT)]
        mended[cell] = areas.figures[cell] + (moved if cell.area == "urban" else -moved)
    figures.night(areas.spoilt({**city, **filled, **mended}))
    assert set(figures.quarantined()) == set(filled)
    assert {rule for rules in figures.quarantined().values() for rule in rules} == {"POVERTY_REPEATED_VALUE"}


def test_of_two_figures_for_one_cell_the_one_that_adds_up_stands(figures: Figures) -> None:
    cell = total("3522", NOW, COUNT)
    twice = Table("Tabel baru", new().figures, ((cell, true("3522", NOW, COUNT) + 9),))
    figures.night(twice)
    assert figures.latest(cell) == true("3522", NOW, COUNT)
    assert figures.ask("SELECT rows_quarantined FROM file_ledger") == [(1,)]
    assert figures.states("POVERTY_CONFLICT_IN_TABLE") == [("Tabel baru.csv", "open")]


def test_of_two_figures_that_nothing_tells_apart_both_wait(figures: Figures) -> None:
    cell = total("3522", NOW, LINE)
    figures.night(Table("Tabel baru", new().figures, ((cell, true("3522", NOW, LINE) + 1000),)))
    assert figures.latest(cell) is None
    assert figures.quarantined() == {cell: {"POVERTY_CONFLICT_IN_TABLE"}}
    assert figures.ask("SELECT rows_quarantined FROM file_ledger") == [(2,)]


def test_two_members_with_equal_rows_are_marked_both(figures: Figures) -> None:
    same = {
        total("3522", period, indicator): true("3524", period, indicator)
        for period in (BEFORE, NOW)
        for indicator in ALL
    }
    figures.night(table("Tabel baru", [BEFORE, NOW], ALL, regions=MEMBERS).spoilt(same))
    assert figures.quarantined() == {}
    assert figures.warnings() == ["POVERTY_ROWS_EQUAL"] * 12


def test_a_jump_and_a_count_that_does_not_fit_its_population_are_marked(figures: Figures) -> None:
    first, _ = known()
    cell = total("3522", NOW, COUNT)
    alone = table("Tanpa provinsi", [NOW], regions=MEMBERS)
    until = Table(first.title, {cell: value for cell, value in first.figures.items() if cell.period < NOW})
    figures.night(until, alone.spoilt({cell: round(true("3522", NOW, COUNT) * Decimal("1.4"), 2)}))
    assert figures.quarantined() == {}
    assert figures.warnings() == ["POVERTY_JUMP", "POVERTY_POPULATION_DIFFERS"]


@pytest.mark.parametrize("seed", range(10))
def test_whatever_figure_is_spoilt_no_innocent_one_waits(figures: Figures, seed: int) -> None:
    """Any figure of any table, by a little or by much: it waits, or is let in, but nothing else ever waits for it."""
    chance = random.Random(seed)
    tables = [*known(), new(), table("Menurut daerah", [BEFORE, NOW], areas=("urban", "rural", "total"))]
    at = chance.randrange(len(tables))
    cell = chance.choice(list(tables[at].figures))
    factor = Decimal(chance.choice(["0.1", "0.5", "0.9", "0.98", "1.02", "1.1", "2", "10", "1000"]))
    tables[at] = tables[at].spoilt({cell: round(tables[at].figures[cell] * factor, 2)})
    # The spoilt one last: a later table that is right would heal it.
    figures.night(*(tables[:at] + tables[at + 1 :]), tables[at])
    assert set(figures.quarantined()) <= {cell}
    if cell.indicator == COUNT and cell.period in (BEFORE, NOW):
        assert set(figures.quarantined()) == {cell}
