"""What a release (or a candidate) says about files, findings and claims: small lists, read once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pilar.config import Home
from pilar.publish import candidate_path, current
from pilar.report.night import Night

Row = dict[str, Any]

HIDDEN = "(disembunyikan / hidden)"
"""Stands for each value of a column in which a gate found personal data."""

_TABLES: dict[str, Sequence[str]] = {
    "release_info": ("release_id", "built_at", "git_commit", "gate_result", "data_through"),
    "file_ledger": (
        "feed", "submitter", "file_name", "state", "rows_read", "rows_accepted", "rows_quarantined", "rows_superseded",
        "rule_code", "reason", "reason_id", "reason_en",
    ),
    "mart_quality_scorecard": (
        "feed", "submitter", "night", "night_id", "release_id", "rows_read", "rows_accepted", "rows_quarantined",
        "first_time_right_pct", "open_findings", "oldest_finding_days",
    ),
    "mart_claims": (
        "claim_id", "claim_text", "claim_text_en", "source", "unit", "published_value", "recomputed_value",
        "difference", "verdict", "basis",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """Rows of the tables that reports show; a table or column that is not there gives no rows or ``None``."""

    release_info: Row = field(default_factory=dict)
    ledger: list[Row] = field(default_factory=list)
    scorecards: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)
    """Open findings by rule, feed and file: ``rule_code``, ``severity``, ``feed``, ``file_name``, ``n``,
    ``first_seen``."""

    def by_feed(self) -> list[Row]:
        """Per feed: files, rejected files, and rows read = accepted + quarantined + superseded."""
        feeds: dict[str, Row] = {}
        for row in self.ledger:
            feed = feeds.setdefault(
                str(row["feed"]),
                {"feed": row["feed"], "files": 0, "rejected": 0, "duplicate": 0}
                | dict.fromkeys(("read", "accepted", "quarantined", "superseded"), 0),
            )
            feed["files"] += 1
            feed["rejected"] += row["state"] == "rejected"
            feed["duplicate"] += row["state"] == "duplicate"
            read, accepted, quarantined = (
                int(row[f"rows_{name}"] or 0) for name in ("read", "accepted", "quarantined")
            )
            given = row["rows_superseded"]
            feed["read"] += read
            feed["accepted"] += accepted
            feed["quarantined"] += quarantined
            feed["superseded"] += read - accepted - quarantined if given is None else int(given)
        return [feeds[name] for name in sorted(feeds)]


def read_facts(path: Path, hide: Collection[tuple[str, str]] = ()) -> Facts:
    """Read a release or candidate, read-only. ``hide`` names (table, column) pairs whose values must not be shown."""
    with duckdb.connect(":memory:") as connection:
        literal = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{literal}' AS shown (READ_ONLY)")
        rows = {table: _rows(connection, table, columns, hide) for table, columns in _TABLES.items()}
        return Facts(
            release_info=next(iter(rows["release_info"]), {}),
            ledger=rows["file_ledger"],
            scorecards=_latest(rows["mart_quality_scorecard"]),
            claims=rows["mart_claims"],
            findings=_findings(connection, hide),
        )


def shown_facts(home: Home, night: Night) -> Facts | None:
    """What to show: of a held night its candidate, else the published release; None if there is neither."""
    if night.outcome == "held" and (path := candidate_path(home, night.night_id)).is_file():
        hide = {(str(item.get("table")).split(".")[-1], str(item.get("column"))) for item in night.violations()}
        return read_facts(path, hide)
    release = current(home)
    return read_facts(release.path) if release else None


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = connection.execute(
        "SELECT column_name FROM duckdb_columns() "
        "WHERE database_name = 'shown' AND schema_name = 'marts' AND table_name = ?",
        [table],
    ).fetchall()
    return {str(row[0]) for row in rows}


def _expression(table: str, column: str, present: Collection[str], hide: Collection[tuple[str, str]]) -> str:
    if column not in present:
        return f"NULL AS {column}"
    if (table, column) in hide:
        return f"'{HIDDEN}' AS {column}"
    return column


def _rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], hide: Collection[tuple[str, str]]
) -> list[Row]:
    present = _columns(connection, table)
    if not present:
        return []
    listed = ", ".join(_expression(table, column, present, hide) for column in columns)
    return _dicts(connection.execute(f"SELECT {listed} FROM shown.marts.{table} ORDER BY ALL"))


def _findings(connection: duckdb.DuckDBPyConnection, hide: Collection[tuple[str, str]]) -> list[Row]:
    table = "quality_findings"
    present = _columns(connection, table)
    if not {"rule_code", "state"} <= present:
        return []
    names = ("rule_code", "severity", "feed", "submitter", "file_name")
    keys = ", ".join(_expression(table, column, present, hide) for column in names)
    first = "min(first_seen)" if "first_seen" in present else "NULL"
    return _dicts(
        connection.execute(
            f"SELECT {keys}, count(*) AS n, {first} AS first_seen FROM shown.marts.{table} WHERE state = 'open' "
            "GROUP BY ALL ORDER BY ALL"
        )
    )


def _latest(rows: list[Row]) -> list[Row]:
    """One row for each feed and submitter: open findings as of the newest night, rows and rate of the newest night that
    brought any, and as ``previous_pct`` the rate of the delivery before that."""
    latest: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda row: str(row["night"] or row["night_id"] or row["release_id"] or "")):
        key = (str(row["feed"]), str(row["submitter"] or ""))
        before = latest.get(key)
        if before is None:
            latest[key] = row | {"previous_pct": None}
        elif row["rows_read"]:
            latest[key] = row | {"previous_pct": before["first_time_right_pct"]}
        else:
            latest[key] = before | {name: row[name] for name in ("night", "open_findings", "oldest_finding_days")}
    return [latest[key] for key in sorted(latest)]


def _dicts(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    names = [str(column[0]) for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
