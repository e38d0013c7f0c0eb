"""One release, read-only, as explanations need it: a table or column that an older one lacks gives no rows or NULL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from pilar import duck
from pilar.explain.model import Row
from pilar.publish.candidate import STORE

_ROW = {"file_sha256": "VARCHAR", "sheet": "VARCHAR", "source_row": "INTEGER"}
_MONEY = "DECIMAL(18, 2)"
TABLES: Mapping[str, Mapping[str, str]] = {
    "fct_disbursement": {
        "reference_no": "VARCHAR", "batch": "VARCHAR", "event_id": "VARCHAR", "benefit_code": "VARCHAR",
        "participant_id": "VARCHAR", "account_key": "VARCHAR", "amount_idr": _MONEY, "status": "VARCHAR",
        "reason_code": "VARCHAR", "attempt_no": "INTEGER", "retry_of": "VARCHAR", "retry_match": "VARCHAR",
        "instructed_on": "DATE", "settled_on": "DATE", **_ROW,
    },
    "fct_transfer_statement": {
        "reference_no": "VARCHAR", "statement_no": "INTEGER", "is_latest": "BOOLEAN", "row_state": "VARCHAR",
        "goes_backward": "BOOLEAN", "batch": "VARCHAR", "event_id": "VARCHAR", "benefit_code": "VARCHAR",
        "status": "VARCHAR", "reason_code": "VARCHAR", "amount_idr": _MONEY, "instructed_on": "DATE",
        "settled_on": "DATE", "retry_of": "VARCHAR", "delivered_at": "TIMESTAMP", **_ROW,
    },
    "fct_entitlement": {
        "event_id": "VARCHAR", "benefit_code": "VARCHAR", "participant_id": "VARCHAR", "pillar_code": "VARCHAR",
        "region_code": "VARCHAR", "months": "INTEGER", "starts_on": "DATE", "entitled_idr": _MONEY,
        "promise_file_sha256": "VARCHAR", "promise_sheet": "VARCHAR", "promise_row": "INTEGER", **_ROW,
    },
    "mart_disbursement_reconciliation": {
        "event_id": "VARCHAR", "benefit_code": "VARCHAR", "participant_id": "VARCHAR", "account_key": "VARCHAR",
        "entitled_idr": _MONEY, "instructed_idr": _MONEY, "paid_idr": _MONEY, "failed_idr": _MONEY,
        "returned_idr": _MONEY, "pending_idr": _MONEY, "attempts": "INTEGER", "last_reason_code": "VARCHAR",
        "outcome": "VARCHAR",
    },
    "dim_participant": {
        "participant_id": "VARCHAR", "pillar_code": "VARCHAR", "region_code": "VARCHAR", "district_code": "VARCHAR",
        "status": "VARCHAR", "sex": "VARCHAR", "birth_year": "INTEGER", "valid_from": "DATE", "valid_to": "DATE",
        "is_current": "BOOLEAN",
    },
    "fct_roster_membership": {
        "participant_id": "VARCHAR", "pillar_code": "VARCHAR", "region_code": "VARCHAR", "district_code": "VARCHAR",
        "status": "VARCHAR", "roster_scope": "VARCHAR", "effective_on": "DATE", "known_from": "TIMESTAMP",
        "known_to": "TIMESTAMP", **_ROW,
    },
    "fct_premium_month": {
        "participant_id": "VARCHAR", "coverage_month": "VARCHAR", "program": "VARCHAR", "paid_idr": _MONEY,
        "status": "VARCHAR", **_ROW,
    },
    "mart_premium_coverage": {
        "participant_id": "VARCHAR", "year": "INTEGER", "months_expected": "INTEGER", "months_covered": "INTEGER",
        "months_not_entitled": "INTEGER", "gap_months": "VARCHAR[]", "outcome": "VARCHAR",
    },
    "mart_person_candidates": {
        "finding_key": "VARCHAR", "participant_id_a": "VARCHAR", "participant_id_b": "VARCHAR",
        "match_weight": "DECIMAL(6, 2)", "match_probability": "DECIMAL(7, 6)", "decided": "VARCHAR",
    },
    "fct_poverty": {
        "region_code": "VARCHAR", "area_type": "VARCHAR", "period": "VARCHAR", "indicator": "VARCHAR",
        "value": "DECIMAL(18, 4)", "vintage": "INTEGER", "is_latest": "BOOLEAN", "source_column": "VARCHAR", **_ROW,
    },
    "mart_claims": {"claim_id": "VARCHAR", "claim_text": "VARCHAR", "claim_text_en": "VARCHAR"},
    "mart_claim_history": {
        "claim_id": "VARCHAR", "known_from": "TIMESTAMP", "known_until": "TIMESTAMP", "unit": "VARCHAR",
        "recomputed_value": "DECIMAL(18, 4)", "verdict": "VARCHAR", "file_name": "VARCHAR", "file_sha256": "VARCHAR",
    },
    "quality_findings": {
        "finding_key": "VARCHAR", "rule_code": "VARCHAR", "severity": "VARCHAR", "owner": "VARCHAR", "feed": "VARCHAR",
        "submitter": "VARCHAR", "file_name": "VARCHAR", "source_column": "VARCHAR", "subject": "VARCHAR",
        "field": "VARCHAR", "state": "VARCHAR", "first_seen": "TIMESTAMP", "last_seen": "TIMESTAMP", **_ROW,
    },
    "quality_decisions": {
        "finding_key": "VARCHAR", "verdict": "VARCHAR", "decided_on": "DATE", "expires_on": "DATE", "state": "VARCHAR",
        "rows_let_in": "BIGINT", **_ROW,
    },
    "file_ledger": {
        "feed": "VARCHAR", "submitter": "VARCHAR", "file_name": "VARCHAR", "file_sha256": "VARCHAR", "state": "VARCHAR",
        "rows_read": "BIGINT", "rows_accepted": "BIGINT", "rows_quarantined": "BIGINT", "rows_superseded": "BIGINT",
        "rows_waived": "BIGINT", "rule_code": "VARCHAR", "reason": "VARCHAR", "delivered_at": "TIMESTAMP",
        "received_at": "TIMESTAMP", "superseded_by": "VARCHAR[]",
    },
    "mart_money_control": {
        "level": "VARCHAR", "what": "VARCHAR", "file_sha256": "VARCHAR", "stated_idr": _MONEY, "rows_idr": _MONEY,
        "accepted_idr": _MONEY, "quarantined_idr": _MONEY, "superseded_idr": _MONEY, "mart_idr": _MONEY,
        "difference_idr": _MONEY, "verdict": "VARCHAR",
    },
    "dim_event": {"event_id": "VARCHAR", "event_name": "VARCHAR", "event_date": "DATE"},
    "dim_region": {"region_code": "VARCHAR", "region_name": "VARCHAR"},
    "dim_bank_reason": {
        "reason_code": "VARCHAR", "meaning_id": "VARCHAR", "meaning_en": "VARCHAR", "advice_id": "VARCHAR",
        "advice_en": "VARCHAR",
    },
    "release_info": {"release_id": "VARCHAR"},
}  # fmt: skip
"""What explanations read, with types; a bare table name in a query is one of these."""


class Release:
    """An opened release. ``lacking`` names what of :data:`TABLES` it does not have."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        literal = str(path).replace("'", "''")
        connection.execute(f"ATTACH '{literal}' AS shown (READ_ONLY)")
        # Not through the release's views: they name no catalog, so they would find the views made here.
        present = connection.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns() "
            "WHERE database_name = 'shown' AND schema_name = ? GROUP BY 1",
            [STORE],
        ).fetchall()
        columns = {str(table): set(names) for table, names in present}
        self.lacking: tuple[str, ...] = ()
        for table, wanted in TABLES.items():
            has = columns.get(table)
            given = ", ".join(
                name if has and name in has else f"NULL::{kind} AS {name}" for name, kind in wanted.items()
            )
            source = f"shown.{STORE}.{table}" if has else "(SELECT 1) WHERE false"
            connection.execute(f"CREATE TEMP VIEW {table} AS SELECT {given} FROM {source}")
            missing = [f"{table}.{name}" for name in wanted if name not in has] if has else [table]
            self.lacking += tuple(missing)
        # A content that came several times has one name here: the first it came under.
        connection.execute(
            "CREATE TEMP TABLE file_names AS SELECT file_sha256, arg_min(file_name, received_at) AS file_name "
            "FROM file_ledger GROUP BY file_sha256"
        )
        found = self.rows("SELECT release_id FROM release_info")
        self.release_id: str = found[0]["release_id"] if found else path.parent.name

    def rows(self, query: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> list[Row]:
        """Rows of a query as dicts; tables are those of :data:`TABLES` and ``file_names``."""
        cursor = self._connection.execute(query, parameters)
        names = [str(column[0]) for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, query: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> Row | None:
        """The first row, if there is one."""
        return next(iter(self.rows(query, parameters)), None)

    def value(self, query: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> Any:
        """The first value of the first row, or None."""
        row = self.one(query, parameters)
        return next(iter(row.values())) if row else None


@contextmanager
def opened(path: Path) -> Iterator[Release]:
    """Open a release's file; raises ``duckdb.Error`` if it is none."""
    with duck.connect() as held:
        yield Release(held, path)
