"""Homes with an invented release, and packages made of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pilar import open_data
from pilar.analyst.asking import session
from pilar.config import Home
from pilar.open_data import gate
from tests.open_data.invented import Invented, lay

Export = Callable[..., open_data.Exported]


def exporter(root: Path) -> Export:
    """Publishes the open data of an invented release from a home that remembers what it published."""
    home = Home(root).make()

    def export(told: Invented, *, inside: int = 5, outside: int = 11, to: Path | None = None) -> open_data.Exported:
        lay(home, told)
        with session(home) as release:
            return open_data.export(release, home, inside=inside, outside=outside, to=to)

    return export


@pytest.fixture
def swift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves out the scan for personal data, which looks at the same columns each time and takes most of the gate's
    time; test_gate.py has it."""
    monkeypatch.setattr(gate, "_personal", lambda *_: ())


@pytest.fixture
def export(swift: None, tmp_path: Path) -> Export:
    return exporter(tmp_path / "home")


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> open_data.Exported:
    """The package of the invented province. Look, do not touch."""
    return exporter(tmp_path_factory.mktemp("open data") / "home")(Invented())
