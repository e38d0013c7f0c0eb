"""Nights that are struck, and a plain one after them. Used by the tests here and by the benches of faults."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pilar.config import PROJECT, Home
from tests.faults import compare, world

Answer = dict[str, Any]


class Stage:
    """The process that runs nights to order: :mod:`tests.faults.stage`. ``light`` holds for all of them."""

    def __init__(self, *, light: bool = False) -> None:
        self._always = {"light": True} if light else {}
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
        self._process.stdin.write(json.dumps({"home": str(home.root)} | self._always | order) + "\n")
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

    def wrong(self) -> list[str]:
        """What a reader must not see: a failure, releases out of their order; and that nobody looked."""
        found = [f"reader: {one}" for one in self.failed[:3]]
        ids = [line.split()[0] for line in self.releases]
        if ids != sorted(set(ids)):
            found.append(f"reader: releases in the order {self.releases}")
        return found if self.looks else ["reader: never looked"]


@contextmanager
def watched(home: Home, log: Path, *, pause: float = 0.05) -> Iterator[Readings]:
    """Somebody reads the release of ``home`` all the while."""
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.faults.reader", str(home.root), str(log), str(pause)]
    reader = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
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


@dataclass(frozen=True)
class Point:
    """A point that an undisturbed night passed."""

    step: str
    number: int
    """Within its step, from 1."""
    label: str
    moment: float


@dataclass(frozen=True)
class Undisturbed:
    """A home before its second night, at steps of it, and after it; nobody has struck it."""

    before: Home
    at: dict[str, Home]
    after: Home
    night_id: str
    points: list[Point]
    said: compare.Tables

    def numbers(self, step: str, *wanted: str) -> list[int]:
        """Points of a step, those whose label holds one of the words if any are given."""
        words = wanted or ("",)
        return [one.number for one in self.points if one.step == step and any(word in one.label for word in words)]

    def seconds(self, step: str) -> float:
        """From the first point of a step to its last."""
        moments = [one.moment for one in self.points if one.step == step]
        return max(moments) - min(moments)

    def wrong(self, home: Home, plain: Answer) -> list[str]:
        """What is wrong with a home after a plain night, of which ``plain`` is the answer."""
        told = plain["told"] if isinstance(plain["told"], dict) else {}
        if told.get("outcome") not in {"published", "unchanged"}:
            return [f"outcome: {told or plain}"]
        return [
            *(f"table: {one}" for one in compare.differences(compare.tables(home), self.said)),
            *(f"ledger: {one}" for one in compare.imbalance(home)),
            *(f"leftover: {one}" for one in compare.leftovers(home, self.after)),
        ]


def undisturbed(stage: Stage, home: Home, folder: Path, *, at: Collection[str]) -> Undisturbed:
    """Two nights over ``home`` that nobody strikes; copies of it are kept in ``folder``, also when the steps ``at``
    begin."""
    before, after = Home(folder / "before"), Home(folder / "after")
    saved = {step: Home(folder / f"at {step}") for step in at}
    for place in (home, before, after, *saved.values()):
        shutil.rmtree(place.root, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    world.land(home.make(), world.first(), day=1)
    _published(stage.run(home))
    world.land(home, world.second(home), day=2)
    lay(home, before)
    trace = folder / "trace"
    trace.unlink(missing_ok=True)
    save = {step: str(place.root) for step, place in saved.items()}
    night_id = _published(stage.run(home, trace=str(trace), save=save))
    lay(home, after)
    return Undisturbed(before, saved, after, night_id, list(_points(trace)), compare.tables(after))


def _published(answer: Answer) -> str:
    if not answer["told"] or answer["told"].get("outcome") != "published":
        raise AssertionError(f"an undisturbed night did not publish: {answer}")
    return str(answer["told"]["night_id"])


def _points(trace: Path) -> Iterator[Point]:
    passed: Counter[str] = Counter()
    for line in trace.read_text("utf-8").splitlines():
        moment, step, label = line.split("\t")
        passed[step] += 1
        yield Point(step, passed[step], label, float(moment))


def lay(saved: Home, home: Home) -> Home:
    """``home`` becomes a copy of ``saved``."""
    shutil.rmtree(home.root, ignore_errors=True)
    shutil.copytree(saved.root, home.root, symlinks=True)
    return home


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A disk of its own, in memory. Raises ``OSError`` where one cannot be mounted: that takes root."""
    place.mkdir(parents=True, exist_ok=True)
    options = f"size={size},mode=755"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, check=False)
    if done.returncode:
        raise PermissionError(f"no disk can be mounted: {done.stderr.decode(errors='replace').strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
