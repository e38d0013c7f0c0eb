"""A finding: the rule, the place, whom it is about, what was decided."""

from __future__ import annotations

from pilar.explain.model import Link, Row
from pilar.explain.release import Release
from pilar.explain.shared import findings_on, places_of
from pilar.rules import rule


def finding(release: Release, finding_key: str) -> tuple[Row, list[Link]]:
    found = release.one("SELECT * FROM quality_findings WHERE finding_key = ?", [finding_key])
    if found is None:  # a verdict names it, but what it found is no longer so
        facts: Row = {"finding_key": finding_key, "state": "no longer found"}
        return facts, [Link("findings", ())]
    known = rule(found["rule_code"])
    facts = {
        "finding_key": finding_key,
        "rule_code": found["rule_code"],
        "severity": found["severity"],
        "message_id": known.message_id,
        "message_en": known.message_en,
        "fix_id": known.fix_id,
        "fix_en": known.fix_en,
        "owner": found["owner"],
        "state": found["state"],
        "subject": found["subject"],
        "feed": found["feed"],
        "submitter": found["submitter"],
        "file_name": found["file_name"],
        "sheet": found["sheet"],
        "source_row": found["source_row"],
        "source_column": found["source_column"],
        "field": found["field"] or None,
        "first_seen": found["first_seen"],
        "last_seen": found["last_seen"],
        "file_sha256": found["file_sha256"],
    }
    place = [found["file_sha256"], found["sheet"], found["source_row"]]
    rows = release.rows(
        """
        WITH said AS (
            SELECT 'fct_disbursement' AS "table", reference_no AS what,
                coalesce(participant_id, account_key) AS about, file_sha256, sheet, source_row FROM fct_disbursement
            UNION ALL
            SELECT 'fct_transfer_statement', reference_no || ', statement ' || statement_no || ', ' || row_state, NULL,
                file_sha256, sheet, source_row FROM fct_transfer_statement
            UNION ALL
            SELECT 'fct_roster_membership', concat_ws(' ', roster_scope, pillar_code, region_code, status),
                participant_id, file_sha256, sheet, source_row FROM fct_roster_membership
            UNION ALL
            SELECT 'fct_premium_month', coverage_month || ' ' || status, participant_id, file_sha256, sheet, source_row
            FROM fct_premium_month
            UNION ALL
            SELECT 'fct_poverty', concat_ws(' ', region_code, area_type, period, indicator, value), NULL,
                file_sha256, sheet, source_row FROM fct_poverty
            WHERE $3 IS NOT NULL AND ($4 IS NULL OR source_column = $4)
        )
        SELECT "table", what, about FROM said
        WHERE file_sha256 = $1 AND sheet IS NOT DISTINCT FROM $2 AND source_row = $3
        ORDER BY ALL LIMIT 50
        """,
        [*place, found["source_column"]],
    )
    about = _subjects(release, found["subject"])
    nothing = "no published row comes from it: it is quarantined, superseded, or about something else than a row"
    file = release.rows("SELECT * FROM file_ledger WHERE file_sha256 = ? ORDER BY received_at", [found["file_sha256"]])
    beside = findings_on(release, places_of(found["feed"], [found]), subjects=[]).rows
    links = [
        Link("rows", tuple(rows), None if rows else nothing),
        Link("about", tuple(about)),
        Link("answers", tuple(_answers(release, found["subject"]))),
        Link("files", tuple(file)),
        Link("findings", tuple(row for row in beside if row["finding_key"] != finding_key)),
        Link("this_finding", (found,)),
    ]
    return facts, links


def _answers(release: Release, claim_id: str | None) -> list[Row]:
    """What a public claim came to, from one file that changed the answer to the next; none if it is about no claim."""
    return release.rows(
        """
        SELECT claim.claim_text || ' / ' || claim.claim_text_en AS claim, history.known_from, history.recomputed_value,
            history.unit, history.verdict, history.file_name, history.file_sha256
        FROM mart_claim_history AS history JOIN mart_claims AS claim ON history.claim_id = claim.claim_id
        WHERE history.claim_id = ?
        ORDER BY history.known_from
        """,
        [claim_id],
    )


def _subjects(release: Release, subject: str | None) -> list[Row]:
    """What the words of a finding's subject name: people, references, events, districts stay as they are."""
    words = [word for part in (subject or "").split("|") for word in part.split() if word]
    return [
        row
        for word in words
        for row in release.rows(
            """
            SELECT participant_id AS who, pillar_code, region_code, status FROM dim_participant
            WHERE participant_id = $word AND is_current
            UNION ALL
            SELECT reference_no, NULL, NULL, status FROM fct_disbursement WHERE reference_no = $word
            """,
            {"word": word},
        )
    ]
