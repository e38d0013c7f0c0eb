"""The stewards' page: ``reports/index.html``, one file that needs no server, script or network.

Bahasa Indonesia first, English by a switch made of two radio buttons and CSS. It shows what the published release says,
and, when a gate held the night, what the candidate says and why it was held. No personal data: releases
hold none, and of a candidate in which some was found, the columns concerned are not read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pilar.config import Home
from pilar.difference.notes import TITLES, Note
from pilar.html import environment
from pilar.publish import Release, current, notes
from pilar.report.facts import Facts, Row, read_facts, shown_facts
from pilar.report.night import GATES, read_night
from pilar.rules import rule

_SEVERITIES = ("critical", "error", "warning", "info")
_TOTALS = ("files", "rejected", "read", "accepted", "quarantined", "superseded")
FILES_SHOWN = 50
"""Files listed under one rule; the rest are counted, and the release lists them all."""
NOTES_SHOWN = 5
"""Changes of one kind shown at once; the rest fold away."""


def write(home: Home, night_id: str) -> Path:
    """Write ``reports/index.html`` for this night and return its path; the old page stays until then."""
    page = home.reports / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    draft = page.with_name(f".{page.name}.{os.getpid()}")
    draft.write_text(render(home, night_id), "utf-8")
    draft.replace(page)
    return page


def render(home: Home, night_id: str) -> str:
    """The page as HTML text."""
    night = read_night(home, night_id)
    release = current(home)
    facts = shown_facts(home, night) or Facts()
    feeds = facts.by_feed()
    return (
        environment("pilar.report")
        .get_template("index.html.j2")
        .render(
            night=night,
            release=release,
            published=read_facts(release.path).release_info if release else {},
            facts=facts,
            feeds=feeds,
            total={name: sum(row[name] for row in feeds) for name in _TOTALS},
            rejected=[row for row in facts.ledger if row["state"] == "rejected"],
            rules=_by_rule(facts.findings),
            compared_with=notes.read(release.folder)[0] if release else None,
            changes=_changes(release) if release and night.outcome != "held" else [],
            notes_shown=NOTES_SHOWN,
            open_findings=sum(row["n"] for row in facts.findings),
            failures={
                severity: [failure | {"gate": gate} for gate in GATES for failure in night.failures(gate, severity)]
                for severity in ("critical", "warning")
            },
            violations=night.violations(),
            made_at=datetime.now(UTC),
            has_docs=(home.data_docs / "index.html").is_file(),
            files_shown=FILES_SHOWN,
            observed=observed,
        )
    )


def _changes(release: Release) -> list[tuple[str, tuple[str, str], list[Note]]]:
    """The release's notes by topic, with the topic's name in both languages; a release older than notes has none."""
    _, told = notes.read(release.folder)
    grouped = [(topic, names, [note for note in told if note.topic == topic]) for topic, names in TITLES.items()]
    return [group for group in grouped if group[2]]


def _by_rule(findings: Sequence[Row]) -> list[dict[str, Any]]:
    """Findings grouped by rule and feed: gravest first, then most frequent, each with its files."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for row in findings:
        known = rule(str(row["rule_code"]))
        group = groups.setdefault(
            (known.rule_code, str(row["feed"])),
            {
                "rule": known,
                "severity": row["severity"] or known.severity,
                "feed": row["feed"],
                "n": 0,
                "first_seen": None,
                "files": [],
            },
        )
        group["n"] += row["n"]
        seen = [moment for moment in (group["first_seen"], row["first_seen"]) if moment is not None]
        group["first_seen"] = min(seen) if seen else None
        group["files"].append(row)
    for group in groups.values():
        group["files"].sort(key=lambda row: (-row["n"], str(row["file_name"])))
    rank = {name: place for place, name in enumerate(_SEVERITIES)}

    def gravest(group: dict[str, Any]) -> tuple[int, int, str]:
        return rank.get(group["severity"], 1), -group["n"], group["rule"].rule_code

    return sorted(groups.values(), key=gravest)


def observed(failure: Mapping[str, Any]) -> object:
    """What GX saw, when it is a number: any other value might be somebody's."""
    value = failure.get("observed")
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
