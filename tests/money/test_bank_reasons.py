"""The reason codes that a steward can meet: all explained, in two languages, with a next step that is told."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from pilar.config import PROJECT

SEEDS = PROJECT / "dbt_project" / "seeds"
SUCCESSES = {"ACSP", "ACTC"}
"""ISO statuses of the BI-FAST list that say that the payment went through."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def expanded(code: str) -> list[str]:
    """A code of the list, or each of a range: ``U300-U309``."""
    span = re.fullmatch(r"U(\d{3})-U(\d{3})", code)
    return [f"U{number}" for number in range(int(span[1]), int(span[2]) + 1)] if span else [code]


def test_every_code_of_the_list_that_is_no_success_is_explained(shared: Path) -> None:
    listed = rows(shared / "bank" / "bifast_status_reason.csv")
    failures = {
        code for row in listed if row["status_code"] not in SUCCESSES for code in expanded(row["status_reason_code"])
    }
    successes = {row["status_reason_code"] for row in listed if row["status_code"] in SUCCESSES}
    explained = {row["reason_code"] for row in rows(SEEDS / "bank_reasons.csv") if row["code_list"] == "BI-FAST"}
    assert failures - explained == set(), "a steward may meet it and finds nothing"
    assert explained - failures == set(), "not a failure of the list"
    assert successes, "the list has successes, and they are no reasons"


def test_each_reason_is_told_in_two_languages_with_a_step_that_is_told_too() -> None:
    steps = {row["next_step"]: row for row in rows(SEEDS / "bank_next_steps.csv")}
    reasons = rows(SEEDS / "bank_reasons.csv")
    assert {reason["next_step"] for reason in reasons} == set(steps), "a step that nothing calls for, or one not told"
    for row in [*reasons, *steps.values()]:
        assert None not in row, row
        assert all((text or "").strip() for text in row.values()), row
    assert [reason for reason in reasons if reason["meaning_id"] == reason["meaning_en"]] == []
    assert len({reason["reason_code"] for reason in reasons}) == len(reasons)
