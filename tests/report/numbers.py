"""What the page says in numbers, compared with the release by queries written for this comparison alone.

The page marks each number with what it is a number of (:func:`pilar.html.fact`). Here each kind of mark has a query of
its own: the first column is whose number it is, the second the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from html.parser import HTMLParser
from pathlib import Path

import duckdb

from pilar.showing import mask

_VOID = {"meta", "link", "input", "br"}
_LEDGER = "FROM marts.file_ledger"
_OPEN = "FROM marts.quality_findings WHERE state = 'open'"
_MONEY = "FROM marts.mart_disbursement_reconciliation"
_LACKING = "greatest(entitled_idr - paid_idr, 0)"
_CARD = "FROM marts.mart_quality_scorecard"
_OTHER_MONTHS = (
    "FROM marts.mart_claim_sensitivity WHERE is_comparable AND NOT is_published_pair AND recomputed_value IS NOT NULL"
)

EXPECTED = {
    "total.files": f"SELECT '', count(*) {_LEDGER}",
    "total.rejected": f"SELECT '', count(*) {_LEDGER} WHERE state = 'rejected'",
    "total.accepted_pct": f"SELECT '', round(100 * sum(rows_accepted)::DECIMAL(18, 1) / sum(rows_read), 1) {_LEDGER}",
    "total.quarantined_pct": (
        f"SELECT '', round(100 * sum(rows_quarantined)::DECIMAL(18, 1) / sum(rows_read), 1) {_LEDGER}"
    ),
    "total.open": f"SELECT '', count(*) {_OPEN} AND severity <> 'info'",
    "feed.files": f"SELECT feed, count(*) {_LEDGER} GROUP BY feed",
    "feed.rejected": f"SELECT feed, count(*) FILTER (WHERE state = 'rejected') {_LEDGER} GROUP BY feed",
    "rule.n": f"SELECT rule_code || ' ' || feed, count(*) {_OPEN} GROUP BY ALL",
    "kind.n": (
        "SELECT CASE WHEN severity IN ('critical', 'error') THEN 'quarantine' ELSE severity END, count(*) "
        f"{_OPEN} GROUP BY ALL"
    ),
    "place.n": (
        "SELECT concat_ws(' ', rule_code, feed, submitter, file_name, coalesce(sheet, '-')), count(*) "
        f"{_OPEN} GROUP BY ALL"
    ),
    "task.n": f"SELECT concat_ws(' ', submitter, rule_code, feed), count(*) {_OPEN} GROUP BY ALL",
    "sender.notices": f"SELECT submitter, count(*) {_OPEN} AND severity = 'info' GROUP BY ALL",
    "sender.tasks": f"""
        SELECT submitter, count(DISTINCT what) FROM (
            SELECT submitter, 'file ' || feed || file_name AS what {_LEDGER} WHERE state = 'rejected'
            UNION ALL
            SELECT submitter, rule_code || ' ' || feed {_OPEN} AND severity <> 'info' AND rule_code NOT IN (
                SELECT rule_code {_LEDGER} WHERE state = 'rejected')
        ) GROUP BY submitter""",
    "senders.with_tasks": f"""
        SELECT '', count(DISTINCT submitter) FROM (
            SELECT submitter {_LEDGER} WHERE state = 'rejected'
            UNION ALL SELECT submitter {_OPEN} AND severity <> 'info'
        )""",
    "money.payees": f"""
        SELECT event_id || ' ' || benefit_code, count(*) FILTER (WHERE entitled_idr > 0) {_MONEY} GROUP BY ALL""",
    "money.payees_unpaid": f"""
        SELECT event_id || ' ' || benefit_code, count(*) FILTER (WHERE {_LACKING} > 0) {_MONEY} GROUP BY ALL
        UNION ALL SELECT '', count(*) FILTER (WHERE {_LACKING} > 0) {_MONEY}""",
    "money.payees_beyond": (
        f"SELECT event_id || ' ' || benefit_code, count(*) FILTER (WHERE paid_idr > entitled_idr) {_MONEY} GROUP BY ALL"
    ),
    "money.beyond_idr": f"""
        SELECT event_id || ' ' || benefit_code, sum(greatest(paid_idr - entitled_idr, 0)) {_MONEY} GROUP BY ALL""",
    "money.unpaid_idr": f"""
        SELECT event_id || ' ' || benefit_code, sum({_LACKING}) {_MONEY} GROUP BY ALL
        UNION ALL SELECT '', sum({_LACKING}) {_MONEY}""",
    "cover.months_missing": "SELECT '', sum(len(gap_months)) FROM marts.mart_premium_coverage",
    "cover.people": """
        SELECT year::VARCHAR, count(*) FILTER (WHERE outcome <> 'NOT_ENTITLED') FROM marts.mart_premium_coverage
        GROUP BY year""",
    "cover.missing": "SELECT year::VARCHAR, sum(len(gap_months)) FROM marts.mart_premium_coverage GROUP BY year",
    "gap.people": """
        SELECT month, count(*) FROM (SELECT unnest(gap_months) AS month FROM marts.mart_premium_coverage)
        GROUP BY month""",
    "claims.all": "SELECT '', count(*) FROM marts.mart_claims",
    "claims.differing": "SELECT '', count(*) FROM marts.mart_claims WHERE verdict = 'DIFFERS'",
    "claims.confirmed": "SELECT '', count(*) FROM marts.mart_claims WHERE verdict = 'CONFIRMED'",
    "claim.before": """
        SELECT claim_id, arg_max(value_before, known_from) FROM marts.mart_claim_history
        WHERE verdict = 'DIFFERS' AND verdict_before = 'CONFIRMED' GROUP BY claim_id""",
    "claim.other": f"""
        SELECT concat_ws(' ', claim_id, 'from', coalesce(base_period, '-'), 'to', end_period), recomputed_value
        {_OTHER_MONTHS}""",
    "claim.others": f"SELECT claim_id, count(*) {_OTHER_MONTHS} GROUP BY claim_id",
    "all.open": f"SELECT night::VARCHAR, sum(open_findings) {_CARD} GROUP BY night",
    "all.rate": f"""
        SELECT night::VARCHAR, round(100 * sum(rows_accepted)::DECIMAL(18, 1) / nullif(sum(rows_read), 0), 2)
        {_CARD} GROUP BY night""",
    "lead.days": """
        SELECT submitter || ' rosters', min(abs(date_diff('day', event_date, (delivered_at + INTERVAL 7 HOUR)::DATE)))
        FROM marts.fct_entitlement JOIN marts.file_ledger USING (file_sha256) JOIN marts.dim_event USING (event_id)
        WHERE feed = 'rosters' AND state <> 'duplicate' GROUP BY submitter
        UNION ALL
        SELECT file_ledger.submitter || ' disbursements',
            abs(date_diff('day', any_value(event_date), (min(delivered_at) + INTERVAL 7 HOUR)::DATE))
        FROM marts.fct_disbursement JOIN marts.file_ledger USING (file_sha256) JOIN marts.dim_event USING (event_id)
        WHERE feed = 'disbursements' AND event_date = (SELECT max(event_date) FROM marts.dim_event) GROUP BY ALL""",
}
for _name in ("read", "accepted", "quarantined", "waived"):
    EXPECTED[f"total.{_name}"] = f"SELECT '', sum(rows_{_name}) {_LEDGER}"
for _name in ("read", "accepted", "quarantined", "superseded"):
    EXPECTED[f"feed.{_name}"] = f"SELECT feed, sum(rows_{_name}) {_LEDGER} GROUP BY feed"
for _name in ("entitled_idr", "paid_idr", "returned_idr"):
    EXPECTED[f"money.{_name}"] = f"SELECT event_id || ' ' || benefit_code, sum({_name}) {_MONEY} GROUP BY ALL"
for _name, _outcome in {
    "pending": "PENDING", "returned": "RETURNED", "failed": "FAILED", "underpaid": "UNDERPAID",
    "uninstructed": "UNPAID",
}.items():  # fmt: skip
    EXPECTED[f"money.lacking_{_name}_idr"] = (
        f"SELECT event_id || ' ' || benefit_code, sum({_LACKING}) {_MONEY} WHERE outcome = '{_outcome}' GROUP BY ALL"
    )
for _name in ("covered", "gap", "uncovered"):
    EXPECTED[f"cover.{_name}"] = (
        f"SELECT year::VARCHAR, count(*) FILTER (WHERE outcome = '{_name.upper()}') FROM marts.mart_premium_coverage "
        "GROUP BY year"
    )
for _name in ("published_value", "recomputed_value", "difference"):
    EXPECTED[f"claim.{_name}"] = f"SELECT claim_id, {_name} FROM marts.mart_claims"
for _kind, _key in {"source": "feed", "sender": "submitter", "score": "submitter || ' ' || feed"}.items():
    _nights = (
        f"SELECT {_key} AS key, night, sum(rows_read) AS rows_read, sum(rows_accepted) AS rows_accepted, {{}} "
        f"{_CARD} GROUP BY ALL"
    )
    for _place, _mark in {"": "rate", "- 1": "previous"}.items():
        _nth = 2 if _place else 1
        EXPECTED[f"{_kind}.{_mark}"] = f"""
            SELECT key, round(100 * rows_accepted::DECIMAL(18, 1) / rows_read, 2)
            FROM ({_nights.format("1")}) WHERE rows_read > 0
            QUALIFY row_number() OVER (PARTITION BY key ORDER BY night DESC) = {_nth}"""
    for _mark in ("read", "quarantined"):
        EXPECTED[f"{_kind}.{_mark}"] = f"""
            SELECT key, n FROM ({_nights.format(f"sum(rows_{_mark}) AS n")}) WHERE rows_read > 0
            QUALIFY row_number() OVER (PARTITION BY key ORDER BY night DESC) = 1"""
    for _mark, _sum in {
        "open": "sum(open_findings)", "waived": "sum(findings_waived)", "oldest": "max(oldest_finding_days)",
    }.items():  # fmt: skip
        EXPECTED[f"{_kind}.{_mark}"] = f"""
            SELECT key, n FROM ({_nights.format(f"{_sum} AS n")})
            QUALIFY row_number() OVER (PARTITION BY key ORDER BY night DESC) = 1"""
    _days = f"""
        SELECT {_key} AS key, (delivered_at + INTERVAL 7 HOUR)::DATE AS day {_LEDGER} WHERE state <> 'duplicate'
        GROUP BY ALL"""
    EXPECTED[f"{_kind}.age"] = (
        f"SELECT key, date_diff('day', max(day), getvariable('night')::DATE) FROM ({_days}) GROUP BY key"
    )
    EXPECTED[f"{_kind}.gap"] = f"""
        SELECT key, date_diff('day', lag(day) OVER (PARTITION BY key ORDER BY day), day) FROM ({_days})
        QUALIFY row_number() OVER (PARTITION BY key ORDER BY day DESC) = 1"""

NOT_OF_THE_RELEASE = ("night.", "notes.", "sender.more", "rule.more", "money.more")
"""Marks whose numbers come from the night's own step files, or count what is folded away."""


@dataclass
class Mark:
    """One marked number: of what, its value, and how it is written in each language."""

    of: str
    value: str
    shown: dict[str, str] = field(default_factory=lambda: {"id": "", "en": ""})


class Reading(HTMLParser):
    """Marks, row numbers, and loose digits: neither marked, nor in a time, a code, a quotation or a name."""

    _QUOTES = ({"time", "code", "style", "title", "svg"}, {"told", "file", "rows"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.marks: list[Mark] = []
        self.rows: list[Mark] = []
        self.loose: list[str] = []
        self._open: list[tuple[str, Mark | None, str | None, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        given = {name: value or "" for name, value in attrs}
        mark = None
        if tag == "data":
            mark = Mark(given["data-of"], given["value"])
            self.marks.append(mark)
        elif "rows" in given.get("class", "").split():
            mark = Mark(given["data-of"], "")
            self.rows.append(mark)
        quoted = tag in self._QUOTES[0] or bool(self._QUOTES[1] & set(given.get("class", "").split()))
        self._open.append((tag, mark, given.get("lang"), quoted))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        mark = next((mark for _, mark, _, _ in reversed(self._open) if mark), None)
        if mark:
            language = self._open[-1][2]
            for each in ("id", "en") if language is None else (language,):
                mark.shown[each] += data
        elif re.search(r"\d", data) and not any(quoted for *_, quoted in self._open):
            self.loose.append(data.strip())


def opened(path: Path) -> duckdb.DuckDBPyConnection:
    """A release under a catalog name of its own: the file is called like its schema."""
    connection = duckdb.connect(":memory:")
    connection.execute(f"ATTACH '{path}' AS release (READ_ONLY); USE release")
    return connection


def differences(html: str, release: duckdb.DuckDBPyConnection, night: str) -> Iterator[str]:
    """Each number of the page that the release does not say, or that is written otherwise than it is.

    ``night`` is the day of the page, ``2026-11-24``, in Asia/Jakarta.
    """
    page = Reading(html)
    release.execute("SET VARIABLE night = ?", [night])
    answers: dict[str, dict[str, Decimal | None]] = {}
    for mark in page.marks:
        yield from _written_otherwise(mark)
        kind, _, key = mark.of.partition(" ")
        if kind.startswith(NOT_OF_THE_RELEASE):
            continue
        if kind not in EXPECTED:
            yield f"{mark.of}: nobody knows what this is a number of"
            continue
        if kind not in answers:
            answers[kind] = _answers(release, EXPECTED[kind])
        if answers[kind].get(key) != (Decimal(mark.value) if mark.value else None):
            yield f"{mark.of}: the page says {mark.value or 'none'}, the release {answers[kind].get(key)}"
    known = _answers_of_rows(release)
    for mark in page.rows:
        shown = list(_rows(mark.shown["id"]))
        if shown != known.get(mark.of.removeprefix("place.rows ")):
            yield f"{mark.of}: the page says {shown}"
    for text in page.loose:
        yield f"a number that nothing vouches for: {text}"


def _answers(release: duckdb.DuckDBPyConnection, query: str) -> dict[str, Decimal | None]:
    rows = release.execute(query).fetchall()
    return {mask(str(key)): None if value is None else Decimal(str(value)) for key, value in rows}


def _answers_of_rows(release: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    rows = release.execute(
        "SELECT concat_ws(' ', rule_code, feed, submitter, file_name, coalesce(sheet, '-')), "
        f"list(DISTINCT source_row ORDER BY source_row) {_OPEN} AND source_row IS NOT NULL GROUP BY ALL"
    ).fetchall()
    return {mask(key): list(found)[:200] for key, found in rows}


def _rows(text: str) -> Iterator[int]:
    for part in text.split(", "):
        first, _, last = part.partition("–")
        yield from range(int(first), int(last or first) + 1)


def _written_otherwise(mark: Mark) -> Iterator[str]:
    for language, marks in {"id": (".", ","), "en": (",", ".")}.items():
        text = mark.shown[language].strip()
        if not mark.value:
            if text != "–":
                yield f"{mark.of}: written as {text}, and is none"
            continue
        plain = Decimal(text.replace(marks[0], "").replace(marks[1], "."))
        exponent = plain.as_tuple().exponent
        assert isinstance(exponent, int)
        if plain != Decimal(mark.value).quantize(Decimal(1).scaleb(exponent), ROUND_HALF_EVEN):
            yield f"{mark.of}: {mark.value} is written {text} in {language}"
