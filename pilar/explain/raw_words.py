"""What a steward wrote with a verdict. It is kept out of releases and read from raw/, where the home can be read.

A reason must not hold personal data (the contract says so), but people write what they write: long numbers are masked,
and so is every personal value of the row that the verdict is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import duckdb

from pilar import duck
from pilar.config import Home
from pilar.contracts import contracts
from pilar.raw import ROWS
from pilar.showing import mask

HIDDEN = "•••"
_SHORTEST = 3
"""Letters of the shortest name that is worth hiding; shorter values (a sex, an initial) would blot the whole text."""


def reason_of(
    home: Home, decision: dict[str, object], about: Iterable[dict[str, object]]
) -> dict[str, str | None] | None:
    """Reason and decider of a verdict (a row of ``quality_decisions``), or None where raw/ cannot be read.

    ``about`` are rows (feed, file_sha256, sheet, source_row) whose personal values must not be shown.
    """
    found = _row(home, "decisions", decision, ["reason", "decided_by"])
    if found is None:
        return None
    personal = [value for place in about for value in personal_values(home, place)]
    return {name: hide(value, personal) if value else None for name, value in found.items()}


def personal_values(home: Home, place: dict[str, object]) -> list[str]:
    """Values of the restricted columns of one raw row; nothing for a row that has none or cannot be read."""
    known = contracts().get(str(place["feed"]))
    columns = [column.name for column in known.columns if column.classification == "restricted"] if known else []
    found = _row(home, str(place["feed"]), place, columns) if columns else None
    return [value for value in (found or {}).values() if value]


def hide(text: str, personal: Iterable[str]) -> str:
    """``text`` without the personal values, nor any word of a name among them, nor long numbers."""
    words = {word for value in personal for word in (value, *re.split(r"[^\w]+", value)) if len(word) >= _SHORTEST}
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
    return mask(text)


def _row(home: Home, feed: str, place: dict[str, object], columns: list[str]) -> dict[str, str | None] | None:
    path = _rows_path(home, feed, str(place["file_sha256"]))
    try:
        readable = path.is_file()
    except OSError:
        return None
    if not readable:
        return None
    listed = ", ".join(columns)
    with duck.connect(home=home, bounds=duck.small()) as connection:
        try:
            row = connection.execute(
                f"SELECT {listed} FROM read_parquet(?) WHERE sheet IS NOT DISTINCT FROM ? AND source_row = ?",
                [str(path), place["sheet"], place["source_row"]],
            ).fetchone()
        except duckdb.Error:
            return None
    return dict(zip(columns, row, strict=True)) if row else None


def _rows_path(home: Home, feed: str, published_sha256: str) -> Path:
    """Where a content's rows lie; a release breaks runs of 16 digits in hashes by hyphens."""
    return home.raw / feed / published_sha256.replace("-", "") / ROWS
