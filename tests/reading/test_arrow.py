"""Arrow arrays built by hand equal those that Arrow builds."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from pilar.reading import arrow

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=5)


@settings(deadline=None)
@given(st.lists(st.none() | TEXT, max_size=20))
def test_texts(values: list[str | None]) -> None:
    assert arrow.texts(values).equals(pa.array(values, pa.string()))


@settings(deadline=None)
@given(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=20))
def test_numbers(values: list[int]) -> None:
    assert arrow.numbers(values).equals(pa.array(values, pa.int32()))


@settings(deadline=None)
@given(st.lists(st.none() | st.lists(TEXT, max_size=3), max_size=20))
def test_name_lists(values: list[list[str] | None]) -> None:
    built = arrow.name_lists(values)
    built.validate(full=True)
    assert built.equals(pa.array(values, arrow.NAMES))


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=("Cs",)), max_size=5), min_size=1))
def test_lines(values: list[str]) -> None:
    assert arrow.lines("\n".join(values).encode()).to_pylist() == values
