"""Which files have open findings tonight, and which: from the release (or a held night's candidate) and the warehouse.

Findings and counts are the mart's, so that a workbook says what the report says. The warehouse adds what a release must
not hold: which rows a later delivery has superseded, and who the people are that a finding is about.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pilar import duck
from pilar.config import PROJECT
from pilar.publish import publishable

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

_BATCH = 5000
"""Rows that are held at once."""

_COLUMNS = "finding_key, rule_code, severity, sheet, source_row, source_column, subject, field"
"""Of a finding, in the order of :class:`Finding`."""


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
    counts: tuple[tuple[str, str, int], ...]
    """Of the open findings: rule, severity, how many; by rule."""
    made_of: str
    """Changes with any of its open findings."""
    findings: tuple[Finding, ...] = field(default=(), repr=False)
    """What :meth:`Source.with_findings` has read of them, in the order of the rows."""

    @property
    def count(self) -> int:
        return sum(count for _, _, count in self.counts)


class Source:
    """A release or candidate, and the warehouse it was made from, both read-only."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *, has_warehouse: bool) -> None:
        self._connection = connection
        self._has_warehouse = has_warehouse

    def files(self) -> Iterator[File]:
        """Files with open findings, by feed and name, told by their counts: the findings are not read yet."""
        listed = self._rows(
            f"""
            WITH by_rule AS (
                SELECT feed, file_sha256, rule_code, severity, count(*) AS findings,
                    bit_xor(hash({_COLUMNS})) AS mixed, sum(hash({_COLUMNS})::HUGEINT) AS total
                FROM shown.marts.quality_findings WHERE state = 'open' GROUP BY ALL
            ), by_file AS (
                SELECT feed, file_sha256, list((rule_code, severity, findings) ORDER BY rule_code, severity) AS counts,
                    bit_xor(mixed) || ' ' || sum(total) AS made_of
                FROM by_rule GROUP BY ALL
            )
            SELECT ledger.*, by_file.counts, by_file.made_of
            FROM shown.marts.file_ledger AS ledger
            INNER JOIN by_file ON ledger.feed = by_file.feed AND ledger.file_sha256 = by_file.file_sha256
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
                counts=tuple((str(code), str(severity), int(count)) for code, severity, count in row["counts"]),
                made_of=row["made_of"],
            )

    def with_findings(self, file: File, most: int) -> File:
        """The file with its findings: of one of up to ``most`` rows all that are about a row, else the first ``most``;
        beside them up to ``most`` that are about the file as a whole. So memory has a bound, whatever is wrong."""
        rows = self._connection.execute(
            f"""
            SELECT {_COLUMNS}
            FROM shown.marts.quality_findings
            WHERE state = 'open' AND feed = $feed AND file_sha256 = $sha256
            QUALIFY (source_row IS NOT NULL AND $is_short) OR row_number() OVER (
                PARTITION BY source_row IS NULL ORDER BY sheet, source_row, source_column, rule_code, finding_key
            ) <= $most
            ORDER BY sheet NULLS FIRST, source_row NULLS FIRST, source_column, rule_code, finding_key
            """,
            {"feed": file.feed, "sha256": publishable(file.sha256), "is_short": file.rows_read <= most, "most": most},
        ).fetchall()
        return replace(file, findings=tuple(Finding(*row) for row in rows))

    def superseded(self, file: File) -> set[tuple[str, int]] | None:
        """(sheet, row) of the rows that later deliveries hold; ``None`` where nobody can tell which they are."""
        if not file.rows_superseded:
            return set()
        if not self._has_warehouse or file.feed not in _LINES:
            return None
        rows = self._connection.execute(
            f"SELECT DISTINCT sheet, source_row FROM warehouse.intermediate.{_LINES[file.feed]} "
            "WHERE file_sha256 = ? AND row_state = 'superseded'",
            [file.sha256],
        ).fetchall()
        return {(str(sheet), int(row)) for sheet, row in rows}

    def rows_at(
        self, path: Path, columns: Sequence[str], places: Sequence[tuple[str, int]], most: int
    ) -> Iterator[tuple[Any, ...]]:
        """Sheet, row and ``columns`` of the first ``most`` rows of a Parquet file that stand at ``places``."""
        # Numbers first: of 100,000 rows 400 are left, and only these are looked up by their sheet's name.
        found = self._connection.cursor().execute(
            f"""
            WITH numbered AS (
                SELECT sheet, source_row, {", ".join(columns)} FROM read_parquet($path)
                WHERE source_row IN (SELECT unnest($rows::INTEGER[]))
            )
            FROM numbered
            SEMI JOIN (SELECT unnest($sheets::VARCHAR[]) AS sheet, unnest($rows::INTEGER[]) AS source_row) AS wanted
                USING (sheet, source_row)
            ORDER BY sheet, source_row LIMIT $most
            """,
            {"path": str(path), "most": most}
            | {"sheets": [sheet for sheet, _ in places], "rows": [row for _, row in places]},
        )
        while batch := found.fetchmany(_BATCH):
            yield from batch

    def abouts(self, findings: Collection[Finding]) -> dict[str, str]:
        """Finding key → whom or what it is about that its row does not show: both of a pair, a missing person, a
        district. All people are looked up together."""
        pairs = [finding for finding in findings if finding.rule_code in _PAIRS]
        absent = [finding for finding in findings if finding.rule_code == "PERSON_ABSENT"]
        nodes = self._who("node_id", {node for finding in pairs for node in (finding.subject or "").split()})
        people = self._who("participant_id", {_participant(finding) for finding in absent})
        told = {
            finding.key: _districts().get(finding.subject or "", finding.subject or "")
            for finding in findings
            if finding.rule_code == "TKSK_DISTRICT_NONE"
        }
        for finding in pairs:
            told[finding.key] = "\n".join(nodes[node] for node in (finding.subject or "").split() if node in nodes)
        return told | {finding.key: people.get(_participant(finding), finding.subject or "") for finding in absent}

    def _who(self, column: str, wanted: Collection[str]) -> dict[str, str]:
        """The newest row that names each person: ``NAMA, NIK …, lahir …, PKH (file, lembar, baris 12)``."""
        if not self._has_warehouse or not wanted:
            return {}
        rows = self._rows(
            f"""
            SELECT
                person.{column} AS id, state.name, state.nik, state.birth_date, state.pillar_code,
                state.file_name, state.sheet, state.source_row
            FROM warehouse.intermediate.int_people AS person
            INNER JOIN warehouse.intermediate.int_roster_states AS state ON person.node_key = state.node_key
            WHERE person.{column} IN (SELECT unnest(?))
            QUALIFY row_number() OVER (
                PARTITION BY person.{column}
                ORDER BY state.row_state = 'accepted' DESC, state.delivered_at DESC, state.file_name, state.source_row
            ) = 1
            """,
            [sorted(wanted)],
        )
        return {row["id"]: _named(row) for row in rows}

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
        cursor = self._connection.execute(query, list(values))
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _participant(finding: Finding) -> str:
    return (finding.subject or "").partition(" | ")[0]


def _named(row: Mapping[str, Any]) -> str:
    told = [row["name"], f"NIK {row['nik']}" if row["nik"] else None]
    told += [f"{row['birth_date']:%d/%m/%Y}" if row["birth_date"] else None, row["pillar_code"]]
    return f"{', '.join(filter(None, told))} ({row['file_name']}, {row['sheet']}, baris/row {row['source_row']})"


@contextmanager
def opened(shown: Path, warehouse: Path) -> Iterator[Source]:
    """Open a release or candidate, and the warehouse if it is there: for a step that holds its pool slot."""
    has_warehouse = warehouse.is_file()
    # Under its own name, by which its views know it.
    with duck.attached({"shown": shown} | ({"warehouse": warehouse} if has_warehouse else {})) as connection:
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
