"""What judging costs: Great Expectations and the personal-data scan over the last release of a bench.

    .venv/bin/python bench/gates.py SCRATCH [--rounds 3]

SCRATCH is what `scale.py --scratch` left. Each is started in a process of its own, as a task of Airflow is: seconds by
the clock and of the processor, imports told apart, medians.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from scale import home_of

PARTS = {"gx": "Great Expectations, suites of the candidate", "scan": "personal-data scan"}


def take(part: str, home: Path) -> dict[str, float]:
    """Seconds of one part in this process, what it imports first told apart."""
    started, used = time.monotonic(), time.process_time()
    release = (home / "published" / "marts.duckdb").resolve()
    if part == "gx":
        from pilar.quality.gate import judge

        begun = time.monotonic()
        results = len(judge("candidate", release, docs=None, night_id="20261128T000000Z").results)
    else:
        from pilar.privacy import scan

        begun = time.monotonic()
        results = len(scan(release, home / "warehouse.duckdb"))
    return {
        "import s": begun - started,
        "wall s": time.monotonic() - begun,
        "cpu s": time.process_time() - used,
        "results": results,
    }


def main(home: Path, rounds: int) -> None:
    print("| judged | import, s | then, s | processor, s | results |\n| --- | --- | --- | --- | --- |")
    for part, said in PARTS.items():
        taken = []
        for _ in range(rounds):
            command = [sys.executable, __file__, str(home), "--take", part]
            done = subprocess.run(command, env=os.environ | {"PILAR_HOME": str(home)}, check=True, capture_output=True)
            taken.append(json.loads(done.stdout.splitlines()[-1]))
        middle = {what: statistics.median(one[what] for one in taken) for what in taken[0]}
        cells = " | ".join(f"{middle[what]:.1f}" for what in ("import s", "wall s", "cpu s"))
        print(f"| {said} | {cells} | {middle['results']:.0f} |", flush=True)


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("scratch", type=Path)
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--take", choices=PARTS, help=argparse.SUPPRESS)
    given = wanted.parse_args()
    if given.take:
        print(json.dumps(take(given.take, given.scratch)))
    else:
        main(home_of(given.scratch.resolve()), given.rounds)
