"""A session over the published release: read-only, and without reach to other files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import get_terminal_size

import duckdb

from pilar import duck
from pilar.config import Home
from pilar.showing import Table, plain, show

_NAME_OR_CALL = re.compile(r"\s*(?:marts\.)?([A-Za-z_]\w*(?:\(.*\))?)\s*;?\s*", re.DOTALL)
"""A table, a view, or a macro called with its arguments; ``marts.`` before it is how the documentation names them."""


class NothingPublished(LookupError):
    """There is no release to ask yet."""


@contextmanager
def session(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The current release, opened by itself. Raises :class:`NothingPublished`."""
    if not home.current_marts.exists():
        raise NothingPublished(f"nothing is published under {home.root}; run a night first")
    with duck.connect(home.current_marts, read_only=True, home=home) as release:
        release.execute("SET enable_external_access = false")
        yield release


def query_of(asked: str) -> str:
    """SQL of what was asked: a query as it stands; a table, view or macro call becomes one."""
    named = _NAME_OR_CALL.fullmatch(asked)
    return f"FROM {named[1]}" if named else asked


def show_fitting(answer: duckdb.DuckDBPyRelation, rows: int = 200) -> None:
    """Print the first rows on a terminal: as a plain table when it fits, else as DuckDB's, which leaves out columns."""
    found = answer.limit(rows).fetchall()
    more = 0 if len(found) < rows else int(answer.count("*").fetchall()[0][0]) - rows
    table = Table(answer.columns, found, beside=more)
    width = get_terminal_size().columns
    if max(map(len, plain([table]).splitlines())) <= width:
        show([table])
    else:
        answer.show(max_width=width, max_rows=rows)
