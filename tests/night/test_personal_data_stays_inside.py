"""No personal value of a night's files stands in anything that leaves the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Night
from tests.personal.searching import found_in

INSIDE = {"landing", "raw", "warehouse.duckdb", "pii.key"}
"""Where personal data may lie: the files themselves and the build, below a folder of mode 0700."""


def personal_values(warehouse: Path) -> set[str]:
    """Numbers of the people in staging, and their names of two words and more."""
    numbers = {
        "stg_rosters": ("nik", "account_no", "phone", "bpjs_no"),
        "stg_disbursements": ("account_no",),
        "stg_premiums": ("nik", "bpjs_no"),
    }
    names = {"stg_rosters": ("name", "account_name"), "stg_disbursements": ("account_name",), "stg_premiums": ("name",)}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        values = {
            value
            for table, columns in numbers.items()
            for column in columns
            for (value,) in connection.execute(f"SELECT DISTINCT {column} FROM staging.{table}").fetchall()
            if value
        }
        values |= {
            value
            for table, columns in names.items()
            for column in columns
            for (value,) in connection.execute(f"SELECT DISTINCT {column} FROM staging.{table}").fetchall()
            if value and " " in value
        }
    return values


def outside(home: Path) -> Iterator[Path]:
    for path in home.rglob("*"):
        if path.relative_to(home).parts[0] not in INSIDE and path.is_file() and not path.is_symlink():
            yield path


@pytest.fixture(scope="module")
def values(sample_night: Night) -> set[bytes]:
    found = personal_values(sample_night.home.warehouse)
    assert len(found) > 6000
    return {value.encode() for value in found}


def test_it_stands_in_no_file_outside(sample_night: Night, values: set[bytes]) -> None:
    searched = 0
    for path in outside(sample_night.home.root):
        content = path.read_bytes()
        searched += 1
        leaked = len(found_in(content, values))
        assert leaked == 0, f"{path.relative_to(sample_night.home.root)} holds {leaked} personal values"
    assert searched > 50


def test_the_search_would_find_it(sample_night: Night, values: set[bytes]) -> None:
    """The same search finds the values where they belong, so that it can fail."""
    raw = b"".join(path.read_bytes() for path in sample_night.home.raw.rglob("original.json"))
    assert len(found_in(raw, values)) == sum(value in raw for value in values) > 0


def test_the_key_is_nowhere_but_in_its_file(sample_night: Night) -> None:
    home = sample_night.home
    key = home.key_file.read_text("utf-8").strip().encode()
    assert len(key) >= 32
    for path in home.root.rglob("*"):
        if path.is_file() and path != home.key_file:
            assert key not in path.read_bytes(), path.relative_to(home.root)


def test_only_the_owner_may_look(sample_night: Night) -> None:
    home = sample_night.home
    assert home.root.stat().st_mode & 0o777 == 0o700
    assert home.restricted.stat().st_mode & 0o777 == 0o700
    assert home.key_file.stat().st_mode & 0o777 == 0o600
    assert home.current_marts.resolve().stat().st_mode & 0o777 == 0o444
