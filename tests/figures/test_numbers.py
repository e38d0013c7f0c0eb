"""Figures keep every digit, whichever way they are written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilar.figures.numbers import Mark, decimal_mark, decimal_text, is_missing, is_number, printed, scaled
from pilar.reading.model import Value

amounts = st.decimals(min_value=0, max_value=Decimal("9999999.99"), places=2)


@given(amounts)
def test_indonesian_and_english_writing_round_trip(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    indonesian = english.translate(str.maketrans(",.", ".,"))
    assert decimal_text(english) == decimal_text(indonesian) == f"{amount:.2f}"


@given(amounts)
def test_a_spreadsheet_number_round_trips(amount: Decimal) -> None:
    text = decimal_text(float(amount))
    assert text is not None
    assert Decimal(text) == amount


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from([".", ","]))
def test_grouped_integers_round_trip_under_the_mark_of_their_table(number: int, mark: Mark) -> None:
    separator = "," if mark == "." else "."
    assert decimal_text(f"{number:,}".replace(",", separator), mark) == str(number)


@given(amounts)
def test_units_convert_without_loss(amount: Decimal) -> None:
    assert Decimal(scaled(scaled(str(amount), Decimal(1000)), Decimal("0.001"))) == amount


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4572.73, "4572.73"),
        (530654.8200000001, "530654.82"),
        (607778.1699999999, "607778.17"),
        (2020.0, "2020"),
        (0, "0"),
        ("4.188,81", "4188.81"),
        ("4,188.81", "4188.81"),
        ("1.234.567", "1234567"),
        ("Rp 507.286,00", "507286.00"),
        ("Rp. 1.507.286", "1507286"),
        ("12 345,6", "12345.6"),
        ("13,80", "13.80"),
        ("7.56", "7.56"),
        ("0,123", "0.123"),
        ("9,5 %", "9.5"),
        ("9.36*", "9.36"),
        ("9.36 2)", "9.36"),
        ("-3,5", "-3.5"),
        ("'4.188,81", "4188.81"),
        ("4 188,81", "4188.81"),
        ("4\u00a0188,81", "4188.81"),
        ("4'188.81", "4188.81"),
        ("9.36 r)", "9.36"),
        ("9.36a", "9.36"),
        ("9.36 **) e", "9.36"),
        ("12k", None),
        (".5", "0.5"),
        # nothing shows the mark
        ("1.234", None),
        ("1,234", None),
        # no figures
        ("1.23.456", None),
        ("1.234,567,8", None),
        ("12/2023", None),
        ("Kediri", None),
        ("", None),
        (True, None),
    ],
)
def test_a_cell_gives_its_exact_figure_or_none(value: Value, text: str | None) -> None:
    assert decimal_text(value) == text


def test_three_digits_follow_the_table_then_the_indicator() -> None:
    assert decimal_text("1.234", ",") == "1234"
    assert decimal_text("1.234", ".") == "1.234"
    assert decimal_text("507.286", None, "group") == "507286"
    assert decimal_text("1.234", None, "decimal") == "1.234"
    assert decimal_text("507.286", ".", "group") is None, "the table says decimals, a line has none: neither is read"
    assert decimal_text("1.234", ",", "decimal") is None
    assert decimal_text("507.286", ",", "group") == "507286"


def test_a_stray_writing_does_not_turn_the_table() -> None:
    column: list[Value] = [*(f"{whole},98" for whole in range(10)), "7.56", "4673", None, "x", "1.2.3"]
    assert decimal_mark(column) == ","
    assert decimal_text("7.56", decimal_mark(column)) == "7.56"
    assert decimal_mark(["18,98", "20,36", "7.56"]) is None, "two habits in one table: `1.234` could be either"
    assert decimal_mark(["1.234", "5.678"]) is None
    assert decimal_mark(["1.5", "1,5"]) is None


@pytest.mark.parametrize("mark", ["", " ", "-", "–", "—", "...", "…", "NA", "n.a.", "N/A", "null", None])
def test_marks_for_no_figure(mark: Value) -> None:
    assert is_missing(mark)
    assert not is_number(mark)


def test_zero_is_a_figure() -> None:
    assert not is_missing("0")
    assert not is_missing(0.0)
    assert printed(0.0) == "0"
