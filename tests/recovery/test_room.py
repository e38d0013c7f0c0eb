"""Room on the disk: asked for before a night, and when it runs out in the middle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pilar import disk, night, publish
from pilar.cli import app
from pilar.config import Home
from tests.conftest import Night
from tests.faults import arena
from tests.recovery.conftest import drop

MIB = 1 << 20


def test_what_a_night_may_need(home: Home) -> None:
    home.warehouse.write_bytes(bytes(10 * MIB))
    (home.releases / "1").mkdir()
    (home.releases / "1" / "marts.duckdb").write_bytes(bytes(3 * MIB))
    home.current_marts.symlink_to("releases/1/marts.duckdb")
    found = disk.room(home, 5 * MIB, spare=7 * MIB)
    assert found.needed == {"raw": 10 * MIB, "warehouse": 30 * MIB, "candidate": 16 * MIB, "spare": 7 * MIB}
    assert found.free == shutil.disk_usage(home.root).free


@pytest.mark.parametrize(("free", "enough"), [(10, True), (9, False)])
def test_just_enough_is_enough(home: Home, free: int, enough: bool) -> None:
    assert disk.Room({"raw": 4, "warehouse": 6}, free).is_enough is enough


def test_a_night_without_room_does_not_begin_and_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(home, "rosters/tuban.csv")
    monkeypatch.setenv("PILAR_SPARE_BYTES", str(1 << 60))
    told = CliRunner().invoke(app, ["run", "--home", str(home.root)])
    assert told.exit_code == 1
    assert isinstance(told.exception, disk.NoRoom)
    for part in ("too little room", "MiB free", "MiB needed", "spare 1,099,511,627,776 MiB", "The release stays"):
        assert part in str(told.exception)
    assert not home.warehouse.exists()
    assert night.facts_of(home, night.newest(home) or "", "plan")["status"] == "failed"
    assert CliRunner().invoke(app, ["status", "--home", str(home.root)]).exit_code == 1
    monkeypatch.delenv("PILAR_SPARE_BYTES")
    assert [item["file_name"] for item in night.begin(home)["items"]] == ["tuban.csv"], "it is taken the next time"


def test_a_quiet_night_needs_no_room(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_SPARE_BYTES", str(1 << 60))
    monkeypatch.setattr(night, "_stands", lambda *_: True)
    assert night.begin(home)["unchanged"]


def test_a_text_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "facts.json"
    disk.write_whole(path, "old")
    with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
        disk.write_whole(path, "new")
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with ExitStack() as stack:
        try:
            place = stack.enter_context(arena.small_disk(tmp_path / "disk", "160m"))
        except OSError as error:
            pytest.skip(str(error))
        yield place


def test_a_disk_that_runs_full_in_the_middle_costs_only_the_night(
    sample_night: Night, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, first = Home(small_disk / "home"), publish.current(sample_night.home)
    assert first is not None
    shutil.copytree(sample_night.home.root, home.root, symlinks=True, ignore=shutil.ignore_patterns("landing", "dbt"))
    said = publish.table_checksums(first.path)
    home.warehouse.unlink()  # so that all of it must be written
    ballast = small_disk / "ballast"
    with ballast.open("wb") as file:
        while shutil.disk_usage(small_disk).free > 12 * MIB:
            file.write(bytes(MIB))
            file.flush()
    monkeypatch.setenv("PILAR_SPARE_BYTES", "0")
    monkeypatch.setattr(disk, "require", lambda *_: None)  # the estimate was wrong: that is the case here
    with duckdb.connect(str(home.current_marts), read_only=True) as reader:
        failed = night.run(home, force=True)
        assert (failed["outcome"], failed["exit_code"]) == ("failed", 1)
        assert reader.execute("SELECT count(*) > 1000 FROM dim_participant").fetchall() == [(True,)]
    now = publish.current(home)
    assert now is not None
    assert now.release_id == first.release_id
    assert publish.table_checksums(now.path) == said
    ballast.unlink()
    monkeypatch.undo()
    monkeypatch.setenv("PILAR_SPARE_BYTES", "0")
    again = night.run(home, force=True)
    assert again["outcome"] == "published", again["text"]
    assert publish.table_checksums(home.current_marts.resolve()) == said
