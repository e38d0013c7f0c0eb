"""What is said beside a row of several findings, and of a column that is wrong nearly everywhere. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pilar.reading.annotated import SUPERSEDED
from pilar.rules import SEVERITIES, Rule, rule
from pilar.workbooks.findings import Finding

NEARLY_ALL = 0.9
"""Share of a sheet's rows from which a rule is told as one error of the whole column, not as so many of its rows."""
FEWEST = 5
"""Rows that a sheet must have before anything in it is called systemic."""

EMPTY = "(kosong)"
NOT_READ_ID = "Baris ini sudah digantikan kiriman yang lebih baru dan tidak dibaca lagi dari buku kerja ini."
NOT_READ_EN = "A later delivery holds this row now; it is not read again from this workbook."


@dataclass(frozen=True)
class Note:
    """The six cells beside a row, in the order of :data:`pilar.reading.annotated.NOTES`."""

    reason: str
    given: str
    expected: str
    fix: str
    code: str
    row: int

    def cells(self) -> tuple[str, str, str, str, str, int]:
        return self.reason, self.given, self.expected, self.fix, self.code, self.row


@dataclass(frozen=True)
class Systemic:
    """A rule that all or nearly all rows of a sheet break."""

    rule: Rule
    sheet: str
    hits: int
    rows: int
    """Rows of the sheet that count: those read, less those superseded."""

    @property
    def is_total(self) -> bool:
        return self.hits == self.rows


def note(
    row: int, findings: Sequence[Finding], given: Callable[[Finding], tuple[str, str]], *, is_superseded: bool
) -> Note:
    """What to say beside a row: every finding, gravest first, numbered where there are several.

    ``given`` tells the (header, value) of the cell that a finding is about.
    """
    ordered = gravest_first(findings)
    rules = [rule(finding.rule_code) for finding in ordered]
    reasons = [known.message_id for known in rules]
    if is_superseded:
        reasons = [*(f"{known.message_id} ({known.rule_code})" for known in rules), NOT_READ_ID]
    codes = [SUPERSEDED] if is_superseded else [known.rule_code for known in rules]
    cells = list(dict.fromkeys(given(finding) for finding in ordered))
    told = [f"{header}: {value}" if header and len(cells) > 1 else value for header, value in cells]
    return Note(
        _numbered(reasons),
        "\n".join(told),
        _numbered([known.expected_id for known in rules]),
        _numbered([known.fix_id for known in rules]),
        "\n".join(codes),
        row,
    )


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by severity, then by rule."""
    return sorted(findings, key=lambda finding: (severity_rank(finding.severity), finding.rule_code, finding.key))


def severity_rank(severity: str) -> int:
    """0 for the gravest."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else 0


def systemic(findings: Iterable[Finding], rows_of_sheet: Mapping[str, int]) -> list[Systemic]:
    """Rules that break in all or nearly all rows of a sheet, by sheet, gravest first. ``rows_of_sheet`` are those that
    count."""
    places = {
        (finding.sheet, finding.rule_code, finding.row)
        for finding in findings
        if finding.sheet is not None and finding.row is not None
    }
    hits = Counter((sheet, code) for sheet, code, _ in places)
    found = [
        Systemic(rule(code), sheet, count, rows_of_sheet[sheet])
        for (sheet, code), count in hits.items()
        if rows_of_sheet.get(sheet, 0) >= FEWEST and count >= NEARLY_ALL * rows_of_sheet[sheet]
    ]
    return sorted(found, key=lambda one: (one.sheet, severity_rank(one.rule.severity), one.rule.rule_code))


def _numbered(texts: Sequence[str]) -> str:
    told = list(dict.fromkeys(texts))
    if len(told) < 2:
        return "".join(told)
    return "\n".join(f"{number}. {text}" for number, text in enumerate(told, start=1))
