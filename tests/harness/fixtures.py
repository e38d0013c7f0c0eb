"""Fixtures over the harness; a test folder imports those that it uses into its ``conftest.py``."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest

from pilar import regions
from pilar.privacy import load_key
from tests.conftest import for_all_workers, one_at_a_time
from tests.harness.compiled import Compiled, compile_project
from tests.harness.memory import Memory

REGIONS = ("3522", "3523", "3524")
"""Bojonegoro, Tuban, Lamongan: the regions of invented histories."""


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """The dbt project, compiled once for the whole session: the first worker of pytest-xdist does it for the others."""
    folder = for_all_workers(tmp_path_factory)
    done = folder / "compiled.pickle"
    with one_at_a_time(folder / "compiled.lock"):
        if not done.exists():
            done.write_bytes(pickle.dumps(compile_project(folder / "compiled")))
    project: Compiled = pickle.loads(done.read_bytes())  # noqa: S301 (written by this session, a moment ago)
    return project


def open_memory(compiled: Compiled) -> Memory:
    """An in-memory warehouse that knows :data:`REGIONS`; call ``forget()`` before a history."""
    known = [alias for alias in regions.aliases() if alias.region_code in REGIONS]
    return Memory(compiled, load_key(compiled.home), known)


@pytest.fixture(scope="session")
def memory(compiled: Compiled) -> Iterator[Memory]:
    """:func:`open_memory`, once for the whole session."""
    opened = open_memory(compiled)
    yield opened
    opened.close()
