"""What a night does with nothing new, with broken files, with a planted NIK, with a waiver and with new code."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pilar import load, night, publish, samples
from pilar.config import PROJECT, Home
from pilar.publish import notes
from tests.conftest import Night


def lay(home: Home, *feeds: str) -> None:
    """Lay some feeds of the samples."""
    samples.lay(home)
    for folder in home.landing.iterdir():
        if folder.name not in feeds:
            shutil.rmtree(folder)


def run(home: Home, *, force: bool = False) -> Night:
    return Night(home, night.run(home, force=force))


def drop(home: Home, name: str, content: str, *, at: int) -> Path:
    """Land a text file with a modification time."""
    path = home.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    os.utime(path, (at, at))
    return path


@pytest.fixture
def after_samples(sample_night: Night, tmp_path: Path) -> Home:
    """A home of its own in which the sample night has run."""
    place = Home(tmp_path / "copy")
    shutil.copytree(sample_night.home.root, place.root, symlinks=True)
    return place


def test_a_night_with_nothing_new_touches_nothing(after_samples: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(after_samples)
    monkeypatch.setattr(Path, "read_bytes", _refuse_originals(Path.read_bytes))
    second = run(after_samples)
    assert second.ended["outcome"] == "unchanged"
    assert second.ended["exit_code"] == 0
    after = written(after_samples)
    account = f"nights/{second.ended['night_id']}"
    changed = {name for name, moment in after.items() if before.get(name) != moment}
    assert changed == {f"{account}/plan.json", f"{account}/conclude.json", "reports/index.html"}
    assert before.keys() <= after.keys()


def written(home: Home) -> dict[str, int]:
    """When each file below the home was last written."""
    files = (path for path in home.root.rglob("*") if path.is_file())
    return {path.relative_to(home.root).as_posix(): path.stat().st_mtime_ns for path in files}


def test_one_feed_all_broken_still_publishes_the_others(home: Home) -> None:
    lay(home, "poverty", "events")
    drop(home, "rosters/kab-tuban/rusak.xlsx", "bukan xlsx", at=1_700_000_000)
    drop(home, "rosters/kab-tuban/kosong.csv", "", at=1_700_000_000)
    drop(home, "rosters/kab-gresik/tanpa nik.csv", "NAMA;KAB/KOTA\nA;Kab. Gresik\n", at=1_700_000_000)
    ended = run(home)
    assert ended.ended["outcome"] == "published"
    assert ended.ask("SELECT count(*) FROM file_ledger WHERE feed = 'rosters' AND state = 'rejected'") == [(3,)]
    assert ended.ask("SELECT verdict FROM mart_claims WHERE claim_id = 'fall-2021-2023'") == [("CONFIRMED",)]
    for told in ("rusak.xlsx", "kosong.csv", "tanpa nik.csv"):
        assert told in ended.ended["text"]


def test_a_planted_nik_holds_the_release(after_samples: Home) -> None:
    first = publish.current(after_samples)
    assert first is not None
    planted = "3522010101909001"
    drop(
        after_samples,
        "events/tambahan.csv",
        "KEGIATAN;NAMA KEGIATAN;TANGGAL KEGIATAN;BAKORWIL;PILAR;PROGRAM;NOMINAL\n"
        f"JBR-20231201;Kegiatan {planted};01/12/2023;Jember;PKH;TALI_ASIH;1000000\n",
        at=1_701_500_000,
    )
    held = run(after_samples)
    assert (held.ended["outcome"], held.ended["exit_code"]) == ("held", 3)
    now = publish.current(after_samples)
    assert now is not None
    assert now.release_id == first.release_id
    assert planted not in held.ended["text"]
    assert "event_name" in held.ended["text"]
    assert not night.begin(after_samples)["unchanged"], "a held night is tried again, not forgotten"


def test_a_waiver_lets_a_row_in_while_it_holds(sample_night: Night, waived_night: Night) -> None:
    open_ones = dict(
        sample_night.ask(
            "SELECT rule_code, (finding_key, file_sha256) FROM quality_findings"
            " WHERE rule_code IN ('NIK_LENGTH', 'NIK_DATE_IMPOSSIBLE')"
        )
    )
    (key, file), (other, other_file) = open_ones["NIK_LENGTH"], open_ones["NIK_DATE_IMPOSSIBLE"]
    ((quarantined,),) = sample_night.ask(f"SELECT rows_quarantined FROM file_ledger WHERE file_sha256 = '{other_file}'")
    waived = waived_night
    states = "SELECT rule_code, state FROM quality_findings WHERE finding_key IN ('{}', '{}') ORDER BY 1"
    assert waived.ask(states.format(key, other)) == [("NIK_DATE_IMPOSSIBLE", "open"), ("NIK_LENGTH", "waived")]
    assert waived.ask("SELECT count(DISTINCT participant_id) FROM dim_participant") == [(1658,)]
    assert waived.ask(
        f"SELECT rows_quarantined FROM file_ledger WHERE file_sha256 IN ('{file}', '{other_file}')"
        f" AND state <> 'duplicate' ORDER BY file_sha256 = '{other_file}'"
    ) == [(0,), (quarantined,)]
    assert quarantined > 0
    assert waived.ask("SELECT rows_read, rows_accepted FROM file_ledger WHERE file_name = 'in force.csv'") == [(1, 1)]


def test_new_reader_code_reads_raw_again(after_samples: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish.current(after_samples)
    assert first is not None
    monkeypatch.setattr("pilar.raw.reader_version", lambda feed: f"other-{feed}")
    again = run(after_samples)
    assert again.ended["outcome"] == "published"
    now = publish.current(after_samples)
    assert now is not None
    assert now.release_id == again.ended["night_id"] != first.release_id
    assert publish.table_checksums(now.path) == publish.table_checksums(first.path)
    replaced, told = notes.read(now.folder)
    assert (replaced, [note.topic for note in told]) == (first.release_id, ["same"])


def test_two_nights_at_once_are_refused(home: Home) -> None:
    with night.alone(home), pytest.raises(night.NightRunning, match="another night"), night.alone(home):
        pass


def test_no_index_stands_in_the_warehouse(sample_night: Night) -> None:
    with duckdb.connect(str(sample_night.home.warehouse), read_only=True) as warehouse:
        assert warehouse.execute("SELECT count(*) FROM duckdb_indexes()").fetchone() == (0,)


def test_the_views_of_raw_hold_only_what_staging_lacks(after_samples: Home) -> None:
    loaded = load.load(after_samples)
    assert set(loaded.pending.values()) == {0}
    assert not loaded.full_refresh


def _refuse_originals(read: Callable[[Path], bytes]) -> Callable[[Path], bytes]:
    def guarded(path: Path) -> bytes:
        is_code = path.is_relative_to(PROJECT)
        assert is_code or not path.name.startswith("original."), "a night with nothing new read raw bytes"
        return read(path)

    return guarded
