"""A night that is killed: the next one, or the same step run again, ends as if nothing had been.

A bounded set; ``bench/faults.py`` strikes as often as one likes. Gates and dbt's tests are left out here (``light``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pilar import night, publish, raw
from pilar.config import Home
from tests.faults import compare, world
from tests.faults.arena import Readings, Stage, lay, watched

LIGHT = {"light": True}


@dataclass
class Arena:
    """A home before its second night, at steps of it, and after it, undisturbed."""

    stage: Stage
    home: Home
    before: Home
    at: dict[str, Home]
    after: Home
    night_id: str
    expected: compare.Tables
    points: list[tuple[str, int, str]]
    """Step, number within it, and label of each point of the undisturbed night."""

    def numbers(self, step: str, *wanted: str) -> list[int]:
        """Points of a step whose label holds one of the words."""
        return [number for name, number, label in self.points if name == step and any(word in label for word in wanted)]

    def plain(self) -> list[str]:
        """Run a night that nobody strikes; what is wrong after it."""
        told = self.stage.run(self.home, **LIGHT)["told"]
        if told["outcome"] != "published":
            return [str(told)]
        return [
            *compare.differences(compare.tables(self.home), self.expected),
            *compare.imbalance(self.home),
            *compare.leftovers(self.home, self.after),
        ]


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("faults")
    home, before, after = Home(folder / "home").make(), Home(folder / "before"), Home(folder / "after")
    stage = Stage(light=True)
    world.land(home, world.first(), day=1)
    assert stage.run(home, **LIGHT)["told"]["outcome"] == "published"
    world.land(home, world.second(home), day=2)
    lay(home, before)
    at = {step: Home(folder / f"at {step}") for step in ("load", "publish", "report")}
    save = {step: str(place.root) for step, place in at.items()}
    told = stage.run(home, trace=str(folder / "trace"), save=save, **LIGHT)["told"]
    assert told["outcome"] == "published", told
    lay(home, after)
    counted: dict[str, int] = {}
    points = []
    for line in (folder / "trace").read_text("utf-8").splitlines():
        _, step, label = line.split("\t")
        counted[step] = counted.get(step, 0) + 1
        points.append((step, counted[step], label))
    yield Arena(stage, home, before, at, after, told["night_id"], compare.tables(after), points)
    stage.close()


def some(numbers: list[int], count: int) -> list[int]:
    """As many of them, evenly spread, the first and the last among them."""
    return sorted({numbers[round(place * (len(numbers) - 1) / (count - 1))] for place in range(count)})


def test_the_points_are_where_a_night_can_be_struck(arena: Arena) -> None:
    """Else the other tests would strike at nothing."""
    assert {step for step, _, _ in arena.points if step} == {
        "begin", "ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report", "conclude"
    }  # fmt: skip
    for step, word in (("ingest", "rename"), ("load", "CHECKPOINT"), ("build", "COMMIT"), ("publish", "replace")):
        assert arena.numbers(step, word), f"no {word} in {step}"


@pytest.mark.parametrize(("step", "count"), [("begin", 2), ("ingest", 3)])
def test_a_file_that_is_being_taken_is_taken_the_next_time(arena: Arena, step: str, count: int) -> None:
    """Killed at names and syncs; in the night after, each file is there once.

    Files are taken by several processes at once, whose points are counted together: now and then there are fewer
    than there were, and the last blow comes too late.
    """
    numbers = arena.numbers(step, "rename", "fsync", "replace", "mkdir", "chmod")
    hits = 0
    for number in some(numbers[: -len(numbers) // 4], count):
        lay(arena.before, arena.home)
        struck = arena.stage.run(arena.home, kill_in=step, kill_at=number, until="load")
        hits += struck["signal"] == 9
        assert struck["orphans"] == [], struck
        arena.stage.run(arena.home, until="load")
        here, there = (
            {(one.feed, one.sha256, one.state, one.rows_read) for one in raw.receipts(home)}
            for home in (arena.home, arena.after)
        )
        assert here == there, struck["where"]
        assert len(raw.arrivals(arena.home)) == len(raw.arrivals(arena.after)), struck["where"]
        assert list((arena.home.raw / ".incoming").glob("*")) == [], struck["where"]
    assert hits >= count - 1


@pytest.mark.parametrize("step", ["load", "publish", "report"])
def test_a_step_that_was_killed_can_be_run_again(arena: Arena, step: str) -> None:
    """As Airflow does it. The reader sees the release before or the one after, never another."""
    releases = {publish.current(home) and publish.current(home).release_id for home in (arena.before, arena.after)}  # type: ignore[union-attr]
    for number in some(arena.numbers(step, "rename", "fsync", "replace", "unlink", "CHECKPOINT", "after"), 2):
        lay(arena.at[step], arena.home)
        order = {"steps": [step], "night_id": arena.night_id, "kill_in": step, "kill_at": number}
        struck = arena.stage.run(arena.home, **order)
        assert struck["signal"] == 9, struck
        now = publish.current(arena.home)
        assert now is not None
        assert now.release_id in releases
        again = arena.stage.run(arena.home, steps=[step], night_id=arena.night_id)["told"]
        assert again["status"] == "ok", struck["where"]
        told = night.facts_of(arena.after, arena.night_id, step)
        same = ("pending", "deliveries", "release_id", "tables", "broken")
        assert {name: again.get(name) for name in same} == {name: told.get(name) for name in same}, struck["where"]
        if step != "load":
            assert compare.differences(compare.tables(arena.home), arena.expected) == [], struck["where"]


def test_the_night_after_many_kills_ends_as_if_nothing_had_been(arena: Arena, tmp_path: Path) -> None:
    blows = {
        "begin": "before",
        "ingest": "after ingest",
        "load": "CHECKPOINT",
        "gate_arrivals": "before",
        "build": "COMMIT",
    }
    lay(arena.before, arena.home)
    with watched(arena.home, tmp_path / "reader.log") as seen:
        for step, word in blows.items():
            found = arena.numbers(step, word)
            at = found[len(found) // 3]
            struck = arena.stage.run(arena.home, **LIGHT, kill_in=step, kill_at=at, alone=step == "load")
            assert (struck["signal"], struck["orphans"]) == (9, []), struck
        assert arena.plain() == []
    read_well(seen)


def test_a_release_in_its_place_whose_name_was_not_flipped_is_published(arena: Arena, tmp_path: Path) -> None:
    lay(arena.at["publish"], arena.home)
    (flip,) = arena.numbers("publish", "replace published/marts.duckdb")
    with watched(arena.home, tmp_path / "reader.log") as seen:
        order = {"steps": ["publish"], "night_id": arena.night_id, "kill_in": "publish", "kill_at": flip}
        assert arena.stage.run(arena.home, **order)["signal"] == 9
        assert (arena.home.releases / arena.night_id).is_dir()
        assert arena.plain() == []
    read_well(seen)


def read_well(seen: Readings) -> None:
    assert seen.looks > 0
    assert seen.failed == []
    assert seen.releases == sorted(seen.releases)
