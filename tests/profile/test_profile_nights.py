"""Profiles, offices and equity of whole nights: over the samples, and over the published tables as they are."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pilar.config import Home
from tests.conftest import Night
from tests.harness.compiled import Compiled
from tests.harness.memory import Memory
from tests.harness.nights import Nights
from tests.profile.test_equity import Region, concentration_index

# --- the samples ----------------------------------------------------------------------------------------------------


def test_the_office_of_the_event_counts_its_people(sample_night: Night) -> None:
    assert sample_night.ask(
        "SELECT bakorwil, members, members_with_people, people, pkh_people, tagana_people, tksk_people, districts, "
        "districts_without_tksk FROM mart_bakorwil_profile WHERE year = 2023 AND people IS NOT NULL"
    ) == [("Bojonegoro", 8, 8, 1657, 1173, 331, 153, 155, 3)]
    columns = ("people", "poor_people_thousand", "paid_idr", "unpaid_idr", "districts")
    sums = ", ".join(f"sum({column})" for column in columns)
    offices = sample_night.ask(f"SELECT {sums} FROM mart_bakorwil_profile WHERE year = 2023")
    assert offices == sample_night.ask(f"SELECT {sums} FROM mart_region_profile WHERE year = 2023")


def test_a_district_without_tksk_is_one_that_a_finding_names(sample_night: Night) -> None:
    named = sample_night.ask(
        "SELECT subject FROM quality_findings WHERE rule_code = 'TKSK_DISTRICT_NONE' AND state IN ('open', 'waived') "
        "ORDER BY ALL"
    )
    assert named == sample_night.ask("SELECT district_code FROM dim_district WHERE tksk_people = 0 ORDER BY ALL") != []
    strangers = "SELECT count(*) FROM dim_participant ANTI JOIN dim_district USING (region_code, district_code)"
    assert sample_night.ask(f"{strangers} WHERE district_code IS NOT NULL") == [(0,)]
    by_district = sample_night.ask("SELECT region_code, sum(tksk_people)::INTEGER FROM dim_district GROUP BY 1")
    placed = sample_night.ask(
        "SELECT region_code, tksk_people - tksk_unplaced_people FROM mart_region_profile "
        "WHERE year = (SELECT max(year) FROM mart_region_profile)"
    )
    assert sorted(by_district) == sorted(placed)


@pytest.mark.parametrize("measure", ["people", "pkh_people", "tagana_people", "tksk_people", "paid_idr"])
def test_equity_follows_from_the_profile(sample_night: Night, measure: str) -> None:
    world = [
        Region(*row)
        for row in sample_night.ask(
            f"SELECT poverty_rate_pct, poor_people_thousand, {measure}::BIGINT FROM mart_region_profile "
            f"WHERE year = 2023 AND {measure} IS NOT NULL"
        )
    ]
    ((index, regions, value),) = sample_night.ask(
        "SELECT concentration_index::DOUBLE, regions, value FROM mart_equity "
        f"WHERE year = 2023 AND measure = '{measure}'"
    )
    assert (regions, value) == (8, sum(region.people for region in world))
    assert index == pytest.approx(float(concentration_index(world)), abs=1e-6)
    assert index > 0, "Tuban is the poorest of the eight and has fewest people of the pillars for each of its poor"


# --- the published tables -------------------------------------------------------------------------------------------

RATES = "nasional_kabkota/jatim_persentase_penduduk_miskin_p0_2004_2025.csv"
COUNTS = "nasional_kabkota/jatim_jumlah_penduduk_miskin_2004_2025.csv"
YEARS = range(2015, 2026)
"""March in all; before, tables do not tell their month."""


@pytest.fixture(scope="module")
def profiles(
    shared: Path, compiled: Compiled, memory: Memory, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    """Both marts by name, as rows with column names, from a night over the tables of East Java's kab/kota."""
    home = Home(tmp_path_factory.mktemp("profiles") / "home").make()
    nights = Nights(home, memory, models=compiled.needed_for(["mart_bakorwil_profile"]))
    memory.forget()
    for name in ("jatim_kabkota", "nasional_kabkota"):
        target = home.landing / "poverty" / name
        shutil.copytree(shared / "bps" / name, target, copy_function=shutil.copyfile)
    nights.run()
    told = {}
    for mart in ("mart_region_profile", "mart_bakorwil_profile"):
        columns = [name for name, *_ in nights.ask(f"DESCRIBE {mart}")]
        told[mart] = [dict(zip(columns, row, strict=True)) for row in nights.ask(f"FROM {mart} ORDER BY ALL")]
    return told


def published(path: Path) -> dict[int, list[Decimal]]:
    """The 38 figures of each year in the order of the table, which is that of the codes; the province stands first."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        _, years, province, *regions = csv.reader(handle)
    assert province[0] == "JAWA TIMUR"
    assert len(regions) == 38
    return {int(year): [Decimal(row[at]) for row in regions] for at, year in enumerate(years) if at}


def descending(figures: list[Decimal]) -> list[int]:
    """Place of each figure, 1 for the largest; equal figures share the better one."""
    return [1 + sum(other > figure for other in figures) for figure in figures]


@pytest.mark.shared
def test_ranks_and_changes_are_those_of_the_published_tables(
    shared: Path, profiles: dict[str, list[dict[str, Any]]]
) -> None:
    rates, counts = published(shared / "bps" / RATES), published(shared / "bps" / COUNTS)
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in profiles["mart_region_profile"]:
        told[row["year"]].append(row)
    for year in YEARS:
        rows = told[year]
        assert [row["poverty_period"] for row in rows] == [f"{year}-03"] * 38
        assert [row["poverty_rate_pct"] for row in rows] == rates[year]
        assert [row["poor_people_thousand"] for row in rows] == counts[year]
        assert [row["rate_rank"] for row in rows] == descending(rates[year])
        assert [row["poor_rank"] for row in rows] == descending(counts[year])
        assert {row["regions_ranked"] for row in rows} == {38}
        assert {row["is_comparable"] for row in rows} == {year > 2015}
        changes = [(row["rate_change_points"], row["poor_change_thousand"], row["ranks_gained"]) for row in rows]
        if year == 2015:
            assert set(changes) == {(None, None, None)}, "the month of 2014 is not told"
            continue
        before, now = descending(rates[year - 1]), descending(rates[year])
        assert changes == [
            (rates[year][at] - rates[year - 1][at], counts[year][at] - counts[year - 1][at], now[at] - before[at])
            for at in range(38)
        ]
    slopes = [row["rate_trend_points"] for row in told[2025]]
    years = [rates[year] for year in range(2021, 2026)]
    assert slopes == [(2 * (e - a) + d - b) / 10 for a, b, _, d, e in zip(*years, strict=True)]
    assert {row["rate_trend_points"] for year in range(2015, 2019) for row in told[year]} == {None}


@pytest.mark.shared
def test_the_ends_of_the_list(profiles: dict[str, list[dict[str, Any]]]) -> None:
    ends = {
        (row["year"], row["rate_rank"]): row["region_name"]
        for row in profiles["mart_region_profile"]
        if row["rate_rank"] in (1, 38) and row["year"] in YEARS
    }
    assert {name for (_, rank), name in ends.items() if rank == 1} == {"Kabupaten Sampang"}
    assert ends[2025, 38] == ends[2023, 38] == "Kota Batu"


@pytest.mark.shared
def test_lines_depth_and_population_stand_where_they_were_published(
    profiles: dict[str, list[dict[str, Any]]],
) -> None:
    known: dict[str, set[int]] = defaultdict(set)
    for row in profiles["mart_region_profile"]:
        for column in ("poverty_line_idr", "depth_index_p1", "severity_index_p2", "population_thousand"):
            if row[column] is not None:
                known[column].add(row["year"])
    assert known == {
        "poverty_line_idr": {2022, 2023, 2025},
        "depth_index_p1": {2025},
        "severity_index_p2": {2025},
        "population_thousand": {2023},
    }
    people = sum(row["population_thousand"] for row in profiles["mart_region_profile"] if row["year"] == 2023)
    assert abs(people - Decimal("41527.9")) <= Decimal("0.5")


@pytest.mark.shared
def test_offices_come_to_the_province(shared: Path, profiles: dict[str, list[dict[str, Any]]]) -> None:
    """Poor people of the five offices against the province's own row; their rates against the province's rate."""
    with (shared / "bps" / COUNTS).open(encoding="utf-8-sig", newline="") as handle:
        _, years, counts, *_ = csv.reader(handle)
    with (shared / "bps" / RATES).open(encoding="utf-8-sig", newline="") as handle:
        _, _, rates, *_ = csv.reader(handle)
    offices: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in profiles["mart_bakorwil_profile"]:
        offices[row["year"]].append(row)
    assert min(offices) == 2017
    for year in range(2017, 2026):
        five = offices[year]
        assert [row["bakorwil"] for row in five] == ["Bojonegoro", "Jember", "Madiun", "Malang", "Pamekasan"]
        assert [row["members"] for row in five] == [row["members_with_poverty"] for row in five] == [8, 7, 10, 9, 4]
        at = years.index(str(year))
        poor = sum(row["poor_people_thousand"] for row in five)
        assert abs(poor - Decimal(counts[at])) <= Decimal("0.04")
        implied = sum(row["implied_population_thousand"] for row in five)
        assert abs(100 * poor / implied - Decimal(rates[at])) <= Decimal("0.02")
        assert max(five, key=lambda row: row["poverty_rate_pct"])["bakorwil"] == "Pamekasan"
