"""Runs nights to order and strikes them. ``python -m tests.faults.stage``: orders come on standard input, one JSON
object a line, answers go to standard output.

It has loaded the whole of Pilar once and forks a process group for each night: a night costs its work, not its imports.
An order holds ``home`` and may hold

* ``steps`` and ``night_id``: these steps of that night, instead of a whole night; ``force``
* ``at``: the point that is struck (see :mod:`tests.faults.points`), by SIGKILL of the group or, with ``alone``, of the
  process there; or by ``blow``: the name of one of :mod:`tests.faults.blows`, and what it is told, as a mapping. A blow
  without a point comes before the night
* ``step``: count ``at`` and ``after`` from the beginning of that step
* ``after``: SIGKILL after so many seconds, of the group, or of ``victim``: night, dbt, reader
* ``trace``: a file that lists the points passed
* ``until``: end the night after that step; ``save``: copies of the home to make when steps begin, {step: folder}
* ``light``: every gate lets the night pass, and dbt's tests are left out: neither they nor the gates write
  anything that a release holds
* ``environment``; ``forked_dbt``: dbt as a fork of this process, so that its statements are points as well (default)
"""

from __future__ import annotations

import ctypes
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

Order = dict[str, Any]

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_PATIENCE = 20.0
"""Seconds in which what is left of a night must be gone by itself."""
_LONGEST = 600.0
"""Seconds after which a night counts as hung, and is ended."""


def main() -> None:
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    preload(light="light" in sys.argv)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(carry_out(json.loads(line))) + "\n")
        answers.flush()


def preload(*, light: bool) -> None:
    """What a night imports on its way; a light one leaves Great Expectations out."""
    from dbt.adapters.duckdb import connections
    from dbt.cli import main as dbt

    from pilar import night, publish, report, workbooks
    from pilar.dictionary import pages
    from pilar.privacy import scan
    from pilar.quality import gate

    assert all((connections, dbt, night, publish, report, workbooks, pages, scan, gate))
    if not light:
        from pilar.quality import runner

        assert runner


def carry_out(order: Order) -> dict[str, Any]:
    """Run one order to its end, planned or not. Tells ``signal``, ``exit``, ``points``, ``where`` it stood, what was
    ``struck``, ``told`` (the night's conclusion) and what was ``wrong``: processes that outlived the night by more than
    a moment, a night that hung, what it must not have got away with."""
    from tests.faults.blows import begin
    from tests.faults.points import Points

    points = Points(Path(order["trace"]) if order.get("trace") else None)
    points.at, points.step_struck = order.get("at"), order.get("step")
    points.group, points.waits = not order.get("alone"), "blow" in order
    blow = begin(order["blow"], points, Path(order["home"])) if points.waits else None
    complaint = _go_on(blow) if blow and points.at is None else None
    inlet, outlet = os.pipe()
    leader = os.fork()
    if not leader:
        os.close(inlet)
        _night(order, points, outlet)
    os.close(outlet)
    struck = None
    if order.get("after") is not None:
        struck = _strike(leader, float(order["after"]), order.get("victim", "group"), points)
    elif blow and points.at is not None:
        _wait(leader, points)
        complaint = _go_on(blow)  # also when the point was not reached: the world must be as it will be
        points.go_on()
    wrong = [complaint] if complaint else []
    wrong += [] if _ends(leader) else [f"the night hung at {points.where}"]
    _, status = os.waitpid(leader, 0)
    wrong += _orphans(leader)
    if blow:
        next(blow, None)
    with os.fdopen(inlet, "r") as told:
        said = told.read()
    return {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "exit": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "points": points.count,
        "where": points.where,
        "struck": struck or points.struck,
        "wrong": wrong,
        "told": json.loads(said) if said else None,
    }


def _night(order: Order, points: Any, outlet: int) -> None:
    """The forked leader of a night. Never returns."""
    os.setsid()
    code = 70
    from tests.faults import powers
    from tests.faults.points import Enough

    try:
        os.environ.update(order.get("environment", {}))
        os.environ["PILAR_HOME"] = order["home"]
        from pilar import night
        from pilar.config import Home

        home = Home(Path(order["home"]))
        powers.give_up()
        if order.get("blow", {}).get("name") == "clock":
            _shift(points)
        points.until, points.save = order.get("until"), order.get("save", {})
        points.home = home.root
        points.install()
        if order.get("forked_dbt", True):
            _fork_dbt(points, ["--exclude-resource-type", "test"] if order.get("light") else [])
        if order.get("light"):
            _let_pass()
        if order.get("steps"):
            with night.alone(home):
                told = [getattr(night, name)(home, order["night_id"]) for name in order["steps"]][-1]
        else:
            told = night.run(home, force=bool(order.get("force")))
        os.write(outlet, json.dumps(told, default=str).encode())
        code = 0
    except Enough:
        os.write(outlet, b"{}")
        code = 0
    except BaseException as error:  # whatever it is, nothing of the stage may run on in here
        os.write(outlet, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        code = 1
    finally:
        from pilar.reading import sandbox

        sandbox._serving.end()
        os._exit(code)


def _shift(points: Any) -> None:
    """Have every clock that Pilar reads go wrong by as much as the points say."""
    true_time = time.time

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(seconds=points.shift)

    time.time = lambda: true_time() + points.shift
    for name, module in list(sys.modules.items()):
        if name.startswith("pilar.") and getattr(module, "datetime", None) is datetime:
            module.datetime = Shifted  # type: ignore[attr-defined]


def _let_pass() -> None:
    """Every gate lets the night pass."""
    from pilar.quality import gate
    from pilar.quality.verdict import Verdict

    def passed(name: Any, *_: Any, night_id: str, **__: Any) -> Verdict:
        return Verdict(name, night_id, held=False, results=[], seconds=0.0)

    gate.judge = passed  # type: ignore[assignment]


def _fork_dbt(points: Any, more: list[str]) -> None:
    """``dbt`` in a fork of this process: the same program, the same arguments, the same environment."""
    real = subprocess.run

    from pilar import build

    build.ahead = lambda *_, **__: nullcontext()  # type: ignore[assignment]  # a process that could not be counted

    def run(command: list[str], *args: Any, **given: Any) -> Any:
        if command[1:] != ["-m", "pilar.dbt_process"]:
            return real(command, *args, **given)
        output = Path(given["env"]["DBT_LOG_PATH"]).parent / "output"
        output.parent.mkdir(parents=True, exist_ok=True)
        child = os.fork()
        if not child:
            _be_dbt([*json.loads(given["input"])["arguments"], *more], given["env"], output)
        points.dbt = child
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        said = output.read_text("utf-8")
        output.unlink()
        return subprocess.CompletedProcess(command, code, said, "")

    subprocess.run = run  # type: ignore[assignment]


def _be_dbt(arguments: list[str], environment: dict[str, str], output: Path) -> None:
    code = 2
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
        os.environ.clear()
        os.environ.update(environment)
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        from dbt.cli.main import dbtRunner

        done = dbtRunner().invoke(arguments)
        code = 0 if done.success else 1
        sys.stdout.flush()
    finally:
        os._exit(code)


def _go_on(blow: Any) -> str | None:
    """The next part of a blow; what was wrong with it."""
    try:
        next(blow)
    except AssertionError as error:
        return str(error)
    return None


def _wait(leader: int, points: Any) -> None:
    """Until a process stands at the point to be struck, or the night has ended without it."""
    while not points.stands and not _ended(leader):
        time.sleep(0.002)


def _ends(leader: int) -> bool:
    """Wait for the night's end; one that hangs is ended."""
    until = time.monotonic() + _LONGEST
    while not _ended(leader):
        if time.monotonic() > until:
            os.killpg(leader, signal.SIGKILL)
            return False
        time.sleep(0.005)
    return True


def _ended(leader: int) -> bool:
    return bool(os.waitid(os.P_PID, leader, os.WEXITED | os.WNOHANG | os.WNOWAIT))


def _strike(leader: int, after: float, victim: str, points: Any) -> str | None:
    """SIGKILL after a while; what was struck, or None where there was nothing of that kind (any more)."""
    until = None
    while until is None or time.monotonic() < until:
        if until is None and points.reached:
            until = time.monotonic() + after
        if _ended(leader):
            return None
        time.sleep(0.005)
    if victim == "group":
        told = points.where
        os.killpg(leader, signal.SIGKILL)
        return str(told)
    if victim == "reader":
        chosen = [pid for pid, args in _members(leader) if "pilar.reading.confined" in args]
    else:
        chosen = [pid for pid in (leader if victim == "night" else points.dbt,) if pid]
    if not chosen:
        return None
    told = points.where
    with suppress(ProcessLookupError):
        os.kill(random.choice(chosen), signal.SIGKILL)
    return str(told)


def _members(group: int) -> list[tuple[int, str]]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = (row.split(None, 3) for row in listing.splitlines())
    return [(int(row[0]), row[3]) for row in rows if len(row) == 4 and int(row[1]) == group and row[2][0] != "Z"]


def _orphans(group: int) -> list[str]:
    """Wait until a night's processes are gone; those that stay are told, and ended."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return []
        time.sleep(0.02)
    left = [f"an orphan: {args[:200]}" for _, args in _members(group)]
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    return left


if __name__ == "__main__":
    main()
