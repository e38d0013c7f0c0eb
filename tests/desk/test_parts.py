"""Tiles, charts and tables of the desk, without a browser."""

from __future__ import annotations

import csv
import re
from decimal import Decimal

import pytest

from pilar.desk import charts, parts
from pilar.desk.tiles import tiles
from pilar.desk.view import TABLES, Choice, look
from pilar.desk.words import CAPTIONS, COLUMNS, LANGUAGES, MEASURES, OUTCOMES, SHARED_OUT
from tests.conftest import CHECKOUT, Night

REGIONS = CHECKOUT / "dbt_project" / "seeds" / "regions.csv"


def test_each_of_the_38_has_one_tile_and_no_two_share_a_place() -> None:
    with REGIONS.open(encoding="utf-8", newline="") as lines:
        names = {
            row["region_code"]: row["region_name"]
            for row in csv.DictReader(lines)
            if row["region_code"].startswith("35") and row["region_level"] == "kabkota"
        }
    assert len(names) == 38
    laid = [tile.region_code for tile in tiles()]
    assert sorted(laid) == sorted(names)
    assert len({(tile.column, tile.row) for tile in tiles()}) == len({tile.short for tile in tiles()}) == 38
    for tile in tiles():
        assert names[tile.region_code].removeprefix("Kabupaten ") == tile.name


def test_neighbours_lie_as_on_the_map() -> None:
    place = {tile.name: tile for tile in tiles()}
    assert place["Banyuwangi"].column > place["Jember"].column > place["Malang"].column > place["Pacitan"].column
    assert place["Tuban"].row < place["Bojonegoro"].row < place["Ponorogo"].row < place["Pacitan"].row
    madura = ["Bangkalan", "Sampang", "Pamekasan", "Sumenep"]
    assert [place[name].column for name in madura] == sorted(place[name].column for name in madura)


def test_what_can_be_shown_has_words() -> None:
    assert set(CAPTIONS) == set(TABLES)
    for name, (table, column) in MEASURES.items():
        assert table in TABLES
        assert {name, column} <= set(COLUMNS)


def test_each_outcome_of_the_mart_has_words_and_a_colour(sample_night: Night) -> None:
    found = {row[0] for row in sample_night.ask("SELECT DISTINCT outcome FROM mart_disbursement_reconciliation")}
    assert found <= set(OUTCOMES)
    assert len(found) > 5


def test_each_measure_of_equity_has_words(sample_night: Night) -> None:
    assert {row[0] for row in sample_night.ask("SELECT DISTINCT measure FROM mart_equity")} == set(SHARED_OUT)
    html = str(parts.table(look(sample_night.home.current_marts).tables["equity"]))
    assert "Semua pilar" in html
    assert "0,050" in html


@pytest.mark.parametrize("language", LANGUAGES.values())
def test_the_map_says_each_value(sample_night: Night, language: str) -> None:
    seen = look(sample_night.home.current_marts, Choice(region="3522"))
    rates = {row["region_code"]: row["poverty_rate_pct"] for row in seen.everywhere["poverty_by_region"].records()}
    drawn = charts.tile_map(rates, "poverty_rate_pct", language, chosen="3522").to_dict()
    rows = drawn["data"]["values"] if "values" in drawn["data"] else next(iter(drawn["datasets"].values()))
    assert {row["code"]: row["value"] for row in rows} == {code: float(rate) for code, rate in rates.items()}
    assert [row["code"] for row in rows if row["chosen"]] == ["3522"]
    assert drawn["usermeta"]["embedOptions"]["formatLocale"]["decimal"] == (",."[language == "en"])


def test_a_map_without_any_value_is_pale_and_whole() -> None:
    drawn = charts.tile_map({}, "unpaid_idr", "id").to_dict()
    rows = drawn["data"]["values"] if "values" in drawn["data"] else next(iter(drawn["datasets"].values()))
    assert [row["value"] for row in rows] == [None] * 38


@pytest.mark.parametrize("choice", [Choice(), Choice(month="2019-01")], ids=["all", "nothing"])
def test_charts_can_be_drawn_from_much_and_from_nothing(sample_night: Night, choice: Choice) -> None:
    seen = look(sample_night.home.current_marts, choice)
    for chart in (
        charts.troubles(seen.tables["money_by_outcome"].records(), "id"),
        charts.cover(seen.tables["cover_by_month"].records(), "en"),
        charts.need(seen.everywhere["poverty_by_region"].records(), "id", chosen="3522"),
    ):
        assert chart.to_dict()["description"]


def cells(html: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", html)]


def test_a_table_says_every_row_and_its_sum(sample_night: Night) -> None:
    table = look(sample_night.home.current_marts).tables["money_by_region"]
    html = str(parts.table(table))
    assert html.count("<tr>") == len(table.records()) + 2
    ((paid,),) = sample_night.ask("SELECT sum(paid_idr) FROM mart_disbursement_reconciliation")
    told = f"{paid:,.0f}"
    assert told.replace(",", ".") + told in cells(html), "both languages, one of them hidden"
    assert table.total("paid_idr") == paid != Decimal(0)


def test_a_table_of_nothing_says_so(sample_night: Night) -> None:
    seen = look(sample_night.home.current_marts, Choice(month="2019-01"))
    assert "Tidak ada baris" in str(parts.table(seen.tables["money_by_outcome"]))
    assert "Rp0" in re.sub(r"<[^>]+>", "", str(parts.figures(seen)))


def test_the_link_names_the_choice(sample_night: Night) -> None:
    seen = look(sample_night.home.current_marts, Choice(region="3522", month="2023-11"))
    assert 'href="?region=3522&amp;month=2023-11"' in str(parts.notes(seen))
