"""Held nights without the cost of whole ones: the sample night's steps once more, judged by stricter suites."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pilar import night, publish
from pilar.config import PROJECT, Home
from tests.conftest import Night

HELD = "20991231T180000Z"
CLAIM = "No public claim differs from what was recomputed."
NUMERIC = "At most 2 per cent of NIKs arrive as numeric cells (Excel damages long numbers)."
"""Two promises that the samples break: warnings, until somebody calls them critical."""
FOLDERS = "At least 95 per cent of the files lie in the folder of a known feed."
"""A third, broken by two files in an unknown folder beside the samples' one."""


def strict_suites(place: Path, *promises: str) -> Path:
    """Suites in which these promises (by their English description) hold a night; returns their project folder."""
    shutil.copytree(PROJECT / "expectations", place / "expectations", dirs_exist_ok=True)
    for path in (place / "expectations").rglob("*.yaml"):
        text = path.read_text("utf-8")
        for promise in promises:
            if promise in text:
                before, after = text.split(promise)
                head, _, tail = before.rpartition("severity: warning")
                text = f"{head}severity: critical{tail}{promise}{after}"
        path.write_text(text, "utf-8")
    return place


def change_facts(home: Home, step: str, **facts: object) -> None:
    """Change what a step of the held night wrote."""
    path = home.nights / HELD / f"{step}.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | facts), "utf-8")


@pytest.fixture(scope="session")
def held_night(sample_night: Night, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A night after the sample night, held at its candidate by the claim. Copy it, do not touch."""
    home = Home(tmp_path_factory.mktemp("held") / "home")
    shutil.copytree(sample_night.home.root, home.root, symlinks=True)
    steps = home.nights / str(sample_night.ended["night_id"])
    news = home.landing / "bantuan" / "paket.csv"
    news.parent.mkdir(exist_ok=True)
    news.write_text("PAKET;JUMLAH\nBeras;10\n", "utf-8")
    for item in night.begin(home, HELD)["items"]:
        night.ingest(home, HELD, item)
    for name in ("load", "gate_arrivals", "build"):
        shutil.copy(steps / f"{name}.json", home.nights / HELD)
    change_facts(home, "build", state=night.state(home, HELD))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pilar.quality.suites.PROJECT", strict_suites(tmp_path_factory.mktemp("suites"), CLAIM))
        publish.build_candidate(home, HELD)
        for work in (night.gate_candidate, night.publish, night.report):
            work(home, HELD)
        assert night.conclude(home, HELD)["outcome"] == "held"
    return home


@pytest.fixture
def held(held_night: Home, tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    shutil.copytree(held_night.root, home.root, symlinks=True)
    return home
