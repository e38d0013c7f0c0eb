"""Three text feeds at any size: a whole night of Pilar against a bare DuckDB script that does the same job.

    .venv/bin/python bench/scale.py [--transfers 10000 100000 1000000] [--rounds 3] [--memory 3GB] [--scratch FOLDER]

`transfers` come with a tenth as many people and a third as many premium months (`scale_files.py`). A round takes the
bare script (`bare.sql`, the tables written to a database file) and the night (`pilar run` from an empty home: landing
to flipped release, with provenance, findings, gates and report) in turn. Printed is a table of medians for
`bench/README.md`: wall and processor seconds of both and their ratio, seconds and rows per second by step, peak memory
of the largest process and of all together, bytes written and left on disk.
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
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import psutil
import scale_files

BIN = Path(sys.executable).parent
CHECKOUT = Path(__file__).resolve().parent.parent
STEPS = ("ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report")
BOTH = {
    "wall s": "wall seconds",
    "cpu s": "processor seconds",
    "peak MiB": "peak memory of the largest process, MiB",
    "together MiB": "peak memory of all processes, MiB (looked at four times a second)",
    "written MiB": "written to disk, MiB",
    "disk MiB": "left on disk, MiB",
}
Figures = dict[str, float]
Taken = tuple[Figures, Figures]
"""Medians of the night and of the bare script."""


def bare(landing: Path, database: Path, memory: str) -> None:
    """Run `bare.sql` over the feeds, with the limits that the night has."""
    script = Path(__file__).with_name("bare.sql").read_text("utf-8").replace("$landing", str(landing))
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"SET memory_limit = '{memory}'; SET threads = 2")
        connection.execute(script)


def take_bare(landing: Path, scratch: Path, memory: str) -> Figures:
    database = bare_database(scratch)
    database.unlink(missing_ok=True)
    measured = _apart([sys.executable, __file__, "--bare", str(landing), str(database), memory])
    return measured | {"disk MiB": database.stat().st_size / 2**20}


def take_night(landing: Path, scratch: Path, memory: str) -> Figures:
    """A first night over the feeds, in a home of its own."""
    home = home_of(scratch)
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    (home / "landing").symlink_to(landing)
    given = {"PILAR_HOME": str(home), "PILAR_SETTLE_SECONDS": "0", "PILAR_MEMORY_LIMIT": memory}
    measured = _apart([str(BIN / "pilar"), "run"], given)
    (folder,) = (home / "nights").iterdir()
    for step in STEPS[1:]:
        measured[step] = json.loads((folder / f"{step}.json").read_text("utf-8"))["seconds"]
    steps = [json.loads(path.read_text("utf-8")) for path in (folder / "ingest").glob("*.json")]
    measured["ingest"] = sum(step["seconds"] for step in steps)
    measured["rows"] = sum(step["rows_read"] for step in steps)
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    return measured | {"disk MiB": sum(path.stat().st_size for path in files) / 2**20}


def bare_database(scratch: Path) -> Path:
    """Where the last bare script wrote its tables."""
    return scratch / "bare.duckdb"


def home_of(scratch: Path) -> Path:
    """The home of the last night."""
    return scratch / "home"


def _apart(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Figures:
    """What a command costs, with all processes that it starts."""
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
    """Run a command and print, as its last line, what it and everything below it has cost."""
    started = time.monotonic()
    running = subprocess.Popen(command)
    together = [0]
    looking = threading.Thread(target=_look, args=(running.pid, together), daemon=True)
    looking.start()
    code = running.wait()
    wall = time.monotonic() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {
        "wall s": wall,
        "cpu s": used.ru_utime + used.ru_stime,
        "peak MiB": used.ru_maxrss / 1024,
        "together MiB": max(together[0] / 2**20, used.ru_maxrss / 1024),
        "written MiB": used.ru_oublock * 512 / 2**20,
    }
    print("\n" + json.dumps(told))
    return code


def _look(pid: int, together: list[int]) -> None:
    """The most memory that the processes below ``pid`` held at once; what they share counts for each."""
    while True:
        try:
            top = psutil.Process(pid)
            held = 0
            for process in [top, *top.children(recursive=True)]:
                try:
                    held += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
        except psutil.NoSuchProcess:
            return
        together[0] = max(together[0], held)
        time.sleep(0.25)


def measure(scratch: Path, transfers: int, rounds: int, memory: str) -> Taken:
    """(night, bare script): medians over the rounds, taken in turn."""
    landing = scratch / f"feeds-{transfers}"
    if not (landing / "events").exists():
        scale_files.lay(landing, transfers)
    nights, scripts = [], []
    for _ in range(rounds):
        scripts.append(take_bare(landing, scratch, memory))
        nights.append(take_night(landing, scratch, memory))
    return _medians(nights), _medians(scripts)


def _medians(taken: Sequence[Figures]) -> Figures:
    return {what: statistics.median(figures[what] for figures in taken) for what in taken[0]}


def table(taken: Mapping[int, Taken]) -> Iterator[str]:
    """The table of `bench/README.md`, a column for each size."""
    sizes = list(taken)
    nights = [taken[size][0] for size in sizes]

    def line(what: str, cells: Sequence[str]) -> str:
        return f"| {what} | {' | '.join(cells)} |"

    yield line("", [f"{size:,}" for size in sizes])
    yield line("---", ["---"] * len(sizes))
    yield line("rows in all", [f"{night['rows']:,.0f}" for night in nights])
    for what, said in BOTH.items():
        yield line(f"{said}: night, bare", [f"{n[what]:,.1f}, {b[what]:,.1f}" for n, b in taken.values()])
    for what in ("wall s", "cpu s"):
        ratios = [f"**{n[what] / b[what]:,.1f}**" for n, b in taken.values()]
        yield line(f"**night / bare, {BOTH[what]}**", ratios)
    for step in STEPS:
        cells = [f"{night[step]:,.1f} ({night['rows'] / max(night[step], 0.001):,.0f})" for night in nights]
        yield line(f"{step}, seconds (rows per second)", cells)


def main(sizes: Sequence[int], rounds: int, memory: str, scratch: Path) -> None:
    taken: dict[int, Taken] = {}
    for transfers in sizes:
        taken[transfers] = measure(scratch, transfers, rounds, memory)
        print("\n".join(table({transfers: taken[transfers]})), flush=True)
    commit = subprocess.run(
        ["git", "-C", str(CHECKOUT), "rev-parse", "--short", "HEAD"], check=False, capture_output=True, text=True
    )
    print(f"\nMedians of {rounds}; {memory} for each connection; {os.cpu_count()} cores; {commit.stdout.strip()}.\n")
    print("\n".join(table(taken)), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--watch"]:
        sys.exit(watch(sys.argv[2:]))
    if sys.argv[1:2] == ["--bare"]:
        sys.exit(bare(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--transfers", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--memory", default="3GB", help="PILAR_MEMORY_LIMIT, and the bare script's")
    wanted.add_argument("--scratch", type=Path, help="kept and used again; default: a folder that is removed")
    given = wanted.parse_args()
    if given.scratch:
        given.scratch.mkdir(parents=True, exist_ok=True)
        main(given.transfers, given.rounds, given.memory, given.scratch.resolve())
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(given.transfers, given.rounds, given.memory, Path(folder))
