"""Nights that are struck, and a plain one after them. Used by the tests here and by ``bench/faults.py``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pilar.config import PROJECT, Home
from tests.faults import world

Answer = dict[str, Any]


class Stage:
    """The process that runs nights to order: :mod:`tests.faults.stage`."""

    def __init__(self, *, light: bool = False) -> None:
        environment = os.environ | {
            "PILAR_SETTLE_SECONDS": "0",
            "PILAR_SPARE_BYTES": "0",
            "PILAR_PII_KEY": world.KEY,
            "PILAR_THREADS": "1",
            "PYTHONPATH": str(PROJECT),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.stage", *(["light"] if light else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=PROJECT,
        )

    def run(self, home: Home, **order: Any) -> Answer:
        """Carry out one order (see :mod:`tests.faults.stage`)."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"home": str(home.root)} | order) + "\n")
        self._process.stdin.flush()
        answer: Answer = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


@dataclass
class Readings:
    """What the reader saw."""

    looks: int = 0
    failed: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    """In the order in which they were first seen, each with its digest."""


@contextmanager
def watched(home: Home, log: Path, *, pause: float = 0.05) -> Iterator[Readings]:
    """Somebody reads the release of ``home`` all the while."""
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.faults.reader", str(home.root), str(log), str(pause)]
    reader = subprocess.Popen(
        command, stdin=subprocess.PIPE, cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)}
    )
    seen = Readings()
    try:
        yield seen
    finally:
        assert reader.stdin
        reader.stdin.close()
        reader.wait()
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        seen.looks = len(lines)
        seen.failed = [line for line in lines if line.startswith("FAILED")]
        seen.releases = list(dict.fromkeys(line for line in lines if not line.startswith("FAILED")))


def lay(saved: Home, home: Home) -> Home:
    """``home`` becomes a copy of ``saved``."""
    shutil.rmtree(home.root, ignore_errors=True)
    shutil.copytree(saved.root, home.root, symlinks=True)
    return home
