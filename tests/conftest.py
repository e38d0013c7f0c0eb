"""Fixtures that every test may use."""

from __future__ import annotations

import re
from collections.abc import Iterator
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


@pytest.fixture(scope="session")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The samples in two nights, the second over what came after 23 November 2023. Look, do not touch."""
    place = Home(tmp_path_factory.mktemp("twice") / "home").make()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PILAR_PII_KEY", SAMPLES_KEY)
        samples.lay(place, until=date(2023, 11, 23))
        first = night.run(place)
        assert first["outcome"] == "published", first["text"]
        samples.lay(place)
        return Night(place, night.run(place))


@pytest.fixture(scope="session")
def sample_night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The first night over the samples. Shared by many tests: look, do not touch."""
    place = Home(tmp_path_factory.mktemp("samples") / "home").make()
    samples.lay(place)
    return Night(place, night.run(place))
