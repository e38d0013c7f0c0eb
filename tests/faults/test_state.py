"""Files of a home that are cut, damaged or left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from pilar import disk, night, publish
from pilar.config import Home
from pilar.reading import sandbox
from tests.conftest import Night
from tests.recovery.conftest import drop


@pytest.fixture
def after_samples(sample_night: Night, tmp_path: Path) -> Home:
    place = Home(tmp_path / "copy")
    shutil.copytree(sample_night.home.root, place.root, symlinks=True)
    return place


def _gone(path: Path) -> None:
    path.unlink()


def _cut(path: Path) -> None:
    path.chmod(0o600)
    os.truncate(path, path.stat().st_size // 2)


def _without_checks(path: Path) -> None:
    path.chmod(0o600)
    path.write_text(json.dumps({"release_id": path.parent.name}), "utf-8")


@pytest.mark.parametrize("spoil", [_gone, _cut, _without_checks])
def test_a_release_without_its_manifest_is_made_anew(after_samples: Home, spoil: Callable[[Path], None]) -> None:
    """Nothing tells what it was made of, so the night does not take it for the last word; readers keep it till then."""
    assert night.begin(after_samples)["unchanged"]
    now = publish.current(after_samples)
    assert now is not None
    spoil(now.folder / "manifest.json")
    assert not night.begin(after_samples)["unchanged"]
    assert publish.current(after_samples) == now


def _failed(path: Path) -> None:
    path.write_text(json.dumps({"step": "report", "status": "failed"}), "utf-8")


def _lacking(path: Path) -> None:
    path.write_text(json.dumps({"step": "report", "status": "ok", "broken": ["workbooks not written"]}), "utf-8")


@pytest.mark.parametrize("spoil", [_gone, _cut, _failed, _lacking])
def test_a_night_that_did_not_come_to_its_report_is_not_the_last_word(
    after_samples: Home, spoil: Callable[[Path], None]
) -> None:
    """Killed between the release and the flip of its name, or without room for the stewards' pages."""
    now = publish.current(after_samples)
    assert now is not None
    spoil(after_samples.nights / now.release_id / "report.json")
    assert not night.begin(after_samples)["unchanged"]


def test_a_restored_home_has_no_account_of_its_nights_and_needs_none(after_samples: Home) -> None:
    shutil.rmtree(after_samples.nights)
    assert night.begin(after_samples)["unchanged"]


@pytest.mark.parametrize("step", ["plan", "load", "gate_arrivals"])
def test_a_step_does_not_go_on_from_half_an_account(after_samples: Home, step: str) -> None:
    night_id = night.newest(after_samples) or ""
    _cut(after_samples.nights / night_id / f"{step}.json")
    with pytest.raises(night.BrokenAccount, match=rf"{step}\.json.*run the night again"):
        night.build(after_samples, night_id)


def test_drafts_of_killed_processes_go_when_a_night_begins(home: Home) -> None:
    drop(home, "rosters/tuban.csv")
    left = [
        home.raw / "..seen.json.123.part",
        home.nights / "20240101T180000Z" / ".load.json.123.part",
        home.reports / ".index.html.123",
        home.restricted / ".work-ab_c12" / "fresh.xlsx",
        home.data_docs / ".building-x1" / "site" / "index.html",
        home.raw / ".incoming" / "0f" / "content" / "original.csv",
    ]
    stays = [home.workbooks / ".workbooks.json", home.reports / "index.html", home.raw / ".seen.json"]
    for path in (*left, *stays):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}", "utf-8")
    plan = night.begin(home)
    assert [path for path in left if path.exists()] == []
    assert all(path.exists() for path in stays)
    assert plan["swept"] == len(left)
    assert disk.sweep(home) == 0


def test_one_kill_of_a_reader_is_no_verdict_on_the_file(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused it would stay out until somebody changes a limit. Killed twice it is too large for the machine."""
    statuses = [signal.SIGKILL.value]
    ask = sandbox._Serving.status

    def status(serving: sandbox._Serving, order: bytes) -> int:
        return statuses.pop() if statuses else ask(serving, order)

    monkeypatch.setattr(sandbox._Serving, "status", status)
    drop(home, "rosters/tuban.csv")
    plan = night.begin(home)
    assert night.ingest(home, plan["night_id"], plan["items"][0])["outcome"] == "read"
    drop(home, "rosters/gresik.csv", "other bytes")
    statuses += [signal.SIGKILL.value] * 2
    plan = night.begin(home)
    assert night.ingest(home, plan["night_id"], plan["items"][0])["rule_code"] == "FILE_TOO_LARGE"
