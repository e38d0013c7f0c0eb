"""What lies beside the page: only what is on disk is linked, by addresses that hold from a file and under Airflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from pilar.showing import mask
from pilar.workbooks import LIST

_WORKBOOKS = Path("restricted") / "workbooks"


@dataclass(frozen=True)
class Links:
    """Addresses relative to the page; None or empty for what is not there."""

    workbooks: str | None = None
    data_docs: str | None = None
    dbt_docs: str | None = None
    dictionary: str | None = None
    rules: str | None = None
    by_file: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Feed and file name → its annotated workbook."""


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
        by_file=_workbooks(reports),
    )


def _workbooks(reports: Path) -> dict[tuple[str, str], str]:
    """From the list that the workbooks' step keeps. A name with a long number is left out: it might be somebody's."""
    try:
        entries = json.loads((reports / _WORKBOOKS / LIST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {
        (entry["feed"], entry["file_name"]): quote((_WORKBOOKS / entry["path"]).as_posix())
        for entry in entries
        if entry["path"] and mask(entry["path"]) == entry["path"] and (reports / _WORKBOOKS / entry["path"]).is_file()
    }
