"""Counts what DuckDB does for whoever opens it: statements, rows scanned and written, Parquet files opened.

:func:`install` puts a wrapper in the place of ``duckdb.connect``. A statement counts for the dbt node that its comment
names, else for :data:`step`. DuckDB's own profile says what it did, and is complete once the result was fetched: so it
is read when the next statement begins, or the transaction ends.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import duckdb

Work = dict[str, int]
"""``statements``, ``rows_scanned``, ``rows_written``, ``files_opened``."""

done: defaultdict[str, Counter[str]] = defaultdict(Counter)
"""Work by step or dbt node."""
step = ""

_NODE = re.compile(r'"node_id": "(\w+\.[^"]+)"')
_WRITERS = ("CREATE_TABLE_AS", "INSERT", "UPDATE", "DELETE")


class Counted:
    """A connection or cursor whose statements are counted. Everything else is the connection's own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._for: str | None = None
        connection.execute("SET enable_profiling = 'no_output'")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def __enter__(self) -> Counted:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cursor(self) -> Counted:
        return Counted(self._connection.cursor())

    def execute(self, query: str, *given: Any) -> Counted:
        self._settle()
        named = _NODE.search(query)
        self._for = named[1] if named else step
        done[self._for]["statements"] += 1
        self._connection.execute(query, *given)
        return self

    def commit(self) -> None:
        self._settle()
        self._connection.commit()

    def rollback(self) -> None:
        self._settle()
        self._connection.rollback()

    def close(self) -> None:
        self._settle()
        self._connection.close()

    def _settle(self) -> None:
        if self._for is None:
            return
        work, self._for = done[self._for], None
        profile = json.loads(self._connection.get_profiling_information(format="json"))
        work["rows_scanned"] += profile.get("cumulative_rows_scanned", 0)
        _add(work, profile)


def _add(work: Counter[str], operator: dict[str, Any]) -> None:
    work["files_opened"] += int(operator.get("extra_info", {}).get("Total Files Read", 0))
    children = operator.get("children", [])
    if operator.get("operator_name", "").strip().removeprefix("BATCH_") in _WRITERS:
        work["rows_written"] += sum(child["operator_cardinality"] for child in children)
    for child in children:
        _add(work, child)


def install() -> Callable[[], None]:
    """Count from now on; returns what ends it."""
    genuine = duckdb.connect
    duckdb.connect = lambda *given, **named: Counted(genuine(*given, **named))  # type: ignore[assignment]

    def end() -> None:
        duckdb.connect = genuine

    return end
