"""Airflow's processes: environment, secrets, locks, progress lines, house-keeping, and a whole life of the services."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from pilar import services
from pilar.config import Home
from pilar.samples import SAMPLES
from pilar.services import standing
from pilar.services.__main__ import told
from pilar.services.environment import (
    admin_password,
    environment,
    kept_secret,
    lock,
    password_file,
    passwords,
    services_lock,
    users,
)
from pilar.services.nightly import is_new
from pilar.services.progress import Progress
from tests.conftest import Migrated, free_port

CHECKOUT = Path(__file__).resolve().parent.parent


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def command(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PILAR_HOME": str(home.root)}
    return subprocess.run(
        [sys.executable, "-m", "pilar.services", *arguments],
        cwd=CHECKOUT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_a_secret_is_made_once_and_for_its_owner_only(home: Home) -> None:
    path = home.airflow / "keys" / "one"
    assert kept_secret(path, "first") == "first"
    assert kept_secret(path, "second") == "first"
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o700


def test_environment_binds_to_this_machine_and_keeps_its_secrets(home: Home) -> None:
    one, two = environment(home, 8123), environment(home, 8123)
    assert one == two
    assert one["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert one["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert one["AIRFLOW_HOME"] == str(home.root / "airflow")
    assert len(one["AIRFLOW__API_AUTH__JWT_SECRET"]) >= 64
    assert len({one["AIRFLOW__API_AUTH__JWT_SECRET"], one["AIRFLOW__API__SECRET_KEY"]}) == 2


def test_password_is_new_only_once(home: Home) -> None:
    first, fresh = admin_password(home)
    assert fresh
    assert admin_password(home) == (first, False)
    assert mode(password_file(home)) == 0o600
    assert json.loads(password_file(home).read_text()) == {"admin": first}


def test_accounts_are_those_of_pilar_users(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    assert users() == {"admin": "admin"}
    monkeypatch.setenv("PILAR_USERS", " admin:admin, siti.tuban:op,ani:viewer ")
    assert users() == {"admin": "admin", "siti.tuban": "op", "ani": "viewer"}
    given = environment(home)["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"]
    assert given == "admin:admin,siti.tuban:op,ani:viewer"


@pytest.mark.parametrize(
    "given",
    ["siti:op", "admin:viewer", "admin:admin,siti", "admin:admin,siti:boss", "admin:admin,siti:op,siti:viewer",
     "admin:admin,a b:op", "admin:admin,siti:op:team", "admin:admin,,", "admin:admin,:op"],
)  # fmt: skip
def test_accounts_that_airflow_would_not_understand_are_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("PILAR_USERS", given)
    with pytest.raises(services.ServiceError, match="PILAR_USERS"):
        users()


def test_a_new_account_gets_a_password_and_the_others_keep_theirs(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    first, _ = admin_password(home)
    monkeypatch.setenv("PILAR_USERS", "admin:admin,siti:op")
    known, fresh = passwords(home)
    assert (known["admin"], fresh) == (first, {"siti"})
    assert json.loads(password_file(home).read_text()) == known
    assert mode(password_file(home)) == 0o600
    assert passwords(home) == (known, set())
    assert [path.name for path in home.airflow.iterdir()] == ["passwords.json"]
    monkeypatch.delenv("PILAR_USERS")
    assert passwords(home) == (known, set()), "whoever is left out for a night finds the same password again"


def test_only_the_admins_password_is_ever_shown_and_once(monkeypatch: pytest.MonkeyPatch, home: Home) -> None:
    monkeypatch.setenv("PILAR_USERS", "admin:admin,siti:op,ani:viewer")
    known, fresh = passwords(home)
    first = told(home, fresh)
    assert [name for name, password in known.items() if password in first] == ["admin"]
    assert "passwords of ani, siti" in first
    assert str(password_file(home)) in first
    again = told(home, set())
    assert not [name for name, password in known.items() if password in again]


def test_a_lock_has_one_holder_and_outlives_none(home: Home) -> None:
    path = services_lock(home)
    with lock(path) as mine:
        assert mine is not None
        with lock(path) as second:
            assert second is None
        heir = subprocess.Popen(["sleep", "60"], pass_fds=(mine,))
    with lock(path) as not_yet:
        assert not_yet is None
    heir.kill()
    heir.wait()
    with lock(path) as again:
        assert again is not None


def log_line(event: str, at: str, **more: object) -> str:
    return json.dumps({"timestamp": f"2026-11-24T01:00:{at}Z", "level": "info", "event": event, **more})


def shown(*lines: str) -> list[str]:
    progress = Progress()
    return [text for text in map(progress.feed, lines) if text]


def test_progress_shows_what_the_task_said_last() -> None:
    assert shown(
        log_line("[DAG TEST] starting task_id=ingest map_index=3", "00.000"),
        log_line("ingest: taking rosters/a.xlsx", "00.100", logger="pilar.night"),
        log_line("noise of Airflow", "00.200", logger="airflow.models"),
        "not JSON at all",
        log_line("ingest: ok, rosters/a.xlsx: read, 12 rows (0.1 s)", "00.300", logger="pilar.night"),
        log_line("[DAG TEST] end task task_id=ingest map_index=3", "01.500"),
    ) == ["    1.5 s  ingest          ok, rosters/a.xlsx: read, 12 rows (0.1 s)"]


def test_progress_names_the_cause_and_the_file_of_a_failure() -> None:
    assert shown(
        log_line("[DAG TEST] starting task_id=ingest map_index=0", "00.000"),
        log_line("ingest: taking rosters/a.xlsx", "00.100", logger="pilar.night"),
        log_line(
            "Task failed with exception",
            "00.200",
            level="error",
            exception=[{"exc_type": "OSError", "exc_value": "gone"}],
        ),
        log_line("[DAG TEST] end task task_id=ingest map_index=0", "00.400"),
        log_line("[DAG TEST] starting task_id=load map_index=-1", "00.500"),
        log_line("a line of the summary", "00.550", logger="pilar.night"),
        log_line("[DAG TEST] end task task_id=load map_index=-1", "00.600"),
    ) == ["    0.4 s  ingest          FAILED taking rosters/a.xlsx OSError: gone", "    0.1 s  load"]


def test_prune_nights_keeps_the_newest(home: Home) -> None:
    for day in (1, 2, 3):
        (home.nights / f"2026110{day}T180000Z").mkdir()
    assert services.prune_nights(home, 2) == ["20261101T180000Z"]
    assert sorted(path.name for path in home.nights.iterdir()) == ["20261102T180000Z", "20261103T180000Z"]
    with pytest.raises(ValueError, match="at least one"):
        services.prune_nights(home, 0)


def test_prune_logs_goes_by_age(home: Home) -> None:
    logs = home.airflow / "logs"
    old, new = logs / "a" / "old.log", logs / "b" / "new.log"
    for path in (old, new):
        path.parent.mkdir(parents=True)
        path.write_text("x")
    os.utime(old, (time.time() - 91 * 86_400,) * 2)
    assert services.prune_logs(home, 90) == [old]
    assert not old.parent.exists()
    assert new.exists()


def test_a_process_group_is_ended_whole_even_if_it_does_not_listen() -> None:
    deaf = "trap '' TERM; sleep 300 & wait; sleep 300"
    leader = subprocess.Popen(["bash", "-c", deaf], start_new_session=True)
    deadline = time.monotonic() + 60
    while len(standing.members(leader.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(standing.members(leader.pid)) >= 2
    standing.end_group(leader.pid, grace=0.5)
    assert standing.members(leader.pid) == {}
    assert leader.wait() == -signal.SIGKILL


def test_down_does_not_end_a_stranger_with_a_reused_number(home: Home) -> None:
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    home.airflow.mkdir()
    (home.airflow / "services.json").write_text(json.dumps({"group": stranger.pid, "port": 1}))
    assert services.running(home) is None
    assert not services.down(home)
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_second_night_is_told_to_wait(home: Home) -> None:
    with lock(services_lock(home)):
        done = command(home, "nightly")
    assert done.returncode == 1
    assert "another `make nightly` is running" in done.stderr


def test_samples_are_laid_into_a_new_home_only(home: Home) -> None:
    assert not is_new(home), "a landing folder is the operator's, even an empty one"
    home.landing.rmdir()
    assert is_new(home)
    (home.raw / "rosters").mkdir()
    assert not is_new(home), "a home restored from its backup may have raw/ alone"


@pytest.mark.airflow
def test_port_in_use_is_said_before_anything_starts(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = command(home, "up", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert services.running(home) is None


SECRETS = {
    "PILAR_PII_KEY": "a key of pseudonyms that no log may show",
    "PILAR_BPS_KEY": "a-bps-key-that-no-log-may-show",
    "fernet": base64.urlsafe_b64encode(b"a fernet key which is invented..").decode(),
    "jwt": "a-jwt-secret-that-no-log-may-show-" + "x" * 32,
}
WEBHOOK = "a-token-of-a-webhook-that-no-log-may-show"


@pytest.fixture
def told_by_a_file(monkeypatch: pytest.MonkeyPatch, home: Home) -> str:
    """A file whose name holds the secrets of its home: tasks that tell of it would tell them. How it must be told."""
    for name, secret in SECRETS.items():
        if name.isupper():
            monkeypatch.setenv(name, secret)
        else:
            kept_secret(home.airflow / "keys" / name, secret)
    webhook = {
        "conn_type": "http",
        "host": "http://127.0.0.1:9",
        "password": WEBHOOK,
        "extra": {"endpoint": f"/{WEBHOOK}"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_PILAR_MESSAGE", json.dumps(webhook))
    folder = home.landing / "events"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"kunci {' '.join(SECRETS.values())}.csv").write_text("x", "utf-8")
    return f"events/kunci {' '.join('***' for _ in SECRETS)}.csv"


@pytest.mark.airflow
def test_up_runs_the_night_through_the_scheduler_and_down_leaves_nothing(home: Home, told_by_a_file: str) -> None:
    port = free_port()
    asked = httpx.Client(timeout=90)
    for feed in ("events", "poverty/bps-api"):  # each file is a task of Airflow's: a few will do
        shutil.copytree(SAMPLES / feed, home.landing / feed, dirs_exist_ok=True)
    started = command(home, "up", "--port", str(port))
    try:
        assert started.returncode == 0, started.stderr
        running = services.running(home)
        assert running == standing.Services(running.group if running else 0, port)
        assert running is not None
        password = re.search(r"shown this once: (\S+)", started.stdout)
        assert password is not None
        assert json.loads(password_file(home).read_text()) == {"admin": password[1]}

        assert command(home, "up", "--port", str(port)).stderr.startswith("Airflow is up already")
        assert asked.get(f"{running.url}/api/v2/dags").status_code == httpx.codes.UNAUTHORIZED
        wrong = asked.post(f"{running.url}/auth/token", json={"username": "admin", "password": "guess"})
        assert wrong.status_code == httpx.codes.UNAUTHORIZED
        login = asked.post(f"{running.url}/auth/token", json={"username": "admin", "password": password[1]})
        assert login.status_code == httpx.codes.CREATED
        token = {"Authorization": f"Bearer {login.json()['access_token']}"}
        slots = asked.get(f"{running.url}/api/v2/pools/warehouse", headers=token).json()["slots"]
        assert slots == 1

        # Another process of Airflow writes for longer than a request waits (5 s): the night is still asked for.
        writer = sqlite3.connect(home.airflow / "airflow.db", timeout=60, isolation_level=None, check_same_thread=False)
        writer.execute("BEGIN IMMEDIATE")
        threading.Timer(8, writer.execute, ["ROLLBACK"]).start()
        night = command(home, "nightly")  # asks the running Airflow over its REST API and waits
        assert night.returncode == 0, night.stdout + night.stderr
        assert "the night runs there" in night.stdout
        releases = [path.name for path in home.releases.iterdir()]
        assert len(releases) == 1
        assert home.current_marts.resolve() == (home.releases / releases[0] / "marts.duckdb").resolve()
        runs = asked.get(f"{running.url}/api/v2/dags/nightly/dagRuns", headers=token).json()["dag_runs"]
        # After 01:00 in Jakarta the schedule asks for a night of its own, which finds nothing new.
        assert ("manual", "success") in [(run["run_type"], run["state"]) for run in runs]
        logs = (home.airflow / "logs" / "dag_id=nightly").rglob("*.log")
        assert any("publish: ok" in log.read_text("utf-8") for log in logs)

        # What tasks told of the secrets is masked, in the files and as the pages show it.
        run = next(run["dag_run_id"] for run in runs if run["run_type"] == "manual")
        tasks = f"{running.url}/api/v2/dags/nightly/dagRuns/{run}/taskInstances"
        of_file = [
            asked.get(
                f"{tasks}/ingest/logs/1", params={"map_index": at}, headers=token | {"Accept": "application/json"}
            ).text
            for at in range(len(asked.get(f"{tasks}/ingest/listMapped", headers=token).json()["task_instances"]))
        ]
        written = [log.read_text("utf-8", "replace") for log in (home.airflow / "logs").rglob("*") if log.is_file()]
        for place in (of_file, written):
            assert any(f"taking {told_by_a_file}" in log for log in place)
        assert any("connection pilar_message failed" in log for log in written)
        secrets = {
            **SECRETS,
            "api": environment(home)["AIRFLOW__API__SECRET_KEY"],
            "admin": password[1],
            "hook": WEBHOOK,
        }
        assert not [name for name, secret in secrets.items() if any(secret in log for log in (*of_file, *written))]

        # Each feed that brought something is told of once, whatever the number of its files.
        events = asked.get(f"{running.url}/api/v2/assets/events", headers=token).json()["asset_events"]
        raw = [(event["uri"], event["source_task_id"]) for event in events if event["uri"].startswith("pilar://raw/")]
        assert sorted(raw) == [("pilar://raw/events", "load"), ("pilar://raw/poverty", "load")]
        group = running.group
    finally:
        ended = command(home, "down")
    assert ended.stdout == "Airflow is down.\n"
    assert standing.members(group) == {}
    home_processes = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, check=True).stdout
    assert str(home.root) not in home_processes
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/api/v2/monitor/health")
    assert command(home, "down").stdout == "Airflow was not running.\n"


@pytest.mark.airflow
def test_a_night_that_is_told_to_end_takes_everything_with_it(home: Home, migrated: Migrated) -> None:
    migrated(home)
    night = subprocess.Popen(
        [sys.executable, "-m", "pilar.services", "nightly"],
        cwd=CHECKOUT,
        env={**os.environ, "PILAR_HOME": str(home.root)},
        stdout=subprocess.PIPE,
        text=True,
    )

    def children() -> list[int]:
        listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
        rows = [row.split(None, 2) for row in listing.stdout.splitlines()]
        return [int(pid) for pid, parent, args in rows if parent == str(night.pid) and "dags test" in args]

    deadline = time.monotonic() + 600
    while not (found := children()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found
    night.terminate()
    said, _ = night.communicate(timeout=180)
    assert night.returncode == 1
    assert "ended by SIGTERM" in said
    assert "did not come to its end" in said
    assert standing.members(found[0]) == {}
    with lock(services_lock(home)) as free:
        assert free is not None


@pytest.mark.airflow
def test_a_killed_supervisor_leaves_services_that_down_still_ends(home: Home, migrated: Migrated) -> None:
    migrated(home)
    port = free_port()
    assert command(home, "up", "--port", str(port)).returncode == 0
    running = services.running(home)
    assert running is not None
    os.kill(running.group, signal.SIGKILL)
    assert standing.members(running.group)
    assert command(home, "down").stdout == "Airflow is down.\n"
    assert standing.members(running.group) == {}
