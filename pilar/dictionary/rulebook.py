"""The rule catalogue as readers meet it: rules by feed, with what watches their findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import get_args

from pilar.contracts import contracts
from pilar.quality.suites import GateName, suites
from pilar.rules import SEVERITIES, Rule, catalogue

ANY_FEED = "*"

LABELS = {
    "critical": ("Kritis", "Critical"),
    "error": ("Galat", "Error"),
    "warning": ("Peringatan", "Warning"),
    "info": ("Info", "Info"),
}
EFFECTS = {
    "critical": ("baris dikarantina", "row quarantined"),
    "error": ("baris dikarantina", "row quarantined"),
    "warning": ("baris tetap dihitung", "row counts"),
    "info": ("hanya catatan", "a note only"),
}
OWNERS = {
    "steward": ("petugas data pengirim", "the submitter's data steward"),
    "bank": ("Bank Jatim", "Bank Jatim"),
    "analyst": ("analis provinsi", "the province's analyst"),
}
CATEGORIES = {
    "file": ("berkas", "file"),
    "completeness": ("kelengkapan", "completeness"),
    "validity": ("kesahihan", "validity"),
    "consistency": ("keselarasan", "consistency"),
    "uniqueness": ("keunikan", "uniqueness"),
}


@dataclass(frozen=True)
class Entry:
    """A rule and the expectations that name it: gate, table, and what they promise in both languages."""

    rule: Rule
    watched: tuple[tuple[str, str, str, str], ...]

    @property
    def column(self) -> str | None:
        """``feed.column`` when it is about a column, for a link into the dictionary."""
        rule = self.rule
        known = rule.feed in contracts() and rule.field in {c.name for c in contracts()[rule.feed].columns}
        return f"{rule.feed}.{rule.field}" if known else None


@dataclass(frozen=True)
class Chapter:
    """The rules of one feed, gravest first; ``*`` are those of any file."""

    feed: str
    title: tuple[str, str]
    entries: tuple[Entry, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """The whole catalogue: what may be wrong with any file, then feed by feed."""
    titles = {ANY_FEED: ("Berkas apa pun", "Any file")} | {feed: _title(c.name) for feed, c in contracts().items()}
    return tuple(
        Chapter(feed, title, tuple(_entries(rule for rule in catalogue().values() if rule.feed == feed)))
        for feed, title in titles.items()
    )


def _entries(rules: Iterable[Rule]) -> Iterable[Entry]:
    watched = _watched()
    for rule in sorted(rules, key=lambda rule: SEVERITIES.index(rule.severity)):
        yield Entry(rule, tuple(watched.get(rule.rule_code, ())))


@cache
def _watched() -> dict[str, list[tuple[str, str, str, str]]]:
    """Expectations by the code of each rule that they name."""
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    for gate in get_args(GateName):
        for suite in suites(gate):
            for item in suite.expectations:
                for code in item.meta.rules:
                    told = (gate, suite.table, item.meta.description_id, item.meta.description_en)
                    found.setdefault(code, []).append(told)
    return found


def _title(name: str) -> tuple[str, str]:
    """Contracts write both languages into their name."""
    indonesian, _, english = name.partition(" / ")
    return indonesian, english or indonesian
