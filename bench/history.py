"""Does a night cost what is new, or what is old? The same 20,000 new rows after histories of several sizes.

    .venv/bin/python bench/history.py [--transfers 100000 1000000 5000000] [--rounds 3] [--scratch FOLDER] [--models 12]

For each size a home is made once (invented people, one events file, a bank file of 50,000 rows for each event, with
returns and retries), landed as text files and taken through a whole night. A round restores its warehouse and release,
lands the new batch (500 of its rows repeat failures of the whole history) and takes a whole night over it; then another
one, with nothing new. Printed are medians over the rounds: seconds by step, by group and by model, each with its ratio
to the smallest history, and peak memory. A scratch folder that is kept spares the making of homes the next time; a
changed project only builds them anew.
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
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from history_files import NEW_ROWS, Attempt, bank_file, lay_history, lay_news

from pilar import load, night
from pilar import publish as releases
from pilar.config import PROJECT, Home

MODELS = PROJECT / "dbt_project" / "models"
STEPS = (night.load, night.gate_arrivals, night.build, night.gate_candidate, night.publish, night.report)
Seconds = dict[str, float]


def take(home: Home, *, first: bool) -> Seconds:
    """A night over what landed; seconds by step, group and model, and ``peak MiB``."""
    began = _used()
    with _measured(seconds := {}, "begin"):
        plan = night.begin(home)
    night_id = plan["night_id"]
    with _measured(seconds, "ingest"):
        taken = list(night.ingest_all(home, night_id, plan["items"]))
    if refused := [facts["message"] for facts in taken if facts["outcome"] != "read"]:
        raise SystemExit(f"files were refused: {refused}")
    for work in STEPS:
        with _measured(seconds, work.__name__):
            facts = work(home, night_id)
        if facts["status"] != "ok" or (facts.get("full_refresh") and not first):
            raise SystemExit(f"{facts['step']}: {facts['message']}; if the project has changed, run again")
    with _measured(seconds, "conclude"):
        night.conclude(home, night_id)
    seconds["night"] = sum(seconds[step] for step in ("begin", "ingest", *night.STEPS, "conclude"))
    seconds["processor night"] = _used() - began
    seconds |= by_model(home)
    seconds["candidate"] = seconds["build"] - seconds["dbt"]
    seconds["load + staging + money"] = seconds["load"] + seconds["staging"] + seconds["money"]
    seconds["load + dbt"] = seconds["load"] + seconds["dbt"]
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with _measured(seconds, "empty night"):
        outcome = night.run(home)["outcome"]
    if outcome != "unchanged":
        raise SystemExit("a night with nothing new did something")
    return seconds | {"peak MiB": max(peaks) / 1024}


@contextmanager
def _measured(seconds: Seconds, what: str) -> Iterator[None]:
    """Keeps the seconds of what is done within, by the clock and, as ``processor …``, of all processes."""
    started, began = time.monotonic(), _used()
    yield
    seconds[what] = time.monotonic() - started
    seconds[f"processor {what}"] = _used() - began


def _used() -> float:
    """Processor seconds of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def by_model(home: Home) -> Seconds:
    """What dbt says each model took, and the sums of the folders that hold money, of staging, and of the tests."""
    folders = {path.stem: path.parent.name for path in MODELS.rglob("*.sql")}
    staged = {path.stem for path in (MODELS / "staging").rglob("*.sql")}
    said = json.loads((home.dbt / "target" / "run_results.json").read_text("utf-8"))
    seconds: Seconds = defaultdict(float, {"dbt": said["elapsed_time"]})
    for result in said["results"]:
        kind, _, name = result["unique_id"].split(".")[:3]
        spent = float(result["execution_time"])
        if kind != "model":
            seconds["seeds" if kind == "seed" else "tests"] += spent
            continue
        seconds[f"model {name}"] += spent
        group = "staging" if name in staged else "money" if folders[name] == "money" else "other models"
        seconds[group] += spent
    return dict(seconds)


def history(scratch: Path, transfers: int) -> tuple[Home, list[Attempt]]:
    """A home of that size with its warehouse put by, and the failures that a new night may repeat."""
    home, kept = Home(scratch / f"history-{transfers}"), scratch / f"history-{transfers}.json"
    if not kept.exists():
        shutil.rmtree(home.root, ignore_errors=True)
        unpaid = lay_history(home.make().landing, transfers)
        kept.write_text(json.dumps([[one.reference, one.event, one.person] for one in unpaid]), "utf-8")
    if put_by(home).exists():
        restore(home, transfers)
    if not put_by(home).exists() or load.load(home).full_refresh:
        for left in (home.nights, home.releases, home.published):
            shutil.rmtree(left, ignore_errors=True)
        seconds = apart(home, first=True)
        told = ", ".join(f"{step} {seconds[step]:.1f} s" for step in ("ingest", *night.STEPS))
        print(f"the history of {transfers:,}: {told}, {seconds['peak MiB']:.0f} MiB", flush=True)
        shutil.copyfile(home.warehouse, put_by(home))
    return home, [Attempt(*one) for one in json.loads(kept.read_text("utf-8"))]


def put_by(home: Home) -> Path:
    return home.root / "before.duckdb"


def restore(home: Home, transfers: int) -> None:
    """The home as it was before the new batch landed."""
    news = bank_file(home.landing, transfers)
    news.unlink(missing_ok=True)
    for arrivals in (home.raw / "disbursements").glob("*/arrivals.jsonl"):
        if news.name in arrivals.read_text("utf-8"):
            shutil.rmtree(arrivals.parent)
    shutil.rmtree(home.nights, ignore_errors=True)
    Path(f"{home.warehouse}.wal").unlink(missing_ok=True)
    shutil.copyfile(put_by(home), home.warehouse)
    oldest, *later = releases.releases(home)
    releases.rollback(home, oldest)
    releases.remove(home, later)


def apart(home: Home, *, first: bool = False) -> Seconds:
    """:func:`take` in a process of its own, so that its peak memory is its own."""
    command = [sys.executable, __file__, "--take", str(home.root), *(["--first"] if first else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr or done.stdout)
    said: Seconds = json.loads(done.stdout.splitlines()[-1])
    return said


def measure(scratch: Path, sizes: Sequence[int], rounds: int) -> dict[int, Seconds]:
    """Medians over the rounds. In each the sizes take turns, so that a machine that slows down slows all of them."""
    homes = {size: history(scratch, size) for size in sizes}
    taken: dict[int, list[Seconds]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size, (home, unpaid) in homes.items():
            restore(home, size)
            lay_news(home.landing, size, unpaid)
            taken[size].append(apart(home))
    return {size: _medians(took) for size, took in taken.items()}


def _medians(took: Sequence[Seconds]) -> Seconds:
    return {what: statistics.median(seconds.get(what, 0.0) for seconds in took) for what in set().union(*took)}


def lines(measured: Mapping[int, Seconds], models: int) -> Iterator[str]:
    """The table that is printed: one line for each thing measured, one column for each history."""
    sizes = sorted(measured)
    smallest, largest = measured[sizes[0]], measured[sizes[-1]]
    yield f"{'':<40}" + "".join(f"{size:>14,}" for size in sizes) + f"{'ratio':>9}"
    slowest = sorted((what for what in largest if what.startswith("model ")), key=lambda what: -largest[what])[:models]
    steps = ("night", "begin", "ingest", "load", "gate_arrivals", "build", "dbt", "candidate", *night.STEPS[3:])
    groups = ("load + dbt", "load + staging + money", "staging", "money", "other models", "seeds", "tests")
    used = [f"processor {step}" for step in (*steps, "empty night") if step not in ("dbt", "candidate")]
    for what in (*steps, "empty night", *used, *groups, *slowest, "peak MiB"):
        row = f"{what:<40}" + "".join(f"{measured[size].get(what, 0.0):>14.2f}" for size in sizes)
        yield row + f"{largest.get(what, 0.0) / max(smallest.get(what, 0.0), 0.001):>9.2f}"


def main(sizes: Sequence[int], rounds: int, scratch: Path, models: int) -> None:
    print(f"{NEW_ROWS:,} new rows after histories of {', '.join(f'{size:,}' for size in sizes)} transfers", flush=True)
    measured = measure(scratch, sizes, rounds)
    print(f"\nseconds, medians of {rounds}; ratio of the largest history to the smallest")
    print("\n".join(lines(measured, models)))


if __name__ == "__main__":
    os.environ.setdefault("PILAR_SETTLE_SECONDS", "0")
    wanted = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wanted.add_argument("--transfers", nargs="+", type=int, default=[100_000, 1_000_000, 5_000_000])
    wanted.add_argument("--rounds", type=int, default=3)
    wanted.add_argument("--scratch", type=Path, help="kept and used again; default: a folder that is removed")
    wanted.add_argument("--models", type=int, default=12, help="how many of the slowest models are printed")
    wanted.add_argument("--take", type=Path, help=argparse.SUPPRESS)
    wanted.add_argument("--first", action="store_true", help=argparse.SUPPRESS)
    given = wanted.parse_args()
    if given.take:
        print(json.dumps(take(Home(given.take), first=given.first)))
    elif given.scratch:
        given.scratch.mkdir(parents=True, exist_ok=True)
        main(given.transfers, given.rounds, given.scratch.resolve(), given.models)
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(given.transfers, given.rounds, Path(folder), given.models)
