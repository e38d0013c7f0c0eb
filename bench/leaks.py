"""Run nights over invented worlds until there is one that leaks; say how much was searched.

    .venv/bin/python -m bench.leaks [--worlds 5] [--seed 1] [--keep DIR]

Each world (``tests/personal/world.py``) is files of invented people, made to tempt their values into messages; every
other one has values, too, where a release would print them, so that its night must be held. Each night is a `pilar run`
in a process of its own, with everything logged. Searched are the home (but for landing/, raw/, the warehouse, and a
candidate that was held), what the night said, the arguments of all its processes and its temporary folder. Ends with 1
if a value was found anywhere.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pilar.config import PROJECT, Home
from tests.personal.searching import Watch, found_in, leaks
from tests.personal.world import world

LOUD = "import logging; logging.basicConfig(level=logging.DEBUG); from pilar.cli import app; app()"


def main() -> int:
    order = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    order.add_argument("--worlds", type=int, default=5)
    order.add_argument("--seed", type=int, default=1)
    order.add_argument("--keep", type=Path, help="where the homes stay to be looked at")
    given = order.parse_args()
    files = values = places = wrong = 0
    for number in range(given.seed, given.seed + given.worlds):
        holding = number % 2 == 0
        with tempfile.TemporaryDirectory() as scratch:
            root = (given.keep or Path(scratch)) / f"world-{number}"
            found, counted = _night(root, number, holding=holding)
        files, values, places = files + counted[0], values + counted[1], places + counted[2]
        wrong += len(found)
        print(f"world {number}{' (to be held)' if holding else ''}: {'; '.join(found) or 'nothing found'}", flush=True)
    print(
        f"{given.worlds} nights, {files} files landed, {values:,} values looked for in {places:,} places: {wrong} leaks"
    )
    return 1 if wrong else 0


def _night(root: Path, number: int, *, holding: bool) -> tuple[list[str], tuple[int, int, int]]:
    home, temporary = Home(root / "home").make(), root / "tmp"
    temporary.mkdir(parents=True)
    made = world(number, holding=holding)
    made.lay(home.landing)
    told = {
        "PILAR_HOME": str(home.root),
        "PILAR_SETTLE_SECONDS": "0",
        "TMPDIR": str(temporary),
        "DBT_LOG_LEVEL": "debug",
    }
    with Watch() as watch:
        done = subprocess.run(
            [sys.executable, "-c", LOUD, "run"],
            cwd=PROJECT,
            env={**os.environ, **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    wanted = {value.encode() for value in made.values}
    found, searched = leaks(home.root, made.values)
    found = [place for place in found if not (holding and "/.building-" in place)]
    left, beside = leaks(temporary, made.values, home=False)
    found += left
    found += ["what it said"] if found_in(done.stdout, wanted) else []
    found += ["arguments of a process"] if any(found_in(arguments, wanted) for arguments in watch.seen) else []
    if done.returncode != (3 if holding else 0):
        found.append(f"it ended with {done.returncode}")
    return found, (len(made.files), len(made.values), searched + beside + 1 + len(watch.seen))


if __name__ == "__main__":
    sys.exit(main())
