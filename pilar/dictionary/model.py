"""What the dictionary says, apart from how a page looks: both pages are written from this."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from pilar.contracts import Contract
from pilar.rules import Rule

FEW = 6
"""Rules of a column that a page names one by one."""

Said = tuple[str, str]
"""The same in Bahasa Indonesia and in English."""


@dataclass(frozen=True)
class Source:
    """Something that a column's value comes from and that no model makes."""

    kind: Literal["feed", "list", "receipt"]
    """A column of a feed; of a list that ships with Pilar (a seed); of the record of deliveries and settings."""
    relation: str
    """The feed's, seed's or record's name."""
    column: str
    """``*``: its rows, counted."""
    header: str = ""
    """For a column of a feed: the header that its contract names first."""


@dataclass(frozen=True)
class Watch:
    """An expectation that judges a column: what it promises and what happens when it does not hold."""

    severity: str
    said: Said
    rules: tuple[str, ...] = ()
    """Codes of the rules whose findings it watches."""


@dataclass(frozen=True)
class Column:
    name: str
    data_type: str
    meaning: str
    unit: Said | None
    example: str | None
    """A value of the release; ``None`` when there is none."""
    changes: bool
    """Whether the example is another one each night, so that a committed page leaves it out."""
    sources: tuple[Source, ...]
    """Sorted; empty for what the model makes itself, and for what dbt does not build."""
    parents: tuple[str, ...]
    """One step up: ``intermediate.int_people.node_id``."""
    resolved: bool
    """Whether sqlglot could follow it to the end."""
    promises: tuple[Said, ...]
    """What dbt enforces or tests."""
    watches: tuple[Watch, ...]
    rules: tuple[Rule, ...]
    """Rules of the catalogue that are about a column it comes from."""

    @property
    def by_relation(self) -> list[tuple[str, str, list[Source]]]:
        """Sources in groups: kind, relation, its columns."""
        return [(*key, list(group)) for key, group in groupby(self.sources, key=lambda s: (s.kind, s.relation))]

    @property
    def rules_about(self) -> dict[str, int]:
        """How many rules there are about which column of a feed (``feed.column``), where they are too many to name."""
        return Counter(f"{rule.feed}.{rule.field}" for rule in self.rules) if len(self.rules) > FEW else {}


@dataclass(frozen=True)
class Table:
    name: str
    subject: str
    kind: Literal["table", "view"]
    meaning: str
    rows: int | None
    """``None`` for a view."""
    columns: tuple[Column, ...]
    watches: tuple[Watch, ...]
    """Expectations on the table as a whole, or on several of its columns."""

    @property
    def feeds(self) -> set[str]:
        """Feeds that any of its columns comes from."""
        return {source.relation for column in self.columns for source in column.sources if source.kind == "feed"}


@dataclass(frozen=True)
class Macro:
    """A function that the release brings along."""

    name: str
    parameters: tuple[str, ...]
    meaning: str
    is_table: bool


@dataclass(frozen=True)
class FeedColumn:
    """A column of a feed as its contract states it, and what becomes of it."""

    name: str
    kind: str
    unit: str | None
    meaning: str
    values: tuple[str, ...]
    required: bool
    restricted: bool
    headers: tuple[str, ...]
    rules: tuple[Rule, ...]
    used_in: tuple[tuple[str, tuple[str, ...]], ...]
    """Tables of the release, each with the columns that it goes into."""


@dataclass(frozen=True)
class Feed:
    contract: Contract
    columns: tuple[FeedColumn, ...]


@dataclass(frozen=True)
class Dictionary:
    release_id: str
    tables: tuple[Table, ...]
    macros: tuple[Macro, ...]
    feeds: tuple[Feed, ...]

    @property
    def by_subject(self) -> list[tuple[str, list[Table]]]:
        return [(name, list(group)) for name, group in groupby(self.tables, key=lambda table: table.subject)]

    @property
    def first_with(self) -> dict[tuple[Source, ...], str]:
        """The first column (``table.column``) of each set of sources: a page tells a long set once."""
        first: dict[tuple[Source, ...], str] = {}
        for table in self.tables:
            for column in table.columns:
                first.setdefault(column.sources, f"{table.name}.{column.name}")
        return first

    @property
    def traced(self) -> tuple[int, int]:
        """Columns whose origin is known to the end, and all columns that SQL makes."""
        columns = [c for table in self.tables for c in table.columns if table.name != "release_info"]
        return sum(column.resolved for column in columns), len(columns)
