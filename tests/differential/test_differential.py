"""Two tellings of ``docs/reckoning.md`` agree on invented histories: the project's SQL and the plain model.

``PILAR_HISTORIES=5000`` tries more of them; each number has its own, the same ones every time. Most are tried a dozen
at a time (:mod:`tests.differential.together`). What ever told the two apart stands in ``test_cases.py`` by name.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.differential.histories import History, histories, histories_with_narrow_nights
from tests.differential.interesting import LEAST, states
from tests.differential.tables import differences
from tests.differential.together import apart, batches, side_by_side
from tests.differential.worlds import Worlds
from tests.model.reckon import Reckoned

HISTORIES = int(os.environ.get("PILAR_HISTORIES", "500"))
BOTH_WAYS = HISTORIES // 15
"""How many of the histories are built a second time, all anew."""

HELD = HISTORIES // 25
"""How many go through every model and every data test."""

TABLES = fields(Reckoned)


def prove(
    strategy: SearchStrategy[History], count: int, number: int, wrong: Callable[[Sequence[History]], object]
) -> list[History]:
    """So many histories, in batches. Where something is wrong, each is tried alone and the smallest such is told."""
    known: list[History] = []
    tried = settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))

    @tried
    @seed(number)
    @given(strategy)
    def draw(history: History) -> None:
        known.append(history)

    @tried
    @seed(number)
    @given(strategy)
    def each_alone(history: History) -> None:
        assert not wrong([history])

    draw()
    for batch in batches(known):
        found = wrong(apart(batch))
        if found:
            each_alone()
            raise AssertionError(f"wrong only side by side: {found}")
    assert len(known) >= count
    return known


def test_sql_and_model_agree(worlds: Worlds) -> None:
    met: Counter[str] = Counter()

    def differing(batch: Sequence[History]) -> object:
        models = [worlds.model(history) for history in batch]
        for history, model in zip(batch, models, strict=True):
            met.update(states(history, model))
        of_all = Reckoned(*([row for model in models for row in getattr(model, table.name)] for table in TABLES))
        return differences(of_all, worlds.sql(side_by_side(batch)))

    prove(histories(), HISTORIES, HISTORIES, differing)
    least_of_all = HISTORIES // 500  # fewer are a quick look that proves nothing
    too_few = {state: met[state] for state, least in LEAST.items() if met[state] < least * least_of_all}
    assert too_few == {}, "the histories do not reach what they are to prove"


def test_nights_say_what_a_full_refresh_says(worlds: Worlds) -> None:
    def differing(batch: Sequence[History]) -> object:
        grown, anew = worlds.sql_both_ways(side_by_side(batch))
        return differences(anew, grown)

    either = st.one_of(histories(), histories_with_narrow_nights())
    known = prove(either, BOTH_WAYS, HISTORIES + 1, differing)
    assert sum(len(history.nights) - 1 for history in known) >= BOTH_WAYS // 2


def test_no_data_test_holds_an_invented_night(worlds: Worlds) -> None:
    """What histories do to the whole project: every model is built and every dbt test asked."""
    prove(histories(), HELD, HISTORIES + 2, lambda batch: worlds.held_by(side_by_side(batch)))
