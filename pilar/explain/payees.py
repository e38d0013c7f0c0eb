"""A person, or an account that is nobody's: rosters, promises, transfers, cover."""

from __future__ import annotations

from pilar.explain.model import Link, Row
from pilar.explain.release import Release
from pilar.explain.shared import findings_on, outcomes_of, places_of, promise_places, promises_to


def participant(release: Release, participant_id: str) -> tuple[Row, list[Link]]:
    versions = release.rows(
        """
        SELECT valid_from, valid_to, pillar_code, person.region_code, region_name, district_code, status, sex,
            birth_year, is_current
        FROM dim_participant AS person LEFT JOIN dim_region AS region USING (region_code)
        WHERE participant_id = ? ORDER BY valid_from
        """,
        [participant_id],
    )
    rosters = release.rows(
        """
        SELECT stated.effective_on, stated.pillar_code, stated.region_code, stated.district_code, stated.status,
            stated.roster_scope, stated.known_from, stated.known_to, file.file_name, stated.sheet, stated.source_row,
            stated.file_sha256
        FROM fct_roster_membership AS stated LEFT JOIN file_names AS file USING (file_sha256)
        WHERE participant_id = ? ORDER BY effective_on, known_from, file_name, stated.sheet, stated.source_row
        """,
        [participant_id],
    )
    now = next((version for version in versions if version["is_current"]), None)
    facts: Row = {"participant_id": participant_id}
    for name in ("pillar_code", "region_code", "region_name", "district_code", "status", "sex", "birth_year"):
        facts[name] = now[name] if now else None
    facts["known_by"] = "accepted rosters" if now else "superseded rosters only"
    transfers, promises = _transfers(release, participant_id), promises_to(release, participant_id)
    months = release.rows(
        """
        SELECT left(coverage_month, 4) AS year, file.file_name, sheet, count(*) AS months,
            count(*) FILTER (WHERE status = 'LUNAS') AS months_paid, sum(paid_idr) AS paid_idr,
            min(source_row) AS first_row, max(source_row) AS last_row, premium.file_sha256
        FROM fct_premium_month AS premium LEFT JOIN file_names AS file USING (file_sha256)
        WHERE participant_id = ? GROUP BY ALL ORDER BY year, file_name, sheet
        """,
        [participant_id],
    )
    month_rows = release.rows(
        "SELECT file_sha256, sheet, source_row FROM fct_premium_month WHERE participant_id = ?", [participant_id]
    )
    places = [
        *places_of("rosters", rosters),
        *places_of("disbursements", transfers),
        *places_of("premiums", month_rows),
        *promise_places(promises),
    ]
    links = [
        Link("versions", tuple(versions)),
        Link("rosters", tuple(rosters)),
        Link("promises", tuple(promises)),
        Link("transfers", tuple(transfers)),
        Link("outcomes", tuple(outcomes_of(release, participant_id))),
        Link(
            "cover",
            tuple(
                release.rows(
                    """
                    SELECT * EXCLUDE (participant_id) FROM mart_premium_coverage
                    WHERE participant_id = ? ORDER BY year
                    """,
                    [participant_id],
                )
            ),
        ),
        Link("premiums", tuple(months)),
        Link(
            "candidates",
            tuple(
                release.rows(
                    """
                    SELECT CASE WHEN participant_id_a = $id THEN participant_id_b ELSE participant_id_a END AS other,
                        match_weight, match_probability, decided, finding_key
                    FROM mart_person_candidates WHERE $id IN (participant_id_a, participant_id_b)
                    ORDER BY match_weight DESC, other
                    """,
                    {"id": participant_id},
                )
            ),
        ),
        findings_on(release, places, subjects=[participant_id]),
    ]
    return facts, links


def account(release: Release, account_key: str) -> tuple[Row, list[Link]]:
    transfers = _transfers(release, account_key)
    facts = {"account_key": account_key, "known_by": "no roster: whose account this is, is not known"}
    links = [
        Link("transfers", tuple(transfers)),
        Link("outcomes", tuple(outcomes_of(release, account_key))),
        findings_on(release, places_of("disbursements", transfers), subjects=[account_key]),
    ]
    return facts, links


def _transfers(release: Release, payee: str) -> list[Row]:
    return release.rows(
        """
        SELECT event_id, benefit_code, attempt_no, reference_no, instructed_on, amount_idr, status, reason_code,
            settled_on, retry_of, file.file_name, sheet, source_row, transfer.file_sha256
        FROM fct_disbursement AS transfer LEFT JOIN file_names AS file USING (file_sha256)
        WHERE participant_id = $payee OR (participant_id IS NULL AND account_key = $payee)
        ORDER BY event_id, benefit_code, instructed_on, reference_no
        """,
        {"payee": payee},
    )
