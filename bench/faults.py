"""Strike nights at random, hundreds of times, and see that nothing is lost, doubled or half seen.

    .venv/bin/python bench/faults.py [--kills 200] [--chain 4] [--seed 1] [--scratch FOLDER]

A small invented home has had its first night; files of a second have landed. That night is struck by SIGKILL, of its
whole process group or of one process (the night itself, dbt, a reader of files), at a random call or statement of a
random step, or at a random moment of it; ``--chain`` nights one after the other, then a plain one must end as if
nothing had been. All the while somebody reads the release. Prints a line for each round, and at the end a table: step,
victim, kills, and what was wrong. What the nights are struck with is in ``tests/faults``.

Nights after the first reference are light unless ``--full``: dbt's tests and the verdicts of Great Expectations, which
write nothing that a release holds, are taken as they were in the undisturbed night.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from random import Random
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from pilar.config import Home  # noqa: E402 (the checkout is no package that is installed)
from tests.faults import compare, world  # noqa: E402
from tests.faults.arena import Readings, Stage, lay, watched  # noqa: E402

STEPS = ("begin", "ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report", "conclude")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def reference(stage: Stage, scratch: Path) -> tuple[Home, Home, dict[str, float]]:
    """(home before the second night, home after it undisturbed, points of it by step)."""
    before, after = Home(scratch / "before").make(), Home(scratch / "undisturbed")
    world.land(before, world.first(), day=1)
    _published(stage.run(before))
    world.land(before, world.second(before), day=2)
    lay(before, after)
    trace = scratch / "trace"
    trace.unlink(missing_ok=True)
    _published(stage.run(after, trace=str(trace), keep_verdicts=str(scratch / "verdicts")))
    steps = Counter(line.split("\t")[1] for line in trace.read_text("utf-8").splitlines())
    return before, after, dict(steps)


def _published(answer: dict[str, Any]) -> None:
    if answer["told"].get("outcome") != "published":
        raise SystemExit(f"an undisturbed night did not publish: {answer}")


def blow(random: Random, points: dict[str, int]) -> dict[str, object]:
    """One way to strike: each step alike often, and within it a call, or a moment."""
    step = random.choice(STEPS)
    if random.random() < 0.6:
        at = random.randint(1, max(points.get(step, 1), 1))
        return {"kill_in": step, "kill_at": at, "alone": random.random() < 0.3}
    own = {"build": "dbt", "ingest": "reader"}.get(step)
    victim = own if own and random.random() < 0.5 else random.choice(["group", "night"])
    return {"kill_in": step, "kill_after": random.random() ** 2 * 3.0, "victim": victim}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--chain", type=int, default=4, help="nights struck before a plain one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--full", action="store_true")
    given = parser.parse_args()
    random = Random(given.seed)
    scratch = given.scratch or Path(tempfile.mkdtemp())
    scratch.mkdir(parents=True, exist_ok=True)
    stage = Stage()
    before, after, points = reference(stage, scratch)
    say(f"undisturbed: {sum(points.values())} points: " + ", ".join(f"{name} {points.get(name, 0)}" for name in STEPS))
    expected = compare.tables(after)
    light = {} if given.full else {"verdicts": str(scratch / "verdicts")}
    struck: Counter[tuple[str, str]] = Counter()
    wrong: dict[str, list[str]] = defaultdict(list)
    looks, rounds, home = 0, 0, Home(scratch / "home")
    began = time.monotonic()
    while sum(struck.values()) < given.kills:
        rounds += 1
        lay(before, home)
        history: list[str] = []
        with watched(home, scratch / "reader.log", pause=0.1) as seen:
            for _ in range(given.chain):
                order = blow(random, points)
                told = stage.run(home, **light, **order)
                if told["signal"] == 9 or told["struck"]:
                    victim = str(order.get("victim") or ("process" if order.get("alone") else "group"))
                    place = (told["struck"] or told["where"]).split(" | ")
                    struck[place[0], victim] += 1
                    history.append(f"{victim} in {' | '.join(place)}")
                if told["orphans"]:
                    wrong["orphans"].append(f"{told['orphans']} after {history[-1:]}")
                if (told["told"] or {}).get("outcome") == "published":
                    break
            plain = stage.run(home, **light)
        problems = judge(plain, home, after, expected, seen)
        looks += seen.looks
        for problem in problems:
            wrong[problem.split(":")[0]].append(f"{problem}; after {history}")
        passed = time.monotonic() - began
        say(f"round {rounds}, {sum(struck.values())} kills, {passed:.0f} s: {history} {problems or 'ok'}")
        if problems:
            kept = scratch / f"wrong-{rounds}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(home.root, kept, symlinks=True)
    stage.close()
    say(json.dumps({"kills": sum(struck.values()), "rounds": rounds, "looks": looks}))
    say(f"{'step':<16}{'victim':<10}{'kills':>6}")
    for (step, victim), number in sorted(struck.items()):
        say(f"{step:<16}{victim:<10}{number:>6}")
    for kind, cases in wrong.items():
        say(f"WRONG {kind}: {len(cases)}")
    return 1 if wrong else 0


def judge(plain: dict[str, object], home: Home, after: Home, expected: compare.Tables, seen: Readings) -> list[str]:
    """What is wrong after the plain night."""
    told = plain["told"] if isinstance(plain["told"], dict) else {}
    if told.get("outcome") not in {"published", "unchanged"}:
        return [f"outcome: {told.get('outcome') or told}"]
    found = [f"table: {one}" for one in compare.differences(compare.tables(home), expected)]
    found += [f"ledger: {one}" for one in compare.imbalance(home)]
    found += [f"leftover: {one}" for one in compare.leftovers(home, after)]
    found += [f"reader: {one}" for one in seen.failed[:3]]
    ids = [line.split()[0] for line in seen.releases]
    if ids != sorted(set(ids)):
        found.append(f"reader: releases in the order {seen.releases}")
    if not seen.looks:
        found.append("reader: never looked")
    return found


if __name__ == "__main__":
    sys.exit(main())
