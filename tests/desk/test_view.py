"""Every number of the desk is the marts': each table against sums that this page reckons itself, row by row."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from pilar.desk.tiles import tiles
from pilar.desk.view import TABLES, Choice, Table, View, ask, look, options
from tests.conftest import Night

EVENT = "BJN-20231120"
CHOICES = [
    Choice(),
    Choice(event=EVENT),
    Choice(region="3522"),
    Choice(pillar="TKSK"),
    Choice(month="2023-11"),
    Choice(event=EVENT, region="3523", pillar="TAGANA", month="2023-11"),
    Choice(event="MDN-20231113"),
    Choice(month="2019-01"),
]
Rows = list[dict[str, Any]]


@pytest.fixture(params=CHOICES, ids=lambda choice: "-".join(part or "all" for part in astuple(choice)))
def seen(request: pytest.FixtureRequest, sample_night: Night) -> View:
    return look(sample_night.home.current_marts, request.param)


@pytest.fixture(scope="module")
def marts(sample_night: Night) -> dict[str, Rows]:
    """The marts as they are, whole."""
    names = (
        "mart_disbursement_reconciliation",
        "mart_premium_coverage",
        "fct_premium_month",
        "dim_participant",
        "dim_event",
        "fct_entitlement",
        "mart_region_profile",
        "mart_equity",
    )
    return {name: ask(sample_night.home.current_marts, f"FROM {name}") for name in names}


def fits(chosen: str | None, value: object) -> bool:
    return chosen is None or chosen == value


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def test_money(seen: View, marts: dict[str, Rows]) -> None:
    wanted = seen.choice
    months = {row["event_id"]: f"{row['event_date']:%Y-%m}" for row in marts["dim_event"] if row["event_date"]}
    rows = [
        row
        for row in marts["mart_disbursement_reconciliation"]
        if fits(wanted.event, row["event_id"])
        and fits(wanted.region, row["region_code"])
        and fits(wanted.pillar, row["pillar_code"])
        and fits(wanted.month, months.get(row["event_id"]))
    ]
    for name, key in (("money_by_outcome", "outcome"), ("money_by_region", "region_code")):
        told = {row[key]: row for row in seen.tables[name].records()}
        assert {key_: row["payees"] for key_, row in told.items()} == Counter(row[key] for row in rows)
        for column in ("entitled_idr", "paid_idr", "returned_idr"):
            sums: Counter[Any] = Counter()
            for row in rows:
                sums[row[key]] += row[column]
            assert {key_: row[column] for key_, row in told.items()} == sums
        unpaid = sum(max(row["entitled_idr"] - row["paid_idr"], Decimal(0)) for row in rows)
        assert seen.tables[name].total("unpaid_idr") == unpaid


def test_people(seen: View, marts: dict[str, Rows]) -> None:
    wanted = seen.choice
    promised = {row["participant_id"] for row in marts["fct_entitlement"] if row["event_id"] == wanted.event}
    found: Counter[tuple[str, str]] = Counter()
    for person in marts["dim_participant"]:
        if wanted.month:
            year, month = map(int, wanted.month.split("-"))
            after = date(year + month // 12, month % 12 + 1, 1)
            stands = person["valid_from"] < after and (person["valid_to"] is None or person["valid_to"] >= after)
        else:
            stands = person["is_current"]
        if (
            stands
            and person["status"] == "AKTIF"
            and fits(wanted.region, person["region_code"])
            and fits(wanted.pillar, person["pillar_code"])
            and (wanted.event is None or person["participant_id"] in promised)
        ):
            found[person["region_code"], person["pillar_code"]] += 1
    told = {
        (row["region_code"], pillar): row[f"{pillar.lower()}_people"]
        for row in seen.tables["people_by_region"].records()
        for pillar in ("PKH", "TAGANA", "TKSK")
        if row[f"{pillar.lower()}_people"]
    }
    assert told == found
    assert seen.tables["people_by_region"].total("people") == found.total()


def test_cover(seen: View, marts: dict[str, Rows]) -> None:
    wanted = seen.choice
    people = {row["participant_id"]: row for row in marts["mart_premium_coverage"]}
    promises = {
        (row["participant_id"], f"{row['starts_on'].year + place // 12}-{place % 12 + 1:02}")
        for row in marts["fct_entitlement"]
        if row["event_id"] == wanted.event and row["months"]
        for place in range(row["starts_on"].month - 1, row["starts_on"].month - 1 + row["months"])
    }
    months = [
        (row["participant_id"], gap, False) for row in marts["mart_premium_coverage"] for gap in row["gap_months"]
    ]
    months += [
        (row["participant_id"], row["coverage_month"], True)
        for row in marts["fct_premium_month"]
        if row["status"] == "LUNAS" and row["is_entitled"]
    ]
    kept = [
        (person, month, paid)
        for person, month, paid in months
        if fits(wanted.month, month)
        and fits(wanted.region, people[person]["region_code"])
        and fits(wanted.pillar, people[person]["pillar_code"])
        and (wanted.event is None or (person, month) in promises)
    ]
    by_month = {row["coverage_month"]: row for row in seen.tables["cover_by_month"].records()}
    assert {month: row["months_expected"] for month, row in by_month.items()} == Counter(m for _, m, _ in kept)
    missing = Counter(month for _, month, paid in kept if not paid)
    assert {month: row["months_missing"] for month, row in by_month.items()} == {m: missing[m] for m in by_month}
    by_region = {row["region_code"]: row for row in seen.tables["cover_by_region"].records()}
    covered = Counter(people[person]["region_code"] for person, _, paid in kept if paid)
    assert {code: row["months_covered"] for code, row in by_region.items()} == {c: covered[c] for c in by_region}
    gaps = {person for person, _, paid in kept if not paid}
    assert seen.tables["cover_by_region"].total("people_with_gap") == len(gaps)


def test_all_cover_is_what_the_mart_expects(sample_night: Night) -> None:
    cover = look(sample_night.home.current_marts).tables["cover_by_month"]
    ((expected, covered, gaps),) = sample_night.ask(
        "SELECT sum(months_expected), sum(months_covered), sum(len(gap_months)) FROM mart_premium_coverage"
    )
    told = tuple(cover.total(name) for name in ("months_expected", "months_covered", "months_missing"))
    assert told == (expected, covered, gaps)
    assert gaps > 0


def test_poverty(seen: View, marts: dict[str, Rows]) -> None:
    wanted = seen.choice
    latest = [int(wanted.month[:4])] if wanted.month else []
    latest += [
        row["event_date"].year for row in marts["dim_event"] if row["event_id"] == wanted.event and row["event_date"]
    ]
    years = {
        row["year"]
        for row in marts["mart_region_profile"]
        if row["poverty_rate_pct"] is not None and all(row["year"] <= year for year in latest)
    }
    rows = {row["region_code"]: row for row in marts["mart_region_profile"] if years and row["year"] == max(years)}
    told = seen.everywhere["poverty_by_region"].records()
    assert {row["region_code"] for row in told} == rows.keys()
    number = f"{wanted.pillar.lower()}_people" if wanted.pillar else "people"
    for row in told:
        mart = rows[row["region_code"]]
        assert row["people"] == mart[number]
        for column in (
            "year", "poverty_rate_pct", "rate_rank", "rate_change_points", "poor_people_thousand",
            "districts_without_tksk",
        ):  # fmt: skip
            assert row[column] == mart[column]
        if wanted.pillar is None:
            assert row["people_per_1000_poor"] == mart["pillars_per_1000_poor"]
        elif mart[number] is not None:
            assert row["people_per_1000_poor"] == round(mart[number] / mart["poor_people_thousand"], 4)


def test_equity(seen: View, marts: dict[str, Rows]) -> None:
    wanted = seen.choice
    latest = [int(wanted.month[:4])] if wanted.month else []
    latest += [
        row["event_date"].year for row in marts["dim_event"] if row["event_id"] == wanted.event and row["event_date"]
    ]
    kept = [row for row in marts["mart_equity"] if all(row["year"] <= year for year in latest)]
    year = max((row["year"] for row in kept), default=None)
    measure = f"{wanted.pillar.lower()}_people" if wanted.pillar else None
    told = seen.tables["equity"].records()
    columns = ("measure", "year", "regions", "poor_covered_pct", "concentration_index", "elsewhere_pct")
    assert sorted(told, key=str) == sorted(
        (
            {column: row[column] for column in columns}
            for row in kept
            if row["year"] == year and fits(measure, row["measure"])
        ),
        key=str,
    )


def test_a_region_narrows_tables_but_not_the_map(sample_night: Night) -> None:
    seen = look(sample_night.home.current_marts, Choice(region="3522"))
    for name, everywhere in seen.everywhere.items():
        assert {row["region_code"] for row in seen.tables[name].records()} == {"3522"}
        assert everywhere == look(sample_night.home.current_marts).tables[name]


def test_the_filters_offer_what_there_is(sample_night: Night) -> None:
    offered = options(sample_night.home.current_marts)
    assert {code for _, code in offered.regions} == {tile.region_code for tile in tiles()}
    assert [code for _, code in offered.pillars] == ["PKH", "TAGANA", "TKSK"]
    assert {event for _, event in offered.events} == {
        row[0] for row in sample_night.ask("SELECT event_id FROM dim_event")
    }
    assert "2023-11" in dict(offered.months)


def test_a_look_leaves_no_file_open(sample_night: Night) -> None:
    seen = look(sample_night.home.current_marts)
    assert seen.release_id == sample_night.home.current_marts.resolve().parent.name
    opened = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.exists()]
    assert [path for path in opened if path.name == "marts.duckdb"] == []


def test_without_a_release_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        look(tmp_path / "marts.duckdb")


@pytest.mark.parametrize("name", TABLES)
def test_files_say_what_the_table_says(sample_night: Night, name: str) -> None:
    table = look(sample_night.home.current_marts).tables[name]
    lines = list(csv.DictReader(io.StringIO(table.file("csv").decode("utf-8-sig"))))
    assert lines == [
        {key: "" if value is None else str(value) for key, value in row.items()} for row in table.records()
    ]
    header, *rows = CalamineWorkbook.from_filelike(io.BytesIO(table.file("xlsx"))).get_sheet_by_index(0).to_python()
    assert header == table.columns
    assert [[cell if cell != "" else None for cell in row] for row in rows] == [
        [float(value) if isinstance(value, Decimal) else value for value in row.values()] for row in table.records()
    ]


def test_text_never_becomes_a_formula() -> None:
    with duckdb.connect() as nowhere:
        table = Table("t", nowhere.execute("SELECT '=1+1' AS region_name").to_arrow_table())
    ((_,), (cell,)) = CalamineWorkbook.from_filelike(io.BytesIO(table.file("xlsx"))).get_sheet_by_index(0).to_python()
    assert cell == "=1+1"
