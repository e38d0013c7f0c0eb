"""What several chains need: events, reasons, promises, outcomes, and the findings on rows."""

from __future__ import annotations

from collections.abc import Iterable

from pilar.explain.model import Link, Row
from pilar.explain.release import Release

FINDINGS_SHOWN = 200
"""Findings listed in one chain; a file may have more."""


def event_of(release: Release, event_id: str | None) -> Row:
    known = release.one("SELECT event_name, event_date FROM dim_event WHERE event_id = ?", [event_id]) or {}
    return {"event_id": event_id, "event_name": known.get("event_name"), "event_date": known.get("event_date")}


def reason_meaning(release: Release, reason_code: str | None) -> Row:
    names = ("meaning_id", "meaning_en", "advice_id", "advice_en")
    known = release.one("SELECT * FROM dim_bank_reason WHERE reason_code = ?", [reason_code]) or {}
    return {"reason_code": reason_code, **{name: known.get(name) for name in names}}


def payee_of(transfer: Row) -> str | None:
    """The person, else the account that belongs to nobody; a statement that does not count has neither."""
    payee: str | None = transfer.get("participant_id") or transfer.get("account_key")
    return payee


def promises_to(
    release: Release, payee: str | None, event_id: str | None = None, benefit_code: str | None = None
) -> list[Row]:
    return release.rows(
        """
        SELECT event_id, benefit_code, entitled_idr, months, starts_on, pillar_code, region_code,
            roster.file_name, promised.sheet, promised.source_row, events.file_name AS promise_file_name,
            promise_sheet, promise_row, promised.file_sha256, promise_file_sha256
        FROM fct_entitlement AS promised
        LEFT JOIN file_names AS roster ON promised.file_sha256 = roster.file_sha256
        LEFT JOIN file_names AS events ON promised.promise_file_sha256 = events.file_sha256
        WHERE participant_id = $1 AND event_id = coalesce($2, event_id) AND benefit_code = coalesce($3, benefit_code)
        ORDER BY event_id, benefit_code
        """,
        [payee, event_id, benefit_code],
    )


def outcomes_of(
    release: Release, payee: str | None, event_id: str | None = None, benefit_code: str | None = None
) -> list[Row]:
    return release.rows(
        """
        SELECT event_id, benefit_code, outcome, entitled_idr, instructed_idr, paid_idr, failed_idr, returned_idr,
            pending_idr, attempts, last_reason_code
        FROM mart_disbursement_reconciliation
        WHERE coalesce(participant_id, account_key) = $1
            AND event_id = coalesce($2, event_id) AND benefit_code = coalesce($3, benefit_code)
        ORDER BY event_id, benefit_code
        """,
        [payee, event_id, benefit_code],
    )


def places_of(feed: str, rows: Iterable[Row]) -> list[Row]:
    return [{"feed": feed, **{name: row[name] for name in ("file_sha256", "sheet", "source_row")}} for row in rows]


def promise_places(promises: Iterable[Row]) -> list[Row]:
    """Rows that promises come from: the roster's and the events file's."""
    found = []
    for promise in promises:
        found += places_of("rosters", [promise])
        events = {"promise_file_sha256": "file_sha256", "promise_sheet": "sheet", "promise_row": "source_row"}
        found.append({"feed": "events"} | {name: promise[given] for given, name in events.items()})
    return found


def findings_on(release: Release, places: list[Row], *, subjects: list[str], exact_subject: bool = False) -> Link:
    """Findings on any of the rows, and those whose subject is (or names) one of ``subjects``."""
    keys = [f"{place['file_sha256']} {place['sheet'] or ''} {place['source_row']}" for place in places]
    rows = release.rows(
        """
        SELECT finding_key, rule_code, severity, state, feed, file_name, sheet, source_row, field, subject, first_seen,
            last_seen, file_sha256
        FROM quality_findings
        WHERE list_contains($places::VARCHAR[], concat_ws(' ', file_sha256, coalesce(sheet, ''), source_row))
            OR list_contains($subjects::VARCHAR[], subject)
            OR (NOT $exact AND list_has_any(string_split(subject, ' '), $subjects::VARCHAR[]))
        ORDER BY first_seen, rule_code, finding_key
        """,
        {"places": keys, "subjects": subjects, "exact": exact_subject},
    )
    told = None if len(rows) <= FINDINGS_SHOWN else f"the first {FINDINGS_SHOWN} of {len(rows)}"
    return Link("findings", tuple(rows[:FINDINGS_SHOWN]), told)
