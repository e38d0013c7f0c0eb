"""``pilar person``: everything that is held on one person, as a document to hand over and as JSON.

Written below ``reports/restricted/`` (0700); the weekly house-keeping removes it after ``PILAR_KEEP_RESTRICTED_DAYS``.
File names tell the pseudonym, never the NIK.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pilar import duck
from pilar import publish as releases
from pilar.config import Home
from pilar.contracts import contracts
from pilar.disk import write_whole
from pilar.html import environment
from pilar.persons.rows import FEEDS, Found, find, received
from pilar.persons.substitutes import token
from pilar.privacy import load_key

FOLDER = "persons"
_PUBLISHED = ("dim_participant", "mart_disbursement_reconciliation", "fct_disbursement", "mart_premium_coverage")
"""Marts of the release that tell something of a person, under its pseudonym."""


@dataclass(frozen=True)
class Held:
    """What was written: the document, its JSON, and how much stands in it."""

    document: Path
    data: Path
    rows: int
    files: int
    released: int


def write(home: Home, nik: str) -> Held:
    """Write what ``raw/`` and the release hold on the person with this NIK (16 digits). Hold the night's lock.

    A person of whom nothing is held gets a document that says so.
    """
    found = find(home, nik)
    about = received(home)
    told = {feed: _rows(found, feed, about) for feed in reversed(FEEDS)}
    published = _published(home, _pseudonyms(home, nik))
    place = home.restricted / FOLDER
    for folder in (home.restricted, place):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = token(load_key(home), "document", nik)[:12]
    document, data = place / f"{name}.html", place / f"{name}.json"
    facts: dict[str, Any] = {
        "nik": nik,
        "written_at": datetime.now(UTC),
        "raw": told,
        "release": published,
        "shared": len(found.shared),
    }
    write_whole(data, json.dumps(facts, ensure_ascii=False, indent=1, default=_plain) + "\n")
    heads = {
        feed: {column.name: (column.headers or [column.name])[0] for column in contracts()[feed].columns}
        for feed in FEEDS
    }
    page = environment("pilar.persons").get_template("person.html.j2").render(facts | {"heads": heads})
    write_whole(document, page)
    return Held(
        document,
        data,
        len(found.rows),
        len({(row.feed, row.sha256) for row in found.rows}),
        sum(len(rows) for rows in published.values()),
    )


def _rows(
    found: Found, feed: str, about: dict[tuple[str, str], tuple[str, str | None, datetime]]
) -> list[dict[str, Any]]:
    rows = []
    for row in found.rows:
        if row.feed == feed:
            name, submitter, at = about[feed, row.sha256]
            cells = {column: value for column, value in row.cells.items() if value is not None}
            origin = asdict(row) | {"file_name": name, "submitter": submitter, "received_at": at}
            rows.append(origin | {"cells": cells})
    return rows


def _pseudonyms(home: Home, nik: str) -> list[str]:
    """The participant ids under which releases speak of the person; none while there is no warehouse."""
    if not home.warehouse.is_file():
        return []
    with duck.connect(home.warehouse, read_only=True, home=home) as warehouse:
        try:
            found = warehouse.execute(
                "SELECT DISTINCT participant_id FROM intermediate.int_people WHERE node_key IN "
                "(SELECT node_key FROM intermediate.int_person_nodes WHERE nik = ?) ORDER BY 1",
                [nik],
            ).fetchall()
        except duckdb.CatalogException:
            return []  # never built
    return [str(row[0]) for row in found]


def _published(home: Home, participants: list[str]) -> dict[str, list[dict[str, Any]]]:
    now = releases.current(home)
    if now is None or not participants:
        return {}
    told: dict[str, list[dict[str, Any]]] = {}
    with duck.connect(now.path, read_only=True, home=home) as release:
        for table in _PUBLISHED:
            asked = release.execute(
                f"SELECT * FROM {table} WHERE participant_id IN (SELECT unnest(?)) ORDER BY ALL", [participants]
            )
            names = [str(column[0]) for column in asked.description or []]
            told[table] = [dict(zip(names, row, strict=True)) for row in asked.fetchall()]
    return told


def _plain(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)
