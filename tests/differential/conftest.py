from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.differential.worlds import Worlds
from tests.harness.compiled import Compiled
from tests.harness.fixtures import compiled, memory

__all__ = ["compiled", "memory"]


@pytest.fixture(scope="session")
def worlds(compiled: Compiled) -> Iterator[Worlds]:
    """Histories through the SQL and through the model."""
    opened = Worlds(compiled)
    yield opened
    opened.close()
