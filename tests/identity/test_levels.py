"""How single fields of two people agree, and what that weighs."""

from __future__ import annotations

import csv
import math
from datetime import date

import pytest

from pilar.config import PROJECT
from tests.identity.conftest import Ask

NIK = "3523010501909001"
WOMANS = "3523014501909001"


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (NIK, "3523010501809001", "typo"),  # a digit of the year
        (NIK, "3523100501909001", "typo"),  # two neighbours of the district
        (NIK, "9523010501303001", "differs"),
        (NIK, "3523015001909001", "typo"),  # two digits of the day
        (NIK, "3523010105909001", "typo"),  # day and month
        (WOMANS, "3523014105909001", "typo"),  # day and month of a woman
        (NIK, "3523010501909002", "sibling"),
        (NIK, "3523010501909010", "sibling"),
        (NIK, WOMANS, "sibling"),
        (NIK, "3523010501909346", "differs"),
        (NIK, "3578010501909001", "differs"),
        (NIK, None, "missing"),
    ],
)
def test_a_typing_error_in_a_nik_is_told_from_a_twins_nik(ask: Ask, one: str, other: str | None, level: str) -> None:
    assert ask("nik_level", one, other) == level
    assert ask("nik_level", other, one) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (["1990-01-05"], ["1990-01-05", "1990-05-01"], "equal"),
        (["1990-01-05"], ["1990-05-01"], "similar"),
        (["1990-01-05"], ["1990-01-06"], "similar"),
        (["1990-01-05"], ["1991-02-05"], "differs"),
        (["1990-01-05"], [], "missing"),
    ],
)
def test_birth_dates(ask: Ask, one: list[str], other: list[str], level: str) -> None:
    days = [[date.fromisoformat(day) for day in days] for days in (one, other)]
    assert ask("dates_level", *days) == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (["BUDI", "BUDI SANTOSO"], ["BUDI SANTOSA", "BUDI SANTOSO"], "equal"),
        (["BUDI", "BUDI SANTOSO"], ["BUDI S"], "shortened"),
        (["BUDI", "BUDI SANTOSO"], ["BUDI SANTOSA"], "similar"),
        (["BUDI"], ["ANI"], "differs"),
        ([], ["ANI"], "missing"),
    ],
)
def test_the_best_of_several_names_counts(ask: Ask, one: list[str], other: list[str], level: str) -> None:
    assert ask("names_level", one, other) == level


def weights() -> dict[tuple[str, str], dict[str, str]]:
    with (PROJECT / "dbt_project" / "seeds" / "identity_weights.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["field"], row["level"]): row for row in csv.DictReader(stream)}


def test_a_weight_is_the_logarithm_of_its_odds() -> None:
    for place, row in weights().items():
        if place[0] != "threshold":
            assert float(row["weight"]) == pytest.approx(math.log2(float(row["m"]) / float(row["u"])), abs=0.006), place


def test_agreement_never_weighs_less_than_disagreement() -> None:
    order = {
        "nik": ("typo", "sibling", "differs"),
        "name": ("equal", "shortened", "similar", "differs"),
        "birth_date": ("equal", "similar", "differs"),
        "contact": ("both", "one", "differs"),
        "bpjs_no": ("equal", "differs"),
        "sex": ("equal", "differs"),
        "region": ("equal", "differs"),
    }
    for field, levels in order.items():
        found = [float(weights()[field, level]["weight"]) for level in levels]
        assert found == sorted(found, reverse=True), field


def total(**levels: str) -> float:
    said = weights()
    return float(said["prior", "any"]["weight"]) + sum(
        float(said[field, level]["weight"]) for field, level in levels.items()
    )


HOUSEHOLD = {"contact": "both", "sex": "equal", "region": "equal"}


def test_who_must_never_merge_by_weight() -> None:
    """The hard cases by name, with all that they share."""
    upper, lower = (float(weights()["threshold", which]["weight"]) for which in ("upper", "lower"))
    twins = {**HOUSEHOLD, "nik": "sibling", "birth_date": "equal"}
    assert total(**twins, name="differs") < lower
    assert lower < total(**twins, name="similar") < upper
    assert total(**twins, name="equal", bpjs_no="differs") < upper
    namesakes = {"nik": "differs", "name": "equal", "birth_date": "equal", "sex": "equal", "region": "equal"}
    assert total(**namesakes, contact="differs") < lower
    assert total(**namesakes, contact="one") < upper
    assert total(**(HOUSEHOLD | {"sex": "differs"}), nik="differs", name="differs", birth_date="differs") < lower
    assert total(**HOUSEHOLD, nik="differs", name="equal", birth_date="differs") < lower


def test_who_merges_by_weight() -> None:
    upper = float(weights()["threshold", "upper"]["weight"])
    same = {"birth_date": "equal", "sex": "equal", "region": "equal"}
    assert total(**same, nik="typo", name="equal", contact="differs") >= upper
    assert total(**same, nik="typo", name="similar", contact="one") >= upper
    assert total(**same, nik="missing", name="equal", contact="one") >= upper
    assert total(**same, nik="sibling", name="equal", contact="both") >= upper
