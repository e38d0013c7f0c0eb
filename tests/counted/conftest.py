"""The counted nights, once for the session."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from pilar.config import Home
from tests.conftest import for_all_workers, one_at_a_time
from tests.counted import nights


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, nights.Worked]:
    """What :func:`tests.counted.nights.three` counts, once for all workers."""
    folder = for_all_workers(tmp_path_factory) / "counted nights"
    done = folder / "worked.json"
    with one_at_a_time(folder.with_suffix(".lock")):
        if not done.exists():
            folder.mkdir(exist_ok=True)
            home = Home(folder / "home").make()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("PILAR_HOME", str(home.root))
                counted = nights.three(home, folder)
            done.write_text(json.dumps({name: asdict(night) for name, night in counted.items()}), "utf-8")
    return {name: nights.Worked(**told) for name, told in json.loads(done.read_text("utf-8")).items()}
