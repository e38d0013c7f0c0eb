"""The rule catalogue tells each rule whole, in both languages, with words of the house."""

from __future__ import annotations

import csv
import re
from dataclasses import fields

import pytest
import yaml

from pilar import rules
from pilar.config import PROJECT
from pilar.contracts import contracts

RULES = list(rules.catalogue().values())
EXAMPLES = {text for contract in contracts().values() for column in contract.columns for text in column.examples}
BOTH = ("message", "expected", "fix")


def test_the_seed_and_the_class_have_the_same_columns() -> None:
    with rules.SEED.open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == [field.name for field in fields(rules.Rule)]


def test_dbt_documents_each_column() -> None:
    seeds = yaml.safe_load((rules.SEED.parent / "_seeds.yml").read_text("utf-8"))["seeds"]
    (seed,) = [seed for seed in seeds if seed["name"] == "quality_rules"]
    assert [column["name"] for column in seed["columns"]] == [field.name for field in fields(rules.Rule)]
    accepted = {
        column["name"]: tuple(test["accepted_values"]["arguments"]["values"])
        for column in seed["columns"]
        for test in column.get("data_tests", [])
        if isinstance(test, dict)
    }
    assert accepted == {"severity": rules.SEVERITIES, "category": rules.CATEGORIES, "owner": rules.OWNERS}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_code)
def test_a_rule_is_told_whole(rule: rules.Rule) -> None:
    assert [field.name for field in fields(rule) if not (getattr(rule, field.name) or "").strip()] == []
    assert rule.severity in rules.SEVERITIES
    assert rule.category in rules.CATEGORIES
    assert rule.owner in rules.OWNERS
    for part in BOTH:
        indonesian, english = getattr(rule, f"{part}_id"), getattr(rule, f"{part}_en")
        stop = part != "expected"
        assert indonesian.endswith(".") == english.endswith(".") == stop, part
        assert set(re.findall(r"\d{9,}", f"{indonesian} {english}")) <= EXAMPLES, "only invented numbers"
    for part in ("message", "fix"):
        assert getattr(rule, f"{part}_id") != getattr(rule, f"{part}_en")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.rule_code)
def test_a_rule_is_about_a_column_of_its_feed(rule: rules.Rule) -> None:
    if rule.feed == "*":
        assert rule.field == "file"
    else:
        assert rule.field in {column.name for column in contracts()[rule.feed].columns}


def test_each_rule_is_used_outside_the_catalogue() -> None:
    places = [*(PROJECT / "pilar").rglob("*.py"), *(PROJECT / "dbt_project").rglob("*.sql")]
    texts = "\n".join(path.read_text("utf-8") for path in places if "samples" not in path.parts)
    assert [rule.rule_code for rule in RULES if not re.search(rf"['\"]{rule.rule_code}['\"]", texts)] == []


def test_an_unknown_code_speaks_for_itself() -> None:
    assert rules.rule("NOBODY_KNOWS").message_id == "NOBODY_KNOWS"
    assert "NOBODY_KNOWS" not in rules.catalogue()
