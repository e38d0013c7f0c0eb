"""The stewards' page: ``reports/index.html``, one file that needs no server, script or network.

Bahasa Indonesia first, English by a switch made of two radio buttons and CSS. It shows what the published release says,
and, when a gate held the night, what the candidate says and why it was held. No personal data: releases
hold none, and of a candidate in which some was found, the columns concerned are not read.

Each number carries its origin (:func:`pilar.html.fact`), by which a test compares the page with the release.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from jinja2 import Template

from pilar.config import Home
from pilar.difference.notes import TITLES, Note
from pilar.html import environment, halves, moment, month, short_day, short_month
from pilar.publish import Release, current, notes
from pilar.report import charts, words
from pilar.report.facts import Facts, Row, read_release_info, shown_facts
from pilar.report.links import links
from pilar.report.night import GATES, Night, read_night
from pilar.report.scorecards import local_day, scores, totals
from pilar.report.work import Sender, groups, senders
from pilar.rules import rule
from pilar.showing import mask

_TOTALS = ("files", "rejected", "read", "accepted", "quarantined", "superseded", "waived")
_MONEY = ("entitled_idr", "paid_idr", "unpaid_idr", "returned_idr", "beyond_idr", "payees_unpaid", "payees_beyond")
FILES_SHOWN = 50
"""Files listed under one rule; the rest are counted, and the release lists them all."""
NOTES_SHOWN = 5
"""Changes of one kind shown at once; the rest fold away."""
EVENTS_SHOWN = 6
"""Events whose money is shown at once, the newest first; the rest fold away."""
NIGHTS_DRAWN = 14
"""Nights in a picture. Older ones are not read whole (:data:`pilar.report.facts.NIGHTS`)."""
MONTHS_DRAWN = 12
FEW = 16
"""Up to so many submitters show their part at once; beyond, each opens its own."""
TASKS_SHOWN = 3
"""Tasks of a submitter shown at once, the gravest first; the rest fold away."""


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
    return _template().render(
        **_of_the_night(night),
        **_of_the_release(home, night, release),
        **_of_the_facts(facts, night.day or local_day(datetime.now(UTC))),
        links=links(home.reports),
        made_at=datetime.now(UTC),
    )


def observed(failure: Mapping[str, Any]) -> object:
    """What GX saw, when it is a number: any other value might be somebody's."""
    value = failure.get("observed")
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _template() -> Template:
    made = environment("pilar.report")
    made.globals |= {
        "said": words.said, "words": words, "sparkline": charts.sparkline, "stacked": charts.stacked,
        "columns": charts.columns,
    }  # fmt: skip
    made.filters |= {
        "when": lambda text: moment(datetime.fromisoformat(text)),
        "short_days": lambda nights, name: [(short_day(night.night), getattr(night, name)) for night in nights],
        "period": month,
        "short_months": lambda rows, name: [(short_month(row["month"]), row[name]) for row in rows],
    }
    return made.get_template("index.html.j2")


def _of_the_night(night: Night) -> dict[str, Any]:
    return {
        "night": night,
        "failures": {
            severity: [failure | {"gate": gate} for gate in GATES for failure in night.failures(gate, severity)]
            for severity in ("critical", "warning")
        },
        "failed_tests": night.steps.get("build", {}).get("failed_tests") or [],
        "violations": night.violations(),
        "observed": observed,
    }


def _of_the_release(home: Home, night: Night, release: Release | None) -> dict[str, Any]:
    """What is in use, who let it out, and what it changed; of a held night, what it would change."""
    compared_with, told = notes.read(release.folder) if release else (None, [])
    if night.outcome == "held":
        compared_with, told = (None, []) if night.violations() else notes.of_candidate(home, night.night_id)
    return {
        "release": release,
        "published": read_release_info(release.path) if release else {},
        "override": release.manifest().get("override") if release else None,
        "compared_with": compared_with,
        "changes": _by_topic(told),
        "notes_shown": NOTES_SHOWN,
    }


def _of_the_facts(facts: Facts, today: date) -> dict[str, Any]:
    feeds = facts.by_feed()
    work = senders(facts.findings, facts.ledger, _reasons(facts.ledger))
    cards = {
        name: {card.key: card for card in scores(facts.history, by, facts.ledger, today)}
        for name, by in (("source", ("feed",)), ("sender", ("submitter",)), ("score", ("submitter", "feed")))
    }
    return {
        "facts": facts,
        "feeds": feeds,
        "total": {name: sum(row[name] for row in feeds) for name in _TOTALS},
        "open_findings": sum(row["n"] for row in facts.findings if row["severity"] != "info"),
        "groups": groups(facts.findings),
        "senders": work,
        "with_tasks": sum(bool(sender.tasks) for sender in work),
        "many": len(work) > FEW,
        "tasks_shown": TASKS_SHOWN,
        "cards": cards,
        "of_sender": {sender.submitter: _cards_of(sender, cards["score"]) for sender in work},
        "lead": {(row["submitter"], row["feed"]): row for row in facts.lead},
        "nights": totals(facts.history)[-NIGHTS_DRAWN:],
        "money": {name: sum((row[name] for row in facts.money), Decimal(0)) for name in _MONEY},
        "gaps": facts.gaps[-MONTHS_DRAWN:],
        "months_missing": sum(row["months_missing"] for row in facts.cover),
        "fallen": {row["claim_id"]: row for row in facts.claim_falls},
        "other_periods": _by_claim(facts.claim_others),
        "differing": [row for row in facts.claims if row["verdict"] == "DIFFERS"],
        "files_shown": FILES_SHOWN,
        "events_shown": EVENTS_SHOWN,
    }


def _by_claim(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["claim_id"], []).append(row)
    return grouped


def _cards_of(sender: Sender, cards: Mapping[tuple[str, ...], Any]) -> list[Any]:
    return [card for key, card in cards.items() if key[0] == sender.submitter]


def _by_topic(told: Sequence[Note]) -> list[tuple[str, tuple[str, str], list[Note]]]:
    """Notes by topic, with the topic's name in both languages. Who overruled a gate is told above all, not here."""
    grouped = [(topic, names, [note for note in told if note.topic == topic]) for topic, names in TITLES.items()]
    return [group for group in grouped if group[2] and group[0] != "override"]


def _reasons(ledger: Iterable[Row]) -> dict[int, tuple[str, str]]:
    """Why a file was rejected, by the place of its row: its own reason, else the general one of its rule."""
    reasons = {}
    for at, row in enumerate(ledger):
        if row["state"] == "rejected":
            known = rule(str(row["rule_code"]))
            own = halves(row["reason"] or "")
            reasons[at] = (
                mask(row["reason_id"] or own[0] or known.message_id),
                mask(row["reason_en"] or own[1] or known.message_en),
            )
    return reasons
