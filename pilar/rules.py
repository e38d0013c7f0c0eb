"""The rule catalogue: what may be wrong, who mends it and how, in both languages; whatever judges or tells uses it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from pilar.config import PROJECT


@dataclass(frozen=True)
class Rule:
    """One row of ``dbt_project/seeds/quality_rules.csv``."""

    rule_code: str
    severity: str
    feed: str
    field: str
    category: str
    owner: str
    message_id: str
    message_en: str
    fix_id: str
    fix_en: str


@cache
def catalogue() -> dict[str, Rule]:
    """All rules by code."""
    path = PROJECT / "dbt_project" / "seeds" / "quality_rules.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["rule_code"]: Rule(**row) for row in csv.DictReader(stream)}


def rule(rule_code: str) -> Rule:
    """The rule of this code; an unknown code speaks for itself, so that no finding is ever left out of a report."""
    known = catalogue().get(rule_code)
    if known is not None:
        return known
    return Rule(rule_code, "error", "*", "", "", "", rule_code, rule_code, "Hubungi operator.", "Ask the operator.")
