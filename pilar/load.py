"""Load: receipts and Parquet become the warehouse's ``raw`` schema.

Nothing is written twice: ``raw.<feed>`` is a view over the Parquet files of the deliveries that staging has
not taken yet. The ledgers ``raw.deliveries``, ``raw.arrivals`` and ``raw.controls`` are made anew from the
receipts each time, so the warehouse holds no state that ``raw/`` does not.

A night that brings nothing but transfers is *narrow*: ``raw.news`` names its bank files, and dbt renews the tables of
money where these changed something. On any other night those tables are dropped, and dbt builds them whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pilar import raw, regions, verify
from pilar.config import DISPLAY_ZONE, PROJECT, Home
from pilar.contracts import Contract, contracts
from pilar.duck import connect

PROVENANCE = {"sheet": "VARCHAR", "source_row": "INTEGER", "numeric_cells": "VARCHAR[]", "file_sha256": "VARCHAR"}
"""Columns that every feed has beside its contract's: where the row stood, and how its cells arrived."""

MONEY_TABLES = (
    ("intermediate", "int_promise_terms"),
    ("intermediate", "int_posts"),
    ("intermediate", "int_entitlement_choices"),
    ("intermediate", "int_sheet_controls"),
    ("intermediate", "int_disbursement_exceptions"),
    ("intermediate", "int_payees_before"),
    ("intermediate", "int_transfer_kin"),
    ("intermediate", "int_transfer_payees"),
    ("intermediate", "int_transfer_attempts"),
    ("marts", "mart_disbursement_reconciliation"),
)
"""Schema and name of the tables that a narrow night keeps or renews: dbt's incremental models outside staging."""
UPSTREAM_OF_MONEY = frozenset({"disbursements", "events", "rosters", "decisions"})
"""Feeds that those tables are made of. News of a feed that is not among them leaves a night narrow."""

_ARRIVALS = pa.schema(
    [
        ("feed", pa.string()),
        ("file_sha256", pa.string()),
        ("file_name", pa.string()),
        ("submitter", pa.string()),
        ("delivered_at", pa.timestamp("us")),
        ("received_at", pa.timestamp("us")),
    ]
)
_DELIVERIES = pa.schema(
    [
        *_ARRIVALS,
        ("state", pa.string()),
        ("rule_code", pa.string()),
        ("reason_id", pa.string()),
        ("reason_en", pa.string()),
        ("rows_read", pa.int64()),
        ("size_bytes", pa.int64()),
    ]
)
_CONTROLS = pa.schema(
    [
        ("file_sha256", pa.string()),
        ("sheet", pa.string()),
        ("source_row", pa.int32()),
        ("name", pa.string()),
        ("value", pa.string()),
    ]
)
_DAMAGE = pa.schema([("feed", pa.string()), ("file_sha256", pa.string()), ("is_lost", pa.bool_())])
_NEWS = pa.schema([("file_sha256", pa.string())])
_TONIGHT = pa.schema([("is_narrow", pa.bool_())])
_ALIASES = pa.schema([("alias_key", pa.string()), ("region_code", pa.string()), ("ambiguous", pa.bool_())])


@dataclass(frozen=True)
class Loaded:
    """What a load registered: deliveries in all, and per feed the files that staging must take now.

    ``narrow``: the tables of money stand as the last good build left them, and only bank files are new to them. Then
    ``news`` names the feeds with new files, and whatever is made of other feeds stands too; else it is None.
    """

    deliveries: int
    pending: dict[str, int]
    full_refresh: bool
    narrow: bool
    news: list[str] | None = None


def code_version() -> str:
    """A digest of everything that turns raw rows into marts; another digest means: build all anew."""
    digest = hashlib.sha256()
    parts = [
        PROJECT / "pilar" / "load.py",
        PROJECT / "pilar" / "regions.py",
        PROJECT / "dbt_project" / "dbt_project.yml",
        *sorted((PROJECT / "pilar" / "contracts").glob("*.yaml")),
    ]
    for folder in ("models", "macros", "seeds"):
        parts += sorted(path for path in (PROJECT / "dbt_project" / folder).rglob("*") if path.is_file())
    for path in parts:
        digest.update(str(path.relative_to(PROJECT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def load(home: Home, *, reread: Collection[str] = (), today: date | None = None) -> Loaded:
    """Register every receipt and point the feed views at what staging lacks.

    ``reread`` names contents whose rows were derived anew: staging holds their old rows, so all is built anew.
    ``today`` (default: now, in Asia/Jakarta) is the day on which the build will ask which verdicts hold.
    """
    with connect(home.warehouse, home=home) as warehouse:
        warehouse.execute("CREATE SCHEMA IF NOT EXISTS raw")
        receipts, arrivals = raw.receipts(home), raw.arrivals(home)
        first = _first_arrivals(arrivals)
        deliveries = [_delivery(receipt, first[receipt.feed, receipt.sha256]) for receipt in receipts]
        _replace(warehouse, "raw.deliveries", pa.Table.from_pylist(deliveries, _DELIVERIES))
        _replace(
            warehouse, "raw.arrivals", pa.Table.from_pylist([_arrival(arrival) for arrival in arrivals], _ARRIVALS)
        )
        _replace(warehouse, "raw.controls", pa.Table.from_pylist(_controls(receipts), _CONTROLS))
        aliases = [asdict(alias) for alias in regions.aliases()]
        _replace(warehouse, "raw.region_aliases", pa.Table.from_pylist(aliases, _ALIASES))
        full_refresh = bool(reread) or _built_with(warehouse) != code_version()
        if full_refresh:
            # Until a build ends well the warehouse counts as built by nobody, whatever happens in between.
            warehouse.execute("DROP TABLE IF EXISTS raw.build")
        arrived = None if full_refresh else _new_alone(warehouse, today or datetime.now(DISPLAY_ZONE).date())
        news = [{"file_sha256": sha256} for feed, sha256 in arrived or () if feed == "disbursements"]
        _replace(warehouse, "raw.news", pa.Table.from_pylist(news, _NEWS))
        tonight = [{"is_narrow": arrived is not None}]
        _replace(warehouse, "raw.tonight", pa.Table.from_pylist(tonight, _TONIGHT))
        if arrived is None:
            for schema, table in MONEY_TABLES:
                warehouse.execute(f"DROP TABLE IF EXISTS {schema}.{table}")
        # Whatever happens until a build ends well, the night after cannot know what these tables hold.
        warehouse.execute("DROP TABLE IF EXISTS raw.basis")
        damage = verify.damaged(home)
        rowless = {(one.feed, one.sha256) for one in damage if one.rows_lost}
        lost: set[tuple[str, str]] = set()
        pending: dict[str, int] = {}
        for contract in contracts().values():
            read = [r for r in receipts if r.feed == contract.feed and r.state == "read"]
            known = set() if full_refresh else _staged(warehouse, contract.feed)
            new = [r for r in read if r.sha256 not in known]
            lost |= {(r.feed, r.sha256) for r in new} & rowless
            files = [raw.rows_path(home, r) for r in new if (r.feed, r.sha256) not in rowless]
            warehouse.execute(feed_view(contract, files))
            pending[contract.feed] = len(files)
        told = [
            {"feed": one.feed, "file_sha256": one.sha256, "is_lost": (one.feed, one.sha256) in lost} for one in damage
        ]
        _replace(warehouse, "raw.damage", pa.Table.from_pylist(told, _DAMAGE))
        warehouse.execute("CHECKPOINT")
    reached = None if arrived is None else sorted({feed for feed, _ in arrived})
    return Loaded(len(receipts), pending, full_refresh, narrow=arrived is not None, news=reached)


def feed_view(contract: Contract, files: list[Path]) -> str:
    """SQL of ``raw.<feed>``; without files it is an empty relation of the same columns."""
    columns = {column.name: column.physicalType for column in contract.columns} | PROVENANCE
    if files:
        listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in files)
        picked = ", ".join(f'"{name}"' for name in columns)
        body = f"SELECT {picked} FROM read_parquet([{listed}], union_by_name = true)"
    else:
        typed = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns.items())
        body = f"SELECT {typed} WHERE false"
    return f"CREATE OR REPLACE VIEW {contract.table.physicalName} AS {body}"


def mark_built(home: Home) -> None:
    """Remember which code built the warehouse, of which deliveries; called after a build that ended well.

    One whose rows are lost is not among them: once they are back, it is new.
    """
    with connect(home.warehouse, home=home) as warehouse:
        warehouse.execute("CREATE OR REPLACE TABLE raw.build AS SELECT ? AS code_version", [code_version()])
        warehouse.execute(
            "CREATE OR REPLACE TABLE raw.basis AS FROM raw.deliveries"
            " ANTI JOIN (FROM raw.damage WHERE is_lost) USING (feed, file_sha256)"
        )
        warehouse.execute("CHECKPOINT")


def _new_alone(warehouse: duckdb.DuckDBPyConnection, today: date) -> list[tuple[str, str]] | None:
    """Feed and digest of the files that the tables do not know yet; ``None`` when more than bank files may have changed
    those of money.

    Then a table is missing, the last build did not end well, a file came for another feed that they are made of, an
    old file turned out to have been delivered earlier or under another name, or a verdict holds no more (or again).
    """
    if not _exists(warehouse, "raw", "basis"):
        return None
    if not all(_exists(warehouse, schema, table) for schema, table in MONEY_TABLES):
        return None
    if warehouse.execute("FROM raw.basis EXCEPT FROM raw.deliveries LIMIT 1").fetchone():
        return None
    turned = warehouse.execute(
        "SELECT 1 FROM intermediate.int_verdicts"
        " WHERE coalesce(verdict = 'waive' AND expires_on < ?, false) <> is_expired LIMIT 1",
        [today],
    ).fetchone()
    if turned:
        return None
    arrived = warehouse.execute(
        "SELECT feed, file_sha256 FROM raw.deliveries WHERE state = 'read'"
        " EXCEPT SELECT feed, file_sha256 FROM raw.basis ORDER BY ALL"
    ).fetchall()
    if any(feed in UPSTREAM_OF_MONEY - {"disbursements"} for feed, _ in arrived):
        return None
    return arrived


def _built_with(warehouse: duckdb.DuckDBPyConnection) -> str | None:
    if not _exists(warehouse, "raw", "build"):
        return None
    row = warehouse.execute("SELECT code_version FROM raw.build").fetchone()
    return row[0] if row else None


def _staged(warehouse: duckdb.DuckDBPyConnection, feed: str) -> set[str]:
    if not _exists(warehouse, "staging", f"stg_{feed}"):
        return set()
    return {row[0] for row in warehouse.execute(f"SELECT DISTINCT file_sha256 FROM staging.stg_{feed}").fetchall()}


def _exists(warehouse: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = warehouse.execute(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", [schema, table]
    ).fetchone()
    return bool(found and found[0])


def _replace(warehouse: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    warehouse.register("incoming", rows)
    warehouse.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming")
    warehouse.unregister("incoming")


def _arrival(arrival: raw.Arrival) -> dict[str, Any]:
    return {
        "feed": arrival.feed,
        "file_sha256": arrival.sha256,
        "file_name": arrival.file_name,
        "submitter": arrival.submitter,
        "delivered_at": arrival.delivered_at.replace(tzinfo=None),
        "received_at": arrival.received_at.replace(tzinfo=None),
    }


def _delivery(receipt: raw.Receipt, first: raw.Arrival) -> dict[str, Any]:
    return _arrival(first) | {
        "received_at": receipt.received_at.replace(tzinfo=None),
        "state": receipt.state,
        "rule_code": receipt.rule_code,
        "reason_id": receipt.reason_id,
        "reason_en": receipt.reason_en,
        "rows_read": receipt.rows_read,
        "size_bytes": receipt.size,
    }


def _first_arrivals(arrivals: list[raw.Arrival]) -> dict[tuple[str, str], raw.Arrival]:
    """By (feed, sha256) the arrival that came first by its own time, whichever process took it first."""
    ordered = sorted(arrivals, key=lambda arrival: (arrival.delivered_at, arrival.file_name), reverse=True)
    return {(arrival.feed, arrival.sha256): arrival for arrival in ordered}


def _controls(receipts: list[raw.Receipt]) -> list[dict[str, Any]]:
    return [
        {
            "file_sha256": receipt.sha256,
            "sheet": control.sheet,
            "source_row": control.source_row,
            "name": control.name,
            "value": control.value,
        }
        for receipt in receipts
        for control in receipt.controls
    ]
