"""What is asked of two releases, matter by matter, as set-based SQL over the views of :mod:`pilar.difference.sides`.

``old`` is the release before, ``new`` the one after. A change of a whole (a person, a payee, a month) goes into a
temporary table first, so that it is counted, summed and shown from one reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pilar.difference.sides import Columns

TEXT, MONEY, WHOLE, DAY, MOMENT, FLAG = "VARCHAR", "DECIMAL(18, 2)", "BIGINT", "DATE", "TIMESTAMP", "BOOLEAN"
FIGURE, LIST = "DECIMAL(18, 4)", "VARCHAR[]"


@dataclass(frozen=True)
class Ask:
    """One list: ``source`` is a relation or query, ``order`` how its rows are shown."""

    name: str
    source: str
    order: str
    sums: bool = False
    """Sums over many changes are short and always given whole (within reason); single changes are examples."""


@dataclass(frozen=True)
class Topic:
    """One section of a difference."""

    name: str
    needs: Mapping[str, Columns]
    """Tables and columns without which the matter cannot be compared."""
    asks: tuple[Ask, ...]
    prepare: tuple[str, ...] = ()
    """Statements that make the temporary tables that the asks read."""
    wants: Mapping[str, Columns] = field(default_factory=dict)
    """Tables and columns that are compared where both releases have them."""
    looked_up: frozenset[str] = frozenset()
    """Tables that only give names: read even when they are equal in both releases."""
    of_people: bool = False
    """Names people by their pseudonyms: needs one key behind both releases."""

    @property
    def tables(self) -> list[str]:
        return sorted({*self.needs, *self.wants})


_VERSION = {"pillar_code": TEXT, "region_code": TEXT, "district_code": TEXT, "status": TEXT}

PEOPLE = Topic(
    "people",
    of_people=True,
    needs={"dim_participant": {"participant_id": TEXT, "is_current": FLAG, "valid_from": DAY, "valid_to": DAY}},
    wants={
        "dim_participant": {**_VERSION, "sex": TEXT, "birth_year": WHOLE},
        "dim_region": {"region_code": TEXT, "region_name": TEXT},
    },
    looked_up=frozenset({"dim_region"}),
    prepare=(
        """
        CREATE TEMP TABLE region_names AS
        SELECT region_code, any_value(region_name) AS region_name
        FROM (FROM new_dim_region UNION ALL FROM old_dim_region) GROUP BY region_code
        """,
        """
        CREATE TEMP TABLE people_versions AS
        WITH old AS (
            SELECT participant_id, bit_xor(hash(old_dim_participant)) AS history, count(*) AS versions
            FROM old_dim_participant GROUP BY 1
        ), new AS (
            SELECT participant_id, bit_xor(hash(new_dim_participant)) AS history, count(*) AS versions
            FROM new_dim_participant GROUP BY 1
        )
        SELECT coalesce(old.participant_id, new.participant_id) AS participant_id,
            old.versions AS versions_before, new.versions AS versions_after
        FROM old FULL JOIN new ON old.participant_id = new.participant_id
        WHERE old.history IS DISTINCT FROM new.history OR old.versions IS DISTINCT FROM new.versions
        """,
        """
        CREATE TEMP TABLE people_changed AS
        WITH old AS (FROM old_dim_participant SEMI JOIN people_versions USING (participant_id) WHERE is_current),
        new AS (FROM new_dim_participant SEMI JOIN people_versions USING (participant_id) WHERE is_current)
        SELECT changed.participant_id,
            changed.versions_before IS NULL AS is_in,
            changed.versions_after IS NULL AS is_out,
            old.pillar_code AS pillar_before, new.pillar_code AS pillar_after,
            old.region_code AS region_before, new.region_code AS region_after,
            old.district_code AS district_before, new.district_code AS district_after,
            old.status AS status_before, new.status AS status_after
        FROM people_versions AS changed
        LEFT JOIN old ON changed.participant_id = old.participant_id
        LEFT JOIN new ON changed.participant_id = new.participant_id
        """,
        """
        CREATE TEMP TABLE people_moves AS
        WITH named AS (
            SELECT changed.*,
                coalesce(old_region.region_name, region_before) AS place_before,
                coalesce(new_region.region_name, region_after) AS place_after
            FROM people_changed AS changed
            LEFT JOIN region_names AS old_region ON changed.region_before = old_region.region_code
            LEFT JOIN region_names AS new_region ON changed.region_after = new_region.region_code
        ), stayed AS (FROM named WHERE NOT is_in AND NOT is_out), moves AS (
            SELECT 1 AS rank, participant_id, 'in' AS change, NULL AS "before",
                concat_ws(', ', pillar_after, place_after) AS "after" FROM named WHERE is_in
            UNION ALL
            SELECT 2, participant_id, 'out', concat_ws(', ', pillar_before, place_before), NULL FROM named WHERE is_out
            UNION ALL
            SELECT 3, participant_id, 'pillar', pillar_before, pillar_after FROM stayed
            WHERE pillar_before IS DISTINCT FROM pillar_after
            UNION ALL
            SELECT 4, participant_id, 'region', place_before, place_after FROM stayed
            WHERE region_before IS DISTINCT FROM region_after
            UNION ALL
            SELECT 5, participant_id, 'status', status_before, status_after FROM stayed
            WHERE status_before IS DISTINCT FROM status_after
            UNION ALL
            SELECT 6, participant_id, 'district', district_before, district_after FROM stayed
            WHERE district_before IS DISTINCT FROM district_after
        )
        FROM moves
        UNION ALL
        SELECT 7, participant_id, 'history', NULL, NULL FROM stayed ANTI JOIN moves USING (participant_id)
        """,
    ),
    asks=(
        Ask(
            "counts",
            """
            SELECT change, CASE WHEN change <> 'district' THEN "before" END AS "before",
                CASE WHEN change <> 'district' THEN "after" END AS "after", count(*) AS people
            FROM people_moves GROUP BY rank, change, 2, 3
            """,
            'change, people DESC, "before", "after"',
            sums=True,
        ),
        Ask(
            "examples",
            'SELECT change, participant_id, "before", "after" FROM people_moves',
            "change, participant_id",
        ),
    ),
)

_SUMS = dict.fromkeys(("entitled_idr", "instructed_idr", "paid_idr", "returned_idr"), MONEY)
_PAYEE = {"event_id": TEXT, "benefit_code": TEXT, "participant_id": TEXT, "outcome": TEXT, **_SUMS}
_DIFFERS = " OR ".join(f"old.{name} IS DISTINCT FROM new.{name}" for name in ("outcome", *_SUMS))

OUTCOMES = Topic(
    "outcomes",
    of_people=True,
    needs={"mart_disbursement_reconciliation": _PAYEE},
    wants={"mart_disbursement_reconciliation": {"account_key": TEXT, "pillar_code": TEXT, "region_code": TEXT}},
    prepare=(
        f"""
        CREATE TEMP TABLE outcome_moves AS
        WITH old AS (
            SELECT *, coalesce(participant_id, account_key) AS payee FROM old_mart_disbursement_reconciliation
        ), new AS (
            SELECT *, coalesce(participant_id, account_key) AS payee FROM new_mart_disbursement_reconciliation
        )
        SELECT coalesce(new.event_id, old.event_id) AS event_id,
            coalesce(new.benefit_code, old.benefit_code) AS benefit_code,
            coalesce(new.payee, old.payee) AS payee,
            coalesce(new.pillar_code, old.pillar_code) AS pillar_code,
            coalesce(new.region_code, old.region_code) AS region_code,
            old.outcome AS "before", new.outcome AS "after",
            coalesce(new.entitled_idr, 0) - coalesce(old.entitled_idr, 0) AS entitled_moved,
            coalesce(new.paid_idr, 0) - coalesce(old.paid_idr, 0) AS paid_moved,
            coalesce(new.returned_idr, 0) - coalesce(old.returned_idr, 0) AS returned_moved
        FROM old FULL JOIN new
            ON old.event_id = new.event_id AND old.benefit_code = new.benefit_code AND old.payee = new.payee
        WHERE {_DIFFERS}
        """,
    ),
    asks=(
        Ask(
            "counts",
            """
            SELECT event_id, benefit_code, "before", "after", count(*) AS payees,
                sum(entitled_moved) AS entitled_moved, sum(paid_moved) AS paid_moved,
                sum(returned_moved) AS returned_moved
            FROM outcome_moves GROUP BY ALL
            """,
            'event_id, benefit_code, payees DESC, "before", "after"',
            sums=True,
        ),
        Ask("payees", "outcome_moves", 'event_id, benefit_code, "before", "after", payee'),
    ),
)

_BY_EVENT = ", ".join(f"sum({name}) AS {name}" for name in _SUMS)
_PAIRS = ", ".join(
    f"coalesce(old.{name}, 0) AS {name.removesuffix('_idr')}_before, "
    f"coalesce(new.{name}, 0) AS {name.removesuffix('_idr')}_after"
    for name in _SUMS
)

MONEY_MOVED = Topic(
    "money",
    needs={"mart_disbursement_reconciliation": {"event_id": TEXT, "benefit_code": TEXT, **_SUMS}},
    asks=(
        Ask(
            "by_event",
            f"""
            WITH old AS (
                SELECT event_id, benefit_code, count(*) AS payees, {_BY_EVENT}
                FROM old_mart_disbursement_reconciliation GROUP BY ALL
            ), new AS (
                SELECT event_id, benefit_code, count(*) AS payees, {_BY_EVENT}
                FROM new_mart_disbursement_reconciliation GROUP BY ALL
            )
            SELECT coalesce(new.event_id, old.event_id) AS event_id,
                coalesce(new.benefit_code, old.benefit_code) AS benefit_code,
                coalesce(old.payees, 0) AS payees_before, coalesce(new.payees, 0) AS payees_after, {_PAIRS}
            FROM old FULL JOIN new ON old.event_id = new.event_id AND old.benefit_code = new.benefit_code
            WHERE old.payees IS DISTINCT FROM new.payees
                OR {" OR ".join(f"old.{name} IS DISTINCT FROM new.{name}" for name in _SUMS)}
            """,
            "event_id, benefit_code",
            sums=True,
        ),
    ),
)

TRANSFERS = Topic(
    "transfers",
    needs={"fct_disbursement": {"reference_no": TEXT, "status": TEXT, "amount_idr": MONEY}},
    wants={"fct_disbursement": {"event_id": TEXT, "batch": TEXT, "reason_code": TEXT, "file_sha256": TEXT}},
    prepare=(
        """
        CREATE TEMP TABLE transfer_moves AS
        SELECT coalesce(new.reference_no, old.reference_no) AS reference_no,
            coalesce(new.event_id, old.event_id) AS event_id,
            old.status AS "before", new.status AS "after",
            old.amount_idr AS amount_before, new.amount_idr AS amount_after, new.reason_code,
            new.file_sha256
        FROM old_fct_disbursement AS old
        FULL JOIN new_fct_disbursement AS new ON old.reference_no = new.reference_no
        WHERE old.status IS DISTINCT FROM new.status OR old.amount_idr IS DISTINCT FROM new.amount_idr
        """,
    ),
    asks=(
        Ask(
            "counts",
            """
            SELECT event_id, "before", "after", count(*) AS transfers, coalesce(sum(amount_before), 0) AS amount_before,
                coalesce(sum(amount_after), 0) AS amount_after
            FROM transfer_moves GROUP BY ALL
            """,
            'event_id, transfers DESC, "before", "after"',
            sums=True,
        ),
        Ask("examples", "SELECT * EXCLUDE (file_sha256) FROM transfer_moves", '"before", "after", reference_no'),
    ),
)

COVER = Topic(
    "cover",
    of_people=True,
    needs={
        "mart_premium_coverage": {
            "participant_id": TEXT, "year": WHOLE, "months_expected": WHOLE, "months_covered": WHOLE,
            "gap_months": LIST,
        }
    },
    prepare=(
        """
        CREATE TEMP TABLE cover_moves AS
        WITH pairs AS (
            SELECT coalesce(new.participant_id, old.participant_id) AS participant_id,
                coalesce(new.year, old.year) AS year,
                coalesce(old.months_expected, 0) AS expected_before, coalesce(new.months_expected, 0) AS expected_after,
                coalesce(old.months_covered, 0) AS covered_before, coalesce(new.months_covered, 0) AS covered_after,
                coalesce(old.gap_months, []) AS gaps_before, coalesce(new.gap_months, []) AS gaps_after
            FROM old_mart_premium_coverage AS old
            FULL JOIN new_mart_premium_coverage AS new
                ON old.participant_id = new.participant_id AND old.year = new.year
            WHERE old.months_expected IS DISTINCT FROM new.months_expected
                OR old.months_covered IS DISTINCT FROM new.months_covered
                OR old.gap_months IS DISTINCT FROM new.gap_months
        )
        SELECT * EXCLUDE (gaps_before, gaps_after),
            list_filter(gaps_after, lambda gap: NOT list_contains(gaps_before, gap)) AS opened,
            list_filter(gaps_before, lambda gap: NOT list_contains(gaps_after, gap)) AS closed
        FROM pairs
        """,
    ),
    asks=(
        Ask(
            "by_year",
            """
            SELECT year, count(*) AS people, sum(expected_after - expected_before) AS months_expected_moved,
                sum(covered_after - covered_before) AS months_covered_moved,
                sum(len(opened)) AS gaps_opened, sum(len(closed)) AS gaps_closed
            FROM cover_moves GROUP BY year
            """,
            "year",
            sums=True,
        ),
        Ask("people", "cover_moves", "year, participant_id"),
    ),
)  # fmt: skip

_CELL = ("region_code", "area_type", "period", "indicator")
_SAME_CELL = " AND ".join(f"old.{name} = new.{name}" for name in _CELL)

FIGURES = Topic(
    "figures",
    needs={"fct_poverty": {**dict.fromkeys(_CELL, TEXT), "value": FIGURE, "vintage": WHOLE, "is_latest": FLAG}},
    wants={
        "fct_poverty": {"file_sha256": TEXT, "table_title": TEXT},
        "dim_region": {"region_code": TEXT, "region_name": TEXT},
    },
    looked_up=frozenset({"dim_region"}),
    prepare=(
        f"""
        CREATE TEMP TABLE figure_moves AS
        WITH old AS (FROM old_fct_poverty WHERE is_latest), new AS (FROM new_fct_poverty WHERE is_latest)
        SELECT {", ".join(f"coalesce(new.{name}, old.{name}) AS {name}" for name in _CELL)},
            CASE WHEN old.value IS NULL THEN 'added' WHEN new.value IS NULL THEN 'removed' ELSE 'revised' END AS change,
            old.value AS "before", new.value AS "after", old.vintage AS vintage_before, new.vintage AS vintage_after,
            new.table_title, new.file_sha256
        FROM old FULL JOIN new ON {_SAME_CELL}
        WHERE old.value IS DISTINCT FROM new.value
        """,
    ),
    asks=(
        Ask(
            "counts",
            "SELECT change, indicator, period, count(*) AS figures FROM figure_moves GROUP BY ALL",
            "change DESC, indicator, period",
            sums=True,
        ),
        Ask(
            "revised",
            """
            SELECT region_code, region_name, period, area_type, indicator, "before", "after",
                vintage_before, vintage_after, table_title
            FROM figure_moves
            LEFT JOIN (SELECT region_code, any_value(region_name) AS region_name FROM new_dim_region GROUP BY 1)
                USING (region_code)
            WHERE change = 'revised'
            """,
            "region_code, period, indicator, area_type",
        ),
        Ask(
            "added",
            """
            SELECT region_code, period, area_type, indicator, "after", table_title FROM figure_moves
            WHERE change = 'added'
            """,
            "region_code, period, indicator, area_type",
        ),
        Ask(
            "removed",
            "SELECT region_code, period, area_type, indicator, \"before\" FROM figure_moves WHERE change = 'removed'",
            "region_code, period, indicator, area_type",
        ),
        Ask(
            "kept_beside",
            f"""
            SELECT new.region_code, new.period, new.area_type, new.indicator, new.value, new.table_title
            FROM new_fct_poverty AS new
            ANTI JOIN old_fct_poverty AS old ON {_SAME_CELL} AND old.value = new.value
            WHERE NOT new.is_latest
            """,
            "region_code, period, indicator, area_type, value",
        ),
    ),
)

CLAIMS = Topic(
    "claims",
    needs={"mart_claims": {"claim_id": TEXT, "verdict": TEXT, "recomputed_value": FIGURE}},
    wants={"mart_claims": {"claim_text": TEXT, "claim_text_en": TEXT, "published_value": FIGURE}},
    asks=(
        Ask(
            "verdicts",
            """
            SELECT coalesce(new.claim_id, old.claim_id) AS claim_id, old.verdict AS "before", new.verdict AS "after",
                old.recomputed_value AS recomputed_before, new.recomputed_value AS recomputed_after,
                coalesce(new.published_value, old.published_value) AS published_value,
                coalesce(new.claim_text, old.claim_text) AS claim_text,
                coalesce(new.claim_text_en, old.claim_text_en) AS claim_text_en
            FROM old_mart_claims AS old FULL JOIN new_mart_claims AS new ON old.claim_id = new.claim_id
            WHERE old.verdict IS DISTINCT FROM new.verdict OR old.recomputed_value IS DISTINCT FROM new.recomputed_value
            """,
            "claim_id",
            sums=True,
        ),
    ),
)

FINDINGS = Topic(
    "findings",
    needs={"quality_findings": {"finding_key": TEXT, "rule_code": TEXT, "state": TEXT}},
    wants={
        "quality_findings": {
            "severity": TEXT, "feed": TEXT, "file_name": TEXT, "sheet": TEXT, "source_row": WHOLE, "subject": TEXT,
        }
    },
    prepare=(
        """
        CREATE TEMP TABLE finding_moves AS
        WITH old AS (
            FROM old_quality_findings WHERE getvariable('same_keys') OR subject IS NULL
        ), new AS (
            FROM new_quality_findings WHERE getvariable('same_keys') OR subject IS NULL
        )
        SELECT coalesce(new.finding_key, old.finding_key) AS finding_key,
            coalesce(new.rule_code, old.rule_code) AS rule_code, coalesce(new.severity, old.severity) AS severity,
            CASE
                WHEN old.state IS NULL AND new.state = 'open' THEN 'opened'
                WHEN new.state = 'open' THEN 'reopened'
                WHEN new.state IS NULL THEN 'gone'
                ELSE new.state
            END AS change,
            coalesce(new.feed, old.feed) AS feed, coalesce(new.file_name, old.file_name) AS file_name,
            coalesce(new.sheet, old.sheet) AS sheet, coalesce(new.source_row, old.source_row) AS source_row,
            coalesce(new.subject, old.subject) AS subject
        FROM old FULL JOIN new ON old.finding_key = new.finding_key
        WHERE (coalesce(old.state, '-') = 'open') <> (coalesce(new.state, '-') = 'open')
        """,
    ),
    asks=(
        Ask(
            "counts",
            "SELECT change, rule_code, severity, count(*) AS findings FROM finding_moves GROUP BY ALL",
            "change IN ('opened', 'reopened') DESC, change, findings DESC, rule_code",
            sums=True,
        ),
        Ask("examples", "finding_moves", "change IN ('opened', 'reopened') DESC, change, rule_code, finding_key"),
    ),
)  # fmt: skip

_FILE = {"feed": TEXT, "file_name": TEXT, "file_sha256": TEXT, "state": TEXT}
_ROWS = dict.fromkeys(("rows_read", "rows_accepted", "rows_quarantined", "rows_superseded"), WHOLE)
_MOVED = {
    "transfers": """
        SELECT file_sha256, 'transfers' AS what, count(*) AS n,
            sum(coalesce(amount_after, 0) - coalesce(amount_before, 0)) AS amount_moved
        FROM transfer_moves WHERE file_sha256 IS NOT NULL GROUP BY file_sha256
        """,
    "figures": """
        SELECT file_sha256, 'figures' AS what, count(*) AS n, NULL::DECIMAL(18, 2) AS amount_moved
        FROM figure_moves WHERE file_sha256 IS NOT NULL GROUP BY file_sha256
        """,
    "months": """
        SELECT new.file_sha256, 'months' AS what, count(*) AS n,
            sum(coalesce(new.paid_idr, 0) - coalesce(old.paid_idr, 0)) AS amount_moved
        FROM new_fct_premium_month AS new
        LEFT JOIN old_fct_premium_month AS old
            ON coalesce(new.participant_id, new.member_key) = coalesce(old.participant_id, old.member_key)
            AND new.coverage_month = old.coverage_month
        WHERE new.file_sha256 IS NOT NULL AND getvariable('same_keys')
            AND (old.status IS DISTINCT FROM new.status OR old.paid_idr IS DISTINCT FROM new.paid_idr)
        GROUP BY new.file_sha256
        """,
    "promises": """
        SELECT new.file_sha256, 'promises' AS what, count(*) AS n,
            sum(new.entitled_idr - coalesce(old.entitled_idr, 0)) AS amount_moved
        FROM new_fct_entitlement AS new
        LEFT JOIN old_fct_entitlement AS old
            ON new.event_id = old.event_id AND new.benefit_code = old.benefit_code
            AND new.participant_id = old.participant_id
        WHERE getvariable('same_keys') AND new.entitled_idr IS DISTINCT FROM old.entitled_idr
        GROUP BY new.file_sha256
        """,
}

FILES = Topic(
    "files",
    needs={"file_ledger": {**_FILE, **_ROWS}},
    wants={
        "file_ledger": {"delivered_at": MOMENT, "superseded_by": LIST, "submitter": TEXT, "rule_code": TEXT},
        "fct_premium_month": {
            "participant_id": TEXT, "member_key": TEXT, "coverage_month": TEXT, "status": TEXT, "paid_idr": MONEY,
            "file_sha256": TEXT,
        },
        "fct_entitlement": {
            "event_id": TEXT, "benefit_code": TEXT, "participant_id": TEXT, "entitled_idr": MONEY, "file_sha256": TEXT,
        },
    },
    prepare=(
        """
        CREATE TEMP TABLE files_came AS
        FROM new_file_ledger AS new
        ANTI JOIN old_file_ledger AS old
            ON new.feed = old.feed AND new.file_name = old.file_name AND new.file_sha256 = old.file_sha256
            AND new.delivered_at IS NOT DISTINCT FROM old.delivered_at
        """,
        f"CREATE TEMP TABLE files_moved AS {' UNION ALL '.join(_MOVED.values())}",
    ),
    asks=(
        Ask(
            "came",
            """
            SELECT feed, file_name, state, rows_read, rows_accepted, rows_quarantined, rows_superseded, rule_code,
                delivered_at, file_sha256
            FROM files_came
            """,
            "feed, file_name, delivered_at",
        ),
        Ask(
            "corrections",
            """
            WITH shrunk AS (
                SELECT new.feed, new.file_name, new.file_sha256, new.delivered_at,
                    new.rows_superseded - old.rows_superseded AS rows_superseded, unnest(new.superseded_by) AS by_sha256
                FROM new_file_ledger AS new
                INNER JOIN old_file_ledger AS old
                    ON new.feed = old.feed AND new.file_name = old.file_name AND new.file_sha256 = old.file_sha256
                    AND new.delivered_at IS NOT DISTINCT FROM old.delivered_at
                WHERE new.rows_superseded > old.rows_superseded AND new.state <> 'duplicate'
            )
            SELECT later.feed, later.file_name, later.file_sha256, later.delivered_at,
                shrunk.file_name AS corrects, shrunk.file_sha256 AS corrects_sha256,
                shrunk.rows_superseded, date_diff('day', shrunk.delivered_at, later.delivered_at) AS days_later
            FROM shrunk
            INNER JOIN files_came AS later
                ON shrunk.feed = later.feed AND shrunk.by_sha256 = later.file_sha256 AND later.state <> 'duplicate'
            """,
            "feed, file_name, corrects",
        ),
        Ask(
            "counted_anew",
            """
            SELECT new.feed, new.file_name,
                old.rows_accepted AS accepted_before, new.rows_accepted AS accepted_after,
                old.rows_quarantined AS quarantined_before, new.rows_quarantined AS quarantined_after,
                old.rows_superseded AS superseded_before, new.rows_superseded AS superseded_after
            FROM new_file_ledger AS new
            INNER JOIN old_file_ledger AS old
                ON new.feed = old.feed AND new.file_name = old.file_name AND new.file_sha256 = old.file_sha256
                AND new.delivered_at IS NOT DISTINCT FROM old.delivered_at
            WHERE (old.rows_accepted, old.rows_quarantined, old.rows_superseded)
                IS DISTINCT FROM (new.rows_accepted, new.rows_quarantined, new.rows_superseded)
            """,
            "feed, file_name",
        ),
        Ask(
            "moved",
            """
            SELECT came.feed, came.file_name, came.file_sha256, moved.what, moved.n, moved.amount_moved
            FROM files_moved AS moved
            INNER JOIN files_came AS came ON moved.file_sha256 = came.file_sha256 AND came.state <> 'duplicate'
            """,
            "feed, file_name, what",
            sums=True,
        ),
    ),
)  # fmt: skip

TOPICS = (TRANSFERS, FIGURES, FILES, PEOPLE, MONEY_MOVED, OUTCOMES, COVER, CLAIMS, FINDINGS)
"""In the order in which they are asked: FILES reads what TRANSFERS and FIGURES have prepared."""

TOLD = ("files", "people", "money", "outcomes", "transfers", "cover", "figures", "claims", "findings", "tables")
"""In the order in which they are told. ``tables`` is what the catalogs say: see :mod:`pilar.difference.compare`."""
