"""The macros of identity over a bare DuckDB, and people on rosters over a warehouse in memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import jinja2
import pytest

from pilar import regions
from pilar.config import PROJECT, Home
from pilar.privacy import load_key
from tests.harness.compiled import Compiled
from tests.harness.deliveries import File, deliver
from tests.harness.fixtures import compiled, memory
from tests.harness.memory import Memory

sys.path.append(str(PROJECT / "bench"))  # the generator of labelled people is the bench's

__all__ = ["compiled", "memory"]

Ask = Callable[..., Any]


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """``ask("name_key", "M. ALI")``: what a macro of identity makes of values."""
    text = (PROJECT / "dbt_project" / "macros" / "identity.sql").read_text("utf-8")
    macros = jinja2.Environment(autoescape=False).from_string(text).module  # noqa: S701 (SQL, not HTML)
    with duckdb.connect(":memory:") as session:

        def answer(macro: str, *values: Any) -> Any:
            names = [f"v{number}" for number in range(len(values))]
            given = ", ".join(f"? AS {name}" for name in names)
            row = session.execute(
                f"SELECT {getattr(macros, macro)(*names)} FROM (SELECT {given})", list(values)
            ).fetchone()
            assert row is not None
            return row[0]

        yield answer


@dataclass
class Desk:
    """One home whose rosters and verdicts come as rows; files are saved on days of January 2024."""

    home: Home
    memory: Memory

    def roster(self, name: str, *rows: dict[str, str], day: int = 1) -> None:
        self._deliver("rosters", name, rows, day)

    def decide(self, *verdicts: tuple[str, str], day: int) -> None:
        """Verdicts as (finding's key, verdict)."""
        rows = [
            {
                "finding_key": key,
                "verdict": verdict,
                "reason": "KTP diperiksa",
                "decided_by": "petugas",
                "expires_on": "",
            }
            for key, verdict in verdicts
        ]
        self._deliver("decisions", f"putusan-{day}", rows, day)

    def night(self) -> None:
        self.memory.night(self.home)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.memory.ask(query)

    def people(self) -> dict[str, str]:
        """Person by name of the row."""
        return dict(
            self.ask("SELECT name, participant_id FROM intermediate.int_roster_lines WHERE row_state = 'accepted'")
        )

    def findings(self, rule: str) -> list[tuple[str, str]]:
        """(key, state) of the findings of a rule."""
        return self.ask(f"SELECT finding_key, state FROM marts.quality_findings WHERE rule_code = '{rule}' ORDER BY 1")

    def _deliver(self, feed: str, name: str, rows: Any, day: int) -> None:
        filled = [{column: text for column, text in row.items() if text} for row in rows]
        deliver(self.home, File(feed, f"{name}.csv", datetime(2024, 1, day, tzinfo=UTC), filled))


@pytest.fixture
def desk(home: Home, memory: Memory) -> Desk:
    memory.forget()
    return Desk(home, memory)


@pytest.fixture(scope="session")
def everywhere(compiled: Compiled) -> Iterator[Memory]:
    """A warehouse in memory that knows every region of the country."""
    opened = Memory(compiled, load_key(compiled.home), regions.aliases())
    yield opened
    opened.close()
