"""Contracts: facts about the bytes of each feed, one YAML file a feed.

The files follow the Open Data Contract Standard v3 (a documented subset, see ``docs/contracts.md``).
A contract says what columns a feed has, how headers name them, which hold personal data and what
slice of the world a file covers. What is right or wrong about a value is said in staging SQL.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

Classification = Literal["public", "internal", "restricted"]
"""``restricted`` is personal data: it never leaves the warehouse."""


class CustomProperty(BaseModel):
    """ODCS's own way to say what the standard does not."""

    model_config = ConfigDict(extra="forbid")
    property: str
    value: Any


class _Custom(BaseModel):
    model_config = ConfigDict(extra="forbid")
    customProperties: list[CustomProperty] = Field(default_factory=list)

    def custom(self, name: str, default: Any = None) -> Any:
        return next((item.value for item in self.customProperties if item.property == name), default)


class Column(_Custom):
    """A column of a feed, as every reader must hand it on: text."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    logicalType: Literal["string", "date", "number", "integer"]
    physicalType: Literal["VARCHAR"]
    description: str = Field(min_length=3)
    required: bool
    primaryKey: bool = False
    primaryKeyPosition: int | None = None
    classification: Classification
    examples: list[str] = Field(default_factory=list)

    @property
    def headers(self) -> list[str]:
        """Header synonyms, best first."""
        return list(self.custom("headers", []))

    @property
    def unit(self) -> str | None:
        unit: str | None = self.custom("unit")
        return unit

    @property
    def values(self) -> list[str]:
        """The closed list of canonical values, if there is one."""
        return list(self.custom("values", []))


class ControlLine(BaseModel):
    """A line below the rows that states what they must add up to."""

    label: str
    name: str


class FeedSchema(_Custom):
    name: str
    physicalName: str
    physicalType: Literal["view"]
    logicalType: Literal["object"]
    description: str
    properties: list[Column]


class Description(BaseModel):
    purpose: str
    usage: str
    limitations: str


class Contract(BaseModel):
    """One feed. ``schema`` holds exactly one object, named like the contract."""

    model_config = ConfigDict(extra="forbid")
    apiVersion: str
    kind: Literal["DataContract"]
    id: str
    name: str
    version: str
    status: str
    domain: str
    dataProduct: str
    description: Description
    schema_: list[FeedSchema] = Field(alias="schema", min_length=1, max_length=1)

    @model_validator(mode="after")
    def _one_name(self) -> Contract:
        if self.table.name != self.id or self.table.physicalName != f"raw.{self.id}":
            raise ValueError(f"contract {self.id}: schema name and physicalName must be {self.id} and raw.{self.id}")
        names = [column.name for column in self.columns]
        if len(names) != len(set(names)):
            raise ValueError(f"contract {self.id}: a column stands twice")
        return self

    @property
    def feed(self) -> str:
        return self.id

    @property
    def table(self) -> FeedSchema:
        return self.schema_[0]

    @property
    def columns(self) -> list[Column]:
        return self.table.properties

    @property
    def reader(self) -> Literal["table", "figures"]:
        """``table``: one row is one record. ``figures``: a matrix of published figures (BPS)."""
        kind: Literal["table", "figures"] = self.table.custom("reader", "table")
        return kind

    @property
    def slice(self) -> list[str]:
        """Columns whose values say what slice a file covers; empty when files only add."""
        return list(self.table.custom("slice", []))

    @property
    def quoted(self) -> bool:
        """Whether text files of this feed quote fields with ``"``."""
        return bool(self.table.custom("quoted", False))

    @property
    def from_context(self) -> list[str]:
        """Columns that the title, the sheet's or the file's name may give when no column does."""
        return list(self.table.custom("fromContext", []))

    @property
    def control_lines(self) -> list[ControlLine]:
        return [ControlLine(**line) for line in self.table.custom("controlLines", [])]


@cache
def contracts() -> dict[str, Contract]:
    """All contracts by feed, in the order of their names."""
    folder = resources.files(__name__)
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".yaml")), key=lambda item: item.name)
    loaded = [Contract.model_validate(yaml.safe_load(item.read_text("utf-8"))) for item in files]
    return {contract.feed: contract for contract in loaded}


def contract(feed: str) -> Contract:
    """The contract of one feed; an unknown feed is an error that lists the known ones."""
    known = contracts()
    if feed not in known:
        raise KeyError(f"no contract for feed {feed!r}; known feeds: {', '.join(known)}")
    return known[feed]
