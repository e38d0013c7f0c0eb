from __future__ import annotations

import pytest

from tests.differential.worlds import Worlds
from tests.harness.compiled import Compiled
from tests.harness.fixtures import compiled, memory
from tests.harness.memory import Memory

__all__ = ["compiled", "memory"]


@pytest.fixture(scope="session")
def worlds(memory: Memory, compiled: Compiled) -> Worlds:
    """Histories through the SQL and through the model."""
    return Worlds(memory, compiled)
