"""What a reader waits: typical questions to a release, and the same to the raw tables that the bare script leaves.

    .venv/bin/python bench/readers.py SCRATCH [--rounds 5]

SCRATCH is what `scale.py --scratch` left: `home/` of a night and `bare.duckdb`. Each question is asked of either in
turn, in a connection of its own (a reader opens the file, asks, and goes), two threads; printed are medians in
milliseconds.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import duckdb
from scale import bare_database, home_of

QUESTIONS = {
    "money by kab/kota": (
        """
        SELECT region_code, sum(entitled_idr), sum(paid_idr)
        FROM mart_disbursement_reconciliation GROUP BY ALL ORDER BY ALL
        """,
        """
        SELECT entitlement.region_code, sum(line.entitled_idr), sum(line.paid_idr)
        FROM reconciliation AS line
        LEFT JOIN entitlement
            ON line.event_id = entitlement.event_id AND line.nik = entitlement.nik
            AND entitlement.benefit_code = 'TALI_ASIH'
        GROUP BY ALL ORDER BY ALL
        """,
    ),
    "outcomes by event": (
        """
        SELECT event_id, outcome, count(*), sum(paid_idr)
        FROM mart_disbursement_reconciliation GROUP BY ALL ORDER BY ALL
        """,
        "SELECT event_id, outcome, count(*), sum(paid_idr) FROM reconciliation GROUP BY ALL ORDER BY ALL",
    ),
    "instruction to settlement by batch": (
        """
        SELECT batch, status, count(*), sum(amount_idr), quantile_disc(settled_on - instructed_on, 0.5)
        FROM fct_disbursement WHERE settled_on IS NOT NULL GROUP BY ALL ORDER BY ALL
        """,
        """
        SELECT batch, status, count(*), sum(amount_idr), quantile_disc(settled_on - instructed_on, 0.5)
        FROM transfer WHERE settled_on IS NOT NULL AND rule_code IS NULL GROUP BY ALL ORDER BY ALL
        """,
    ),
    "one reference": (
        "SELECT * FROM fct_disbursement WHERE reference_no = 'BJTM0500000042'",
        "SELECT * FROM transfer WHERE reference_no = 'BJTM0500000042'",
    ),
    "retries that worked": (
        """
        SELECT again.status, count(*), sum(again.amount_idr)
        FROM fct_disbursement AS again INNER JOIN fct_disbursement AS first ON again.retry_of = first.reference_no
        GROUP BY ALL ORDER BY ALL
        """,
        """
        SELECT again.status, count(*), sum(again.amount_idr)
        FROM transfer AS again INNER JOIN transfer AS first ON again.retry_of = first.reference_no
        GROUP BY ALL ORDER BY ALL
        """,
    ),
    "premium gaps by month": (
        """
        SELECT month, count(*)
        FROM (SELECT unnest(gap_months) AS month FROM mart_premium_coverage) GROUP BY ALL ORDER BY ALL
        """,
        "SELECT month, count(*) FROM (SELECT unnest(gap_months) AS month FROM coverage) GROUP BY ALL ORDER BY ALL",
    ),
}
"""Question → how a release and how the bare tables are asked."""


def asked(path: Path, query: str) -> tuple[float, int]:
    """Milliseconds from opening the file to the last row, and how many rows there were."""
    started = time.perf_counter()
    with duckdb.connect(str(path), read_only=True, config={"threads": 2}) as reader:
        rows = len(reader.execute(query).fetchall())
    return (time.perf_counter() - started) * 1000, rows


def main(scratch: Path, rounds: int) -> None:
    places = (home_of(scratch) / "published" / "marts.duckdb", bare_database(scratch))
    print("| question, milliseconds | release | bare tables | release / bare | rows |\n| --- | --- | --- | --- | --- |")
    for question, queries in QUESTIONS.items():
        taken: tuple[list[float], list[float]] = ([], [])
        rows = 0
        for _ in range(rounds):
            for place, query, kept in zip(places, queries, taken, strict=True):
                spent, rows = asked(place, query)
                kept.append(spent)
        of_release, of_bare = (statistics.median(one) for one in taken)
        print(
            f"| {question} | {of_release:,.1f} | {of_bare:,.1f} | {of_release / of_bare:.2f} | {rows:,} |", flush=True
        )


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("scratch", type=Path)
    wanted.add_argument("--rounds", type=int, default=5)
    given = wanted.parse_args()
    main(given.scratch.resolve(), given.rounds)
