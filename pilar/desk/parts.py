"""HTML of the desk: head, key figures and tables, in both languages at once; a style shows one of them.

A template writes what a view says, to the rupiah; nothing is reckoned here but sums of the rows shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pilar.desk.view import Table, View
from pilar.desk.words import CAPTIONS, COLUMNS, OUTCOMES, SHARED_OUT
from pilar.html import both, environment, number

_PLACES = {
    "poverty_rate_pct": 2,
    "rate_change_points": 2,
    "poor_people_thousand": 2,
    "people_per_1000_poor": 2,
    "poor_covered_pct": 2,
    "concentration_index": 3,
    "elsewhere_pct": 2,
    "year": None,
}
_NOT_SUMMED = {
    "cover_by_month": frozenset({"people", "people_with_gap"}),  # a person of two months is one person
    "poverty_by_region": frozenset(COLUMNS),  # rates do not add up, and the people stand in their own table
    "equity": frozenset(COLUMNS),
}


@dataclass(frozen=True)
class _Column:
    name: str
    label: Markup
    is_number: bool


def head(view: View) -> str:
    """Which release this is, and how fresh."""
    return _templates().get_template("head.html.j2").render(view=view)


def figures(view: View) -> str:
    """The key figures of the choice."""
    money, people, months = (view.tables[name] for name in ("money_by_outcome", "people_by_region", "cover_by_month"))
    payees = money.total("payees")
    paid = sum(row["payees"] for row in money.records() if row["outcome"] == "PAID")
    told = [
        (both("Hak", "Entitled"), rupiah(money.total("entitled_idr")), _counted(payees, "penerima", "payees")),
        (both("Dibayar", "Paid"), rupiah(money.total("paid_idr")), _counted(paid, "lunas", "in full")),
        (both("Belum dibayar", "Unpaid"), rupiah(money.total("unpaid_idr")), ""),
        (both("Dikembalikan", "Returned"), rupiah(money.total("returned_idr")), ""),
        (both("Orang aktif", "Active people"), number(people.total("people")), ""),
        (
            both("Bulan iuran kosong", "Premium months missing"),
            number(months.total("months_missing")),
            _counted(months.total("months_expected"), "dijanjikan", "promised"),
        ),
    ]
    return _templates().get_template("figures.html.j2").render(figures=told)


def heading(indonesian: str, english: str) -> str:
    """Of a section."""
    return Markup("<h2>{}</h2>").format(both(indonesian, english))


def notes(view: View) -> str:
    """What the filters mean, and a link to just this view."""
    return _templates().get_template("notes.html.j2").render(chosen=vars(view.choice))


def table(shown: Table) -> str:
    """A table of the view with its heading and sums; columns that readers have no name for are only in the download."""
    columns = [_column(shown, name) for name in shown.columns if name in COLUMNS]
    rows = [[(column, _cell(column.name, row[column.name])) for column in columns] for row in shown.records()]
    sums = [(column, _sum(shown, column.name)) for column in columns[1:]]
    return (
        _templates()
        .get_template("table.html.j2")
        .render(
            name=shown.name,
            caption=both(*CAPTIONS[shown.name]),
            columns=columns,
            rows=rows,
            total=[(columns[0], both("Jumlah", "Total")), *sums]
            if len(rows) > 1 and any(cell for _, cell in sums)
            else [],
        )
    )


def rupiah(value: Decimal) -> Markup:
    """``Rp1.657.000.000``: whole rupiah unless there are sen."""
    return Markup("Rp{}").format(number(value))


def _counted(count: int, indonesian: str, english: str) -> Markup:
    return Markup("{} {}").format(number(count), both(indonesian, english))


def _sum(shown: Table, name: str) -> object:
    return "" if name in _NOT_SUMMED.get(shown.name, ()) else number(shown.total(name))


def _column(shown: Table, name: str) -> _Column:
    values: Sequence[Any] = [row[name] for row in shown.records()]
    return _Column(name, both(*COLUMNS[name]), any(isinstance(value, int | Decimal) for value in values))


def _cell(name: str, value: Any) -> object:
    if name == "outcome":
        return both(*OUTCOMES[value])
    if name == "measure":
        return both(*SHARED_OUT[value])
    if name == "region_name" and value is None:
        return both("Rekening di luar daftar", "Accounts on no roster")
    if name in ("year", "coverage_month"):
        return value
    return number(value, _PLACES.get(name))


@cache
def _templates() -> Environment:
    return environment("pilar.desk")
