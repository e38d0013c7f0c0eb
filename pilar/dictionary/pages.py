"""What a night writes for analysts and stewards beside its report: dictionary, rules, dbt docs. No personal data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import duckdb

from pilar.config import Home
from pilar.dictionary import dbt_docs, html
from pilar.dictionary.assemble import dictionary
from pilar.publish import Release, current


def write(home: Home) -> list[Path]:
    """Write ``reports/dictionary.html`` and ``rules.html`` of the current release, and dbt docs when the code is new.

    Without a release there is no dictionary, and the rules stand alone. Each page appears whole, by a rename. Opens
    the release, never the warehouse: needs no pool slot.
    """
    release = current(home)
    pages = {"rules.html": html.rules_page(*_findings(release), has_dictionary=release is not None)}
    if release is not None:
        pages["dictionary.html"] = html.dictionary_page(dictionary(release.path))
    written = [_put(home.reports / name, text) for name, text in pages.items()]
    return written + dbt_docs.write(home)


def _findings(release: Release | None) -> tuple[str | None, Mapping[str, int]]:
    """The release's id and its open findings by rule."""
    if release is None:
        return None, {}
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{str(release.path).replace(chr(39), chr(39) * 2)}' AS release (READ_ONLY)")
        counted = connection.execute(
            "SELECT rule_code, count(*) FROM release.main.quality_findings WHERE state = 'open' GROUP BY rule_code"
        ).fetchall()
    return release.release_id, dict(counted)


def _put(page: Path, text: str) -> Path:
    page.parent.mkdir(parents=True, exist_ok=True)
    draft = page.with_name(f".{page.name}.{os.getpid()}")
    draft.write_text(text, "utf-8")
    draft.replace(page)
    return page
