"""Attacks on one release's packages: equations solved exactly, and the least and the most that each count can be."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from pilar import open_data
from tests.open_data.attack import Attack, found_out, package_of
from tests.open_data.conftest import Export
from tests.open_data.invented import PEOPLE, Invented

AUDIENCES = pytest.mark.parametrize(("audience", "threshold"), [("inside", 5), ("outside", 11)])
RELEASE = Invented().release_id


def attack_on(folder: Path, told: Invented, *audiences: str) -> Attack:
    attack = Attack()
    for audience in audiences:
        attack.read(package_of(folder / audience), told.rates)
    attack.suppose_alike({told.release_id: told.truth()})
    return attack


def small_and_certain(attack: Attack, told: Invented, threshold: int) -> dict[str, Fraction]:
    certain = attack.certain({what: dict.fromkeys(unknowns, 1) for what, unknowns in attack.hidden.items()})
    truth = told.truth()
    for what, value in certain.items():
        assert value == sum(truth.get(unknown[1:], 0) for unknown in attack.hidden[what])
    return {what: value for what, value in certain.items() if 0 < value < threshold}


@AUDIENCES
def test_no_small_count_follows_from_the_equations(package: open_data.Exported, audience: str, threshold: int) -> None:
    attack = attack_on(package.folder, Invented(), audience)
    assert len(attack.equations) > 100
    assert len(attack.hidden) > 30
    assert small_and_certain(attack, Invented(), threshold) == {}


@AUDIENCES
def test_each_small_count_could_be_none_or_many(package: open_data.Exported, audience: str, threshold: int) -> None:
    attack = attack_on(package.folder, Invented(), audience)
    assert found_out(attack, {RELEASE: Invented().truth()}, threshold) == []


def test_who_has_both_packages_finds_no_more_than_inside(package: open_data.Exported) -> None:
    attack = attack_on(package.folder, Invented(), "inside", "outside")
    assert small_and_certain(attack, Invented(), 5) == {}
    assert found_out(attack, {RELEASE: Invented().truth()}, 5) == []


def test_the_attack_finds_a_planted_leak(package: open_data.Exported) -> None:
    """One more count, itself large: that of Kota Mojokerto's Tagana. Its three TKSK are then the rest of the total."""
    told = package_of(package.folder / "outside")
    (leak,) = [
        row for row in told["people"]
        if (row["area_code"], row["pillar_code"], row["sex"]) == ("3576", "TAGANA", "ALL")
    ]  # fmt: skip
    assert leak["status"] == "hidden"
    leak["people"], leak["status"] = str(sum(PEOPLE["3576", "TAGANA"])), "shown"
    attack = Attack()
    attack.read(told, Invented().rates)
    assert small_and_certain(attack, Invented(), 11) == {f"{RELEASE} people 3576 TKSK ALL": 3}
    assert found_out(attack, {RELEASE: Invented().truth()}, 11) == [
        f"{RELEASE} people 3576 TKSK ALL is from 3.0 to 3.0"
    ]


def test_rupiah_that_differ_by_pillar_give_nothing_away(export: Export) -> None:
    """A TKSK is promised twice as much: then the rupiah of a kab/kota are a second sum of its people."""
    told = Invented(rates={"PKH": 1000000, "TAGANA": 1000000, "TKSK": 2000000})
    package = export(told)
    for audience, threshold in (("inside", 5), ("outside", 11)):
        attack = attack_on(package.folder, told, audience)
        assert small_and_certain(attack, told, threshold) == {}
        assert found_out(attack, {RELEASE: told.truth()}, threshold) == []


def test_nobody_paid_is_not_told(export: Export) -> None:
    """None paid in full means everybody there went without: a zero that is as telling as a small count."""
    told = Invented(unpaid={("3576", pillar): sum(PEOPLE["3576", pillar]) for pillar in ("PKH", "TAGANA", "TKSK")})
    package = export(told)
    attack = attack_on(package.folder, told, "inside")
    assert f"{RELEASE} money 3576 ALL IN_FULL" in attack.hidden
    assert found_out(attack, {RELEASE: told.truth()}, 5) == []


def test_a_year_does_not_tell_another(export: Export) -> None:
    """Rosters stand, so the same people serve in 2024, when nothing but people is counted: what is hidden there must
    not be shown here."""
    told = Invented(years=(2023, 2024))
    package = export(told)
    for audience, threshold in (("inside", 5), ("outside", 11)):
        attack = Attack()
        for year in ("2023", "2024"):
            attack.read(package_of(package.folder / audience), told.rates, year)
        truth = {RELEASE: told.truth(), f"{RELEASE} 2024": told.truth()}
        assert {name[0] for name in attack.totals} == truth.keys()
        attack.suppose_alike(truth)
        assert found_out(attack, truth, threshold) == []
