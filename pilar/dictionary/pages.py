"""What a night writes for analysts and stewards beside its report: dictionary, rules, dbt docs. No personal data."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from pilar import duck
from pilar.config import Home
from pilar.dictionary import dbt_docs, html
from pilar.dictionary.assemble import dictionary
from pilar.publish import Release, current


def write_rules(home: Home) -> Path:
    """Write ``reports/rules.html``: the catalogue, with the open findings of the release if there is one."""
    release = current(home)
    return _put(home.reports / "rules.html", html.rules_page(*_findings(release), has_dictionary=release is not None))


def write_dictionary(home: Home) -> Path | None:
    """Write ``reports/dictionary.html`` of the current release; without one there is nothing to describe."""
    release = current(home)
    return _put(home.reports / "dictionary.html", html.dictionary_page(dictionary(release.path))) if release else None


WRITERS: dict[str, Callable[[Home], object]] = {
    "rules": write_rules,
    "dictionary": write_dictionary,
    "dbt docs": dbt_docs.write,
}
"""Each page by a name for the log. They appear whole, by a rename, and open the release, never the warehouse: no pool
slot is needed."""


def _findings(release: Release | None) -> tuple[str | None, Mapping[str, int]]:
    """The release's id and its open findings by rule."""
    if release is None:
        return None, {}
    with duck.attached({"release": release.path}) as connection:
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
