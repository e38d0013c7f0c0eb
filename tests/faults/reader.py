"""An analyst who never stops: opens ``published/marts.duckdb``, asks some questions that must agree with one another,
closes it, and begins anew. ``python -m tests.faults.reader HOME LOG PAUSE``; ends when its standard input does.

Each line of the log is what one look found: the release and its digest, or ``FAILED`` and why.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path

import duckdb

from tests.faults import powers

QUESTIONS = {
    "fct_disbursement": "SELECT count(*) FROM fct_disbursement",
    "file_ledger": "SELECT count(*) FROM file_ledger",
    "quality_findings": "SELECT count(*) FROM quality_findings",
    "mart_disbursement_reconciliation": "SELECT count(*) FROM mart_disbursement_reconciliation",
}
"""Rows of tables, which the manifest states too."""

AGREE = (
    "SELECT (SELECT coalesce(sum(amount_idr), 0) FROM fct_disbursement WHERE status = 'SUKSES')"
    " >= (SELECT coalesce(sum(paid_idr), 0) FROM mart_disbursement_reconciliation)",
    "SELECT NOT exists(FROM fct_disbursement WHERE file_sha256 NOT IN (SELECT file_sha256 FROM file_ledger))",
    "SELECT NOT exists(FROM quality_findings WHERE file_sha256 NOT IN (SELECT file_sha256 FROM file_ledger))",
)
"""What holds within one release, and would not between two."""


def look(home: Path) -> str:
    """One visit. Raises whatever goes wrong."""
    with duckdb.connect(str(home / "published" / "marts.duckdb"), read_only=True) as release:
        ((release_id,),) = release.execute("SELECT release_id FROM release_info").fetchall()
        counts = {name: release.execute(query).fetchall()[0][0] for name, query in QUESTIONS.items()}
        disagreed = [query for query in AGREE if release.execute(query).fetchall() != [(True,)]]
        ((again,),) = release.execute("SELECT release_id FROM release_info").fetchall()
    manifest = json.loads((home / "published" / "releases" / release_id / "manifest.json").read_text("utf-8"))
    stated = {name: manifest["tables"][name]["rows"] for name in QUESTIONS}
    if disagreed or counts != stated or again != release_id or manifest["release_id"] != release_id:
        raise AssertionError(f"a mix in {release_id}: {counts}, manifest {stated}, {disagreed}")
    return f"{release_id} {'-'.join(map(str, counts.values()))}"


def main(home: Path, log: Path, pause: float) -> None:
    powers.give_up()
    with log.open("a", encoding="utf-8") as lines:
        while not select.select([sys.stdin], [], [], pause)[0]:
            try:
                said = look(home)
            except Exception as error:
                said = f"FAILED {type(error).__name__}: {error}"
            lines.write(said.replace("\n", " ") + "\n")
            lines.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
