from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pilar.config import Home
from tests.harness.compiled import Compiled, Model
from tests.harness.deliveries import File, deliver
from tests.harness.fixtures import compiled, memory
from tests.harness.memory import Memory, Rows
from tests.poverty.world import Cell, Table

__all__ = ["compiled", "memory"]

FIRST_DAY = datetime(2023, 7, 1, tzinfo=UTC)
TOLD = {"fct_poverty", "quality_findings", "file_ledger", "dim_region"}


@dataclass
class Figures:
    """Nights in which tables of figures land; everything that they say can be asked for."""

    home: Home
    memory: Memory
    models: Sequence[Model]
    day: int = 0

    def land(self, *tables: Table, name: str | None = None, day: int | None = None) -> None:
        """Each table as a file of its own, delivered on days of July 2023, one after the other or as said."""
        for table in tables:
            self.day += 1
            moment = FIRST_DAY + timedelta(days=day or self.day)
            deliver(self.home, File("poverty", name or f"{table.title}.csv", moment, table.rows()))

    def night(self, *tables: Table) -> None:
        self.land(*tables)
        self.memory.night(self.home, models=self.models)
        assert self.memory.failing_tests(self.models) == []

    def ask(self, query: str) -> Rows:
        return self.memory.ask_marts(query)

    def quarantined(self) -> dict[Cell, set[str]]:
        """Figures that wait, with the rules that hold them."""
        found: dict[Cell, set[str]] = {}
        for *cell, rules in self.memory.ask(
            "SELECT region_code, area_type, period, indicator, quarantine_rules FROM intermediate.int_poverty_lines "
            "WHERE row_state = 'quarantined'"
        ):
            found.setdefault(Cell(*cell), set()).update(rules)
        return found

    def warnings(self) -> list[str]:
        """Rules of open findings that let their figure count, once for each finding."""
        return [
            rule
            for (rule,) in self.ask(
                "SELECT rule_code FROM quality_findings WHERE state = 'open' AND severity = 'warning' ORDER BY 1"
            )
        ]

    def latest(self, cell: Cell) -> Decimal | None:
        region, area, period, indicator = cell
        found = self.ask(
            f"SELECT value FROM fct_poverty WHERE is_latest AND region_code = '{region}' AND area_type = '{area}'"
            f" AND period = '{period}' AND indicator = '{indicator}'"
        )
        return found[0][0] if found else None

    def states(self, rule: str) -> list[tuple[Any, ...]]:
        """State and file of each finding of a rule, by file."""
        return self.ask(f"SELECT file_name, state FROM quality_findings WHERE rule_code = '{rule}' ORDER BY ALL")


@pytest.fixture
def figures(home: Home, memory: Memory, compiled: Compiled) -> Figures:
    memory.forget()
    return Figures(home, memory, compiled.needed_for(TOLD))
