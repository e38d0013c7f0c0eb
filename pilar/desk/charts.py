"""Charts of the desk and the notebook: rows in, an Altair chart out. Nothing here knows where rows come from.

Rupiah become floats here and only here, to be drawn; what is written stands in the tables. A chart is as wide as its
place, and has a description for who cannot see it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import altair as alt

from pilar.desk.tiles import tiles
from pilar.desk.view import Row
from pilar.desk.words import COLUMNS, OUTCOMES, Pair, say

GREEN, RED, AMBER, GREY, PALE = "#24694b", "#b3402e", "#b7791f", "#8f9b97", "#e7ebe9"
_FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
_LOCALES = {
    "id": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp", ""]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["Rp", ""]},
}
_OUTCOME_COLOURS = {
    "PAID": GREEN,
    "OVERPAID": "#5b8c74",
    "PENDING": "#c9a227",
    "UNDERPAID": AMBER,
    "RETURNED": "#d2691e",
    "FAILED": RED,
    "UNPAID": "#7d1f16",
    "NOT_ENTITLED": GREY,
}

AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart


def troubles(outcomes: Sequence[Row], language: str) -> AnyChart:
    """Payees whose promise and payment differ, by outcome: the paid ones would dwarf them, so a table tells those."""
    rows = [
        {"outcome": say(OUTCOMES[row["outcome"]], language), "code": row["outcome"], "payees": row["payees"]}
        for row in outcomes
        if row["outcome"] != "PAID"
    ]
    order = [row["outcome"] for row in sorted(rows, key=lambda row: -row["payees"])]
    axis = _label("payees", language)
    base = _chart(rows).encode(
        x=alt.X("payees:Q", title=axis, axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("outcome:N", sort=order, title=None, axis=alt.Axis(labelLimit=140)),
        tooltip=[
            alt.Tooltip("outcome:N", title=_label("outcome", language)),
            alt.Tooltip("payees:Q", title=axis, format=","),
        ],
    )
    bars = base.mark_bar(cornerRadius=2, height={"band": 0.72}).encode(
        color=alt.Color(
            "code:N",
            scale=alt.Scale(domain=list(_OUTCOME_COLOURS), range=list(_OUTCOME_COLOURS.values())),
            legend=None,
        )
    )
    numbers = base.mark_text(align="left", dx=5).encode(text=alt.Text("payees:Q", format=","))
    told = ("Penerima yang belum beres, menurut hasil", "Payees not settled, by outcome")
    return _finish(bars + numbers, told, language, height=max(60, 30 * len(rows)))


def cover(months: Sequence[Row], language: str) -> AnyChart:
    """People promised cover, by calendar month: paid, and on top those whose month is missing, with their number."""
    parts: dict[str, Pair] = {"months_covered": ("Dibayar", "Paid"), "months_missing": ("Kosong", "Missing")}
    names = {part: say(pair, language) for part, pair in parts.items()}
    rows = [
        {"month": row["coverage_month"], "part": name, "place": place, "people": row[part]}
        for row in months
        for place, (part, name) in enumerate(names.items())
    ]
    title = _label("people", language)
    bars = (
        _chart(rows)
        .mark_bar(cornerRadius=2)
        .encode(
            x=alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45)),
            y=alt.Y("people:Q", title=title),
            order=alt.Order("place:O"),
            color=alt.Color(
                "part:N",
                title=None,
                scale=alt.Scale(domain=list(names.values()), range=[GREEN, RED]),
                legend=alt.Legend(orient="top"),
            ),
            tooltip=[
                alt.Tooltip("month:O", title=_label("coverage_month", language)),
                alt.Tooltip("part:N", title=say(("Iuran", "Premium"), language)),
                alt.Tooltip("people:Q", title=title, format=","),
            ],
        )
    )
    missing = [
        {"month": row["coverage_month"], "top": row["months_expected"], "missing": row["months_missing"]}
        for row in months
        if row["months_missing"]
    ]
    numbers = (
        _chart(missing)
        .mark_text(dy=-7, color=RED, fontWeight=600)
        .encode(x="month:O", y="top:Q", text=alt.Text("missing:Q", format=","))
    )
    told = ("Iuran menurut bulan: dibayar dan kosong", "Premiums by month: paid and missing")
    return _finish(bars + numbers, told, language)


def need(profiles: Sequence[Row], language: str, *, chosen: str | None = None) -> AnyChart:
    """Each kab/kota: its poverty rate against the people of the pillars for each 1,000 poor."""
    names = {tile.region_code: tile.name for tile in tiles()}
    rows = [
        _drawn(row) | {"faint": chosen not in (None, row["region_code"]), "label": names[row["region_code"]]}
        for row in profiles
        if row["people_per_1000_poor"] is not None and row["poverty_rate_pct"] is not None
    ]
    for row in rows:  # of two near one another the higher writes above its dot and the lower below
        others = [other for other in rows if other is not row]
        near = min(others, key=lambda other: abs(other["poverty_rate_pct"] - row["poverty_rate_pct"]), default=row)
        row["above"] = row["people_per_1000_poor"] >= near["people_per_1000_poor"]
    x, y = (_label(name, language) for name in ("poverty_rate_pct", "people_per_1000_poor"))
    base = _chart(rows).encode(
        x=alt.X("poverty_rate_pct:Q", title=x, scale=alt.Scale(zero=False, padding=30), axis=alt.Axis(tickCount=8)),
        y=alt.Y("people_per_1000_poor:Q", title=y, scale=alt.Scale(zero=True, padding=12)),
        opacity=alt.condition("datum.faint", alt.value(0.25), alt.value(1)),
        tooltip=[
            alt.Tooltip("region_name:N", title=_label("region_name", language)),
            alt.Tooltip("poverty_rate_pct:Q", title=x, format=".2f"),
            alt.Tooltip("people_per_1000_poor:Q", title=y, format=".2f"),
            alt.Tooltip("people:Q", title=_label("people", language), format=","),
        ],
    )
    points = base.mark_circle(size=90, color=GREEN)
    labels = [
        base.transform_filter(side).mark_text(align="center", dy=dy, fontSize=11).encode(text="label:N")
        for side, dy in (("datum.above", -12), ("!datum.above", 14))
    ]
    told = ("Tingkat kemiskinan dan jumlah pilar per 1.000 penduduk miskin", "Poverty rate and pillars per 1,000 poor")
    return _finish(alt.layer(points, *labels), told, language, height=320)


def quality(nights: Sequence[Row], language: str) -> AnyChart:
    """Rows right at first reading, percent: a field for each feed and day on which something arrived."""
    title = say(("Benar saat pertama dibaca (%)", "Right at first reading (%)"), language)
    rows = [
        _drawn(row) | {"night": row["night"].isoformat()} for row in nights if row["first_time_right_pct"] is not None
    ]
    base = _chart(rows).encode(
        x=alt.X("night:O", title=None, axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("feed:N", title=None),
        tooltip=[
            alt.Tooltip("night:O"),
            alt.Tooltip("feed:N"),
            alt.Tooltip("first_time_right_pct:Q", title=title, format=".2f"),
            alt.Tooltip("rows_read:Q", format=","),
        ],
    )
    fields = base.mark_rect(cornerRadius=4, stroke="#fff").encode(
        color=alt.Color(
            "first_time_right_pct:Q",
            title=title,
            scale=alt.Scale(range=["#f3d9d3", "#dcebe3"], domain=[50, 100], clamp=True),
            legend=None,
        )
    )
    numbers = base.mark_text(fontWeight=600, color="#1d2a27").encode(
        text=alt.Text("first_time_right_pct:Q", format=".1f")
    )
    told = ("Mutu kiriman menurut hari dan sumber, persen", "Quality of deliveries by day and feed, percent")
    return _finish(fields + numbers, told, language, height=40 * len({row["feed"] for row in rows}) + 20)


def tile_map(values: Mapping[str, Any], name: str, language: str, *, chosen: str | None = None) -> AnyChart:
    """The 38 kab/kota, coloured by a value for each region code; without a value: pale, with a dash."""
    rows = [
        {
            "code": tile.region_code,
            "name": tile.name,
            "short": tile.short,
            "column": tile.column,
            "row": tile.row,
            "value": _number(values.get(tile.region_code)),
            "chosen": tile.region_code == chosen,
        }
        for tile in tiles()
    ]
    title = _label(name, language)
    shown = ",.2f" if name in ("poverty_rate_pct", "people_per_1000_poor") else ",.0f"
    place = _chart(rows).encode(
        x=alt.X("column:O", axis=None, scale=alt.Scale(paddingInner=0.05, paddingOuter=0)),
        y=alt.Y("row:O", axis=None, scale=alt.Scale(paddingInner=0.06, paddingOuter=0)),
        tooltip=[
            alt.Tooltip("name:N", title=_label("region_name", language)),
            alt.Tooltip("value:Q", title=title, format=shown),
        ],
    )
    ground = place.mark_rect(cornerRadius=4).encode(
        color=alt.condition(
            "isValid(datum.value)",
            alt.Color(
                "value:Q",
                title=title,
                scale=alt.Scale(range=["#e3efe8", "#1f5c43"], zero=True),
                legend=alt.Legend(orient="bottom", gradientLength=220, titleLimit=320, format="~s", tickCount=5),
            ),
            alt.value(PALE),
        ),
        stroke=alt.condition("datum.chosen", alt.value("#1d2a27"), alt.value(None)),
        strokeWidth=alt.value(2.5),
    )
    # White where the ground is dark; the highest value decides what dark is.
    highest = max((row["value"] for row in rows if row["value"] is not None), default=0) or 1
    ink = alt.condition(
        f"isValid(datum.value) && datum.value > {highest * 0.66!r}", alt.value("#fff"), alt.value("#1d2a27")
    )
    names = place.mark_text(
        dy=-7,
        fontSize=alt.ExprRef("width < 620 ? 9 : width < 900 ? 8.5 : 10.5"),
        text=alt.ExprRef("width < 620 ? datum.short : datum.name"),
    ).encode(color=ink)
    compact = f"isValid(datum.value) ? format(datum.value, abs(datum.value) >= 10000 ? '.2~s' : {shown!r}) : '–'"
    figures = place.mark_text(
        dy=8, fontSize=alt.ExprRef("width < 620 ? 9 : 11"), fontWeight=600, text=alt.ExprRef(compact)
    ).encode(color=ink)
    told = (f"Peta petak 38 kab/kota: {title}", f"Tile map of 38 kab/kota: {title}")
    return _finish(ground + names + figures, told, language, height=300)


def _chart(rows: Sequence[Row]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(rows)))


def _finish(chart: AnyChart, told: Pair, language: str, *, height: int = 240) -> AnyChart:
    embedded = {"actions": False, "renderer": "svg", "formatLocale": _LOCALES[language]}
    finished: AnyChart = (
        chart.properties(width="container", height=height, description=say(told, language), background="transparent")
        .configure(font=_FONT)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#e3e8e5", domain=False)
        .configure_legend(labelFontSize=12, titleFontSize=12, titleFontWeight="normal")
        .properties(usermeta={"embedOptions": embedded})
    )
    return finished


def _label(column: str, language: str) -> str:
    return say(COLUMNS[column], language)


def _drawn(row: Row) -> Row:
    return {name: _number(value) for name, value in row.items()}


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
