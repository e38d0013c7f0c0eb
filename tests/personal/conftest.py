"""One night over an invented world, through Airflow and with everything logged that can be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pilar.config import PROJECT, Home
from tests.personal.searching import Watch
from tests.personal.world import World, world

BPS_KEY = "a-bps-key-that-nobody-may-read-0123456789abcdef"


@dataclass(frozen=True)
class Lived:
    """What a night left: its home, what it said, the arguments of its processes, and where it put what it needed."""

    home: Home
    world: World
    code: int
    said: bytes
    arguments: frozenset[bytes]
    scratch: Path


@pytest.fixture(scope="package")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    root = tmp_path_factory.mktemp("personal")
    home, scratch = Home(root / "home").make(), root / "scratch"
    scratch.mkdir()
    made = world(1)
    made.lay(home.landing)
    environment = {
        **os.environ,
        "PILAR_HOME": str(home.root),
        "PILAR_SETTLE_SECONDS": "0",
        "PILAR_BPS_KEY": BPS_KEY,
        "TMPDIR": str(scratch),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
        "DBT_LOG_LEVEL": "debug",
    }
    with Watch() as watch:
        done = subprocess.run(
            [sys.executable, "-m", "pilar.services", "nightly"],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    yield Lived(home, made, done.returncode, done.stdout, frozenset(watch.seen), scratch)
