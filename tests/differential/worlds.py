"""A history through the SQL and through the model."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from pilar import regions
from pilar.config import Home
from pilar.privacy import load_key
from tests.differential.histories import History
from tests.differential.invented import DISTRICT_CODES
from tests.differential.tables import MARTS, Pseudonyms, answer, published
from tests.harness.compiled import NIGHT, Compiled, Model
from tests.harness.deliveries import File, deliver
from tests.harness.memory import Memory
from tests.model.reckon import Reckoned, reckon
from tests.model.world import Verdict

RUNS = 200
"""Histories between two openings of the in-memory warehouse."""


class Worlds:
    """Runs histories, each from nothing."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self.memory = self._open()
        self.names = Pseudonyms(load_key(compiled.home))
        self._run = 0
        self._models = compiled.needed_for(MARTS)
        self._models_and_findings = compiled.needed_for((*MARTS, "int_row_findings"))

    def close(self) -> None:
        self.memory.close()

    def sql(self, history: History) -> Reckoned:
        """Night after night, each with what came until then."""
        return self._answers(history)[0]

    def sql_both_ways(self, history: History) -> tuple[Reckoned, Reckoned]:
        """What the nights left, and what a full refresh then makes of all of it."""
        grown, anew = self._answers(history, full_refresh=True)
        return grown, anew

    def held_by(self, history: History) -> list[str]:
        """dbt's data tests that would hold the last night."""
        with tempfile.TemporaryDirectory() as folder:
            self._nights(Home(Path(folder)).make(), history, self._compiled.models)
        return self.memory.failing_tests()

    def model(self, history: History) -> Reckoned:
        reckoned = reckon(history.files, history.verdicts, today=NIGHT, pseudonym=self.names.person)
        return published(reckoned, self.names)

    def _answers(self, history: History, *, full_refresh: bool = False) -> list[Reckoned]:
        """What the marts say after the last night and, if asked for, after everything was built anew."""
        models = self._models_and_findings if history.verdicts else self._models
        with tempfile.TemporaryDirectory() as folder:
            home = Home(Path(folder)).make()
            self._nights(home, history, models)
            answers = [answer(self.memory)]
            if full_refresh:
                self.memory.forget()
                self.memory.night(home, models=models)
                answers.append(answer(self.memory))
        return answers

    def _nights(self, home: Home, history: History, models: Sequence[Model]) -> None:
        self._renew()
        self.memory.forget()
        for night in history.nights:
            for file in (*night.files, *self._decisions(night.verdicts)):
                deliver(home, file)
            self.memory.night(home, models=models)

    def _renew(self) -> None:
        """Each night leaves DuckDB almost a megabyte larger, so the warehouse is opened anew now and then."""
        self._run += 1
        if self._run % RUNS == 0:
            self.memory.close()
            self.memory = self._open()

    def _open(self) -> Memory:
        """Histories write regions as codes, so the warehouse need not know their names."""
        codes = [alias for alias in regions.aliases() if alias.alias_key == alias.region_code in DISTRICT_CODES]
        return Memory(self._compiled, load_key(self._compiled.home), codes)

    def _decisions(self, verdicts: Sequence[Verdict]) -> list[File]:
        """Files of the feed ``decisions``: each verdict names the key under which its finding was reported."""
        in_order = sorted(verdicts, key=lambda verdict: verdict.order)
        return [
            File("decisions", name, modified, [self._decision(verdict) for verdict in of_file])
            for (modified, name), of_file in groupby(in_order, key=lambda verdict: verdict.order[:2])
        ]

    def _decision(self, verdict: Verdict) -> dict[str, str]:
        ((key,),) = self.memory.ask(
            "SELECT finding_key FROM intermediate.int_row_findings"
            f" WHERE rule_code = '{verdict.rule}' AND file_sha256 = '{verdict.file.sha256}'"
            f" AND source_row = {verdict.number + 2}"
        )
        until = {"expires_on": verdict.expires_on.isoformat()} if verdict.expires_on else {}
        return {"finding_key": key, "verdict": verdict.verdict, "reason": "diperiksa", "decided_by": "petugas"} | until
