"""Whether a home says what an undisturbed one says, and whether anything is left of what was struck."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import duckdb

from pilar import publish
from pilar.config import Home

Tables = dict[str, Counter[tuple[Any, ...]]]

OF_THE_CLOCK = {
    "file_ledger": ("received_at",),
    "quality_findings": ("first_seen", "last_seen"),
    "mart_quality_scorecard": ("night",),
}
"""Columns that say when Pilar looked, which no two runs share; everything else must be equal. ``release_info`` is left
out for the same reason: it says which night made the file, and when."""

_STATE = re.compile(r"\d{8}T\d{6}Z")
_MAY_DIFFER = (
    re.compile(r"^nights/"),  # struck nights keep their account: nights/NIGHT/
    re.compile(r"^published/releases/NIGHT/"),
    re.compile(r"^reports/data_docs(/|$)"),  # named by the night's run; a light night has none
    re.compile(r"^dbt/(logs|target)/"),
    re.compile(r"^(airflow|messages)(/|$)"),  # of nights through Airflow
    re.compile(r"^warehouse\.damaged$"),  # has the next load begin anew; a night without news loads nothing
)


def tables(home: Home) -> Tables:
    """Rows of each table of the current release, as multisets, without what the clock says."""
    release = publish.current(home)
    assert release is not None, "there is no release"
    with duckdb.connect(str(release.path), read_only=True) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' ORDER BY 1"
            ).fetchall()
            if name != "release_info"
        ]
        return {name: Counter(map(_hashable, _rows(connection, name))) for name in names}


def differences(told: Tables, expected: Tables) -> list[str]:
    """Tables that differ, with how many rows are missing and too many."""
    found = [f"{name}: only on one side" for name in told.keys() ^ expected.keys()]
    for name in told.keys() & expected.keys():
        missing, extra = expected[name] - told[name], told[name] - expected[name]
        if missing or extra:
            found.append(f"{name}: {missing.total()} rows missing, {extra.total()} too many")
    return sorted(found)


def imbalance(home: Home) -> list[str]:
    """Files whose rows read are not all accounted for, and files that the ledger holds twice or not at all."""
    with duckdb.connect(str(home.current_marts), read_only=True) as connection:
        rows = connection.execute(
            "SELECT feed, file_name, rows_read - rows_accepted - rows_quarantined - rows_superseded AS gap "
            "FROM file_ledger WHERE state NOT IN ('rejected', 'duplicate') AND gap <> 0"
        ).fetchall()
        known = Counter(connection.execute("SELECT feed, file_name FROM file_ledger").fetchall())
    landed = {
        (path.relative_to(home.landing).parts[0], "/".join(path.relative_to(home.landing).parts[1:]))
        for path in home.landing.rglob("*")
        if path.is_file()
    }
    found = [f"{feed}/{name}: {gap} rows unaccounted for" for feed, name, gap in rows]
    found += [f"{feed}/{name}: {count} times in the ledger" for (feed, name), count in known.items() if count > 1]
    return found + [f"{feed}/{name}: not in the ledger" for feed, name in sorted(landed - set(known))]


def leftovers(home: Home, undisturbed: Home) -> list[str]:
    """Files and folders that an undisturbed home would not have, and those it would have and this one lacks."""
    here, there = _tree(home), _tree(undisturbed)
    found = [f"left over: {path}" for path in sorted(here - there)] + [
        f"missing: {path}" for path in sorted(there - here)
    ]
    found += [
        f"draft: {path.relative_to(home.root)}"
        for folder in (home.nights, home.published, home.reports)
        for path in folder.rglob("*")
        if path.name.endswith((".part", ".wal", ".tmp"))
        or path.name.startswith((".building-", ".removing-", ".marts."))
    ]
    return found


def _rows(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[Any, ...]]:
    clock = OF_THE_CLOCK.get(name)
    columns = f"* EXCLUDE ({', '.join(clock)})" if clock else "*"
    return connection.execute(f'SELECT {columns} FROM main."{name}"').fetchall()


def _hashable(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(repr(value) if isinstance(value, (list, dict)) else value for value in row)


def _tree(home: Home) -> set[str]:
    names = {_STATE.sub("NIGHT", path.relative_to(home.root).as_posix()) for path in home.root.rglob("*")}
    return {name for name in names if not any(pattern.search(name) for pattern in _MAY_DIFFER)}
