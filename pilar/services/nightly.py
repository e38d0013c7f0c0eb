"""``make nightly``: one run of the DAG ``nightly``, through Airflow, with an answer on the terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from pilar import locks, night, samples
from pilar.config import Home
from pilar.privacy import KeyRefused, load_key
from pilar.services import standing
from pilar.services.environment import (
    AIRFLOW,
    ServiceError,
    environment,
    lock,
    prepare,
    secrets_of,
    services_lock,
)
from pilar.services.progress import Progress, line

FAILED = 1


def say(text: str) -> None:
    """A line to the terminal, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def nightly(home: Home, *, force: bool = False) -> int:
    """Run the night and print the operator's summary. Returns 0 published or unchanged, 3 held, 1 failed.

    Without standing services the DAG runs in one process (``airflow dags test``): on the metadata of the home, with the
    same tasks, but without the 23 seconds that a scheduler and an API server take to come, look and go. With them
    (``make up``) the run is asked of the running scheduler, which has one active night at a time.
    """
    first = is_new(home)
    home.make()
    if first:
        say(f"no landing folder yet: laid {samples.lay(home)} sample files into {home.landing}")
    try:
        with lock(services_lock(home)) as held:
            if held is None and (services := standing.running(home)):
                return _through_scheduler(home, services, force)
            if held is None:
                raise ServiceError(f"another `make nightly` is running over {home.root}; wait for it or end it")
            with night.alone(home) as alone:
                return _in_process(home, force, held, alone)
    except night.NightRunning as running:
        raise ServiceError(str(running)) from None


def is_new(home: Home) -> bool:
    """Whether nothing ever landed here, so that the samples may be laid. A home restored from its backup may have
    ``raw/`` and no ``landing/``: no invented people among real ones."""
    return not home.landing.exists() and not (home.raw.exists() and any(home.raw.iterdir()))


def conclusion(home: Home, night_id: str | None, log: Path | str) -> int:
    """Print the summary that ``conclude`` wrote; without one, say where the log lies."""
    path = home.nights / night_id / "conclude.json" if night_id else None
    if path is None or not path.exists():
        say(f"The night did not come to its end. Log: {log}")
        return FAILED
    end = json.loads(path.read_text(encoding="utf-8"))
    say(f"\n{end['text']}")
    if end["exit_code"] == FAILED:
        say(f"Log: {log}")
    return int(end["exit_code"])


def _in_process(home: Home, force: bool, *held: int) -> int:
    """``held``: descriptors of the locks that Airflow holds with us."""
    env = environment(home) | {"AIRFLOW__LOGGING__JSON_LOGS": "True"} | locks.giving(*held)
    prepare(home, env)
    log = home.airflow / "logs" / "nightly" / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    before = {path.name for path in home.nights.iterdir()}
    command = [*AIRFLOW, "dags", "test", "nightly", *(["--conf", '{"force": true}'] if force else [])]
    airflow = subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        pass_fds=held,  # should we be killed, the locks stay with Airflow until it has ended as well
    )

    def end(number: int, _: FrameType | None) -> None:  # Ctrl-C or TERM: the whole group goes, then we do
        os.killpg(airflow.pid, signal.SIGTERM)
        say(f"ended by {signal.Signals(number).name}")

    held_signals = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    progress = Progress()
    with suppress(KeyRefused):  # made before anybody could tell it; what is wrong with it the night says
        load_key(home)
    secrets = secrets_of(home, env)
    try:
        with log.open("w", encoding="utf-8") as file:
            for told in airflow.stdout or ():
                text = masked(told, secrets)
                file.write(text)
                if shown := progress.feed(text):
                    say(shown)
        airflow.wait()
    finally:
        standing.end_group(airflow.pid, grace=10)
        for number, handler in held_signals.items():
            signal.signal(number, handler)
    ours = sorted({path.name for path in home.nights.iterdir()} - before)
    return conclusion(home, ours[-1] if ours else None, log)


def masked(text: str, secrets: Iterable[str]) -> str:
    """As a task's log is masked under the scheduler: ``airflow dags test`` does not do it."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def _through_scheduler(home: Home, services: standing.Services, force: bool) -> int:
    say(f"Airflow is up on {services.url}: the night runs there")
    if not standing.wait_until_healthy(services):
        raise ServiceError(f"Airflow on {services.url} is not healthy; try `make down`, then again")
    with standing.api(home, services) as api:
        dag = api.get("/api/v2/dags/nightly").raise_for_status().json()
        if dag["is_paused"]:
            raise ServiceError(f"the DAG `nightly` is paused in Airflow; switch it on at {services.url}/dags/nightly")
        run = standing.ask_for_night(api, force=force)
        path = f"/api/v2/dags/nightly/dagRuns/{run}"
        shown: set[str] = set()
        while True:
            state = api.get(path).raise_for_status().json()["state"]
            tasks = api.get(f"{path}/taskInstances", params={"limit": 1000}).raise_for_status().json()
            for task in tasks["task_instances"]:
                if task["id"] not in shown and task["state"] in {"success", "failed", "skipped", "upstream_failed"}:
                    shown.add(task["id"])
                    name = task["rendered_map_index"] or ""
                    say(line(task["duration"] or 0.0, task["task_id"], f"{task['state']} {name}"))
            if state in {"success", "failed"}:
                break
            if any(task["state"] == "awaiting_input" for task in tasks["task_instances"]):
                say(f"A steward is asked: {services.url}/required_actions?response_received=false")
                break
            time.sleep(1)
        found = api.get(f"{path}/taskInstances/begin/xcomEntries/night_id")
        night_id = str(found.json()["value"]) if found.is_success else None
    return conclusion(home, night_id, f"{services.url}/dags/nightly/runs/{run}")
