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
from tests.faults.arena import Stage, lay, watched

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


def test_a_file_that_is_being_taken_is_taken_the_next_time(arena: Arena) -> None:
    """Killed at names and syncs of ``begin`` and ``ingest``, one night after the other; each file is there once."""
    wanted = "rename", "fsync", "replace", "mkdir", "chmod"
    for step, count in (("begin", 3), ("ingest", 7)):
        for number in some(arena.numbers(step, *wanted), count):
            lay(arena.before, arena.home)
            struck = arena.stage.run(arena.home, kill_in=step, kill_at=number)
            assert struck["signal"] == 9, struck
            assert struck["orphans"] == []
            arena.stage.run(arena.home, until="load")
            here, there = (
                {(one.feed, one.sha256, one.state, one.rows_read) for one in raw.receipts(home)}
                for home in (arena.home, arena.after)
            )
            assert here == there, struck["where"]
            assert len(raw.arrivals(arena.home)) == len(raw.arrivals(arena.after)), struck["where"]
            assert list((arena.home.raw / ".incoming").glob("*")) == [], struck["where"]


@pytest.mark.parametrize("step", ["load", "publish", "report"])
def test_a_step_that_was_killed_can_be_run_again(arena: Arena, step: str) -> None:
    """As Airflow does it. The reader sees the release before or the one after, never another."""
    releases = {publish.current(home) and publish.current(home).release_id for home in (arena.before, arena.after)}  # type: ignore[union-attr]
    for number in some(arena.numbers(step, "rename", "fsync", "replace", "unlink", "CHECKPOINT", "after"), 6):
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


STRUCK = {
    "one step after the other, up to the build": [
        {"kill_in": "begin", "kill_at": 1},
        {"kill_in": "ingest", "word": "after ingest"},
        {"kill_in": "load", "word": "CHECKPOINT", "alone": True},
        {"kill_in": "gate_arrivals", "word": "before gate_arrivals"},
        {"kill_in": "build", "word": "COMMIT"},
    ],
    "published, but its name not flipped": [{"kill_in": "publish", "word": "replace published/marts.duckdb"}],
    "flipped, but the stewards' pages not written": [{"kill_in": "report", "word": "rename"}],
}


@pytest.mark.parametrize("story", STRUCK)
def test_the_night_after_ends_as_if_nothing_had_been(arena: Arena, story: str, tmp_path: Path) -> None:
    lay(arena.before, arena.home)
    with watched(arena.home, tmp_path / "reader.log") as seen:
        for order in STRUCK[story]:
            wanted = dict(order)
            if word := wanted.pop("word", None):
                found = arena.numbers(str(wanted["kill_in"]), str(word))
                wanted["kill_at"] = found[len(found) // 2]
            struck = arena.stage.run(arena.home, **LIGHT, **wanted)
            assert (struck["signal"], struck["orphans"]) == (9, []), struck
        assert arena.plain() == []
    assert seen.looks > 0
    assert seen.failed == []
    assert seen.releases == sorted(seen.releases)
