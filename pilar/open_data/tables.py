"""The open tables: which columns they have, and their rows for one audience."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from pilar.analyst.formulas import harmless
from pilar.open_data.facts import PILLARS, SEXES, Facts
from pilar.open_data.model import ALL, HIDDEN, NO_DATA, SHOWN, Edition, Figure, Key

_AREA = ("area_level", "area_code", "area_name")
_EVENT = ("event_id", "event_name", "event_date", "benefit_code")


@dataclass(frozen=True)
class Table:
    """A published table: name, title in both languages, key columns, all columns in order."""

    name: str
    title_id: str
    title_en: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    about_people: bool = True

    @property
    def arrow(self) -> pa.Schema:
        """Types of the columns as in Parquet."""
        return pa.schema([(column, _arrow(column)) for column in self.columns])


TABLES = (
    Table(
        "people",
        "Orang menurut wilayah, pilar, jenis kelamin dan tahun",
        "People by area, pillar, sex and year",
        ("year", "area_code", "pillar_code", "sex"),
        ("year", *_AREA, "pillar_code", "sex", "people", "status", "as_of_release"),
    ),
    Table(
        "money",
        "Uang kegiatan menurut wilayah dan hasil",
        "Money of events by area and outcome",
        ("event_id", "benefit_code", "area_code", "pillar_code", "outcome"),
        (
            *_EVENT,
            *_AREA,
            "pillar_code",
            "outcome",
            "people",
            "entitled_idr",
            "at_least_pct",
            "status",
            "as_of_release",
        ),
    ),
    Table(
        "money_outcomes",
        "Uang kegiatan menurut hasil rinci, seluruh provinsi",
        "Money of events by detailed outcome, whole province",
        ("event_id", "benefit_code", "outcome"),
        (*_EVENT, "outcome", "people", "entitled_idr", "status", "as_of_release"),
    ),
    Table(
        "premium_cover",
        "Perlindungan BPJS Ketenagakerjaan menurut wilayah, pilar dan tahun",
        "BPJS Ketenagakerjaan cover by area, pillar and year",
        ("year", "area_code", "pillar_code", "cover"),
        ("year", *_AREA, "pillar_code", "cover", "people", "at_least_pct", "status", "as_of_release"),
    ),
    Table(
        "region_profile",
        "Kabupaten dan kota: kemiskinan dan pilar sosial",
        "Regencies and cities: poverty and social pillars",
        ("year", "region_code"),
        (
            *("year", "region_code", "region_name", "bakorwil", "poor_people_thousand", "poverty_rate_pct"),
            *("poverty_line_idr", "depth_index_p1", "severity_index_p2", "people", "people_per_1000_poor", "districts"),
            *("districts_without_tksk", "status", "as_of_release"),
        ),
    ),
    Table(
        "poverty",
        "Angka kemiskinan BPS, terbitan terbaru",
        "Poverty figures of BPS, newest vintage",
        ("region_code", "area_type", "period", "indicator"),
        (
            *("region_code", "region_name", "area_type", "period", "indicator", "value", "unit", "vintage"),
            *("released_on", "table_title"),
        ),
        about_people=False,
    ),
    Table(
        "claims",
        "Pernyataan publik yang dihitung ulang",
        "Public claims, recomputed",
        ("claim_id",),
        (
            *("claim_id", "claim_text", "claim_text_en", "source", "source_date", "unit", "published_value"),
            *("recomputed_value", "difference", "verdict", "status"),
        ),
    ),
)
BY_NAME = {table.name: table for table in TABLES}

_MONEY = frozenset({"entitled_idr"})


@cache
def columns() -> dict[str, tuple[str, str, str]]:
    """Column → (Frictionless type, meaning in Bahasa Indonesia, in English); a name means one thing everywhere."""
    with (Path(__file__).parent / "columns.csv").open(encoding="utf-8", newline="") as stream:
        return {one["column"]: (one["type"], one["meaning_id"], one["meaning_en"]) for one in csv.DictReader(stream)}


def _arrow(column: str) -> pa.DataType:
    if column in _MONEY:
        return pa.decimal128(18, 2)
    return {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.decimal128(18, 4),
        "date": pa.date32(),
    }[columns()[column][0]]


def rows(facts: Facts, editions: Sequence[Edition], audience: str) -> dict[str, pa.Table]:
    """Every table as its audience sees it, sorted by its key as readers expect: province first."""
    found: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
    for edition in editions:
        for figure in sorted(edition.block.figures.values(), key=lambda one: _order(edition, one.key)):
            found[figure.table].append(_figure(edition, figure, audience))
        found["people"] += _never_delivered(edition)
    by_year = {edition.block.period: edition for edition in editions}
    found["people"].sort(key=lambda row: (row["year"], *_area_order(row["area_level"], row["area_code"])))
    found["region_profile"] = [_profile(one, by_year.get(str(one["year"])), audience) for one in facts.profiles]
    found["region_profile"].sort(key=lambda row: (row["year"], row["region_code"]))
    found["poverty"] = [dict(one) for one in facts.poverty]
    today = {key: figure.value for block in facts.blocks for key, figure in block.figures.items()}
    as_today = frozenset(
        key
        for edition in editions
        for key in edition.shown[audience]
        if edition.block.figures[key].value == today.get(key)
    )
    found["claims"] = [_claim(one, as_today) for one in facts.claims]
    return {table.name: _arrow_table(table, found[table.name]) for table in TABLES}


def _arrow_table(table: Table, found: list[dict[str, Any]]) -> pa.Table:
    """Rows with the table's types; no text in them is a formula to a spreadsheet."""
    rows = [{column: _fit(row.get(column), column) for column in table.columns} for row in found]
    batches = pa.Table.from_pylist(rows, schema=table.arrow).to_batches()
    return pa.Table.from_batches([harmless(batch) for batch in batches], schema=table.arrow)


def key_of(table: str, row: Mapping[str, Any]) -> Key:
    """The figure that a row of a table about people shows; as in :class:`Figure`."""
    row = {column: value.removeprefix("'") if isinstance(value, str) else value for column, value in row.items()}
    match table:
        case "people":
            last = (row["area_code"], row["pillar_code"], row["sex"])
        case "premium_cover":
            last = (row["area_code"], row["pillar_code"], row["cover"])
        case "money":
            return (table, row["event_id"], row["benefit_code"], row["area_code"], row["pillar_code"], row["outcome"])
        case "money_outcomes":
            return (table, row["event_id"], row["benefit_code"], row["outcome"])
        case _:
            raise KeyError(table)
    return (table, str(row["year"]), *last)


def _figure(edition: Edition, figure: Figure, audience: str) -> dict[str, Any]:
    key, shown = figure.key, edition.shown[audience]
    is_shown = key in shown
    row: dict[str, Any] = {
        "people": figure.value if is_shown else None,
        "status": SHOWN if is_shown else HIDDEN,
        "as_of_release": edition.block.release_id,
    }
    if not is_shown and (*key[:-1], ALL) in shown:
        row["at_least_pct"] = figure.at_least_pct(edition.thresholds[audience])
    if figure.entitled_idr is not None:
        about = edition.block.labels[f"event {key[1]} {key[2]}"]
        row |= {"event_id": key[1], "benefit_code": key[2], "event_name": about["event_name"] or None}
        row["event_date"] = date.fromisoformat(about["event_date"]) if about["event_date"] else None
        row["entitled_idr"] = figure.entitled_idr if is_shown else None
    match figure.table:
        case "people":
            row |= {"year": int(key[1]), "pillar_code": key[3], "sex": key[4]} | _area(edition, key[2])
        case "premium_cover":
            row |= {"year": int(key[1]), "pillar_code": key[3], "cover": key[4]} | _area(edition, key[2])
        case "money":
            row |= {"pillar_code": key[4], "outcome": key[5]} | _area(edition, key[3])
        case "money_outcomes":
            row["outcome"] = key[3]
    return row


def _never_delivered(edition: Edition) -> Iterator[dict[str, Any]]:
    """Rows for areas and pillars of which no roster ever came: that is not nobody."""
    year = edition.block.period
    if not any(key[0] == "people" for key in edition.block.figures):
        return
    for label in edition.block.labels:
        kind, _, code = label.partition(" ")
        if kind != "area":
            continue
        for pillar, sex in [*((pillar, ALL) for pillar in (ALL, *PILLARS)), *((ALL, sex) for sex in SEXES)]:
            if ("people", year, code, pillar, sex) not in edition.block.figures:
                yield {"year": int(year), "pillar_code": pillar, "sex": sex, "status": NO_DATA} | _area(edition, code)


def _area(edition: Edition, code: str) -> dict[str, str]:
    about = edition.block.labels[f"area {code}"]
    return {"area_level": about["level"], "area_code": code, "area_name": about["name"]}


def _area_order(level: str, code: str) -> tuple[int, str]:
    return (("province", "bakorwil", "kabkota", "elsewhere").index(level), code)


def _order(edition: Edition, key: Key) -> tuple[Any, ...]:
    """Totals first: province, offices, kab/kota; ALL before its parts."""
    place = {"people": 2, "premium_cover": 2, "money": 3}.get(key[0])
    parts: list[Any] = [key[0]]
    for number, part in enumerate(key[1:], start=1):
        if number == place:
            parts += _area_order(edition.block.labels[f"area {part}"]["level"], part)
        else:
            parts += [part != ALL, part]
    return tuple(parts)


def _profile(one: Mapping[str, Any], edition: Edition | None, audience: str) -> dict[str, Any]:
    row = {name: value for name, value in one.items() if name != "districts_without_tksk"} | {"status": NO_DATA}
    if edition is None:
        return row
    code, year = one["region_code"], edition.block.period
    figure = edition.block.figures.get(("people", year, code, ALL, ALL))
    if figure is None:
        return row
    row |= {"status": HIDDEN, "as_of_release": edition.block.release_id}
    if figure.key in edition.shown[audience]:
        row |= {"status": SHOWN, "people": figure.value}
        if one["poor_people_thousand"]:
            row["people_per_1000_poor"] = Decimal(figure.value) / one["poor_people_thousand"]
    if ("people", year, code, "TKSK", ALL) in edition.shown[audience]:
        count = edition.block.labels[f"area {code}"].get("districts_without_tksk")
        row["districts_without_tksk"] = None if count is None else int(count)
    return row


def _claim(one: Mapping[str, Any], shown: frozenset[Key]) -> dict[str, Any]:
    """A claim whose answer rests on people is answered where the figures that it rests on are shown."""
    row = dict(one)
    rests_on = row.pop("rests_on")
    if rests_on is not None and rests_on <= shown:
        return row | {"status": SHOWN}
    return row | {"status": HIDDEN, "recomputed_value": None, "difference": None, "verdict": None}


def _fit(value: Any, column: str) -> Any:
    kind = _arrow(column)
    if isinstance(value, Decimal) and pa.types.is_decimal(kind):
        return value.quantize(Decimal(1).scaleb(-kind.scale))
    return value
