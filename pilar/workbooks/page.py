"""``workbooks/index.html``: the workbooks by submitter, offline, with relative links. It names files, no person."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from pilar.html import environment
from pilar.workbooks.words import FEEDS

if TYPE_CHECKING:
    from pilar.report.night import Night
    from pilar.workbooks.shelf import Entry, Shelved


def write(place: Path, done: Shelved, night: Night) -> Path:
    """Render the list into ``place`` and return its path; the page appears whole or stays as it was."""
    by_submitter: dict[str, list[Entry]] = {}
    for entry in sorted(
        done.entries, key=lambda one: (one.submitter == "-", one.submitter, _weight(one), one.file_name)
    ):
        by_submitter.setdefault(entry.submitter, []).append(entry)
    html = environment("pilar.workbooks").get_template("workbooks.html.j2").render(
        night=night,
        stands=done.stands,
        submitters=by_submitter,
        feeds=FEEDS,
        counts={
            submitter: sum(sum(entry.findings.values()) for entry in entries)
            for submitter, entries in by_submitter.items()
        },
        made_at=datetime.now(UTC),
        link=quote,
        when=datetime.fromisoformat,
    )  # fmt: skip
    target = place / "index.html"
    fresh = place / ".index.html.part"
    fresh.write_text(html, encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(target)
    return target


def _weight(entry: Entry) -> tuple[int, int]:
    """What keeps rows from counting comes first."""
    return -(entry.findings.get("critical", 0) + entry.findings.get("error", 0)), -sum(entry.findings.values())
