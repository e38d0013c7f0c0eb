"""The dbt source file, made from the contracts: one home for each feed's columns.

``python -m pilar.contracts.dbt_sources`` writes ``dbt_project/models/staging/_feeds.yml``; a test asserts that the
checked-in file is what the contracts say.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pilar.config import PROJECT
from pilar.contracts import Contract, contracts

TARGET = PROJECT / "dbt_project" / "models" / "staging" / "_feeds.yml"

_MARK = "# Generated from pilar/contracts/*.yaml by `python -m pilar.contracts.dbt_sources`. Edit the contracts.\n"

_PROVENANCE = {
    "sheet": "Sheet, or archive member, the row stood in.",
    "source_row": "Physical row in the sheet or text file, from 1.",
    "numeric_cells": "Columns whose cell arrived as a number instead of text.",
    "file_sha256": "Digest of the landed file; names its folder in raw/.",
}

_LEDGERS: dict[str, tuple[str, dict[str, str]]] = {
    "deliveries": (
        "One row a file content ever landed, from its receipt.",
        {
            "feed": "Feed.",
            "file_sha256": "Digest of the bytes.",
            "file_name": "Path below landing/<feed>/ under which the bytes first came.",
            "submitter": "First folder below the feed, if there is one.",
            "delivered_at": "Modification time of the file, UTC: orders deliveries.",
            "received_at": "When Pilar took it, UTC.",
            "state": "read or rejected.",
            "rule_code": "Why it was rejected.",
            "reason_id": "What is special to this file, Bahasa Indonesia.",
            "reason_en": "The same in English.",
            "rows_read": "Data rows read.",
            "size_bytes": "Size of the file.",
        },
    ),
    "arrivals": (
        "One row a name under which bytes landed; a second name is a duplicate.",
        {
            "feed": "Feed.",
            "file_sha256": "Digest of the bytes.",
            "file_name": "Path below landing/<feed>/.",
            "submitter": "First folder below the feed, if there is one.",
            "delivered_at": "Modification time, UTC.",
            "received_at": "When Pilar took it, UTC.",
        },
    ),
    "controls": (
        "Control lines that a file states below its rows.",
        {
            "file_sha256": "Digest of the bytes.",
            "sheet": "Sheet.",
            "source_row": "Row of the control line.",
            "name": "Which control.",
            "value": "Its value as printed.",
        },
    ),
    "damage": (
        "Contents of raw/ whose bytes are no longer those that landed (pilar.verify).",
        {
            "feed": "Feed.",
            "file_sha256": "Digest that the bytes had.",
            "is_lost": "Whether their rows are gone too, and staging does not hold them.",
        },
    ),
    "news": (
        "Bank files that the tables of money do not know yet, on a night that brings nothing else to them.",
        {"file_sha256": "Digest of the bytes."},
    ),
    "tonight": (
        "What kind of night it is: one row.",
        {"is_narrow": "Whether the tables of money stand as the last night left them, and `news` is all that is new."},
    ),
    "region_aliases": (
        "Every accepted spelling of a region, from pilar.regions.",
        {
            "alias_key": "Spelling: upper-case letters and digits.",
            "region_code": "BPS code; empty when ambiguous.",
            "ambiguous": "Whether the spelling may mean two regions.",
        },
    ),
}


def render() -> str:
    """The text of the source file."""
    tables = [_feed(contract) for contract in contracts().values()]
    tables += [
        {"name": name, "description": text, "columns": [{"name": c, "description": d} for c, d in columns.items()]}
        for name, (text, columns) in _LEDGERS.items()
    ]
    source = {
        "name": "raw",
        "schema": "raw",
        "description": "What landed, as text, with its provenance; views over raw/ and ledgers from its receipts.",
        "tables": tables,
    }
    body = yaml.safe_dump({"version": 2, "sources": [source]}, sort_keys=False, allow_unicode=True, width=120)
    return _MARK + body


def write(target: Path = TARGET) -> None:
    target.write_text(render(), "utf-8")


def _feed(contract: Contract) -> dict[str, Any]:
    columns: list[dict[str, Any]] = [
        {
            "name": column.name,
            "description": column.description,
            "config": {"meta": {"classification": column.classification}},
        }
        for column in contract.columns
    ]
    columns += [{"name": name, "description": text} for name, text in _PROVENANCE.items()]
    return {
        "name": contract.feed,
        "description": f"{contract.name}: {contract.table.description}. {contract.description.usage}",
        "columns": columns,
    }


if __name__ == "__main__":
    write()
