"""Fixtures that every test may use."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pilar import night, samples
from pilar.config import Home

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Night:
    """A night that was run: its home and how it ended."""

    home: Home
    ended: dict[str, Any]

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query over the published release."""
        with duckdb.connect(str(self.home.current_marts), read_only=True) as release:
            return release.execute(query).fetchall()


@pytest.fixture(scope="session", autouse=True)
def _no_settling() -> Iterator[None]:
    """Test files are at rest when they are written; nights need not wait for them."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PILAR_SETTLE_SECONDS", "0")
    yield
    patch.undo()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data folder beside the checkout: real BPS files, real API answers. Absent: skip."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not beside the checkout")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty runtime folder."""
    return Home(tmp_path / "home").make()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Content is named by its size: bytes may hold the hour (gzip) or a NIK, and ids must be alike everywhere."""
    if isinstance(val, bytes):
        return f"{len(val)}bytes"
    if isinstance(val, str) and re.search(r"\d{11}", val):
        return f"{len(val)}letters"
    return None


SAMPLES_KEY = "a key that everybody may know, good for the samples alone"
"""Pseudonyms that pages print come from it."""


LONGEST_FIRST = (
    "tests/test_compose.py",
    "tests/differential/test_differential.py",
    "tests/night/test_nights.py",
    "tests/test_difference.py",
    "tests/harness/test_harness.py",
    "tests/night/test_worked_example.py",
    "tests/money/test_narrow_nights.py",
    "tests/test_cli.py",
    "tests/test_services.py",
    "tests/differential/test_metamorphic.py",
)
"""Files that take more than half a minute: begun last, one would keep one of two workers busy alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {CHECKOUT / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def for_all_workers(factory: pytest.TempPathFactory) -> Path:
    """A folder of this session that the workers of pytest-xdist have in common."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Other workers wait. The lock goes with the process."""
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Home], dict[str, Any]]) -> Night:
    """A night that one worker runs for all. Each has a copy of its home: DuckDB lets one process in at a time."""
    folder = for_all_workers(factory) / f"{name} for all"
    ended = folder / "ended.json"
    with one_at_a_time(folder.with_suffix(".lock")):
        if not ended.exists():
            shutil.rmtree(folder, ignore_errors=True)
            facts = make(Home(folder / "home").make())
            ended.write_text(json.dumps(facts), "utf-8")
    place = Home(factory.mktemp(name) / "home")
    shutil.copytree(folder / "home", place.root, symlinks=True)
    return Night(place, json.loads(ended.read_text("utf-8")))


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The samples in two nights, the second over what came after 23 November 2023. Look, do not touch."""

    def make(place: Home) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PILAR_PII_KEY", SAMPLES_KEY)
            samples.lay(place, until=date(2023, 11, 23))
            first = night.run(place)
            assert first["outcome"] == "published", first["text"]
            samples.lay(place)
            return night.run(place)

    return made_once(tmp_path_factory, "two nights", make)


@pytest.fixture(scope="session")
def sample_night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The first night over the samples. Shared by many tests: look, do not touch."""

    def make(place: Home) -> dict[str, Any]:
        samples.lay(place)
        return night.run(place)

    return made_once(tmp_path_factory, "samples", make)
