"""Strike nights at random, hundreds of times, and see that nothing is lost, doubled or half seen.

    .venv/bin/python -m bench.faults [--blows 200] [--chain 8] [--seed 1] [--kinds kill …] [--early 0.4] [--full]
                                     [--scratch FOLDER]

A small invented home has had its first night; files of a second have landed. That night is struck at a random call or
statement of a random step, or at a random moment of it. ``--kinds`` says by what, ``all`` by any of

* ``kill``: SIGKILL of its whole process group or of one process (the night itself, dbt, a reader of files)
* ``full``: the disk runs full; ``forbidden``: a place of the home may not be written to; ``clock``: the clock jumps
* ``rival``: a second night; ``goes``, ``lands``, ``grows``, ``replaced``: what a file of landing does meanwhile
* ``damaged``: a stored file; ``warehouse``: damaged, cut or deleted; ``account``: a step's account is cut

Rounds come in two kinds: nights struck in their beginning, up to the build, one after the other (``--early``: their
share); and one night whose last steps, from the second gate on, are struck and run again, as Airflow runs them.
``--chain`` blows, then a plain night, after which the home must say what an undisturbed one says. All the while
somebody reads the release. Prints a line for each round, and at the end how often what was struck where, how struck
nights ended, and what was wrong. The harness is ``tests/faults``.

Nights are light unless ``--full``: without dbt's tests and Great Expectations, which write nothing a release holds.
Root gives up its powers for them, and mounts a small disk for the home; who is not root does without ``full`` and
``forbidden``.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from pilar import night
from pilar.config import Home
from tests.faults.arena import Answer, Stage, Undisturbed, lay, small_disk, undisturbed, watched
from tests.faults.blows import BLOWS

EARLY = ("begin", "ingest", "ingest", "ingest", "load", "load", "gate_arrivals", "build", "build", "build")
"""Steps of the first kind of rounds, as often as they are struck."""
UNTIL = {"ingest": "load"}
"""Files are taken by several processes: their end is the beginning of the next step."""
LATE = ("gate_candidate", "publish", "report", "conclude")
ONE_FILE = 22
"""Points of one file in ``ingest``: what a struck night has taken the next one finds taken, and comes no further."""
KINDS = ("kill", *BLOWS)
OF_ROOT = ("full", "forbidden")
OF_LANDING = ("goes", "lands", "grows", "replaced")
KIB, HOUR, DAY = 1024, 3600, 86_400
PLACES = ("root", "raw", "nights", "published", "releases", "reports", "restricted", "warehouse", "dbt", "spill")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def blow(random: Random, known: Undisturbed, step: str, kind: str) -> dict[str, Any]:
    """An order to strike a step by something of a kind."""
    if kind == "kill":
        return _kill(random, known, step)
    pick = {"pick": random.random()}
    given: dict[str, Any] = {
        "full": {"free": random.choice([0, 0, 64 * KIB, 512 * KIB, 2048 * KIB, 8192 * KIB])},
        "forbidden": {"place": random.choice(PLACES), "how": random.choice(["mode", "owner", "mount"])},
        "clock": {"seconds": random.choice([-HOUR, HOUR, -DAY, DAY, -365 * DAY, 365 * DAY, None])},
        "rival": {},
        "warehouse": pick | {"how": random.choice(["bytes", "cut", "gone"])},
    }.get(kind, pick)
    told = {"blow": {"name": kind} | given}
    if kind == "replaced":
        return told | {"step": "ingest", "at": 1}
    if kind in {"forbidden", "clock", "damaged", "warehouse", "account"} and random.random() < 0.15:
        return told  # before the night
    return told | {"step": step, "at": _point(random, known, step)}


def _kill(random: Random, known: Undisturbed, step: str) -> dict[str, Any]:
    """At a call, or at a moment."""
    if random.random() < 0.6:
        return {"step": step, "at": _point(random, known, step), "alone": random.random() < 0.3}
    own = {"build": "dbt", "ingest": "reader"}.get(step)
    victim = own if own and random.random() < 0.5 else random.choice(["group", "night"])
    return {"step": step, "after": random.random() * known.seconds(step) / 2, "victim": victim}


def _point(random: Random, known: Undisturbed, step: str) -> int:
    numbers = known.numbers(step)
    return random.choice(numbers[:ONE_FILE] if step == "ingest" else numbers)


def round_of(random: Random, stage: Stage, home: Home, known: Undisturbed, given: argparse.Namespace) -> list[Struck]:
    """A chain of blows."""
    late = random.random() >= given.early
    lay(known.at["gate_candidate"] if late else known.before, home)
    steps = random.choices(LATE if late else EARLY, k=given.chain)
    found = []
    for step in steps if late else sorted(steps, key=EARLY.index):
        kind = random.choice([one for one in given.kinds if not late or one not in OF_LANDING])
        order = blow(random, known, step, kind)
        if late:
            order |= {"steps": _due(home, known.night_id, step), "night_id": known.night_id}
        else:
            last = max(step, order.get("step", step), key=EARLY.index)
            order |= {"until": UNTIL.get(last, last)}  # who survives has done enough
        found.append(Struck(kind, order, stage.run(home, **order), home))
        if late and not found[-1].step:
            break  # an earlier blow keeps this night from its last steps, as a warehouse that is gone does
    return found


def _due(home: Home, night_id: str, step: str) -> list[str]:
    """The last steps up to ``step`` that have not come to their end, and ``step`` itself."""
    before = LATE[: LATE.index(step)]
    return [*(one for one in before if not (home.nights / night_id / f"{one}.json").exists()), step]


class Struck:
    """What was struck, where, and how that night ended."""

    def __init__(self, kind: str, order: dict[str, Any], answer: Answer, home: Home) -> None:
        self.wrong: list[str] = answer["wrong"]
        told = order.get("blow", {})
        more = [str(one) for name, one in told.items() if name not in {"name", "pick"}]
        self.by = " ".join([kind, *more]) if told else order.get("victim") or ("process" if order["alone"] else "group")
        place = str(answer["struck"] or ("" if "at" in order or "after" in order else "before the night"))
        self.step, _, self.place = (part.strip() for part in place.partition("|"))
        self.kind = kind if told else str(self.by)
        self.end = "" if answer["signal"] else _end(answer["told"] or {}, home)

    def __str__(self) -> str:
        return f"{self.by} in {self.step or 'nothing'} | {self.place}{' → ' if self.end else ''}{self.end}"


def _end(told: dict[str, Any], home: Home) -> str:
    """How a night that was not killed ended: its outcome, or the first sentence of what broke."""
    if "error" in told:
        return _sentence(told["error"])
    outcome = str(told.get("outcome") or told.get("status") or "went on")
    if outcome == "failed" and (newest := night.newest(home)):
        for name in ("plan", *night.STEPS):
            try:
                facts = night.facts_of(home, newest, name)
            except night.BrokenAccount:
                continue
            if facts.get("status") == "failed":
                return f"failed at {name}: {_sentence(facts['message'])}"
    return outcome


def _sentence(text: str) -> str:
    return re.sub(r"\S*/home\b", "HOME", re.sub(r"\d{8}T\d{6}Z", "NIGHT", " ".join(text.split())))[:150]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blows", type=int, default=200)
    parser.add_argument("--chain", type=int, default=8, help="blows before a plain night")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=[*KINDS, "all"], default=["kill"])
    parser.add_argument("--early", type=float, default=0.4, help="share of rounds that strike what is up to the build")
    parser.add_argument("--full", action="store_true", help="with dbt's tests and Great Expectations")
    parser.add_argument("--scratch", type=Path)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # a disk that is mounted must go
    root = os.getuid() == 0
    given.kinds = [one for one in (KINDS if "all" in given.kinds else given.kinds) if root or one not in OF_ROOT]
    with ExitStack() as stack:
        scratch = given.scratch or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        scratch.mkdir(parents=True, exist_ok=True)
        scratch.chmod(0o755)
        place = scratch
        if root:
            try:
                place = stack.enter_context(small_disk(scratch / "disk", "400m"))
            except OSError:
                given.kinds = [one for one in given.kinds if one not in OF_ROOT]
        stage = Stage(light=not given.full)
        stack.callback(stage.close)
        return strike(stage, Home(place / "home"), scratch, given)


def strike(stage: Stage, home: Home, scratch: Path, given: argparse.Namespace) -> int:
    """Round after round until there were enough blows."""
    random = Random(given.seed)
    known = undisturbed(stage, home, scratch / "known", at=("gate_candidate",))
    named = dict.fromkeys((*EARLY, *LATE))
    say(f"struck by {', '.join(given.kinds)}")
    told = (f"{step} {len(known.numbers(step))} points {known.seconds(step):.1f} s" for step in named)
    say(f"undisturbed: {', '.join(told)}")
    struck: Counter[tuple[str, str]] = Counter()
    ends: Counter[tuple[str, str]] = Counter()
    wrong: Counter[str] = Counter()
    looks, rounds, began = 0, 0, time.monotonic()
    while struck.total() < given.blows:
        rounds += 1
        with watched(home, scratch / "reader.log", pause=0.2) as seen:
            found = round_of(random, stage, home, known, given)
            plain = stage.run(home)
        problems = [problem for one in found for problem in one.wrong] + plain["wrong"]
        problems += known.wrong(home, plain) + seen.wrong()
        struck.update((one.step, one.kind) for one in found if one.step)
        ends.update((one.kind, one.end) for one in found if one.step and one.end)
        looks += seen.looks
        wrong.update(problem.split(":")[0] for problem in problems)
        passed = time.monotonic() - began
        say(f"round {rounds}, {struck.total()} blows, {passed:.0f} s, {seen.looks} looks: {problems or 'ok'}")
        for one in found:
            say(f"    {one}")
        if problems:
            lay(home, Home(scratch / f"wrong-{rounds}"))
    say(
        f"{struck.total()} blows in {rounds} rounds, {looks} looks at the release, {wrong.total()} wrong: {dict(wrong)}"
    )
    say_table(struck, ("before the night", *named))
    for (kind, end), number in sorted(ends.items()):
        say(f"{number:>5}  {kind}: {end}")
    return 1 if wrong else 0


def say_table(struck: Counter[tuple[str, str]], steps: tuple[str, ...]) -> None:
    """A line for each step, a column for each kind of blow."""
    kinds = sorted({kind for _, kind in struck})
    say("| struck in | " + " | ".join(kinds) + " | in all |\n| --- |" + " ---: |" * (len(kinds) + 1))
    for step in steps:
        counts = [struck[step, kind] for kind in kinds]
        say(f"| {step} | " + " | ".join(map(str, [*counts, sum(counts)])) + " |")


if __name__ == "__main__":
    sys.exit(main())
