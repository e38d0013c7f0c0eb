"""The suites of ``expectations/``: one YAML file for each gate and table, in Great Expectations' own field names.

``expectations/<gate>/<table>.yaml`` judges ``raw.<table>`` (gate ``arrivals``) or ``marts.<table>`` (gate
``candidate``). Each expectation states a ``severity`` and, in ``meta``, what it means in Indonesian and in English
and who minds it. Great Expectations stays out of this module: a suite can be read without the 6 s of its import.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from pilar.config import PROJECT
from pilar.rules import catalogue

GateName = Literal["arrivals", "candidate"]
Severity = Literal["critical", "warning", "info"]
"""``critical`` holds the night; ``warning`` and ``info`` are reported and never hold."""

LABELS: dict[Severity, str] = {"critical": "Kritis", "warning": "Peringatan", "info": "Info"}
"""Severities as Data Docs show them: Great Expectations' pages leave them out."""

SCHEMAS: dict[GateName, str] = {"arrivals": "raw", "candidate": "marts"}
"""The database schema that each gate looks at."""

COLUMN_KEYS = ("column", "column_A", "column_B", "column_list")
"""Where an expectation's kwargs name columns."""


class Meta(BaseModel):
    model_config = ConfigDict(extra="forbid")
    description_id: str = Field(min_length=10)
    description_en: str = Field(min_length=10)
    owner: Literal["steward", "bank", "analyst", "operator"]
    rules: list[str] = Field(default_factory=list)
    """Codes of the rules whose findings it keeps within bounds: what to look up when it fails."""

    @field_validator("rules")
    @classmethod
    def _in_catalogue(cls, codes: list[str]) -> list[str]:
        unknown = [code for code in codes if code not in catalogue()]
        if unknown:
            raise ValueError(f"no such rule in the catalogue: {', '.join(unknown)}")
        return codes


class Expectation(BaseModel):
    """One expectation. ``type`` and ``kwargs`` are GX's."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(pattern=r"^(expect_[a-z_]+|unexpected_rows_expectation)$")
    kwargs: dict[str, Any]
    severity: Severity
    meta: Meta

    @property
    def columns(self) -> list[str]:
        """The columns it names; empty for expectations on the whole table."""
        named: list[str] = []
        for key in COLUMN_KEYS:
            value = self.kwargs.get(key, [])
            named += [value] if isinstance(value, str) else value
        return named

    def as_gx(self) -> dict[str, Any]:
        """The form that ``ExpectationSuite(expectations=[…])`` takes, with a description for Data Docs."""
        description = f"[{LABELS[self.severity]}] {self.meta.description_id} / {self.meta.description_en}"
        if self.meta.rules:
            description += f" ({', '.join(self.meta.rules)})"
        return {**self.model_dump(mode="json"), "description": description}


class Suite(BaseModel):
    """The expectations on one table."""

    model_config = ConfigDict(extra="forbid")
    name: str
    meta: dict[Literal["gate", "table"], str]
    expectations: list[Expectation] = Field(min_length=1)

    @property
    def table(self) -> str:
        return self.meta["table"]


def suites(gate: GateName, folder: Path | None = None) -> list[Suite]:
    """All suites of a gate by table name.

    Raises:
        ValueError: a file whose name, ``name`` and ``meta`` do not agree, or that is no suite.
    """
    if gate not in get_args(GateName):
        raise ValueError(f"no gate {gate!r}; gates: {', '.join(get_args(GateName))}")
    found = []
    for path in sorted(((folder or PROJECT / "expectations") / gate).glob("*.yaml")):
        # libyaml's safe loader: a tenth of the time.
        suite = Suite.model_validate(yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader))
        if suite.name != f"{gate}_{path.stem}" or suite.meta != {"gate": gate, "table": path.stem}:
            raise ValueError(f"{path.name}: name must be {gate}_{path.stem} and meta must name the gate and the table")
        found.append(suite)
    return found
