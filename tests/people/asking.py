"""The documented queries, asked other things than they ask as they stand."""

from __future__ import annotations

import re

from tests.conftest import CHECKOUT

QUERIES = CHECKOUT / "docs" / "queries"


def documented(name: str, **asked: str) -> str:
    """SQL of ``docs/queries/<name>.sql`` with other values (SQL too) in its CTE ``asked``; no semicolon at its end."""
    text = (QUERIES / f"{name}.sql").read_text("utf-8")
    for column, value in asked.items():
        text, changed = re.subn(
            rf"^ +\S.* as {column}(,?)$", rf"{value} as {column}\1", text, count=1, flags=re.MULTILINE
        )
        if not changed:
            raise KeyError(f"{name}.sql does not ask for {column}")
    return text.rstrip().removesuffix(";")
