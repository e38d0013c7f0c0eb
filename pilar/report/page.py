"""The stewards' page: ``reports/index.html``, one file that needs no server, script or network.

Bahasa Indonesia first, English by a switch made of two radio buttons and CSS. It shows what the published release says,
and, when a gate held the night, what the candidate says and why it was held. No personal data: releases
hold none, and of a candidate in which some was found, the columns concerned are not read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pilar.config import DISPLAY_ZONE, Home
from pilar.difference.notes import TITLES, Note
from pilar.publish import Release, current, notes
from pilar.report.facts import Facts, Row, read_facts, shown_facts
from pilar.report.night import GATES, read_night
from pilar.report.rules import rule
from pilar.showing import mask

_SEVERITIES = ("critical", "error", "warning", "info")
_MONTHS_ID = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
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
        _environment()
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


# ── words and numbers in two languages ────────────────────────────────────────────────────────────────────────────


def both(indonesian: object, english: object) -> Markup:
    """One thing said twice; CSS shows one of them. Equal texts are written once, without a language."""
    if str(indonesian) == str(english):
        return escape(indonesian)
    return Markup('<span lang="id">{}</span><span lang="en">{}</span>').format(indonesian, english)


def halves(text: object) -> tuple[str, str]:
    """Marts write both languages into one text, ``id / en``; a text without that says the same in both."""
    parts = str(text).split(" / ")
    if len(parts) % 2:
        return str(text), str(text)
    middle = len(parts) // 2
    return " / ".join(parts[:middle]), " / ".join(parts[middle:])


def number(value: object, places: int | None = None) -> Markup:
    """``1.657.000,5`` and ``1,657,000.5``; a figure keeps the decimals that say something, or ``places``."""
    if value is None or value == "":
        return Markup("–")
    if isinstance(value, str):
        return escape(mask(value))
    text = f"{Decimal(str(value)):,.{places}f}" if places is not None else f"{Decimal(str(value)):,f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return both(text.translate(str.maketrans(",.", ".,")), text)


def percent(value: object) -> Markup:
    return Markup("–") if value is None else Markup("{} %").format(number(value, 1))


def moment(value: date | datetime | str | None) -> Markup:
    """A time in Asia/Jakarta (naive times are UTC, as stored), a day as it is."""
    if value is None or isinstance(value, str):
        return escape(value or "–")
    if isinstance(value, datetime):
        local = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(DISPLAY_ZONE)
        clock = f", {local:%H.%M} WIB", f", {local:%H:%M} WIB"
        machine = local.isoformat(timespec="minutes")
    else:
        local, clock, machine = datetime(value.year, value.month, value.day, tzinfo=UTC), ("", ""), value.isoformat()
    texts = (
        f"{local.day} {names[local.month - 1]} {local.year}{tail}"
        for names, tail in zip((_MONTHS_ID, _MONTHS_EN), clock, strict=True)
    )
    return Markup('<time datetime="{}">{}</time>').format(machine, both(*texts))


def day(value: date | datetime | str | None) -> Markup:
    """The day of a time, in Asia/Jakarta."""
    if isinstance(value, datetime):
        return moment((value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(DISPLAY_ZONE).date())
    return moment(value)


def share(part: int | Decimal | None, whole: int | Decimal | None) -> Decimal:
    """Percent of the whole with one decimal, for the width of a bar; 0 of nothing is 0."""
    if not part or not whole:
        return Decimal(0)
    return round(Decimal(part) * 100 / Decimal(whole), 1)


def observed(failure: Mapping[str, Any]) -> object:
    """What GX saw, when it is a number: any other value might be somebody's."""
    value = failure.get("observed")
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pilar.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"t": both, "share": share, "observed": observed, "rule_of": rule, "halves": halves}
    environment.filters |= {
        "number": number,
        "percent": percent,
        "moment": moment,
        "day": day,
        "mask": lambda text: mask(str(text)),
    }
    return environment
