"""One night at a time, whoever runs its steps; a lock goes with its holder, and so do the holder's children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pilar import locks, night
from pilar.config import PROJECT, Home
from tests.recovery.conftest import drop

HOLD = """
import sys
from pathlib import Path
from pilar import locks
with locks.hold(Path(sys.argv[1]), shared=len(sys.argv) > 2):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_elsewhere(path: Path, *, shared: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Another process holds the lock."""
    command = [sys.executable, "-c", HOLD, str(path), *(["shared"] if shared else [])]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    assert other.stdout is not None
    other.stdout.readline()
    try:
        yield other
    finally:
        other.kill()
        other.wait()


def test_a_lock_is_free_when_its_holder_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with held_elsewhere(path) as other:
        with pytest.raises(locks.Locked), locks.hold(path):
            pass
        other.send_signal(signal.SIGKILL)
        with locks.hold(path, wait_seconds=30):
            assert locks.is_held(path)
    assert not locks.is_held(path)


def test_who_shares_keeps_out_who_wants_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with held_elsewhere(path, shared=True):
        with locks.hold(path, shared=True):
            assert not locks.is_held(path), "not alone"
        with pytest.raises(locks.Locked), locks.hold(path):
            pass


@pytest.mark.parametrize("told", [True, False])
def test_a_child_knows_the_lock_that_it_was_given(tmp_path: Path, told: bool) -> None:
    path = tmp_path / "a.lock"
    code = "import sys; from pathlib import Path; from pilar import locks; print(locks.is_held(Path(sys.argv[1])))"
    with locks.hold(path) as descriptor:
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)],
            env=os.environ | (locks.giving(descriptor) if told else {}),
            pass_fds=(descriptor,) if told else (),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.strip() == str(told)


def test_a_step_waits_for_whoever_works_on_the_home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow's steps are processes of their own, and a `pilar run` may be under way."""
    drop(home, "rosters/tuban.csv")
    plan = night.begin(home)
    monkeypatch.setattr(night, "STEP_WAIT_SECONDS", 0.3)
    with held_elsewhere(home.root / "night.lock") as other:
        for work in (
            lambda: night.begin(home),
            lambda: night.ingest(home, plan["night_id"], plan["items"][0]),
            lambda: night.load(home, plan["night_id"]),
        ):
            with pytest.raises(night.NightRunning, match="another night is running"):
                work()
        other.kill()
        other.wait()
        monkeypatch.setattr(night, "STEP_WAIT_SECONDS", 30.0)
        assert night.ingest(home, plan["night_id"], plan["items"][0])["outcome"] == "read"


def test_files_are_taken_side_by_side(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(home, "rosters/tuban.csv")
    plan = night.begin(home)
    monkeypatch.setattr(night, "STEP_WAIT_SECONDS", 0.0)
    with held_elsewhere(home.root / "night.lock", shared=True):
        assert night.ingest(home, plan["night_id"], plan["items"][0])["outcome"] == "read"


def test_a_night_that_another_has_overtaken_touches_nothing_more(home: Home) -> None:
    drop(home, "rosters/tuban.csv")
    first = night.begin(home)["night_id"]
    second = night.begin(home)["night_id"]
    assert first < second, "also within one second"
    with pytest.raises(night.NightOvertaken, match=second):
        night.load(home, first)
    assert not home.warehouse.exists()
    assert night.facts_of(home, first, "load")["status"] == "failed"
    assert night.load(home, second)["status"] == "ok"


def test_a_night_without_news_overtakes_nobody(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    first = night.begin(home, force=True)["night_id"]
    with monkeypatch.context() as patch:
        patch.setattr(night, "_stands", lambda *_: True)
        assert night.begin(home)["unchanged"]
    assert night.load(home, first)["status"] == "ok"


def test_what_a_step_said_stays_when_it_is_run_too_late(home: Home) -> None:
    first = night.begin(home, force=True)["night_id"]
    said = night.load(home, first)
    night.begin(home, force=True)
    with pytest.raises(night.NightOvertaken):
        night.load(home, first)
    assert night.facts_of(home, first, "load") == said


def test_children_go_with_a_night_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, time; from functools import partial; from pilar.processes import end_with\n"
        "child = subprocess.Popen(['sleep', '300'], preexec_fn=partial(end_with, os.getpid()))\n"
        "print(child.pid, flush=True); time.sleep(300)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=PROJECT) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 30
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
