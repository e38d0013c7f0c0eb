"""The two gates: ``judge`` runs a gate's suites on a DuckDB file and says whether the night is held.

A gate reads the severity of each expectation itself (to Great Expectations a failed warning is a failed run): a
failed ``critical`` holds, a failed ``warning`` or ``info`` is reported. What could not be evaluated counts as a
critical failure, and so does a table that is not there.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from pilar import duck
from pilar.quality import docs as data_docs
from pilar.quality.suites import SCHEMAS, GateName, Suite, suites
from pilar.quality.verdict import Result, Verdict

__all__ = ["Result", "Verdict", "judge"]


def judge(
    gate: GateName,
    database: Path,
    *,
    docs: Path | None,
    night_id: str,
    only: set[str] | None = None,
    suite_folder: Path | None = None,
) -> Verdict:
    """Judge a database.

    Args:
        gate: ``arrivals`` looks at schema ``raw`` of the warehouse, ``candidate`` at ``marts`` of a release file.
        database: the DuckDB file; opened read-only and given back before this returns.
        docs: folder for Data Docs (see :mod:`pilar.quality.docs`); ``None`` builds none.
        night_id: names the Data Docs of this run.
        only: tables to judge; ``None`` is all that have a suite.
        suite_folder: where the suites lie; ``None`` is ``expectations/`` of the checkout.

    Raises:
        FileNotFoundError: there is no such database.
        ValueError: a suite is malformed, or ``only`` names a table without a suite.
    """
    started = time.monotonic()
    if not database.is_file():
        raise FileNotFoundError(f"no database at {database.name}")
    chosen = _chosen(suites(gate, suite_folder), only)
    rows = _row_counts(database, SCHEMAS[gate], {suite.table for suite in chosen})
    # Great Expectations reads this once, when it is imported: no telemetry.
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    # Imported here: Great Expectations costs about 6 s, which only a gate should pay.
    from pilar.quality.runner import Runner

    judged: dict[str, list[Result]] = {}
    with data_docs.workshop(docs) as site, Runner(gate, database, night_id, site) as runner:
        for suite in chosen:
            # A published table may be empty, as its suite knows; a feed without news has nothing to judge.
            if suite.table in rows and (gate == "candidate" or rows[suite.table] > 0):
                judged[suite.table] = runner.run(suite)
            else:
                judged[suite.table] = [_without_rows(suite, exists=suite.table in rows)]
        if docs is not None and site is not None:
            runner.build_docs()
            data_docs.publish(site, docs, gate, night_id, _verdict(gate, night_id, judged, started).as_dict())
    return _verdict(gate, night_id, judged, started)


def _verdict(gate: GateName, night_id: str, judged: dict[str, list[Result]], started: float) -> Verdict:
    results = [result for of_table in judged.values() for result in of_table]
    held = any(item.severity == "critical" and not item.success for item in results)
    return Verdict(gate, night_id, held, results, round(time.monotonic() - started, 3))


def _chosen(known: list[Suite], only: set[str] | None) -> list[Suite]:
    unknown = (only or set()) - {suite.table for suite in known}
    if unknown:
        raise ValueError(f"no suite for {', '.join(sorted(unknown))}")
    return [suite for suite in known if only is None or suite.table in only]


def _row_counts(database: Path, schema: str, tables: set[str]) -> dict[str, int]:
    """Rows of those of the tables (views among them) that the schema has; others are not computed for nothing."""
    with duck.attached({"judged": database}) as connection:
        names = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'judged' AND table_schema = ?",
            [schema],
        ).fetchall()
        counts = {}
        for name in sorted(tables.intersection(str(row[0]) for row in names)):
            counted = connection.execute(f'SELECT count(*) FROM judged."{schema}"."{name}"').fetchone()
            counts[name] = counted[0] if counted else 0
    return counts


def _without_rows(suite: Suite, *, exists: bool) -> Result:
    """A table that is missing is a fault; arrivals without rows are a quiet night."""
    return Result(
        suite=suite.name,
        table=suite.table,
        expectation="rows_arrived" if exists else "table_exists",
        column=None,
        severity="info" if exists else "critical",
        success=exists,
        observed=0 if exists else "tabel tidak ada / table is missing",
        description_id="Tidak ada baris baru malam ini." if exists else "Tabel harus ada.",
        description_en="No new rows tonight." if exists else "The table must exist.",
        owner="operator",
    )
