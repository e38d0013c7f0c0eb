"""What the decisions page asks of the release: opened for one request, read-only, and closed before the answer goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import duckdb

from pilar import duck
from pilar.config import Home
from pilar.deciding import pair_rules
from pilar.publish.candidate import STORE

PAGE = 20
"""Findings on one page."""

PAIRS = 5
"""Pairs shown before all others; the rest through the filter by rule."""

LATEST = 10
"""Verdicts told of below the page."""

_ORDER = (
    "list_position(['critical', 'error', 'warning', 'info'], severity), rule_code, submitter, file_name, sheet, "
    "source_row, finding_key"
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Filters:
    """What the reader asked to see; an empty text asks for all. ``page`` counts from 1."""

    submitter: str = ""
    rule: str = ""
    feed: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """From a query string; what cannot be a filter is none."""
        texts = {name: query.get(name, "")[:200] for name in ("submitter", "rule", "feed")}
        page = query.get("page", "")
        return cls(**texts, page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1)

    def query(self, **changed: object) -> str:
        """As a query string with its question mark, without what says nothing."""
        said = {name: value for name, value in (asdict(self) | changed).items() if value not in ("", 1)}
        return f"?{urlencode(said)}" if said else ""


@dataclass(frozen=True)
class Overview:
    """Open findings as the list shows them."""

    release_id: str
    built_at: datetime
    findings: list[Row]
    total: int
    page: int
    pages: int
    pairs: list[Row]
    pairs_total: int
    choices: dict[str, list[tuple[str, int]]]
    """Filter → (value, open findings) for each value there is."""
    latest: list[Row]


class NoRelease(LookupError):
    """Nothing was published yet."""


@contextmanager
def opened(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release of this moment. The link is followed first: a flip during the request changes nothing for it."""
    path = home.current_marts.resolve()
    if not path.is_file():
        raise NoRelease
    with duck.attached({"shown": path}, home=home, bounds=duck.small()) as connection:
        connection.execute(f"USE shown.{STORE}")
        yield connection


def overview(home: Home, filters: Filters) -> Overview:
    """One page of the open findings. Raises :class:`NoRelease`, ``duckdb.Error`` for a release of another kind."""
    with opened(home) as release:
        wanted: dict[str, object] = {name: value for name, value in asdict(filters).items() if name != "page" and value}
        clauses = [f"{'rule_code' if name == 'rule' else name} = ${name}" for name in wanted]
        if filters.rule not in pair_rules():
            clauses.append("rule_code NOT IN (SELECT unnest($pairs))")
            wanted["pairs"] = sorted(pair_rules())
        where = " AND ".join(["state = 'open'", *clauses])
        total = int(_rows(release, f"SELECT count(*) AS n FROM quality_findings WHERE {where}", wanted)[0]["n"])
        pages = max(1, -(-total // PAGE))
        page = min(filters.page, pages)
        findings = _rows(
            release,
            f"SELECT * FROM quality_findings WHERE {where} ORDER BY {_ORDER} LIMIT {PAGE} OFFSET {(page - 1) * PAGE}",
            wanted,
        )
        pairs = _rows(
            release,
            "SELECT * FROM quality_findings WHERE state = 'open' AND rule_code = 'PERSON_NEAR_MATCH' "
            "AND ($submitter = '' OR submitter = $submitter) AND ($feed = '' OR feed = $feed) "
            "ORDER BY submitter, finding_key",
            {"submitter": filters.submitter, "feed": filters.feed},
        )
        if filters.rule:
            pairs = []
        info = _rows(release, "SELECT release_id, built_at FROM release_info")[0]
        return Overview(
            release_id=info["release_id"],
            built_at=info["built_at"],
            findings=findings,
            total=total,
            page=page,
            pages=pages,
            pairs=[pair | {"pair": pair_of(release, pair["finding_key"])} for pair in pairs[:PAIRS]],
            pairs_total=len(pairs),
            choices={name: _choices(release, column) for name, column in _FILTERED.items()},
            latest=_rows(
                release,
                "SELECT * FROM quality_decisions ORDER BY decided_on DESC, file_sha256, source_row DESC "
                f"LIMIT {LATEST}",
            ),
        )


_FILTERED = {"submitter": "submitter", "rule": "rule_code", "feed": "feed"}


def finding(home: Home, finding_key: str) -> Row | None:
    """One finding with its ``pair`` (or None) and its earlier ``verdicts``; None for a key that the release has not."""
    with opened(home) as release:
        found = _rows(release, "SELECT * FROM quality_findings WHERE finding_key = ?", [finding_key])
        if not found:
            return None
        verdicts = _rows(
            release, "SELECT * FROM quality_decisions WHERE finding_key = ? ORDER BY decided_on DESC", [finding_key]
        )
        pair = pair_of(release, finding_key) if found[0]["rule_code"] in pair_rules() else None
        return found[0] | {"pair": pair, "verdicts": verdicts}


def pair_of(release: duckdb.DuckDBPyConnection, finding_key: str) -> Row | None:
    """What agrees between two people, and under ``places`` where rosters name either, newest first."""
    found = _rows(release, "SELECT * FROM mart_person_candidates WHERE finding_key = ?", [finding_key])
    if not found:
        return None
    people = [found[0]["participant_id_a"], found[0]["participant_id_b"]]
    places = _rows(
        release,
        "SELECT participant_id, 'rosters' AS feed, submitter, file_sha256, sheet, source_row, known_from, "
        "coalesce(file_name, '') AS file_name "
        "FROM fct_roster_membership LEFT JOIN (SELECT file_sha256, arg_min(file_name, received_at) AS file_name "
        "FROM file_ledger GROUP BY file_sha256) USING (file_sha256) "
        "WHERE participant_id IN (SELECT unnest($1)) ORDER BY known_from DESC, sheet, source_row LIMIT 40",
        [people],
    )
    return found[0] | {"places": places}


def known_decision_files(home: Home) -> set[str]:
    """Names of the decision files that the release has read, accepted or not; none without a release."""
    try:
        with opened(home) as release:
            found = _rows(release, "SELECT DISTINCT file_name FROM file_ledger WHERE feed = 'decisions'")
    except NoRelease:
        return set()
    return {row["file_name"] for row in found}


def _choices(release: duckdb.DuckDBPyConnection, column: str) -> list[tuple[str, int]]:
    found = _rows(
        release,
        f"SELECT {column} AS value, count(*) AS n FROM quality_findings WHERE state = 'open' GROUP BY 1 ORDER BY 1",
    )
    return [(row["value"], row["n"]) for row in found]


def _rows(release: duckdb.DuckDBPyConnection, query: str, parameters: object = ()) -> list[Row]:
    cursor = release.execute(query, parameters)
    names = [str(column[0]) for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
