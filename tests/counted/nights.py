"""Three nights over invented feeds, with all that DuckDB did counted: a first, one with a bank file, a quiet one."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from pilar import night
from pilar.config import Home
from tests.counted.hook import counting

HOOK = Path(counting.__file__).parent
TRANSFERS = 3_000
WITHHELD = "disbursements/bank/sp2d 09 000.txt"
"""The bank file of the last event, which comes in the second night: a tenth of the transfers."""
STEPS = ("load", "gate_arrivals", "build", "gate_candidate", "publish", "report")
_SAID = re.compile(r" On ((?:model|seed|test)\.pilar\.[\w.]+): ")

Done = dict[str, dict[str, int]]


@dataclass
class Worked:
    """A night's work by step; that of dbt also by node. ``build`` is what the build does besides dbt: the candidate.
    ``said`` is how many statements dbt's log has."""

    steps: Done
    nodes: Done
    said: int


def lay(home: Home, transfers: int = TRANSFERS) -> None:
    """The feeds of ``bench/scale_files.py``, small."""
    _scale_files().lay(home.landing, transfers)


def _scale_files() -> ModuleType:
    path = Path(__file__).parents[2] / "bench" / "scale_files.py"
    spec = importlib.util.spec_from_file_location("scale_files", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def work(home: Home, night_id: str, scratch: Path) -> Worked:
    """Run a night, one thread at a time so that it does the same work each time, and count."""
    left = scratch / f"{night_id}.json"
    end = counting.install()
    counting.done.clear()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PILAR_THREADS", "1")
            counting.step = "begin"
            plan = night.begin(home, night_id)
            for item in plan["items"]:
                night.ingest(home, night_id, item)
            for name in () if plan["unchanged"] else STEPS:
                counting.step = name
                with pytest.MonkeyPatch.context() as hooked:
                    if name == "build":
                        hooked.setenv("PYTHONPATH", str(HOOK))
                        hooked.setenv("WORK_DONE", str(left))
                    told = getattr(night, name)(home, night_id)
                assert told["status"] == "ok", told["message"]
    finally:
        end()
    steps: Done = {name: dict(counting.done[name]) for name in ("begin", *STEPS)}
    nodes: Done = json.loads(left.read_text("utf-8")) if left.exists() else {}
    for kind, begins in {"dbt seeds": "seed.", "dbt models": "model.", "dbt tests": "test."}.items():
        steps[kind] = dict(sum((Counter(nodes[at]) for at in nodes if at.startswith(begins)), Counter()))
    steps["dbt itself"] = nodes.pop("", {})
    return Worked(steps, nodes, said_by_dbt(home))


def three(home: Home, scratch: Path) -> dict[str, Worked]:
    """The nights by name. ``home`` is empty."""
    lay(home)
    last, aside = home.landing / WITHHELD, scratch / "withheld.txt"
    last.rename(aside)
    first = work(home, "20240101T000000Z", scratch)
    aside.rename(last)
    return {
        "first": first,
        "news": work(home, "20240102T000000Z", scratch),
        "quiet": work(home, "20240103T000000Z", scratch),
    }


def said_by_dbt(home: Home) -> int:
    """Statements of models, seeds and tests in the log of a home's builds."""
    return len(_SAID.findall((home.dbt / "logs" / "dbt.log").read_text("utf-8")))
