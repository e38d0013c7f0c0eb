"""Two tellings of ``docs/reckoning.md`` agree on invented histories: the project's SQL and the plain model."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from pilar.config import Home
from pilar.privacy import load_key
from tests.differential.histories import History, histories
from tests.differential.tables import MARTS, Pseudonyms, answer, differences, published
from tests.harness.compiled import NIGHT, Compiled
from tests.harness.deliveries import deliver
from tests.harness.memory import Memory
from tests.model.reckon import Reckoned, reckon

HISTORIES = int(os.environ.get("PILAR_HISTORIES", "500"))
"""How many histories are tried; the same ones each time, unless more are asked for."""


class Worlds:
    """Runs histories through the SQL and through the model."""

    def __init__(self, memory: Memory, compiled: Compiled) -> None:
        self.memory = memory
        self.models = compiled.needed_for(MARTS)
        self.names = Pseudonyms(load_key(compiled.home))

    def sql(self, history: History) -> Reckoned:
        """Night after night, each with the files that came until then."""
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder)).make()
            self.memory.forget()
            for night in history.nights:
                for file in night:
                    deliver(home, file)
                self.memory.night(home, models=self.models)
        return answer(self.memory)

    def model(self, history: History) -> Reckoned:
        return published(reckon(history.files, [], today=NIGHT, pseudonym=self.names.person), self.names)


@pytest.fixture(scope="session")
def worlds(memory: Memory, compiled: Compiled) -> Worlds:
    return Worlds(memory, compiled)


def test_sql_and_model_agree(worlds: Worlds) -> None:
    seen: Counter[str] = Counter()

    @settings(
        max_examples=HISTORIES,
        derandomize=HISTORIES <= 500,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(histories())
    def agree(history: History) -> None:
        model = worlds.model(history)
        assert differences(model, worlds.sql(history)) == {}
        seen["histories"] += 1
        seen.update({row.outcome for row in model.reconciliation})

    agree()
    print(seen)
    assert seen["histories"] >= HISTORIES
