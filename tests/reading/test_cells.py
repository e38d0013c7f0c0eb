"""Typed cells become one canonical text, and numbers are remembered as such."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sheetmaker import Grid, read, write_text, write_xlsx

from pilar.reading.cells import is_number, key, text_of
from pilar.reading.model import Value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  \u00a0SITI\u200b \ufeff", "SITI"),
        ("001", "001"),
        ("", None),
        (" \t\u00a0", None),
        (None, None),
        (3522010101900001.0, "3522010101900001"),
        (1e16, "10000000000000000"),
        (1e22, "10000000000000000000000"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (-2.50, "-2.5"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        ("A\0B", "A\ufffdB"),
        ("A\ud800B", "A\ufffdB"),
        (16, "16"),
        (True, "TRUE"),
        (date(2023, 11, 20), "2023-11-20"),
        (datetime(2023, 11, 20), "2023-11-20"),  # noqa: DTZ001 (spreadsheets know no zone)
        (datetime(2023, 11, 20, 9, 30), "2023-11-20 09:30:00"),  # noqa: DTZ001
        (time(9, 30), "09:30:00"),
        (timedelta(hours=30, seconds=5), "30:00:05"),
    ],
)
def test_text_of(value: Value, text: str | None) -> None:
    assert text_of(value) == text


@settings(deadline=None)
@given(st.integers(-(2**53), 2**53))
def test_whole_numbers_are_exact(number: int) -> None:
    assert text_of(float(number)) == str(number)
    assert text_of(number) == str(number)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value_and_have_no_exponent(number: float) -> None:
    text = text_of(number)
    assert text is not None
    assert float(text) == number
    assert "e" not in text.lower()


def test_what_is_a_number() -> None:
    assert is_number(1)
    assert is_number(1.0)
    assert not is_number(True)
    assert not is_number("1")
    assert not is_number(None)


def test_keys_ignore_case_blanks_and_punctuation() -> None:
    assert key(" No. KTP /\u00a0NIK") == key("no_ktp-nik") == "NOKTPNIK"


def test_only_spreadsheets_tell_numbers(tmp_path: Path) -> None:
    header: list[Value] = ["NIK", "NAMA", "PILAR", "KAB/KOTA", "TGL LAHIR"]
    rows: list[list[Value]] = [
        header,
        [3522010101900000, "SITI CONTOH", "PKH", 3523, date(1990, 1, 1)],
        ["3522010101900002", "ANDI REKAAN", "PKH", "3523", "01-01-1990"],
    ]
    _, book = read(write_xlsx(tmp_path / "a.xlsx", Grid(rows)), "rosters")
    assert [row["numeric_cells"] for row in book] == [["nik", "region"], None]
    assert [row["nik"] for row in book] == ["3522010101900000", "3522010101900002"]
    assert book[0]["birth_date"] == "1990-01-01"
    _, text = read(write_text(tmp_path / "a.csv", Grid(rows), ";"), "rosters")
    assert [row["numeric_cells"] for row in text] == [None, None]
