"""Strike Airflow in the middle of a night, a process at a time, and see that the night ends as if nothing had been.

    .venv/bin/python -m bench.faults_airflow [--kills 65] [--victims scheduler …] [--steps build …]
                                             [--seed 1] [--port 8097] [--scratch FOLDER]

A home as in ``bench/faults.py``, with Airflow over it as ``make up`` starts it. In each round a night is asked for;
when one of its steps is under way, a process is killed by SIGKILL: a component (scheduler, dag-processor, triggerer,
api-server), ``supervisor`` (what starts components again; then somebody says ``make up``), ``worker`` (what watches
over a task), ``task`` (what does the step), ``dbt``, or ``all`` of them. The run then ends by itself; if it is red, its
red task is cleared every other time. After the next night the release must say what an undisturbed one says. All the
while somebody reads it.

Airflow notices a dead worker by its silence after five minutes; here after half a minute, as time is short. A task
whose worker died before it began stays queued for good: it is cleared after a minute.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psutil

from bench.faults import say, say_table
from pilar import night
from pilar.config import PROJECT, Home
from pilar.services import standing
from tests.faults import world
from tests.faults.arena import Stage, Undisturbed, undisturbed, watched

VICTIMS = (*standing.COMPONENTS, "supervisor", "worker", "task", "dbt", "all")
STEPS = ("ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report", "conclude")
BEFORE = dict(zip(STEPS[1:], STEPS, strict=False))
"""What has ended when a step is under way."""
PATIENCE = 900.0
STUCK = 60.0
TO_BEGIN = 3.0
"""Seconds in which Airflow begins a step after the one before it."""


class Stand:
    """Airflow over a home whose Pilar is laid back before each round."""

    def __init__(self, home: Home, port: int) -> None:
        self.home, self.port = home, port
        self.environment = os.environ | {
            "PILAR_HOME": str(home.root),
            "PILAR_SETTLE_SECONDS": "0",
            "PILAR_SPARE_BYTES": "0",
            "PILAR_PII_KEY": world.KEY,
            "PYTHONPATH": str(PROJECT),
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "15",
        }

    def command(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "pilar.services", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")

    def up(self) -> None:
        self.command("up", "--port", str(self.port))

    def lay(self, saved: Home) -> None:
        """Everything of the home but Airflow's own is as it was."""
        for path in self.home.root.iterdir():
            if path.is_dir() and not path.is_symlink() and path != self.home.airflow:
                shutil.rmtree(path)
            elif path != self.home.airflow:
                path.unlink()
        ours = shutil.ignore_patterns(self.home.airflow.name)
        shutil.copytree(saved.root, self.home.root, symlinks=True, dirs_exist_ok=True, ignore=ours)

    @property
    def services(self) -> standing.Services:
        services = standing.running(self.home)
        if services is None:
            raise SystemExit("Airflow is down")
        return services

    def ask(self) -> str:
        standing.wait_until_healthy(self.services)
        with standing.api(self.home, self.services) as api:
            return standing.ask_for_night(api, force=False)

    def end_of(self, run: str) -> str:
        """Wait for the end of a run, through restarts of whatever answers; its state, and what was stuck meanwhile."""
        cleared: list[str] = []

        def state() -> str | None:
            try:
                with standing.api(self.home, self.services) as api:
                    told = api.get(f"/api/v2/dags/nightly/dagRuns/{run}").raise_for_status().json()["state"]
                    if told in {"success", "failed"}:
                        return str(told)
                    cleared.extend(self._clear(api, run, _is_stuck))
            except (httpx.HTTPError, ValueError):
                return None
            return None

        return " ".join([str(until(state, f"the end of {run}", pause=1.0)), *(f"({one} was stuck)" for one in cleared)])

    def clear(self, run: str) -> list[str]:
        """Clear the red tasks of a run with all that comes after them; their names."""
        with standing.api(self.home, self.services) as api:
            return self._clear(api, run, lambda task: task["state"] == "failed")

    def _clear(self, api: httpx.Client, run: str, wanted: Callable[[dict[str, Any]], bool]) -> list[str]:
        told = api.get(f"/api/v2/dags/nightly/dagRuns/{run}/taskInstances", params={"limit": 100}).raise_for_status()
        names = sorted({task["task_id"] for task in told.json()["task_instances"] if wanted(task)})
        if names:
            request = {"dag_run_id": run, "task_ids": names, "include_downstream": True, "only_failed": False}
            request |= {"dry_run": False, "reset_dag_runs": True}
            api.post("/api/v2/dags/nightly/clearTaskInstances", json=request).raise_for_status()
        return names

    def find(self, victim: str) -> list[psutil.Process]:
        """Living processes of that kind."""
        leader = psutil.Process(self.services.group)
        if victim == "supervisor":
            return [leader]
        if victim in standing.COMPONENTS:
            return [one for one in leader.children() if victim.replace("-", "_") in _title(one)]
        below = leader.children(recursive=True)
        if victim == "all":
            return [leader, *below]
        return [one for one in below if IS[victim](_title(one))]


IS: dict[str, Callable[[str], bool]] = {
    "worker": lambda title: "worker __ localexecutor:" in title and "<idle>" not in title,
    "task": lambda title: "worker __ " in title and "localexecutor" not in title,
    "dbt": lambda title: "pilar.dbt_process" in title,
}


def _is_stuck(task: dict[str, Any]) -> bool:
    """Queued for longer than anything takes to begin. The LocalExecutor cannot take such a task back."""
    queued = task["queued_when"]
    return task["state"] == "queued" and bool(queued) and time.time() - _time(queued) > STUCK


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()).lower().replace("-", "_")
    except psutil.Error:
        return ""


def until(found: Callable[[], Any], what: str, *, pause: float = 0.05) -> Any:
    """Wait for something to be there."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := found()):
        if time.monotonic() > deadline:
            raise SystemExit(f"waited in vain for {what}")
        time.sleep(pause)
    return answer


def reached(home: Home, known: set[str], step: str) -> bool:
    """Whether the newest night, which is none of the known ones, has ended what comes before a step."""
    newest = night.newest(home)
    if newest is None or newest in known:
        return False
    if step == "ingest":
        return (home.nights / newest / "plan.json").exists()
    if step == "load":
        items = night.facts_of(home, newest, "plan").get("items")
        return items is not None and len(list((home.nights / newest / "ingest").glob("*.json"))) == len(items)
    return (home.nights / newest / f"{BEFORE[step]}.json").exists()


def strike(stand: Stand, victim: str, step: str, random: Random) -> tuple[str, int]:
    """Ask for a night, and kill a victim in a step of it; (the run, processes killed)."""
    known = {path.name for path in stand.home.nights.iterdir()}
    run = stand.ask()
    until(lambda: reached(stand.home, known, step), f"the step {step}")
    time.sleep(random.random() * TO_BEGIN)
    found = until(lambda: stand.find(victim), f"{victim} in {step}")  # a busy machine takes its time to begin a task
    for process in found:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    if victim in {"supervisor", "all"}:
        time.sleep(1)
        stand.up()
    return run, len(found)


def one_round(stand: Stand, known: Undisturbed, random: Random, victim: str, step: str, *, clear: bool) -> list[str]:
    """What is wrong after a night that was struck, and mended as an operator would."""
    began = time.monotonic()
    stand.lay(known.before)
    with watched(stand.home, stand.home.root.parent / "reader.log", pause=0.3) as seen:
        run, killed = strike(stand, victim, step, random)
        ended = [stand.end_of(run)]
        if ended[0].startswith("failed") and clear:
            ended += [f"cleared {', '.join(stand.clear(run))}", stand.end_of(run)]
        ended += ["the next night", stand.end_of(stand.ask())]  # takes what a run left that went on without some files
        newest = night.newest(stand.home) or ""
        outcome = night.facts_of(stand.home, newest, "conclude")
    wrong = known.wrong(stand.home, {"told": outcome}) + seen.wrong()
    passed = time.monotonic() - began
    say(f"{victim} in {step}: {killed} killed; {', '.join(ended)}; {seen.looks} looks, {passed:.0f} s: {wrong or 'ok'}")
    return wrong if killed else [*wrong, f"nothing to kill: {victim} in {step}"]


def turns(victims: Sequence[str], steps: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each victim in each step, so that a few turns have struck every victim and every step; dbt in its own alone."""
    for turn in range(len(steps)):
        for number, victim in enumerate(victims):
            step = steps[(number + turn) % len(steps)]
            if victim != "dbt" or step == "build":
                yield victim, step


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=VICTIMS)
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS)
    parser.add_argument("--kills", type=int, default=1000, help="at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=8097)
    parser.add_argument("--scratch", type=Path)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # services that were started must go
    scratch = given.scratch or Path(tempfile.mkdtemp())
    random, home = Random(given.seed), Home(scratch / "home")
    shutil.rmtree(home.root, ignore_errors=True)
    stage = Stage(light=True)
    known = undisturbed(stage, home, scratch / "known", at=())
    stage.close()
    rounds = list(turns(given.victims, given.steps))[: given.kills]
    stand, wrong, killed = Stand(home, given.port), Counter[str](), Counter[tuple[str, str]]()
    restarts = standing.RESTARTS
    try:
        for number, (victim, step) in enumerate(rounds):
            if restarts == standing.RESTARTS or victim in {"supervisor", "all"}:  # it starts components again so often
                stand.command("down")
                stand.up()
                restarts = 0
            found = one_round(stand, known, random, victim, step, clear=number % 2 == 0)
            restarts += victim in standing.COMPONENTS
            killed[step, victim] += 1
            wrong.update(problem.split(":")[0] for problem in found)
    finally:
        stand.command("down")
    say(f"{killed.total()} kills, {wrong.total()} wrong: {dict(wrong)}")
    say_table(killed, STEPS)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
