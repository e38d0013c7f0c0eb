"""Two tellings of ``docs/reckoning.md`` agree on invented histories: the project's SQL and the plain model.

``PILAR_HISTORIES=5000`` tries more of them; each number has its own, the same ones every time. What ever told the two
apart stands in ``test_cases.py`` by name.
"""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.differential.histories import History, histories, histories_with_narrow_nights
from tests.differential.interesting import LEAST, states
from tests.differential.tables import differences
from tests.differential.worlds import Worlds

HISTORIES = int(os.environ.get("PILAR_HISTORIES", "500"))
BOTH_WAYS = HISTORIES // 15
"""How many of the histories are built a second time, all anew."""

HELD = HISTORIES // 25
"""How many go through every model and every data test."""


def tried(count: int) -> settings:
    """So many histories, none of them remembered from an earlier run."""
    return settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def test_sql_and_model_agree(worlds: Worlds) -> None:
    met: Counter[str] = Counter()

    @tried(HISTORIES)
    @seed(HISTORIES)
    @given(histories())
    def agree(history: History) -> None:
        model = worlds.model(history)
        assert differences(model, worlds.sql(history)) == {}
        met.update({"histories", *states(history, model)})

    agree()
    assert met["histories"] >= HISTORIES
    least_of_all = HISTORIES // 500  # fewer are a quick look that proves nothing
    too_few = {state: met[state] for state, least in LEAST.items() if met[state] < least * least_of_all}
    assert too_few == {}, "the histories do not reach what they are to prove"


def test_nights_say_what_a_full_refresh_says(worlds: Worlds) -> None:
    met: Counter[str] = Counter()

    @tried(BOTH_WAYS)
    @seed(HISTORIES + 1)
    @given(st.one_of(histories(), histories_with_narrow_nights()))
    def same(history: History) -> None:
        grown, anew = worlds.sql_both_ways(history)
        assert differences(anew, grown) == {}
        met["histories"] += 1
        met["nights after the first"] += len(history.nights) - 1

    same()
    assert met["histories"] >= BOTH_WAYS
    assert met["nights after the first"] >= BOTH_WAYS // 2


def test_no_data_test_holds_an_invented_night(worlds: Worlds) -> None:
    """What a history does to the whole project: every model is built and every dbt test asked."""

    @tried(HELD)
    @seed(HISTORIES + 2)
    @given(histories())
    def passes(history: History) -> None:
        assert worlds.held_by(history) == []

    passes()
