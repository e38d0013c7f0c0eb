"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilar.config import Home

CHECKOUT = Path(__file__).resolve().parent.parent


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
