"""Strike nights at random, hundreds of times, and see that nothing is lost, doubled or half seen.

    .venv/bin/python bench/faults.py [--kills 200] [--chain 8] [--seed 1] [--scratch FOLDER] [--full]

A small invented home has had its first night; files of a second have landed. That night is struck by SIGKILL, of its
whole process group or of one process (the night itself, dbt, a reader of files), at a random call or statement of a
random step, or at a random moment of it. Rounds come in two kinds: nights struck at their beginning, up to the build,
one after the other; and one night whose last steps, from the second gate on, are struck and run again, as Airflow runs
them. ``--chain`` blows, then a plain night, after which the home must say what an undisturbed one says. All the while
somebody reads the release. Prints a line for each round, and at the end how often what was struck where, and what was
wrong. What the nights are struck with is in ``tests/faults``.

Nights are light unless ``--full``: without dbt's tests and Great Expectations, which write nothing a release holds.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from pilar.config import Home  # noqa: E402 (the checkout is no package that is installed)
from tests.faults import compare, world  # noqa: E402
from tests.faults.arena import Readings, Stage, lay, watched  # noqa: E402

EARLY = ("begin", "ingest", "ingest", "load", "load", "gate_arrivals", "build")
"""Steps of the first kind of rounds, as often as they are struck."""
UNTIL = {"ingest": "load"}
"""Files are taken by several processes: their end is the beginning of the next step."""
LATE = ("gate_candidate", "publish", "report", "conclude")


@dataclass
class Reference:
    """A home before its second night, before the last steps of it, and after it; nobody has struck it."""

    before: Home
    at_the_gate: Home
    after: Home
    night_id: str
    points: Counter[str]
    """Points by step."""
    seconds: dict[str, float]
    """Seconds by step, from its first point to its last."""
    said: compare.Tables


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def reference(stage: Stage, scratch: Path, light: dict[str, Any]) -> Reference:
    """Two nights that nobody strikes."""
    home, before, gate, after = (Home(scratch / name) for name in ("home", "before", "gate", "undisturbed"))
    for place in (home, before, gate, after):
        shutil.rmtree(place.root, ignore_errors=True)
    world.land(home.make(), world.first(), day=1)
    _published(stage.run(home, **light))
    world.land(home, world.second(home), day=2)
    lay(home, before)
    trace = scratch / "trace"
    trace.unlink(missing_ok=True)
    night_id = _published(stage.run(home, trace=str(trace), save={"gate_candidate": str(gate.root)}, **light))
    lay(home, after)
    moments: dict[str, list[float]] = defaultdict(list)
    for line in trace.read_text("utf-8").splitlines():
        moment, step, _ = line.split("\t")
        moments[step].append(float(moment))
    return Reference(
        before,
        gate,
        after,
        night_id,
        Counter({step: len(passed) for step, passed in moments.items()}),
        {step: max(passed) - min(passed) for step, passed in moments.items()},
        compare.tables(after),
    )


def _published(answer: dict[str, Any]) -> str:
    if answer["told"].get("outcome") != "published":
        raise SystemExit(f"an undisturbed night did not publish: {answer}")
    return str(answer["told"]["night_id"])


def _due(home: Home, night_id: str, step: str) -> list[str]:
    """The last steps up to ``step`` that have not come to their end, and ``step`` itself."""
    before = LATE[: LATE.index(step)]
    return [*(one for one in before if not (home.nights / night_id / f"{one}.json").exists()), step]


def blow(random: Random, known: Reference, step: str) -> dict[str, Any]:
    """One way to strike a step: at a call, or at a moment."""
    if random.random() < 0.6:
        at = random.randint(1, known.points[step])
        return {"kill_in": step, "kill_at": at, "alone": random.random() < 0.3}
    own = {"build": "dbt", "ingest": "reader"}.get(step)
    victim = own if own and random.random() < 0.5 else random.choice(["group", "night"])
    return {"kill_in": step, "kill_after": random.random() * known.seconds[step] / 2, "victim": victim}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--chain", type=int, default=8, help="blows before a plain night")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--full", action="store_true")
    given = parser.parse_args()
    random = Random(given.seed)
    scratch = given.scratch or Path(tempfile.mkdtemp())
    scratch.mkdir(parents=True, exist_ok=True)
    light = {} if given.full else {"light": True}
    stage = Stage(light=not given.full)
    known = reference(stage, scratch, light)
    named = dict.fromkeys((*EARLY, *LATE))
    said = (f"{step} {known.points[step]} points {known.seconds[step]:.1f} s" for step in named)
    say(f"undisturbed: {', '.join(said)}")
    struck: Counter[tuple[str, str]] = Counter()
    wrong: Counter[str] = Counter()
    looks, rounds, home = 0, 0, Home(scratch / "home")
    began = time.monotonic()
    while struck.total() < given.kills:
        rounds += 1
        late = rounds % 4 > 0
        lay(known.at_the_gate if late else known.before, home)
        history: list[str] = []
        problems: list[str] = []
        with watched(home, scratch / "reader.log", pause=0.2) as seen:
            steps = random.choices(LATE if late else EARLY, k=given.chain)
            for step in steps if late else sorted(steps, key=EARLY.index):
                order = blow(random, known, step) | {"until": UNTIL.get(step, step)}  # who survives has done enough
                if late:
                    order |= {"steps": _due(home, known.night_id, step), "night_id": known.night_id}
                told = stage.run(home, **light, **order)
                if told["struck"]:
                    victim = str(order.get("victim") or ("process" if order["alone"] else "group"))
                    place = told["struck"].split(" | ")
                    struck[place[0], victim] += 1
                    history.append(f"{victim} in {' | '.join(place)}")
                if told["orphans"]:
                    problems.append(f"orphans: {told['orphans']}")
            plain = stage.run(home, **light)
        problems += judge(plain, home, known, seen)
        looks += seen.looks
        wrong.update(problem.split(":")[0] for problem in problems)
        passed = time.monotonic() - began
        say(f"round {rounds}, {struck.total()} kills, {passed:.0f} s, {seen.looks} looks: {history} {problems or 'ok'}")
        if problems:
            lay(home, Home(scratch / f"wrong-{rounds}"))
    stage.close()
    say(
        f"{struck.total()} kills in {rounds} rounds, {looks} looks at the release, {wrong.total()} wrong: {dict(wrong)}"
    )
    _say_table(struck)
    return 1 if wrong else 0


def _say_table(struck: Counter[tuple[str, str]]) -> None:
    say(f"{'step':<16}{'struck':<10}{'kills':>6}")
    for (step, victim), number in sorted(struck.items()):
        say(f"{step:<16}{victim:<10}{number:>6}")


def judge(plain: dict[str, Any], home: Home, known: Reference, seen: Readings) -> list[str]:
    """What is wrong after the plain night."""
    told = plain["told"] if isinstance(plain["told"], dict) else {}
    if told.get("outcome") not in {"published", "unchanged"}:
        return [f"outcome: {told.get('outcome') or told}"]
    found = [f"table: {one}" for one in compare.differences(compare.tables(home), known.said)]
    found += [f"ledger: {one}" for one in compare.imbalance(home)]
    found += [f"leftover: {one}" for one in compare.leftovers(home, known.after)]
    found += [f"reader: {one}" for one in seen.failed[:3]]
    ids = [line.split()[0] for line in seen.releases]
    if ids != sorted(set(ids)):
        found.append(f"reader: releases in the order {seen.releases}")
    if not seen.looks:
        found.append("reader: never looked")
    return found


if __name__ == "__main__":
    sys.exit(main())
