"""Build: dbt turns raw rows into marts, in a process of its own (its process holds the warehouse's lock to the end)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pilar import disk, duck, processes
from pilar.config import DISPLAY_ZONE, PROJECT, Home, limits

DBT_PROJECT = PROJECT / "dbt_project"
LEDGERS = ("arrivals", "damage")
"""Sources of :mod:`pilar.load` that no feed has to itself: models made of them are made each night."""

_COMMAND = [sys.executable, "-m", "pilar.dbt_process"]
_ahead: dict[Path, subprocess.Popen[str]] = {}
"""Processes that were started ahead, by their home."""


class BuildError(Exception):
    """dbt could not build a model. The message names models and dbt's own words, which hold no row values."""


@dataclass(frozen=True)
class Built:
    """What dbt did. A failed test holds the night; a model in error fails it."""

    models: int
    tests: int
    failed_tests: list[str] = field(default_factory=list)
    warned_tests: list[str] = field(default_factory=list)
    slowest: list[tuple[str, float]] = field(default_factory=list)


def build(home: Home, *, night_date: date, full_refresh: bool = False, news: Collection[str] | None = None) -> Built:
    """Run ``dbt build`` over the warehouse; raises :class:`BuildError` when a model or dbt itself breaks.

    Without ``full_refresh`` the warehouse must have been built by this very code. ``news``: the feeds that alone have
    changed since it was built well (:attr:`pilar.load.Loaded.news`); what is made of others stands, tested.
    """
    (home.dbt / "target" / "run_results.json").unlink(missing_ok=True)
    quietly = ("--log-level", "none")  # its log has all, and the results say what broke
    # Seeds are code, and whoever builds with other code builds all anew: else they stand in the warehouse.
    left_out = ("unit_test",) if full_refresh else ("unit_test", "seed")
    anew = ("--full-refresh",) if full_refresh else ()
    # Of every night speak the models that tell of all files.
    reached = () if full_refresh or news is None else ("--select", *(f"source:raw.{n}+" for n in (*news, *LEDGERS)))
    given = (*quietly, "build", "--exclude-resource-types", *left_out, *anew, *reached)
    finished = dbt(home, *given, night_date=night_date)
    results = _results(home)
    broken = [f"{_name(r)}: {_first_line(r)}" for r in results if r["status"] == "error"]
    if any("Out of Memory Error" in told for told in broken):
        broken.append(f"raise PILAR_MEMORY_LIMIT (now {limits().memory_limit}), or set PILAR_THREADS to 1")
    failed = [_name(r) for r in results if r["status"] == "fail"]
    if broken or (finished.returncode != 0 and not failed):
        raise BuildError("; ".join(broken) or _tail(finished))
    timed = sorted(((_name(r), float(r["execution_time"])) for r in results), key=lambda pair: -pair[1])
    return Built(
        models=sum(r["unique_id"].startswith(("model.", "seed.")) for r in results),
        tests=sum(r["unique_id"].startswith("test.") for r in results),
        failed_tests=failed,
        warned_tests=[_name(r) for r in results if r["status"] == "warn"],
        slowest=timed[:5],
    )


def waivers_until(home: Home) -> str | None:
    """The first last-day among the waivers in force (ISO date): after it the marts may say something else."""
    with duck.connect(home.warehouse, read_only=True, home=home) as warehouse:
        row = warehouse.execute(
            "SELECT min(expires_on)::VARCHAR FROM intermediate.int_verdict_matters "
            "WHERE verdict = 'waive' AND is_current AND NOT is_expired"
        ).fetchone()
    return row[0] if row else None


def dbt(home: Home, *arguments: str, night_date: date | None = None) -> subprocess.CompletedProcess[str]:
    """Run dbt over this home's warehouse; everything it writes goes below ``PILAR_HOME/dbt``.

    ``night_date`` (default: today in Asia/Jakarta) decides which waivers still hold. It travels by environment: a
    changed dbt variable would throw away the parsed project.
    """
    told = _environment(home, night_date)
    order = json.dumps({"arguments": [*arguments, *_places()], "environment": told}) + "\n"
    process = _ahead.pop(home.root, None)
    if process and process.poll() is None:
        with process:
            output, errors = process.communicate(order)
        finished = subprocess.CompletedProcess(process.args, process.returncode, output, errors)
    else:
        finished = subprocess.run(
            _COMMAND,
            input=order,
            env=os.environ | told,
            capture_output=True,
            text=True,
            check=False,
            # Left behind by a killed night it would go on writing, and keep the next one from the warehouse.
            preexec_fn=partial(processes.end_with, os.getpid()),
        )
    if finished.returncode:
        _unsay(home)
    return finished


@contextmanager
def ahead(home: Home, *, night_date: date | None = None) -> Iterator[None]:
    """Start dbt's process before it is needed; the first :func:`dbt` within takes it.

    It loads its libraries and parses the project while other steps work, and opens nothing before its order.
    """
    process = _ahead[home.root] = subprocess.Popen(
        [*_COMMAND, "--ahead", *_places()],
        env=os.environ | _environment(home, night_date),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(processes.end_with, os.getpid()),  # noqa: PLW1509 (nothing of ours runs beside it yet)
    )
    try:
        yield
    finally:
        if _ahead.pop(home.root, None):
            with process:
                process.kill()


def _places() -> list[str]:
    return ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--no-use-colors"]


def _environment(home: Home, night_date: date | None) -> dict[str, str]:
    bounds = limits()
    return {
        "PILAR_HOME": str(home.root),
        "PILAR_WAREHOUSE": str(home.warehouse),
        "PILAR_SPILL": duck.spill_folder(home),
        "PILAR_MEMORY_LIMIT": bounds.memory_limit,
        "PILAR_NIGHT_DATE": f"{night_date or datetime.now(DISPLAY_ZONE).date()}",
        "PILAR_THREADS": str(bounds.threads),
        "DBT_TARGET_PATH": str(home.dbt / "target"),
        "DBT_LOG_PATH": str(home.dbt / "logs"),
        # Statements stand in target/run; to write each of them into the log as well takes a tenth of a small build.
        "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "info"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def _unsay(home: Home) -> None:
    """Take what an error may have quoted of a row out of dbt's results and log."""
    path = home.dbt / "target" / "run_results.json"
    if not path.exists():
        return
    said: dict[str, Any] = json.loads(path.read_text("utf-8"))
    replaced: dict[str, str] = {}
    for result in said["results"]:
        if result["status"] == "error":
            message = str(result["message"] or "")
            result["message"] = _without_values(message)
            kept = {line.strip() for line in result["message"].splitlines()}
            replaced |= {line.strip(): "…" for line in message.splitlines() if line.strip() not in kept}
    if not replaced:
        return
    disk.write_whole(path, json.dumps(said))
    log = home.dbt / "logs" / "dbt.log"
    if log.exists():
        text = log.read_text("utf-8", "replace")
        for line in sorted(replaced, key=len, reverse=True):
            text = text.replace(line, replaced[line]) if len(line) > _SHORT else text
        disk.write_whole(log, text)


def _results(home: Home) -> list[dict[str, Any]]:
    path = home.dbt / "target" / "run_results.json"
    if not path.exists():
        return []
    results: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["results"]
    return results


def _name(result: dict[str, Any]) -> str:
    return str(result["unique_id"]).split(".")[2]


def _first_line(result: dict[str, Any]) -> str:
    lines = [line.strip() for line in _without_values(str(result.get("message") or "")).splitlines() if line.strip()]
    return " ".join(lines[:3])


def _tail(finished: subprocess.CompletedProcess[str]) -> str:
    if finished.returncode < 0:  # what its orphans wrote at the end says nothing of it
        return f"dbt was ended by signal {-finished.returncode}; run the night again"
    lines = [line for line in (finished.stdout + finished.stderr).splitlines() if line.strip()]
    return _without_values(" | ".join(lines[-5:]))


_ABOUT_NAMES = ("Binder Error", "Catalog Error", "Parser Error", "Compilation Error")
_SHORT = 3


def _without_values(message: str) -> str:
    """A database error may quote a cell; quoted text and long numbers are masked before anyone sees them, and nothing
    is told below the error's own line. Between double quotes only errors about tables and columns have names."""
    about_names = any(kind in message for kind in _ABOUT_NAMES)
    lines: list[str] = []
    for line in message.splitlines():
        told = re.sub(r"'[^']*'", "'…'", line)
        told = told if about_names else re.sub(r'"[^"]*"', '"…"', told)
        lines.append(re.sub(r"\d{6,}", "#", told))
        if not about_names and re.match(r"\s*[A-Z][A-Za-z -]* Error: ", line):
            break
    return "\n".join(lines)
