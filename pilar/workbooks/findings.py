"""Which files have open findings tonight, and which: from the release (or a held night's candidate) and the warehouse.

Findings and counts are the mart's, so that a workbook says what the report says. The warehouse adds what a release must
not hold: which rows a later delivery has superseded, and who the people are that a finding is about.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pilar import duck
from pilar.config import PROJECT

_LINES = {
    "events": "int_event_lines",
    "rosters": "int_roster_lines",
    "disbursements": "int_disbursement_lines",
    "premiums": "int_premium_lines",
    "decisions": "int_decision_lines",
    "poverty": "int_poverty_lines",
}
"""Feed → the model that holds its rows with their state (macro ``feed_lines``)."""

_PAIRS = ("PERSON_MATCHED", "PERSON_NEAR_MATCH")


@dataclass(frozen=True)
class Finding:
    """An open finding. ``sheet`` and ``row`` are ``None`` where it is about the file as a whole."""

    key: str
    rule_code: str
    severity: str
    sheet: str | None
    row: int | None
    column: str | None
    """Which cell of the row, where a row holds many figures."""
    subject: str | None
    field: str


@dataclass(frozen=True)
class File:
    """A file with open findings, and what became of its rows: read = accepted + quarantined + superseded."""

    feed: str
    sha256: str
    submitter: str
    state: str
    rule_code: str | None
    reason: str | None
    rows_read: int
    rows_accepted: int
    rows_quarantined: int
    rows_superseded: int
    rows_waived: int
    superseded_by: tuple[str, ...]
    received_at: datetime
    findings: tuple[Finding, ...] = field(repr=False)


class Source:
    """A release or candidate, and the warehouse it was made from, both read-only."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, has_warehouse: bool) -> None:
        self._connection = connection
        self._has_warehouse = has_warehouse

    def files(self) -> Iterator[File]:
        """Files with open findings, by feed and name; each with its findings in the order of its rows."""
        listed = self._rows(
            """
            SELECT ledger.* FROM shown.marts.file_ledger AS ledger
            SEMI JOIN (SELECT feed, file_sha256 FROM shown.marts.quality_findings WHERE state = 'open') AS open
                ON ledger.feed = open.feed AND ledger.file_sha256 = open.file_sha256
            WHERE ledger.state <> 'duplicate'
            ORDER BY ledger.feed, ledger.submitter, ledger.file_name, ledger.file_sha256
            """
        )
        for row in listed:
            yield File(
                feed=row["feed"],
                sha256=_plain(row["file_sha256"]),
                submitter=row["submitter"],
                state=row["state"],
                rule_code=row["rule_code"],
                reason=row["reason"],
                rows_read=int(row["rows_read"] or 0),
                rows_accepted=int(row["rows_accepted"] or 0),
                rows_quarantined=int(row["rows_quarantined"] or 0),
                rows_superseded=int(row["rows_superseded"] or 0),
                rows_waived=int(row["rows_waived"] or 0),
                superseded_by=tuple(sorted(_plain(newer) for newer in row["superseded_by"] or [])),
                received_at=row["received_at"],
                findings=tuple(self._findings(row["feed"], row["file_sha256"])),
            )

    def superseded(self, file: File) -> set[tuple[str, int]] | None:
        """(sheet, row) of the rows that later deliveries hold; ``None`` where nobody can tell which they are."""
        if not file.rows_superseded:
            return set()
        if not self._has_warehouse or file.feed not in _LINES:
            return None
        rows = self._connection.execute(
            f"SELECT DISTINCT sheet, source_row FROM built.intermediate.{_LINES[file.feed]} "
            "WHERE file_sha256 = ? AND row_state = 'superseded'",
            [file.sha256],
        ).fetchall()
        return {(str(sheet), int(row)) for sheet, row in rows}

    def about(self, finding: Finding) -> str:
        """Whom or what a finding is about that its row does not show: both of a pair, a missing person, a district."""
        subject = finding.subject or ""
        if finding.rule_code == "TKSK_DISTRICT_NONE":
            return _districts().get(subject, subject)
        if finding.rule_code in _PAIRS:
            return "\n".join(filter(None, map(self._node, subject.split())))
        if finding.rule_code == "PERSON_ABSENT":
            return self._person(subject.partition(" | ")[0]) or subject
        return ""

    def _findings(self, feed: str, file_sha256: str) -> Iterator[Finding]:
        rows = self._connection.execute(
            """
            SELECT finding_key, rule_code, severity, sheet, source_row, source_column, subject, field
            FROM shown.marts.quality_findings WHERE state = 'open' AND feed = ? AND file_sha256 = ?
            ORDER BY sheet NULLS FIRST, source_row NULLS FIRST, source_column, rule_code, finding_key
            """,
            [feed, file_sha256],
        ).fetchall()
        return (Finding(*row) for row in rows)

    def _node(self, node_id: str) -> str | None:
        return self._who("person.node_id = ?", node_id)

    def _person(self, participant_id: str) -> str | None:
        return self._who("person.participant_id = ?", participant_id)

    def _who(self, condition: str, value: str) -> str | None:
        """The newest row that names the person: ``NAMA, NIK …, lahir …, PKH (file, lembar, baris 12)``."""
        if not self._has_warehouse:
            return None
        rows = self._rows(
            f"""
            SELECT
                state.name, state.nik, state.birth_date, state.pillar_code,
                state.file_name, state.sheet, state.source_row
            FROM built.intermediate.int_people AS person
            INNER JOIN built.intermediate.int_roster_states AS state ON person.node_key = state.node_key
            WHERE {condition}
            ORDER BY state.row_state = 'accepted' DESC, state.delivered_at DESC, state.file_name, state.source_row
            LIMIT 1
            """,
            [value],
        )
        if not rows:
            return None
        row = rows[0]
        told = [row["name"], f"NIK {row['nik']}" if row["nik"] else None]
        told += [f"{row['birth_date']:%d/%m/%Y}" if row["birth_date"] else None, row["pillar_code"]]
        place = f"{row['file_name']}, {row['sheet']}, baris/row {row['source_row']}"
        return f"{', '.join(filter(None, told))} ({place})"

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        cursor = self._connection.execute(query, list(values))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def opened(shown: Path, warehouse: Path) -> Iterator[Source]:
    """Open a release or candidate, and the warehouse if it is there: for a step that holds its pool slot."""
    has_warehouse = warehouse.is_file()
    with duck.attached({"shown": shown} | ({"built": warehouse} if has_warehouse else {})) as connection:
        yield Source(connection, has_warehouse=has_warehouse)


def _plain(digest: str) -> str:
    """A hash without the hyphens that a release puts into runs of 16 digits."""
    return digest.replace("-", "")


@cache
def _districts() -> dict[str, str]:
    """Home Ministry code → ``Kecamatan Dander (352215)``."""
    with (PROJECT / "dbt_project" / "seeds" / "districts.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["kemendagri_code"]: f"Kecamatan {row['district_name']} ({row['kemendagri_code']})"
            for row in csv.DictReader(stream)
        }
