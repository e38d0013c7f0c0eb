"""What is wrong, as work: by rule for who oversees, by submitter for who mends. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pilar.rules import SEVERITIES, Rule, rule

Row = Mapping[str, Any]

QUARANTINING = ("critical", "error")
"""Severities that keep a row out until it is mended."""


@dataclass(frozen=True)
class Place:
    """Where a rule is broken: one sheet of one file. ``rows`` is cut short when there are very many."""

    submitter: str
    file_name: str
    sheet: str | None
    n: int
    rows: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def spans(self) -> list[tuple[int, int]]:
        return spans(self.rows)


@dataclass(frozen=True)
class Group:
    """Open findings of one rule in one feed."""

    rule: Rule
    severity: str
    feed: str
    n: int
    first_seen: date | None
    places: tuple[Place, ...]

    @property
    def keys(self) -> list[str]:
        return [key for place in self.places for key in place.keys]

    @property
    def quarantines(self) -> bool:
        return self.severity in QUARANTINING


@dataclass(frozen=True)
class Task:
    """One thing a submitter has to do. ``reason`` is what the ledger says of a file rejected whole."""

    rule: Rule
    severity: str
    feed: str
    n: int
    places: tuple[Place, ...]
    reason: tuple[str, str] | None = None


@dataclass
class Sender:
    """One submitter's part of the page; ``anchor`` is its place in it."""

    submitter: str
    anchor: str
    tasks: list[Task] = field(default_factory=list)
    notices: int = 0
    """Findings that only inform."""

    @property
    def urgent(self) -> int:
        """Files and rows that count nowhere until they are mended."""
        return sum(task.n for task in self.tasks if task.severity in QUARANTINING)


def groups(findings: Sequence[Row]) -> list[Group]:
    """Open findings by rule and feed: gravest first, then most frequent, places with the most first."""
    gathered: dict[tuple[str, str], list[Row]] = {}
    for row in findings:
        gathered.setdefault((str(row["rule_code"]), str(row["feed"])), []).append(row)
    made = []
    for (code, feed), rows in gathered.items():
        known = rule(code)
        seen = [row["first_seen"] for row in rows if row["first_seen"] is not None]
        made.append(
            Group(
                rule=known,
                severity=str(rows[0]["severity"] or known.severity),
                feed=feed,
                n=sum(row["n"] for row in rows),
                first_seen=min(seen) if seen else None,
                places=places(rows),
            )
        )
    return sorted(made, key=lambda group: (_rank(group.severity), -group.n, group.rule.rule_code, group.feed))


def places(rows: Iterable[Row]) -> tuple[Place, ...]:
    """One place for each file and sheet, those with the most findings first."""
    made = [
        Place(
            submitter=str(row["submitter"] or "-"),
            file_name=str(row["file_name"] or "–"),
            sheet=row["sheet"],
            n=row["n"],
            rows=tuple(row["source_rows"] or ()),
            keys=tuple(row["finding_keys"] or ()),
        )
        for row in rows
    ]
    return tuple(sorted(made, key=lambda place: (-place.n, place.file_name, place.sheet or "")))


def senders(findings: Sequence[Row], ledger: Sequence[Row], reasons: Mapping[int, tuple[str, str]]) -> list[Sender]:
    """Everybody who ever sent a file, by name, each with what is left to do: gravest first.

    A file rejected whole is told from the ledger, with its own reason (``reasons``, by the place of its row there);
    findings about files are those same rejections and not told twice. What only informs is counted, not listed.
    """
    names = sorted({str(row["submitter"] or "-") for row in [*ledger, *findings]}, key=lambda name: (name == "-", name))
    made = {name: Sender(name, anchor) for name, anchor in zip(names, anchors(names), strict=True)}
    for at, row in enumerate(ledger):
        if row["state"] == "rejected":
            known = rule(str(row["rule_code"]))
            place = Place(str(row["submitter"] or "-"), str(row["file_name"]), None, 1)
            made[place.submitter].tasks.append(
                Task(
                    known,
                    "error",
                    str(row["feed"]),
                    1,
                    (place,),
                    reasons.get(at) or (known.message_id, known.message_en),
                )
            )
    rejected = {(row["feed"], row["file_name"]) for row in ledger if row["state"] == "rejected"}
    mine: dict[str, list[Row]] = {}
    for row in findings:
        if (row["feed"], row["file_name"]) not in rejected:
            mine.setdefault(str(row["submitter"] or "-"), []).append(row)
    for name, rows in mine.items():
        for group in groups(rows):
            if group.severity == "info":
                made[name].notices += group.n
            else:
                made[name].tasks.append(Task(group.rule, group.severity, group.feed, group.n, group.places))
    return list(made.values())


def anchors(names: Sequence[str]) -> list[str]:
    """An id for each name, the same every night: ``dari-kab-tuban``; names that would share one are numbered."""
    used: dict[str, int] = {}
    made = []
    for name in names:
        plain = re.sub(r"\d{9,}|[^a-z0-9]+", "-", name.lower()).strip("-") or "lain"
        used[plain] = used.get(plain, 0) + 1
        made.append(f"dari-{plain}" if used[plain] == 1 else f"dari-{plain}-{used[plain]}")
    return made


def spans(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Row numbers as ranges: 2, 3, 4, 9 are 2–4 and 9."""
    made: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if made and made[-1][1] == row - 1:
            made[-1] = (made[-1][0], row)
        else:
            made.append((row, row))
    return made


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else 1
