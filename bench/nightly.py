"""Time a night over the samples: through Airflow and without it, with news and with none.

    .venv/bin/python bench/nightly.py [rounds]

Prints medians over the rounds: seconds in all, by step, Airflow's own share (wall time less the steps' own), the
ratio of a night through Airflow to one without, and peak memory of the largest process. Both kinds run in turn in
the same minutes, so the ratio holds when the machine's speed drifts. The first night through Airflow also creates
Airflow's metadata.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
STEPS = ("ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report")
COMMANDS = {
    "airflow": [str(BIN / "python"), "-m", "pilar.services", "nightly"],
    "pilar run": [str(BIN / "pilar"), "run"],
}


def night(kind: str, home: Path) -> tuple[float, dict[str, float]]:
    """Run one night; returns wall seconds and the steps' own seconds."""
    before = {path.name for path in (home / "nights").glob("*")}
    started = time.monotonic()
    subprocess.run(
        COMMANDS[kind], cwd=CHECKOUT, env=os.environ | {"PILAR_HOME": str(home)}, check=True, capture_output=True
    )
    wall = time.monotonic() - started
    (made,) = {path.name for path in (home / "nights").glob("*")} - before
    folder = home / "nights" / made
    steps = {
        name: json.loads((folder / f"{name}.json").read_text())["seconds"]
        for name in STEPS[1:]
        if (folder / f"{name}.json").exists()
    }
    steps["ingest"] = sum(json.loads(path.read_text())["seconds"] for path in (folder / "ingest").glob("*.json"))
    return wall, steps


def main(rounds: int) -> None:
    walls: dict[str, list[float]] = defaultdict(list)
    shares: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _ in range(rounds):
        for kind in COMMANDS:
            with tempfile.TemporaryDirectory() as scratch:
                home = Path(scratch) / "home"
                home.mkdir()
                subprocess.run(
                    [str(BIN / "pilar"), "samples", "lay", "--home", str(home)], check=True, capture_output=True
                )
                for moment in ("first night", "empty night"):
                    wall, steps = night(kind, home)
                    walls[f"{moment}, {kind}"].append(wall)
                    for name, seconds in steps.items():
                        shares[f"{moment}, {kind}"][name].append(seconds)
    for label, seconds in walls.items():
        middle = statistics.median(seconds)
        print(f"\n{label}: {middle:.1f} s (median of {len(seconds)}; {min(seconds):.1f} to {max(seconds):.1f})")
        told = {name: statistics.median(shares[label][name]) for name in STEPS if shares[label][name]}
        for name, part in told.items():
            print(f"  {name:<15} {part:6.1f} s")
        print(f"  {'the rest':<15} {middle - sum(told.values()):6.1f} s  (start-up, Airflow where it runs, waiting)")
    for moment in ("first night", "empty night"):
        ratios = [a / b for a, b in zip(walls[f"{moment}, airflow"], walls[f"{moment}, pilar run"], strict=True)]
        print(f"\n{moment}: through Airflow / without = {statistics.median(ratios):.2f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of the largest process: {peak:.0f} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
