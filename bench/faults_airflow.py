"""Strike Airflow in the middle of a night: the scheduler, a task's process, dbt, or the whole of the services.

    .venv/bin/python bench/faults_airflow.py [--port 8097] [--scratch FOLDER] [VICTIM ...]

For each victim (scheduler, task, dbt, services) a home as in ``bench/faults.py``, with Airflow over it as ``make up``
starts it. When the night builds, the victim is killed by SIGKILL; the run goes on or fails, a next night is asked for,
and then the release must say what an undisturbed one says. All the while somebody reads it.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from pilar import night  # noqa: E402 (the checkout is no package that is installed)
from pilar.config import Home  # noqa: E402
from pilar.services import standing  # noqa: E402
from tests.faults import compare, world  # noqa: E402
from tests.faults.arena import Stage, lay, watched  # noqa: E402

VICTIMS = {
    "scheduler": lambda args: "airflow scheduler" in args or args.endswith("scheduler"),
    "task": lambda args: "LocalExecutor" in args or "task supervisor" in args,
    "dbt": lambda args: "/dbt build" in args,
    "services": lambda _: True,
}
PATIENCE = 900.0


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def command(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m pilar.services …`` over a home."""
    return subprocess.run(
        [sys.executable, "-m", "pilar.services", *arguments],
        cwd=CHECKOUT,
        env=os.environ | _environment(home),
        capture_output=True,
        text=True,
        check=False,
    )


def until(found: Callable[[], object], what: str) -> None:
    """Wait for something to be true."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited in vain for {what}")
        time.sleep(0.1)


def strike(home: Home, port: int, victim: str) -> str:
    """Airflow up, a night asked for, its build struck; how the run ended."""
    done = command(home, "up", "--port", str(port))
    services = standing.running(home)
    if done.returncode or services is None:
        raise SystemExit(done.stdout + done.stderr)
    known = set(home.nights.iterdir())
    with standing.api(home, services) as api:
        run = standing.ask_for_night(api, force=False)

    def building() -> bool:
        new = set(home.nights.iterdir()) - known
        return any((folder / "gate_arrivals.json").exists() for folder in new) and bool(_members(home, "dbt"))

    until(building, "the build")
    struck = _members(home, victim)
    for pid in struck:
        os.kill(pid, signal.SIGKILL)
    say(f"  {victim}: {len(struck)} processes killed while dbt was building")
    if victim == "services":
        until(lambda: not standing.members(services.group), "the end of all services")
        again = command(home, "up", "--port", str(port))
        if again.returncode:
            raise SystemExit(again.stdout + again.stderr)
        services = standing.running(home) or services

    def state() -> str:
        try:
            with standing.api(home, services) as api:
                answer = api.get(f"/api/v2/dags/nightly/dagRuns/{run}")
                return str(answer.json().get("state"))
        except Exception as error:  # it may be on its way up
            return type(error).__name__

    until(lambda: state() in {"success", "failed"}, "the end of the run")
    return state()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("victims", nargs="*", default=list(VICTIMS))
    parser.add_argument("--port", type=int, default=8097)
    parser.add_argument("--scratch", type=Path)
    given = parser.parse_args()
    scratch = given.scratch or Path(tempfile.mkdtemp())
    home, before, after = (Home(scratch / name) for name in ("home", "before", "undisturbed"))
    stage = Stage()
    world.land(home.make(), world.first(), day=1)
    stage.run(home)
    world.land(home, world.second(home), day=2)
    lay(home, before)
    stage.run(home)
    lay(home, after)
    stage.close()
    said, wrong = compare.tables(after), 0
    os.environ.update(_environment(home))
    for victim in given.victims:
        lay(before, home)
        began = time.monotonic()
        with watched(home, scratch / "reader.log", pause=0.5) as seen:
            try:
                ended = strike(home, given.port, victim)
                plain = command(home, "nightly")
            finally:
                command(home, "down")
        problems = compare.differences(compare.tables(home), said) + compare.imbalance(home) + seen.failed[:3]
        if plain.returncode:
            problems.append(f"the night after ended with {plain.returncode}: {(plain.stdout + plain.stderr)[-800:]}")
        wrong += bool(problems)
        nights = [night.facts_of(home, one.name, "conclude").get("outcome") for one in sorted(home.nights.iterdir())]
        passed = time.monotonic() - began
        say(f"{victim}: the run ended {ended}, nights {nights}, {seen.looks} looks, {passed:.0f} s: {problems or 'ok'}")
    return 1 if wrong else 0


def _members(home: Home, victim: str) -> list[int]:
    """Processes over this home; a task's are in a session of their own."""
    wanted = f"PILAR_HOME={home.root}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            args = process.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            ours = wanted in process.joinpath("environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if ours and "faults" not in args and VICTIMS[victim](args):
            found.append(int(process.name))
    return found


def _environment(home: Home) -> dict[str, str]:
    return {
        "PILAR_HOME": str(home.root),
        "PILAR_SETTLE_SECONDS": "0",
        "PILAR_SPARE_BYTES": "0",
        "PILAR_PII_KEY": world.KEY,
        "PYTHONPATH": str(CHECKOUT),
    }


if __name__ == "__main__":
    sys.exit(main())
