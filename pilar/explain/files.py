"""A file: what became of its rows, what stands on them, which files took its place."""

from __future__ import annotations

from pilar.explain.model import Link, Row
from pilar.explain.release import Release


def file(release: Release, file_sha256: str) -> tuple[Row, list[Link]]:
    arrivals = release.rows(
        "SELECT * FROM file_ledger WHERE file_sha256 = ? ORDER BY received_at, file_name", [file_sha256]
    )
    first = arrivals[0]
    names = ("feed", "submitter", "file_name", "state", "rule_code", "reason", "rows_read", "rows_accepted")
    more = ("rows_quarantined", "rows_superseded", "rows_waived", "delivered_at", "received_at", "file_sha256")
    facts = {name: first[name] for name in (*names, *more)}
    later = release.rows(
        """
        SELECT file.file_name, ledger.delivered_at, ledger.state
        FROM (SELECT unnest(superseded_by) AS file_sha256 FROM file_ledger WHERE file_sha256 = ?) AS taken
        INNER JOIN file_ledger AS ledger USING (file_sha256)
        INNER JOIN file_names AS file USING (file_sha256)
        GROUP BY ALL ORDER BY ALL
        """,
        [file_sha256],
    )
    earlier = release.rows(
        """
        SELECT file_name, delivered_at, rows_superseded FROM file_ledger
        WHERE list_contains(superseded_by, ?) AND state <> 'duplicate' ORDER BY ALL
        """,
        [file_sha256],
    )
    stands = release.rows(
        """
        SELECT 'fct_disbursement' AS "table", count(*) AS n, sum(amount_idr) AS amount_idr FROM fct_disbursement
        WHERE file_sha256 = $1
        UNION ALL SELECT 'fct_roster_membership', count(*), NULL FROM fct_roster_membership
        WHERE file_sha256 = $1 AND known_to IS NULL
        UNION ALL SELECT 'fct_entitlement', count(*), sum(entitled_idr) FROM fct_entitlement WHERE file_sha256 = $1
        UNION ALL SELECT 'fct_premium_month', count(*), sum(paid_idr) FROM fct_premium_month WHERE file_sha256 = $1
        UNION ALL SELECT 'fct_poverty', count(*), NULL FROM fct_poverty WHERE file_sha256 = $1
        """,
        [file_sha256],
    )
    rules = release.rows(
        """
        SELECT rule_code, severity, state, count(*) AS findings, min(finding_key) AS finding_key
        FROM quality_findings WHERE file_sha256 = ? GROUP BY ALL ORDER BY findings DESC, rule_code, state
        """,
        [file_sha256],
    )
    control = release.rows(
        "SELECT * EXCLUDE (level, file_sha256) FROM mart_money_control WHERE level = 'file' AND file_sha256 = ? "
        "ORDER BY what",
        [file_sha256],
    )
    links = [
        Link("arrivals", tuple(arrivals[1:])),
        Link("superseded_by", tuple(later)),
        Link("supersedes", tuple(earlier)),
        Link("stands", tuple(row for row in stands if row["n"])),
        Link("control", tuple(control)),
        Link("rules", tuple(rules)),
    ]
    return facts, links
