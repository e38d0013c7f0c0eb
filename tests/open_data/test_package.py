"""The package as somebody who downloads it finds it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import frictionless
import pytest
from frictionless import system

from pilar import open_data
from pilar.open_data.tables import TABLES, columns
from pilar.privacy.scan import personal_name
from tests.open_data.attack import rows
from tests.open_data.conftest import Export, exporter
from tests.open_data.invented import PEOPLE, UNCOVERED, UNPAID, Invented

AUDIENCES = pytest.mark.parametrize(("audience", "threshold"), [("inside", 5), ("outside", 11)])


def told(package: open_data.Exported, audience: str, table: str, **where: str) -> dict[str, str]:
    """The one row of a table with these values."""
    (row,) = [row for row in rows(package.folder / audience, table) if all(row[key] == where[key] for key in where)]
    return row


@AUDIENCES
def test_the_package_is_what_its_description_says(package: open_data.Exported, audience: str, threshold: int) -> None:
    described = json.loads((package.folder / audience / "datapackage.json").read_text("utf-8"))
    for resource in list(described["resources"]):
        if resource["format"] == "parquet":  # frictionless reads Parquet with a package of its own only
            described["resources"].remove(resource)
            path = package.folder / audience / resource["path"]
            there = duckdb.sql(f"SELECT count(*) FROM '{path}'").fetchall()
            assert there == duckdb.sql(f"SELECT count(*) FROM '{path.with_suffix('.csv')}'").fetchall()
    with system.use_context(trusted=True):
        report = frictionless.Package.from_descriptor(described, basepath=str(package.folder / audience)).validate()
    assert report.valid, report.flatten(["title", "message"])
    assert described["pilar"] == {"audience": audience, "threshold": threshold, "data_through": "2023-12-31"}
    assert described["licenses"][0]["name"] == "CC-BY-4.0"
    assert "Badan Pusat Statistik" in json.dumps(described["sources"])


def test_a_wrong_cell_breaks_the_description(package: open_data.Exported, tmp_path: Path) -> None:
    """The library does look: a text among the counts is an error."""
    described = json.loads((package.folder / "outside" / "datapackage.json").read_text("utf-8"))
    (resource,) = [one for one in described["resources"] if one["name"] == "people"]
    text = (package.folder / "outside" / "data" / "people.csv").read_text("utf-8")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "people.csv").write_text(re.sub(r",\d+,\"shown\"", ',many,"shown"', text, count=1), "utf-8")
    report = frictionless.Package.from_descriptor(
        described | {"resources": [resource]}, basepath=str(tmp_path)
    ).validate()
    assert "type-error" in {row[0] for row in report.flatten(["type"])}


@AUDIENCES
def test_no_small_count_and_nothing_beside_a_hidden_one(
    package: open_data.Exported, audience: str, threshold: int
) -> None:
    seen = set()
    for table in ("people", "money", "money_outcomes", "premium_cover"):
        for row in rows(package.folder / audience, table):
            seen.add(row["status"])
            if row["status"] == "shown":
                assert row["people"] == "0" or int(row["people"]) >= threshold
            else:
                assert (row["people"], row.get("entitled_idr", "")) == ("", "")
    assert seen == {"shown", "hidden", "no_data"}


def test_what_is_shown_is_true(package: open_data.Exported) -> None:
    inside = package.folder / "inside"
    for row in rows(inside, "people"):
        if row["area_level"] == "kabkota" and row["status"] == "shown":
            counted = [
                count
                for (region, pillar), counts in PEOPLE.items()
                if region == row["area_code"] and row["pillar_code"] in {pillar, "ALL"}
                for sex, count in zip("LP", counts, strict=True)
                if row["sex"] in {sex, "ALL"}
            ]
            assert int(row["people"]) == sum(counted)
    total = sum(map(sum, PEOPLE.values()))
    unpaid = sum(UNPAID.values())
    everybody = {"area_level": "province", "pillar_code": "ALL"}
    assert told(package, "outside", "people", sex="ALL", **everybody)["people"] == str(total)
    in_full = told(package, "outside", "money", outcome="IN_FULL", **everybody)
    assert (in_full["people"], in_full["entitled_idr"]) == (str(total - unpaid), f"{total - unpaid}000000.00")
    assert told(package, "outside", "money", outcome="OTHERWISE", **everybody)["people"] == str(unpaid)


def test_a_bound_is_told_where_the_count_is_hidden(package: open_data.Exported) -> None:
    covered = sum(sum(counts) for (_, pillar), counts in PEOPLE.items() if pillar != "PKH")
    missing = sum(UNCOVERED.values())
    row = told(package, "outside", "premium_cover", area_level="province", pillar_code="ALL", cover="FULL")
    assert (row["people"], row["status"], row["at_least_pct"]) == ("", "hidden", "90")
    assert (covered - missing) / covered >= 0.90
    assert covered * 0.10 >= 2 * 11 > covered * 0.05


def test_never_delivered_is_not_nobody(package: open_data.Exported) -> None:
    row = told(package, "outside", "people", area_code="3501", pillar_code="PKH", sex="ALL")
    assert (row["people"], row["status"]) == ("", "no_data")
    profile = told(package, "outside", "region_profile", region_code="3501")
    assert (profile["people"], profile["status"], profile["poverty_rate_pct"]) == ("", "no_data", "12.1800")


def test_districts_without_a_tksk_show_only_where_their_number_does(package: open_data.Exported) -> None:
    """Districts less districts without one are its TKSK."""
    assert told(package, "inside", "region_profile", region_code="3524")["districts_without_tksk"] == "0"
    mojokerto = told(package, "inside", "region_profile", region_code="3576")
    assert (mojokerto["districts"], mojokerto["districts_without_tksk"]) == ("3", "")


def test_claims_that_rest_on_few_people_are_withheld(package: open_data.Exported) -> None:
    verdicts = {row["claim_id"]: (row["verdict"], row["status"]) for row in rows(package.folder / "outside", "claims")}
    assert verdicts == {
        "amount-each": ("CONFIRMED", "shown"),
        "fall": ("CONFIRMED", "shown"),
        "people-total": ("CONFIRMED", "shown"),
        "premium-months": ("", "hidden"),
    }


def test_it_holds_no_person(package: open_data.Exported) -> None:
    for path in package.folder.rglob("*.*"):
        if path.suffix in {".csv", ".json", ".txt"}:
            text = path.read_text("utf-8")
            assert not re.search(r"p_[a-j]{8}|\b\d{16}\b", re.sub(r"sha256:\w+", "", text)), path.name
    assert not [column for column in columns() if personal_name(column)]
    assert {column for table in TABLES for column in table.columns} == columns().keys()


def test_the_first_page_speaks_both_languages(package: open_data.Exported) -> None:
    text = (package.folder / "outside" / "README.txt").read_text("utf-8")
    assert text.index("Mengapa ada angka yang disembunyikan") < text.index("Why some figures are hidden")
    assert "1 to fewer than 11 people" in text
    assert "Creative Commons Attribution 4.0" in text
    assert max(map(len, text.splitlines())) <= 130


def test_the_same_release_gives_the_same_bytes(package: open_data.Exported, export: Export, tmp_path: Path) -> None:
    first = export(Invented())
    again = export(Invented(), to=tmp_path / "copy")
    assert again.folder == first.folder
    assert first.folder.name == package.folder.name
    for path in package.folder.rglob("*.*"):
        name = path.relative_to(package.folder)
        assert path.read_bytes() == (first.folder / name).read_bytes() == (tmp_path / "copy" / name).read_bytes()
    assert (first.folder.parent / "current").resolve() == first.folder


def test_an_events_name_is_no_formula(export: Export) -> None:
    package = export(Invented(event="=1+1"))
    names = {(row["event_id"], row["people"]) for row in rows(package.folder / "outside", "money_outcomes")}
    assert ("'=1+1", str(sum(map(sum, PEOPLE.values())) - sum(UNPAID.values()))) in names


def test_what_stands_elsewhere_is_not_touched(export: Export, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(FileExistsError, match="no package of open data"):
        export(Invented(), to=tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(("inside", "outside"), [(1, 11), (11, 5)])
def test_thresholds_that_cannot_be(tmp_path: Path, inside: int, outside: int) -> None:
    with pytest.raises(ValueError, match="thresholds must be 2 or more"):
        exporter(tmp_path / "home")(Invented(), inside=inside, outside=outside)
