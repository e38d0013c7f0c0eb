"""A reference: what banks said of it, the attempts around it, the promise, the outcome."""

from __future__ import annotations

from pilar.explain.model import Link, Row
from pilar.explain.release import Release
from pilar.explain.shared import (
    event_of,
    findings_on,
    outcomes_of,
    payee_of,
    places_of,
    promise_places,
    promises_to,
    reason_meaning,
)


def reference(release: Release, reference_no: str) -> tuple[Row, list[Link]]:
    statements = release.rows(
        """
        SELECT stated.statement_no, stated.delivered_at, stated.status, stated.reason_code, stated.amount_idr,
            stated.settled_on, stated.retry_of, stated.row_state, stated.goes_backward,
            file.file_name, stated.sheet, stated.source_row, stated.file_sha256
        FROM fct_transfer_statement AS stated LEFT JOIN file_names AS file USING (file_sha256)
        WHERE stated.reference_no = ? ORDER BY stated.statement_no
        """,
        [reference_no],
    )
    transfer = release.one(
        """
        SELECT transfer.*, file.file_name
        FROM fct_disbursement AS transfer LEFT JOIN file_names AS file USING (file_sha256)
        WHERE reference_no = ?
        """,
        [reference_no],
    )
    told = (
        transfer
        or release.rows(
            "SELECT * FROM fct_transfer_statement WHERE reference_no = ? ORDER BY statement_no DESC LIMIT 1",
            [reference_no],
        )[0]
    )  # a reference that no counting row has is known by its statements
    facts = {
        "reference_no": reference_no,
        "counts": transfer is not None,
        **event_of(release, told["event_id"]),
        "benefit_code": told["benefit_code"],
        "batch": told["batch"],
        "payee": payee_of(told),
        "amount_idr": told["amount_idr"],
        "status": told["status"],
        **reason_meaning(release, told["reason_code"]),
        "instructed_on": told["instructed_on"],
        "settled_on": told["settled_on"],
        "attempt_no": told.get("attempt_no"),
    }
    attempts = _attempts(release, reference_no)
    payee, event_id, benefit_code = facts["payee"], told["event_id"], told["benefit_code"]
    promises = promises_to(release, payee, event_id, benefit_code)
    outcomes = outcomes_of(release, payee, event_id, benefit_code)
    places = [*places_of("disbursements", statements), *promise_places(promises)]
    links = [
        Link("statements", tuple(statements), None if statements else "no statement is kept in this release"),
        Link("attempts", tuple(attempts)),
        Link("promises", tuple(promises), None if promises else "nothing was promised to this payee here"),
        Link("outcomes", tuple(outcomes)),
        findings_on(release, places, subjects=[reference_no, *([payee] if payee else [])], exact_subject=True),
    ]
    return facts, links


def _attempts(release: Release, reference_no: str) -> list[Row]:
    """All attempts of the same payee for the same event and benefit, and those that retries tie to them, in order."""
    return release.rows(
        """
        WITH RECURSIVE tied AS (
            SELECT reference_no FROM fct_disbursement WHERE reference_no = $reference
            UNION
            SELECT other.reference_no
            FROM tied
            INNER JOIN fct_disbursement AS known ON tied.reference_no = known.reference_no
            INNER JOIN fct_disbursement AS other
                ON other.reference_no = known.retry_of OR other.retry_of = known.reference_no
                OR (
                    other.event_id = known.event_id AND other.benefit_code = known.benefit_code
                    AND coalesce(other.participant_id, other.account_key)
                        = coalesce(known.participant_id, known.account_key)
                )
        )
        SELECT transfer.reference_no = $reference AS this_one, transfer.attempt_no, transfer.reference_no,
            coalesce(transfer.participant_id, transfer.account_key) AS payee, transfer.instructed_on,
            transfer.amount_idr, transfer.status, transfer.reason_code, transfer.settled_on, transfer.retry_of,
            transfer.retry_match, file.file_name, transfer.sheet, transfer.source_row
        FROM fct_disbursement AS transfer LEFT JOIN file_names AS file USING (file_sha256)
        WHERE transfer.reference_no IN (SELECT reference_no FROM tied)
        ORDER BY transfer.instructed_on, transfer.reference_no
        """,
        {"reference": reference_no},
    )
