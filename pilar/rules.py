"""The rule catalogue: what may be wrong, who mends it and how, in both languages; whatever judges or tells uses it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from pilar.config import PROJECT

SEED = PROJECT / "dbt_project" / "seeds" / "quality_rules.csv"

SEVERITIES = ("critical", "error", "warning", "info")
"""Gravest first. Critical and error quarantine the row; warning and info let it count."""

CATEGORIES = ("file", "completeness", "validity", "consistency", "uniqueness")

OWNERS = ("steward", "bank", "analyst")
"""Who mends: the submitter's data steward, Bank Jatim, or the province's analyst of BPS figures."""


@dataclass(frozen=True)
class Rule:
    """One row of ``dbt_project/seeds/quality_rules.csv``."""

    rule_code: str
    severity: str
    feed: str
    """A feed, or ``*`` for what may be wrong with any file."""
    field: str
    """Contract column that the rule is about, ``file`` for the file as a whole."""
    category: str
    owner: str
    message_id: str
    message_en: str
    expected_id: str
    """What a right value looks like, without a full stop: it stands in a cell."""
    expected_en: str
    fix_id: str
    fix_en: str


@cache
def catalogue() -> dict[str, Rule]:
    """All rules by code, in the seed's order."""
    with SEED.open(encoding="utf-8", newline="") as stream:
        return {row["rule_code"]: Rule(**row) for row in csv.DictReader(stream)}


def rule(rule_code: str) -> Rule:
    """The rule of this code; an unknown code speaks for itself, so that no finding is ever left out of a report."""
    known = catalogue().get(rule_code)
    if known is not None:
        return known
    return Rule(
        rule_code,
        severity="error",
        feed="*",
        field="",
        category="",
        owner="",
        message_id=rule_code,
        message_en=rule_code,
        expected_id="",
        expected_en="",
        fix_id="Hubungi operator.",
        fix_en="Ask the operator.",
    )
