"""A local BPS Web API; nothing leaves this machine."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pilar.bps_api import Fetched, Patience, fetch
from pilar.config import Home
from tests.bps_api.server import KEY, Bps, serving, stay_on_this_machine

QUICK = Patience(calls_per_minute=6000, attempts=4, first_wait_seconds=0.01, silence_seconds=5, answer_seconds=5)


@pytest.fixture(autouse=True)
def _nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    stay_on_this_machine(monkeypatch)


@pytest.fixture
def bps() -> Iterator[Bps]:
    with serving() as api:
        yield api


@pytest.fixture
def run(home: Home, bps: Bps) -> Callable[..., Fetched]:
    """``fetch`` of the poverty line from the local API, without waiting."""
    settings: dict[str, Any] = {"key": KEY, "base_url": bps.base_url, "variables": {"0000": [624]}, "patience": QUICK}
    settings["sleep"] = lambda _: None

    @functools.wraps(fetch)
    def run(years: list[int] | None, **options: Any) -> Fetched:
        return fetch(home, years, **(settings | options))

    return run


@pytest.fixture
def in_landing(home: Home) -> Callable[[], dict[str, Path]]:
    """Everything in landing by name, sorted, hidden and unfinished files among them."""

    def files() -> dict[str, Path]:
        return {path.name: path for path in sorted(home.landing.rglob("*")) if path.is_file()}

    return files
