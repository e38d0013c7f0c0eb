"""What counts as a value of a row: every column of the contract, or a change of it would not end a waiver."""

from __future__ import annotations

import re

import pytest

from pilar.config import PROJECT
from pilar.contracts import contracts

OF_THE_TABLE = {"table_title", "unit", "source_column", "table_period", "released_on", "value"}
"""Columns of a figure that say where it was published. The same figure for the same cell is one statement wherever it
stands; `value` is `value_text` as the reader understood it."""


@pytest.mark.parametrize("feed", sorted(contracts()))
def test_each_column_of_the_contract_is_part_of_the_fingerprint(feed: str) -> None:
    sql = (PROJECT / "dbt_project" / "models" / "staging" / feed / f"stg_{feed}.sql").read_text("utf-8")
    (call,) = re.findall(r"row_fingerprint\((.*?)\) \}\} as row_fingerprint", sql, re.DOTALL)
    columns = re.sub(r":\s*'[^']*'", "", call)  # what a column is read as stands behind it
    named = set(re.findall(r"'(?:source\.|read\.)?(\w+)'", columns))
    expected = {column.name for column in contracts()[feed].columns}
    assert named == expected - (OF_THE_TABLE if feed == "poverty" else set())
