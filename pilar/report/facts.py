"""What a release (or a candidate) says, as the page needs it: small lists, each read by one query."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pilar import duck
from pilar.config import Home
from pilar.publish import candidate_path, current
from pilar.report.night import Night

Row = dict[str, Any]

HIDDEN = "(disembunyikan / hidden)"
"""Stands for each value of a column in which a gate found personal data."""
NIGHTS = 30
"""Newest nights of the scorecards that are read, beside those on which something was delivered."""
ROWS_NAMED, KEYS_NAMED = 200, 20
"""Rows and finding keys named for one rule in one file; all are counted."""


@dataclass(frozen=True)
class Facts:
    """Rows of the tables that reports show; a table or column that is not there gives no rows or ``None``."""

    release_info: Row = field(default_factory=dict)
    ledger: list[Row] = field(default_factory=list)
    history: list[Row] = field(default_factory=list)
    """The scorecards, night by night."""
    claims: list[Row] = field(default_factory=list)
    claim_falls: list[Row] = field(default_factory=list)
    """Claims that held and no longer do: ``claim_id``, ``known_from``, ``value_before``, ``file_name``."""
    claim_others: list[Row] = field(default_factory=list)
    """What each claim's formula gives with other periods of the same month, as ``mart_claim_sensitivity`` says."""
    findings: list[Row] = field(default_factory=list)
    """Open findings by rule, feed, file and sheet: ``n``, ``first_seen``, ``source_rows``, ``finding_keys``."""
    money: list[Row] = field(default_factory=list)
    """By event and benefit, newest first: rupiah promised and moved, payees, and what is lacking by its cause."""
    cover: list[Row] = field(default_factory=list)
    """By year: people by outcome, and months without a premium."""
    gaps: list[Row] = field(default_factory=list)
    """By month: people whose premium is missing (``month``, ``people``)."""
    lead: list[Row] = field(default_factory=list)
    """By feed, submitter and event: ``days_after`` from the event to the first file about it that counts."""

    def by_feed(self) -> list[Row]:
        """Per feed: files, rejected files, and rows read = accepted + quarantined + superseded."""
        feeds: dict[str, Row] = {}
        for row in self.ledger:
            feed = feeds.setdefault(
                str(row["feed"]),
                {"feed": row["feed"], "files": 0, "rejected": 0, "duplicate": 0}
                | dict.fromkeys(("read", "accepted", "quarantined", "superseded", "waived"), 0),
            )
            feed["files"] += 1
            feed["rejected"] += row["state"] == "rejected"
            feed["duplicate"] += row["state"] == "duplicate"
            read, accepted, quarantined, waived = (
                int(row[f"rows_{name}"] or 0) for name in ("read", "accepted", "quarantined", "waived")
            )
            given = row["rows_superseded"]
            feed["read"] += read
            feed["accepted"] += accepted
            feed["quarantined"] += quarantined
            feed["superseded"] += read - accepted - quarantined if given is None else int(given)
            feed["waived"] += waived
        return [feeds[name] for name in sorted(feeds)]


@dataclass(frozen=True)
class Ask:
    """One list: the columns it cannot do without, those it takes where they are, and its query.

    ``{table}`` in the query stands for a table with all of these columns; one that lacks is NULL, or hidden.
    """

    needs: Mapping[str, Sequence[str]]
    query: str
    takes: Mapping[str, Sequence[str]] = field(default_factory=dict)


_LEDGER = Ask(
    {"file_ledger": ("feed", "file_name", "state")},
    "FROM {file_ledger} ORDER BY feed, submitter, file_name, delivered_at",
    {
        "file_ledger": (
            "submitter", "rows_read", "rows_accepted", "rows_quarantined", "rows_superseded", "rows_waived",
            "rule_code", "reason", "reason_id", "reason_en", "delivered_at", "received_at",
        )
    },
)  # fmt: skip
_HISTORY = Ask(
    {"mart_quality_scorecard": ("feed", "night", "rows_read", "rows_accepted", "rows_quarantined")},
    f"""
    FROM {{mart_quality_scorecard}}
    QUALIFY dense_rank() OVER (ORDER BY night DESC) <= {NIGHTS} OR rows_read > 0
    ORDER BY night, feed, submitter
    """,
    {
        "mart_quality_scorecard": (
            "submitter", "rows_waived", "open_findings", "findings_waived", "oldest_finding_days",
        )
    },
)  # fmt: skip
_CLAIMS = Ask(
    {"mart_claims": ("claim_id", "claim_text", "verdict")},
    """
    FROM {mart_claims}
    ORDER BY CASE verdict WHEN 'DIFFERS' THEN 0 WHEN 'NOT_VERIFIABLE' THEN 1 ELSE 2 END, claim_id
    """,
    {
        "mart_claims": (
            "claim_text_en", "source", "unit", "published_value", "recomputed_value", "difference", "basis",
            "settle_by", "settle_by_en", "is_comparable",
        )
    },
)  # fmt: skip
_CLAIM_FALLS = Ask(
    {
        "mart_claims": ("claim_id", "verdict"),
        "mart_claim_history": ("claim_id", "known_from", "verdict", "verdict_before", "value_before", "file_name"),
    },
    """
    SELECT fall.claim_id, fall.known_from, fall.value_before, fall.file_name
    FROM {mart_claim_history} AS fall
    INNER JOIN {mart_claims} AS claim ON fall.claim_id = claim.claim_id
    WHERE claim.verdict = 'DIFFERS' AND fall.verdict = 'DIFFERS' AND fall.verdict_before = 'CONFIRMED'
    QUALIFY row_number() OVER (PARTITION BY fall.claim_id ORDER BY fall.known_from DESC) = 1
    ORDER BY fall.claim_id
    """,
)
_CLAIM_OTHERS = Ask(
    {
        "mart_claim_sensitivity": (
            "claim_id", "base_period", "end_period", "recomputed_value", "verdict", "is_published_pair",
            "is_comparable",
        )
    },
    """
    SELECT claim_id, base_period, end_period, recomputed_value, verdict
    FROM {mart_claim_sensitivity}
    WHERE is_comparable AND NOT is_published_pair AND recomputed_value IS NOT NULL
    ORDER BY claim_id, end_period DESC, base_period DESC
    """,
)  # fmt: skip
_FINDINGS = Ask(
    {"quality_findings": ("rule_code", "state")},
    f"""
    SELECT rule_code, severity, feed, submitter, file_name, sheet, count(*) AS n, min(first_seen) AS first_seen,
        (list(DISTINCT source_row ORDER BY source_row) FILTER (WHERE source_row IS NOT NULL))[:{ROWS_NAMED}]
            AS source_rows,
        (list(finding_key ORDER BY source_row, finding_key) FILTER (WHERE finding_key IS NOT NULL))[:{KEYS_NAMED}]
            AS finding_keys
    FROM {{quality_findings}}
    WHERE state = 'open'
    GROUP BY ALL
    ORDER BY rule_code, feed, submitter, file_name, sheet
    """,
    {
        "quality_findings": (
            "severity", "feed", "submitter", "file_name", "sheet", "source_row", "finding_key", "first_seen",
        )
    },
)  # fmt: skip
_MONEY = Ask(
    {
        "mart_disbursement_reconciliation": (
            "event_id", "benefit_code", "entitled_idr", "paid_idr", "returned_idr", "failed_idr", "pending_idr",
            "outcome",
        )
    },
    """
    WITH each AS (
        SELECT *, least(paid_idr, entitled_idr) AS settled_idr, greatest(entitled_idr - paid_idr, 0) AS unpaid_idr,
            greatest(paid_idr - entitled_idr, 0) AS beyond_idr
        FROM {mart_disbursement_reconciliation}
    )
    SELECT each.event_id, each.benefit_code, any_value(event.event_name) AS event_name,
        any_value(event.event_date) AS event_date,
        sum(entitled_idr) AS entitled_idr, sum(paid_idr) AS paid_idr, sum(returned_idr) AS returned_idr,
        sum(settled_idr) AS settled_idr, sum(unpaid_idr) AS unpaid_idr, sum(beyond_idr) AS beyond_idr,
        count(*) FILTER (WHERE entitled_idr > 0) AS payees,
        count(*) FILTER (WHERE unpaid_idr > 0) AS payees_unpaid,
        count(*) FILTER (WHERE beyond_idr > 0) AS payees_beyond,
        coalesce(sum(unpaid_idr) FILTER (WHERE outcome = 'PENDING'), 0) AS lacking_pending_idr,
        coalesce(sum(unpaid_idr) FILTER (WHERE outcome = 'RETURNED'), 0) AS lacking_returned_idr,
        coalesce(sum(unpaid_idr) FILTER (WHERE outcome = 'FAILED'), 0) AS lacking_failed_idr,
        coalesce(sum(unpaid_idr) FILTER (WHERE outcome = 'UNDERPAID'), 0) AS lacking_underpaid_idr,
        coalesce(sum(unpaid_idr) FILTER (WHERE outcome = 'UNPAID'), 0) AS lacking_uninstructed_idr
    FROM each
    LEFT JOIN {dim_event} AS event ON each.event_id = event.event_id
    GROUP BY each.event_id, each.benefit_code
    ORDER BY event_date DESC NULLS LAST, each.event_id, each.benefit_code
    """,
    {"dim_event": ("event_id", "event_name", "event_date")},
)  # fmt: skip
_COVER = Ask(
    {"mart_premium_coverage": ("year", "outcome", "gap_months")},
    """
    SELECT year, count(*) FILTER (WHERE outcome <> 'NOT_ENTITLED') AS people,
        count(*) FILTER (WHERE outcome = 'COVERED') AS covered, count(*) FILTER (WHERE outcome = 'GAP') AS gap,
        count(*) FILTER (WHERE outcome = 'UNCOVERED') AS uncovered, coalesce(sum(len(gap_months)), 0) AS months_missing
    FROM {mart_premium_coverage}
    GROUP BY year
    ORDER BY year DESC
    """,
)
_GAPS = Ask(
    {"mart_premium_coverage": ("gap_months",)},
    """
    SELECT month, count(*) AS people
    FROM (SELECT unnest(gap_months) AS month FROM {mart_premium_coverage})
    GROUP BY month
    ORDER BY month
    """,
)
_LEAD = Ask(
    {
        "dim_event": ("event_id", "event_date"),
        "file_ledger": ("feed", "submitter", "file_sha256", "delivered_at"),
        "fct_entitlement": ("event_id", "file_sha256"),
        "fct_disbursement": ("event_id", "file_sha256"),
    },
    """
    WITH about AS (
        SELECT DISTINCT event_id, file_sha256, 'rosters' AS feed FROM {fct_entitlement}
        UNION ALL
        SELECT DISTINCT event_id, file_sha256, 'disbursements' AS feed FROM {fct_disbursement}
    )
    SELECT file.feed, file.submitter, about.event_id, any_value(event.event_date) AS event_date,
        date_diff('day', any_value(event.event_date), cast(min(file.delivered_at) + INTERVAL 7 HOUR AS DATE))
            AS days_after
    FROM about
    INNER JOIN {file_ledger} AS file ON about.file_sha256 = file.file_sha256 AND about.feed = file.feed
    INNER JOIN {dim_event} AS event ON about.event_id = event.event_id
    WHERE event.event_date IS NOT NULL
    GROUP BY file.feed, file.submitter, about.event_id
    QUALIFY row_number() OVER (
        PARTITION BY file.feed, file.submitter ORDER BY any_value(event.event_date) DESC, about.event_id
    ) = 1
    ORDER BY file.feed, file.submitter
    """,
)
_RELEASE = Ask(
    {"release_info": ("release_id",)},
    "FROM {release_info}",
    {"release_info": ("built_at", "git_commit", "gate_result", "data_through")},
)


def read_release_info(path: Path) -> Row:
    """The row of a release that says what it is; empty for a file without one."""
    with duck.attached({"shown": path}) as connection:
        return next(iter(_ask(connection, _RELEASE, _present(connection), ())), {})


def read_facts(path: Path, hide: Collection[tuple[str, str]] = ()) -> Facts:
    """Read a release or candidate, read-only. ``hide`` names (table, column) pairs whose values must not be shown."""
    with duck.attached({"shown": path}) as connection:
        present = _present(connection)

        def ask(what: Ask) -> list[Row]:
            return _ask(connection, what, present, hide)

        return Facts(
            release_info=next(iter(ask(_RELEASE)), {}),
            ledger=ask(_LEDGER),
            history=ask(_HISTORY),
            claims=ask(_CLAIMS),
            claim_falls=ask(_CLAIM_FALLS),
            claim_others=ask(_CLAIM_OTHERS),
            findings=ask(_FINDINGS),
            money=ask(_MONEY),
            cover=ask(_COVER),
            gaps=ask(_GAPS),
            lead=ask(_LEAD),
        )


def shown_facts(home: Home, night: Night) -> Facts | None:
    """What to show: of a held night its candidate, else the published release; None if there is neither."""
    if night.outcome == "held" and (path := candidate_path(home, night.night_id)).is_file():
        hide = {(str(item.get("table")).split(".")[-1], str(item.get("column"))) for item in night.violations()}
        return read_facts(path, hide)
    release = current(home)
    return read_facts(release.path) if release else None


def _present(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Columns of each mart with their types."""
    rows = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = 'shown' AND schema_name = 'marts'"
    ).fetchall()
    present: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        present.setdefault(str(table), {})[str(column)] = str(kind)
    return present


def _ask(
    connection: duckdb.DuckDBPyConnection,
    what: Ask,
    present: Mapping[str, Mapping[str, str]],
    hide: Collection[tuple[str, str]],
) -> list[Row]:
    """The rows; none if a needed column is not there, or if tables would be joined over a hidden one."""
    if any(column not in present.get(table, {}) for table, columns in what.needs.items() for column in columns):
        return []
    wanted = {table: [*what.needs.get(table, ()), *what.takes.get(table, ())] for table in {*what.needs, *what.takes}}
    hidden = {(table, column) for table, columns in wanted.items() for column in columns} & {*hide}
    if hidden and len(wanted) > 1:
        return []
    sources = {table: _source(table, columns, present.get(table, {}), hidden) for table, columns in wanted.items()}
    cursor = connection.execute(what.query.format_map(sources))
    names = [str(column[0]) for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _source(table: str, columns: Sequence[str], present: Mapping[str, str], hidden: Collection[tuple[str, str]]) -> str:
    """A subquery with all the columns; without the table itself, one without rows."""

    def expression(column: str) -> str:
        if column not in present or ((table, column) in hidden and present[column] != "VARCHAR"):
            return f"NULL AS {column}"
        return f"'{HIDDEN}' AS {column}" if (table, column) in hidden else column

    listed = ", ".join(expression(column) for column in columns)
    return f"(SELECT {listed} FROM shown.marts.{table})" if present else f"(SELECT {listed} WHERE false)"
