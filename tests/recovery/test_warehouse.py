"""A warehouse that is damaged or gone is made again; one that is merely in use is not touched."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pilar import landing, night, publish
from pilar.config import Home
from pilar.recovery import warehouse
from pilar.recovery.rebuild import rebuild
from tests.conftest import Night
from tests.recovery.conftest import drop

NIGHT = "20240101T180000Z"


@pytest.fixture
def built(home: Home) -> Home:
    """A warehouse into which a file was loaded."""
    drop(home, "rosters/tuban.csv")
    for item in landing.scan(home).items:
        landing.ingest(home, item)
    assert "made anew" not in night.load(home, NIGHT)["message"]
    return home


def _write(at: int, text: bytes) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        with path.open("r+b") as file:
            file.seek(at)
            file.write(text)

    return spoil


SPOIL: dict[str, Callable[[Path], None]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut after its headers": lambda path: os.truncate(path, 3 * 4096 + 100),
    "cut in its headers": lambda path: os.truncate(path, 100),
    "other bytes": lambda path: (path.write_bytes(bytes(range(256)) * 40), None)[1],
    "another version": _write(12, (9_999).to_bytes(8, "little")),
    "its headers": _write(4096, b"damage" * 1000),
}


@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL)
def test_a_warehouse_that_cannot_be_opened_is_made_anew(built: Home, spoil: Callable[[Path], object]) -> None:
    spoil(built.warehouse)
    facts = night.load(built, NIGHT)
    assert "the warehouse was damaged and is made anew" in facts["message"]
    assert (facts["deliveries"], facts["full_refresh"], facts["pending"]["rosters"]) == (1, True, 1)
    assert "made anew" not in night.load(built, NIGHT)["message"], "once"


def test_damage_that_a_step_meets_is_mended_by_the_next_load(built: Home) -> None:
    @night.step
    def publish(home: Home, night_id: str) -> dict[str, object]:
        raise duckdb.IOException("IO Error: Corrupt database file: computed checksum 1, stored checksum 2")

    with pytest.raises(duckdb.IOException):
        publish(built, NIGHT)
    assert "made anew" in night.load(built, NIGHT)["message"]


def test_a_warehouse_in_use_is_left_alone(built: Home) -> None:
    code = f"import duckdb; c = duckdb.connect({str(built.warehouse)!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        try:
            with pytest.raises(duckdb.IOException, match="lock"):
                night.load(built, NIGHT)
        finally:
            other.communicate(b"\n")
    assert "made anew" not in night.load(built, NIGHT)["message"]


@pytest.mark.parametrize(
    "said",
    [
        "IO Error: Could not set lock on file",
        "Out of Memory Error: failed to allocate data",
        "IO Error: Could not write all bytes to file: No space left on device",
        "Binder Error: Referenced column not found",
    ],
)
def test_other_trouble_is_no_damage(said: str) -> None:
    assert not warehouse.is_damage(duckdb.Error(said))


def test_rebuild_says_which_tables_differ_from_the_release(sample_night: Night, tmp_path: Path) -> None:
    """One table of the release is changed beforehand: all others are equal, and that one is named."""
    home = Home(tmp_path / "copy")
    shutil.copytree(sample_night.home.root, home.root, symlinks=True)
    release = publish.current(home)
    assert release is not None
    release.path.chmod(0o600)
    with duckdb.connect(str(release.path)) as file:
        file.execute("DELETE FROM main.dim_event WHERE event_id = (SELECT min(event_id) FROM main.dim_event)")
    home.warehouse.unlink()
    made = rebuild(home)
    assert made.release_id == release.release_id
    assert (made.differing, made.reasons, made.is_right) == (["dim_event"], [], False)
    assert made.tables == len(publish.table_checksums(sample_night.home.current_marts.resolve())) > 15
    assert publish.current(home) == release
    assert [path.name for path in home.releases.iterdir()] == [release.release_id], "nothing is left of the candidate"
    night_after = night.begin(home)
    assert night_after["unchanged"], "and the next night has nothing to do"
