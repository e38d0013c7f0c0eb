"""A home and a warehouse in memory: files land and are read as on any night, then the models and dbt's tests run.

For what tables say. Gates, publishing and pages are of whole nights; :func:`built` is a whole night as far as dbt.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pilar import night
from pilar.config import Home
from tests.harness.compiled import Model
from tests.harness.memory import Memory, Rows


def built(home: Home) -> None:
    """A night's own steps until its marts stand in the warehouse: files are read, dbt builds and tests. No gate judges,
    nothing is published."""
    plan = night.begin(home, force=True)
    taken = list(night.ingest_all(home, plan["night_id"], plan["items"]))
    for facts in (*taken, *(work(home, plan["night_id"]) for work in (night.load, night.build))):
        assert facts["status"] == "ok", facts["message"]


@dataclass
class Nights:
    """Nights over one home, in which no data test may fail. ``memory`` must have forgotten what it held before.

    ``models`` alone are run where a test asks for few of them; default: all.
    """

    home: Home
    memory: Memory
    passed: int = 0
    models: Collection[Model] | None = None

    def drop(self, name: str, content: str | bytes, *, at: float) -> Path:
        """Land a file with a modification time."""
        path = self.home.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (at, at))
        return path

    def run(self) -> None:
        self.passed += 1
        plan = night.begin(self.home, f"night-{self.passed}", force=True)
        for item in plan["items"]:
            night.ingest(self.home, plan["night_id"], item)
        self.memory.night(self.home, models=self.models)
        assert self.memory.failing_tests(self.models) == []

    def ask(self, query: str) -> Rows:
        """Rows of a query that names marts as an analyst does, without a schema."""
        return self.memory.ask_marts(query)
