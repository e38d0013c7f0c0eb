"""Backup and restore: what comes along, what is noticed, and that a restored home goes on as before."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pilar import landing, night, publish, raw
from pilar.config import Home
from pilar.recovery import backup as backups
from pilar.recovery.backup import BackupError
from tests.conftest import Night
from tests.recovery.conftest import KEY, drop, overwrite


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"night.lock", "services.lock"}
    }


def test_what_cannot_be_made_again_comes_along_and_nothing_else(full: Home, tmp_path: Path) -> None:
    full.warehouse.write_text("a cache", "utf-8")
    (full.reports / "index.html").write_text("made anew", "utf-8")
    made = backups.backup(full, tmp_path / "backups")
    kept = {entry.path for entry in made.backup.entries}
    (receipt,) = raw.receipts(full)
    place = f"raw/rosters/{receipt.sha256}"
    assert kept == {
        *(f"{place}/{name}" for name in ("original.csv", "rows.parquet", "receipt.json", "arrivals.jsonl")),
        "landing/rosters/baru.csv",
    }
    assert files(made.backup.folder / "home").keys() == kept
    assert KEY.encode() not in b"".join(files(tmp_path / "backups").values())
    assert "NOT in this backup" in backups.key_advice(full, made.backup)


def test_only_its_owner_may_read_a_backup(full: Home, tmp_path: Path) -> None:
    made = backups.backup(full, tmp_path / "backups", with_key=True)
    assert "pii.key together with the data" in backups.key_advice(full, made.backup)
    assert made.backup.folder.stat().st_mode & 0o777 == 0o700
    for path in made.backup.folder.rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o077 == 0, path


def test_what_is_the_same_is_not_copied_again(full: Home, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    first = backups.backup(full, target, backup_id="1")
    drop(full, "rosters/ketiga.csv", "x")
    second = backups.backup(full, target, backup_id="2")
    assert (first.copied, first.linked) == (5, 0)
    assert (second.copied, second.linked) == (1, 5)
    shutil.rmtree(first.backup.folder)
    assert backups.check(second.backup) == [], "each backup is whole without the others"


def test_older_backups_go_when_told(full: Home, tmp_path: Path) -> None:
    for number in "123":
        made = backups.backup(full, tmp_path / "backups", backup_id=number, keep=2)
    assert made.removed == ["1"]
    assert [path.name for path in backups.backups(tmp_path / "backups")] == ["2", "3"]
    assert backups.newest(tmp_path / "backups").backup_id == "3"


def test_damaged_bytes_are_told_and_taken_from_the_backup_before(full: Home, tmp_path: Path) -> None:
    target, (receipt,) = tmp_path / "backups", raw.receipts(full)
    backups.backup(full, target, backup_id="1")
    overwrite(raw.original_path(full, receipt))
    made = backups.backup(full, target, backup_id="2")
    assert made.damaged == [f"raw/rosters/{receipt.sha256}/original.csv"]
    restored = Home(tmp_path / "restored")
    backups.restore(restored, made.backup)
    assert raw.is_whole(raw.original_path(restored, receipt), receipt)


def test_a_crash_leaves_no_backup(full: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "backups"
    whole = backups.backup(full, target, backup_id="1").backup
    drop(full, "rosters/ketiga.csv", "x")
    with monkeypatch.context() as patch:
        patch.setattr(backups, "_copy", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            backups.backup(full, target, backup_id="2")
    assert [path.name for path in target.iterdir()] == ["1"]
    assert backups.check(whole) == []


def test_a_copy_that_differs_is_noticed(full: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pilar.raw.digest", lambda _: "0" * 64)
    with pytest.raises(BackupError, match="differs"):
        backups.backup(full, tmp_path / "backups")


def test_a_restored_home_is_what_was_backed_up(full: Home, tmp_path: Path) -> None:
    made = backups.backup(full, tmp_path / "backups", with_key=True)
    restored = Home(tmp_path / "restored")
    backups.restore(restored, made.backup)
    for entry in made.backup.entries:
        old, new = full.root / entry.path, restored.root / entry.path
        assert (old.read_bytes(), old.stat().st_mtime_ns) == (new.read_bytes(), new.stat().st_mtime_ns)
        assert old.stat().st_mode == new.stat().st_mode, entry.path
    assert restored.root.stat().st_mode & 0o777 == 0o700
    assert [item.file_name for item in landing.scan(restored).items] == ["baru.csv"], "the one that was not taken yet"


@pytest.mark.parametrize(
    "living", ["raw/rosters/x/receipt.json", "landing/rosters/a.csv", "warehouse.duckdb", "pii.key"]
)
def test_a_living_home_is_never_written_over(full: Home, tmp_path: Path, living: str) -> None:
    made = backups.backup(full, tmp_path / "backups")
    other = Home(tmp_path / "other").make()
    path = other.root / living
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("alive", "utf-8")
    before = files(other.root)
    with pytest.raises(BackupError, match="is not empty"):
        backups.restore(other, made.backup)
    assert files(other.root) == before


@pytest.mark.parametrize("spoil", ["damage", "loss", "manifest"])
def test_a_damaged_backup_restores_nothing(full: Home, tmp_path: Path, spoil: str) -> None:
    made = backups.backup(full, tmp_path / "backups").backup
    stored = next((made.folder / "home").rglob("original.csv"))
    note = made.folder / "manifest.json"
    if spoil == "damage":
        overwrite(stored)
    elif spoil == "loss":
        stored.unlink()
    else:
        note.write_text(note.read_text("utf-8").replace("baru.csv", "lain.csv"), "utf-8")
    if spoil != "manifest":
        assert backups.check(made) == [stored.relative_to(made.folder / "home").as_posix()]
    other = Home(tmp_path / "other")
    with pytest.raises(BackupError, match=r"older backup|another backup"):
        backups.restore(other, backups.newest(tmp_path / "backups"))
    assert not other.root.exists() or files(other.root) == {}


def test_a_backup_cannot_reach_outside_the_home(full: Home, tmp_path: Path) -> None:
    made = backups.backup(full, tmp_path / "backups").backup
    for entry in (backups.Entry("../outside"), backups.Entry("published/marts.duckdb", link="/etc/passwd")):
        evil = backups.Backup(made.folder, (entry,), None, "", has_key=False)
        with pytest.raises(BackupError, match=r"out of the home|outside the home"):
            backups.restore(Home(tmp_path / "other"), evil)
    assert not (tmp_path / "outside").exists()


def test_the_key_is_brought_apart_and_must_be_the_right_one(full: Home, tmp_path: Path) -> None:
    made = backups.backup(full, tmp_path / "backups").backup
    kept, other = tmp_path / "kept.key", tmp_path / "other.key"
    kept.write_text(KEY + "\n", "utf-8")
    other.write_text(KEY[::-1] + "\n", "utf-8")
    restored = Home(tmp_path / "restored")
    with pytest.raises(BackupError, match="every participant_id would change") as refused:
        backups.restore(restored, made, key=other)
    assert KEY[::-1] not in str(refused.value)
    backups.restore(restored, made, key=kept)
    assert restored.key_file.read_bytes() == full.key_file.read_bytes()
    assert restored.key_file.stat().st_mode & 0o777 == 0o600


def test_a_backup_lies_elsewhere(full: Home) -> None:
    with pytest.raises(BackupError, match="lies inside"):
        backups.backup(full, full.root / "backups")


def test_no_backup_there(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "manifest.json").write_text(json.dumps([]), "utf-8")
    with pytest.raises(BackupError, match="no readable manifest"):
        backups.newest(tmp_path)
    with pytest.raises(BackupError, match="no backup in"):
        backups.newest(tmp_path / "nowhere")


def test_a_restored_home_with_a_damaged_warehouse_publishes_the_same(sample_night: Night, tmp_path: Path) -> None:
    """Restored on an empty place; a warehouse that somebody put back beside it has a damaged block in its middle."""
    first = publish.current(sample_night.home)
    assert first is not None
    made = backups.backup(sample_night.home, tmp_path / "backups", with_key=True).backup
    home = Home(tmp_path / "restored")
    backups.restore(home, made)
    now = publish.current(home)
    assert now is not None
    assert publish.table_checksums(now.path) == publish.table_checksums(first.path), "readers have it back at once"
    shutil.copyfile(sample_night.home.warehouse, home.warehouse)
    with home.warehouse.open("r+b") as file:
        for place in range(file.seek(0, 2) // 2, file.seek(0, 2) - (1 << 20), 1 << 18):
            file.seek(place)
            file.write(b"damage" * 20)
    told = night.run(home, force=True)
    assert told["outcome"] == "published", told["text"]
    assert publish.table_checksums(home.current_marts.resolve()) == publish.table_checksums(first.path)
    steps = [night.facts_of(home, told["night_id"], name)["message"] for name in ("load", "build")]
    assert any("the warehouse was damaged and is made anew" in message for message in steps), steps
