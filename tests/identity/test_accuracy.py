"""The labelled evidence in small: the bench's people over the project's models, held to what they must reach."""

from __future__ import annotations

import pytest
from identity import PRINTED_SEED, TUNING_SEED, Measured, land_rosters, land_waivers, rosters, score

from pilar import landing
from pilar.config import Home
from tests.harness.compiled import Compiled
from tests.harness.memory import Memory

SEED = 20_241
PEOPLE = 4_000


@pytest.fixture(scope="module")
def found(compiled: Compiled, everywhere: Memory, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Two rosters, and the waivers that let in those without NIK, over two nights in memory."""
    home = Home(tmp_path_factory.mktemp("labelled") / "home").make()
    models = compiled.needed_for(["int_roster_lines", "int_row_findings"])
    entries = rosters(PEOPLE, SEED)
    everywhere.forget()
    for land in (lambda: land_rosters(home, entries), lambda: land_waivers(home, everywhere.ask)):
        land()
        for item in landing.scan(home).items:
            landing.ingest(home, item)
        everywhere.night(home, models=models)
    return score(everywhere.ask, entries)


def test_the_seed_is_neither_that_of_the_tuning_nor_the_printed_one() -> None:
    assert len({SEED, TUNING_SEED, PRINTED_SEED}) == 3


def test_what_is_joined_by_weight_is_one_person(found: Measured) -> None:
    assert found.merged.joined > 100
    assert found.merged.precision >= 0.999
    assert found.hard["pilar"].precision >= 0.99, "a slip may hit the NIK of somebody else"


def test_people_whose_niks_differ_are_found(found: Measured) -> None:
    assert found.hard["pilar"].recall >= 0.96
    assert found.recall_with_steward >= 0.98


def test_stewards_are_asked_little_and_not_for_nothing(found: Measured) -> None:
    assert 0 < found.clerical_share <= 0.02
    assert found.asked.precision >= 0.3


def test_simpler_rules_do_worse(found: Measured) -> None:
    assert found.whole["exact NIK"].recall < found.whole["pilar"].recall - 0.02
    assert found.hard["name + birth date"].precision < 0.95
    assert found.hard["name + birth date"].recall < found.hard["pilar"].recall
