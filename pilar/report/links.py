"""What lies beside the page: only what is on disk is linked, by addresses that hold from a file and under Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pilar.showing import mask

_WORKBOOKS = Path("restricted") / "workbooks"


@dataclass(frozen=True)
class Links:
    """Addresses relative to the page; None or empty for what is not there."""

    workbooks: str | None = None
    data_docs: str | None = None
    dbt_docs: str | None = None
    dictionary: str | None = None
    rules: str | None = None
    by_submitter: Mapping[str, Mapping[str, str]] | None = None
    """Submitter → name of an annotated workbook → its address."""


def links(reports: Path) -> Links:
    """Look into ``reports/`` for the pages and workbooks that other steps have written."""

    def page(place: Path) -> str | None:
        return quote(place.as_posix()) if (reports / place).is_file() else None

    return Links(
        workbooks=page(_WORKBOOKS / "index.html"),
        data_docs=page(Path("data_docs") / "index.html"),
        dbt_docs=page(Path("dbt_docs") / "index.html"),
        dictionary=page(Path("dictionary.html")),
        rules=page(Path("rules.html")),
        by_submitter=_workbooks(reports),
    )


def _workbooks(reports: Path) -> dict[str, dict[str, str]]:
    """Workbooks by submitter. One whose name holds a long number is left out: it might be somebody's."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted((reports / _WORKBOOKS).glob("*/*.xlsx")):
        if mask(path.name) == path.name and mask(path.parent.name) == path.parent.name:
            place = path.relative_to(reports).as_posix()
            found.setdefault(path.parent.name, {})[path.name] = quote(place)
    return found
