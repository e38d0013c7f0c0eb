"""A steward's desk: files are landed and read as on any night, the models run over a warehouse in memory."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pilar import night
from pilar.config import Home
from tests.harness.fixtures import compiled, memory
from tests.harness.memory import Memory
from tests.reading.sheetmaker import Grid, write_ods, write_xlsx

__all__ = ["compiled", "desk", "memory"]

Cells = Sequence[str | float | date]


@dataclass
class Desk:
    """One home and its warehouse. Files are saved on days of 2024, on which the night of 1 July looks back."""

    home: Home
    memory: Memory
    nights: int = 0

    def land(self, name: str, rows: Sequence[Cells], *, on: tuple[int, int]) -> None:
        """Save a file of the kind its name says, on a day (month, day) of 2024; it is read by the next night."""
        path = self.home.landing / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write: dict[str, Callable[[Path, Grid], Path]] = {".xlsx": write_xlsx, ".ods": write_ods}
        if path.suffix in write:
            write[path.suffix](path, Grid([list(row) for row in rows]))
        else:
            with path.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream, delimiter=",").writerows(rows)
        moment = datetime(2024, *on, 3, tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))

    def decide(self, *verdicts: tuple[str, str, str], on: tuple[int, int], name: str = "putusan") -> None:
        """Land verdicts: (finding's key, verdict, last day or nothing)."""
        head = ("finding_key", "verdict", "reason", "decided_by", "expires_on")
        rows = [(key, verdict, f"diperiksa {on}", "petugas.tuban", until) for key, verdict, until in verdicts]
        self.land(f"decisions/{name}-{on[0]}-{on[1]}.csv", [head, *rows], on=on)

    def night(self) -> None:
        self.nights += 1
        plan = night.begin(self.home, f"night-{self.nights}", force=True)
        for item in plan["items"]:
            night.ingest(self.home, plan["night_id"], item)
        self.memory.night(self.home)
        assert self.memory.failing_tests() == []

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.memory.ask(query)

    def key(self, rule: str, *, state: str = "open") -> str:
        """Key of the one finding of a rule in a state."""
        ((key,),) = self.ask(
            f"SELECT finding_key FROM marts.quality_findings WHERE rule_code = '{rule}' AND state = '{state}'"
        )
        return str(key)

    def states(self, rule: str) -> list[tuple[str, str]]:
        """(file, state) of each finding of a rule."""
        return self.ask(
            f"SELECT file_name, state FROM marts.quality_findings WHERE rule_code = '{rule}' ORDER BY first_seen, 1, 2"
        )

    def rows(self, file: str) -> tuple[int, int, int, int]:
        """Accepted, quarantined, superseded and waived rows of a file."""
        ((a, q, s, w),) = self.ask(
            "SELECT rows_accepted, rows_quarantined, rows_superseded, rows_waived FROM marts.file_ledger "
            f"WHERE file_name = '{file}'"
        )
        return a, q, s, w

    def verdicts(self) -> list[tuple[str, int]]:
        """State of each verdict and the rows it lets in, oldest first."""
        return self.ask(
            "SELECT state, rows_let_in FROM marts.quality_decisions ORDER BY decided_on, file_sha256, source_row"
        )


@pytest.fixture
def desk(home: Home, memory: Memory) -> Desk:
    memory.forget()
    return Desk(home, memory)
