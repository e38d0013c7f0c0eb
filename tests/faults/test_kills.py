"""A night that is struck: the next one, or the same step run again, ends as if nothing had been.

A bounded set; ``bench/faults.py`` strikes as often as one likes. Gates and dbt's tests are left out here (``light``).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pilar import night, publish, raw
from pilar.config import Home
from tests.faults import compare
from tests.faults.arena import Stage, Undisturbed, lay, small_disk, undisturbed, watched


@dataclass
class Arena:
    """A stage, a home to strike, and what it is when nobody does."""

    stage: Stage
    home: Home
    known: Undisturbed

    def plain(self) -> list[str]:
        """Run a night that nobody strikes; what is wrong after it."""
        return self.known.wrong(self.home, self.stage.run(self.home))


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    folder = tmp_path_factory.mktemp("faults")
    home, stage = Home(folder / "home"), Stage(light=True)
    yield Arena(stage, home, undisturbed(stage, home, folder, at=("load", "build", "publish", "report")))
    stage.close()


def some(numbers: list[int], count: int) -> list[int]:
    """As many of them, evenly spread, the first and the last among them."""
    return sorted({numbers[round(place * (len(numbers) - 1) / (count - 1))] for place in range(count)})


def test_the_points_are_where_a_night_can_be_struck(arena: Arena) -> None:
    """Else the other tests would strike at nothing."""
    assert {one.step for one in arena.known.points if one.step} == {
        "begin", "ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report", "conclude"
    }  # fmt: skip
    for step, word in (("ingest", "rename"), ("load", "CHECKPOINT"), ("build", "COMMIT"), ("publish", "replace")):
        assert arena.known.numbers(step, word), f"no {word} in {step}"


@pytest.mark.parametrize(("step", "count"), [("begin", 2), ("ingest", 3)])
def test_a_file_that_is_being_taken_is_taken_the_next_time(arena: Arena, step: str, count: int) -> None:
    """Killed at names and syncs; in the night after, each file is there once.

    Files are taken by several processes at once, whose points are counted together: now and then there are fewer
    than there were, and the last blow comes too late.
    """
    numbers = arena.known.numbers(step, "rename", "fsync", "replace", "mkdir", "chmod")
    hits = 0
    for number in some(numbers[: -len(numbers) // 4], count):
        lay(arena.known.before, arena.home)
        struck = arena.stage.run(arena.home, step=step, at=number, until="load")
        hits += struck["signal"] == 9
        assert struck["wrong"] == [], struck
        arena.stage.run(arena.home, until="load")
        here, there = (
            {(one.feed, one.sha256, one.state, one.rows_read) for one in raw.receipts(home)}
            for home in (arena.home, arena.known.after)
        )
        assert here == there, struck["where"]
        assert len(raw.arrivals(arena.home)) == len(raw.arrivals(arena.known.after)), struck["where"]
        assert list((arena.home.raw / ".incoming").glob("*")) == [], struck["where"]
    assert hits >= count - 1


@pytest.mark.parametrize("step", ["load", "publish", "report"])
def test_a_step_that_was_killed_can_be_run_again(arena: Arena, step: str) -> None:
    """As Airflow does it. The reader sees the release before or the one after, never another."""
    standing = [publish.current(home) for home in (arena.known.before, arena.known.after)]
    releases = {one.release_id for one in standing if one}
    for number in some(arena.known.numbers(step, "rename", "fsync", "replace", "unlink", "CHECKPOINT", "after"), 2):
        lay(arena.known.at[step], arena.home)
        order = {"steps": [step], "night_id": arena.known.night_id, "step": step, "at": number}
        struck = arena.stage.run(arena.home, **order)
        assert struck["signal"] == 9, struck
        now = publish.current(arena.home)
        assert now is not None
        assert now.release_id in releases
        again = arena.stage.run(arena.home, steps=[step], night_id=arena.known.night_id)["told"]
        assert again["status"] == "ok", struck["where"]
        told = night.facts_of(arena.known.after, arena.known.night_id, step)
        same = ("pending", "deliveries", "release_id", "tables", "broken")
        assert {name: again.get(name) for name in same} == {name: told.get(name) for name in same}, struck["where"]
        if step != "load":
            assert compare.differences(compare.tables(arena.home), arena.known.said) == [], struck["where"]


def test_a_build_that_was_killed_can_be_run_again_alone(arena: Arena) -> None:
    """As Airflow does it by itself: what the first try has renewed is not what last night left."""
    lay(arena.known.at["build"], arena.home)
    order = {"steps": ["build"], "night_id": arena.known.night_id}
    found = arena.known.numbers("build", "COMMIT")
    assert arena.stage.run(arena.home, step="build", at=found[len(found) // 2], **order)["signal"] == 9
    order["steps"] = ["build", "gate_candidate", "publish"]
    assert arena.stage.run(arena.home, **order)["told"]["status"] == "ok"
    assert compare.differences(compare.tables(arena.home), arena.known.said) == []


def test_the_night_after_many_kills_ends_as_if_nothing_had_been(arena: Arena, tmp_path: Path) -> None:
    blows = {
        "begin": "before",
        "ingest": "after ingest",
        "load": "CHECKPOINT",
        "gate_arrivals": "before",
        "build": "COMMIT",
    }
    lay(arena.known.before, arena.home)
    with watched(arena.home, tmp_path / "reader.log") as seen:
        for step, word in blows.items():
            found = arena.known.numbers(step, word)
            at = found[len(found) // 3]
            struck = arena.stage.run(arena.home, step=step, at=at, alone=step == "load")
            assert (struck["signal"], struck["wrong"]) == (9, []), struck
        assert arena.plain() == []
    assert seen.wrong() == []


def test_a_release_in_its_place_whose_name_was_not_flipped_is_published(arena: Arena, tmp_path: Path) -> None:
    lay(arena.known.at["publish"], arena.home)
    (flip,) = arena.known.numbers("publish", "replace published/marts.duckdb")
    with watched(arena.home, tmp_path / "reader.log") as seen:
        order = {"steps": ["publish"], "night_id": arena.known.night_id, "step": "publish", "at": flip}
        assert arena.stage.run(arena.home, **order)["signal"] == 9
        assert (arena.home.releases / arena.known.night_id).is_dir()
        assert arena.plain() == []
    assert seen.wrong() == []


WEATHER = [
    ("ingest", "mkdir #/unpacked", {"name": "full", "free": 0}),
    ("ingest", "rename", {"name": "forbidden", "place": "raw", "how": "mode"}),
    ("ingest", "before", {"name": "replaced", "pick": 0.9}),
    ("begin", "after", {"name": "grows", "pick": 0.2}),
    ("begin", "after", {"name": "lands", "pick": 0.5}),
    ("begin", "mkdir", {"name": "clock", "seconds": -86_400}),
    ("load", "before", {"name": "rival"}),
    ("load", "before", {"name": "forbidden", "place": "root", "how": "owner"}),
    ("load", "mkdir", {"name": "full", "free": 0}),
]
"""What befalls one night after the other: the step and the point of it, and what."""
LATER = [
    ("publish", "before", {"name": "full", "free": 0}),
    ("publish", "chmod", {"name": "forbidden", "place": "releases", "how": "mode"}),
    ("publish", "replace published/marts.duckdb", {"name": "forbidden", "place": "published", "how": "mount"}),
    ("report", "before", {"name": "full", "free": 0}),
]
OF_ROOT = {"full", "forbidden"}


@pytest.mark.parametrize("blows", [WEATHER, LATER], ids=["before", "after"])
def test_after_bad_weather_all_ends_as_if_nothing_had_been(
    arena: Arena, tmp_path: Path, blows: list[tuple[str, str, dict[str, object]]]
) -> None:
    """Full disks, dropped permissions, a wrong clock, a second night, files that come and go."""
    late = blows is LATER
    with disk_if_possible(tmp_path / "disk") as place:
        arena.home = lay(arena.known.at["publish"] if late else arena.known.before, Home(place / "home"))
        with watched(arena.home, tmp_path / "reader.log", pause=0.3) as seen:
            for step, word, blow in blows:
                if place == tmp_path and blow["name"] in OF_ROOT:
                    continue  # nobody but root can make a disk small
                order: dict[str, object] = {"step": step, "at": arena.known.numbers(step, word)[0], "blow": blow}
                if late:
                    order |= {"steps": [step], "night_id": arena.known.night_id}
                struck = arena.stage.run(arena.home, until="load", **order)
                assert (bool(struck["struck"]), struck["wrong"]) == (True, []), (blow, struck)
            if late:  # as Airflow does it, whose task is cleared
                again = arena.stage.run(arena.home, steps=["publish", "report"], night_id=arena.known.night_id)
                assert again["told"]["status"] == "ok", again
                assert compare.differences(compare.tables(arena.home), arena.known.said) == []
            else:
                assert arena.plain() == []
    assert seen.wrong() == []


@contextmanager
def disk_if_possible(place: Path) -> Iterator[Path]:
    """A small disk where one can be mounted, else the folder that it would be in."""
    with ExitStack() as stack:
        try:
            place = stack.enter_context(small_disk(place, "300m"))
        except OSError:
            place = place.parent
        yield place
