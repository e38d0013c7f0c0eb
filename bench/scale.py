"""Three text feeds at any size: a whole night of Pilar against a bare DuckDB script that does the same job.

    .venv/bin/python bench/scale.py [--transfers 10000 100000 1000000 10000000] [--rounds 3] [--scratch FOLDER]

`transfers` come with a tenth as many people and a third as many premium months (`scale_files.py`). A round takes the
night (`pilar run` from an empty home: landing to flipped release, with provenance, findings, gates and report) and the
bare script (`bare.sql`, the tables written to a database file) in turn. Printed are medians: wall seconds of both and
their ratio, seconds and rows per second by step, peak memory of the largest process, and what each left on disk.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import scale_files

BIN = Path(sys.executable).parent
STEPS = ("ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report")
Figures = dict[str, float]


def bare(landing: Path, database: Path) -> None:
    """Run `bare.sql` over the feeds, with the limits that Pilar has by default."""
    script = Path(__file__).with_name("bare.sql").read_text("utf-8").replace("$landing", str(landing))
    with duckdb.connect(str(database)) as connection:
        connection.execute("SET memory_limit = '4GB'; SET threads = 2")
        connection.execute(script)


def take_bare(landing: Path, scratch: Path) -> Figures:
    database = scratch / "bare.duckdb"
    database.unlink(missing_ok=True)
    measured = _apart([sys.executable, __file__, "--bare", str(landing), str(database)])
    return measured | {"disk MiB": database.stat().st_size / 2**20}


def take_night(landing: Path, scratch: Path) -> Figures:
    """A first night over the feeds, in a home of its own."""
    home = scratch / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    (home / "landing").symlink_to(landing)
    measured = _apart([str(BIN / "pilar"), "run"], {"PILAR_HOME": str(home), "PILAR_SETTLE_SECONDS": "0"})
    (folder,) = (home / "nights").iterdir()
    for step in STEPS[1:]:
        measured[step] = json.loads((folder / f"{step}.json").read_text("utf-8"))["seconds"]
    steps = [json.loads(path.read_text("utf-8")) for path in (folder / "ingest").glob("*.json")]
    measured["ingest"] = sum(step["seconds"] for step in steps)
    measured["rows"] = sum(step["rows_read"] for step in steps)
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    return measured | {"disk MiB": sum(path.stat().st_size for path in files) / 2**20}


def _apart(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Figures:
    """Wall seconds of a command, and the peak memory of its largest process."""
    watched = [sys.executable, __file__, "--watch", *command]
    done = subprocess.run(
        watched,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    if done.returncode:
        raise SystemExit(done.stdout)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def watch(command: Sequence[str]) -> int:
    started = time.monotonic()
    code = subprocess.run(command, check=False).returncode
    wall = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print("\n" + json.dumps({"wall s": wall, "peak MiB": peak}))
    return code


def measure(scratch: Path, transfers: int, rounds: int) -> tuple[Figures, Figures]:
    """(night, bare script): medians over the rounds, taken in turn."""
    landing = scratch / f"feeds-{transfers}"
    if not (landing / "events").exists():
        scale_files.lay(landing, transfers)
    nights, scripts = [], []
    for _ in range(rounds):
        scripts.append(take_bare(landing, scratch))
        nights.append(take_night(landing, scratch))
    return _medians(nights), _medians(scripts)


def _medians(taken: Sequence[Figures]) -> Figures:
    return {what: statistics.median(figures[what] for figures in taken) for what in taken[0]}


def lines(transfers: int, night: Figures, script: Figures) -> Iterator[str]:
    rows = night["rows"]
    yield f"\n{transfers:,} transfers, {rows:,.0f} rows in all"
    for what in ("wall s", "peak MiB", "disk MiB"):
        yield f"  {what:<16}{night[what]:>12,.1f}{script[what]:>12,.1f}   night / bare {night[what] / script[what]:.2f}"
    for step in STEPS:
        yield f"  {step:<16}{night[step]:>12,.1f} s {rows / max(night[step], 0.001):>14,.0f} rows/s"


def main(sizes: Sequence[int], rounds: int, scratch: Path) -> None:
    print(f"{'':<18}{'night':>12}{'bare':>12}")
    for transfers in sizes:
        print("\n".join(lines(transfers, *measure(scratch, transfers, rounds))), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--watch"]:
        sys.exit(watch(sys.argv[2:]))
    if sys.argv[1:2] == ["--bare"]:
        sys.exit(bare(Path(sys.argv[2]), Path(sys.argv[3])))
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--transfers", nargs="+", type=int, default=[10_000, 100_000, 1_000_000, 10_000_000])
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--scratch", type=Path, help="kept and used again; default: a folder that is removed")
    given = wanted.parse_args()
    if given.scratch:
        given.scratch.mkdir(parents=True, exist_ok=True)
        main(given.transfers, given.rounds, given.scratch.resolve())
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(given.transfers, given.rounds, Path(folder))
