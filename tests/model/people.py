"""People: nodes, who is one person with whom, and what the person is called."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.model.states import Judged
from tests.model.world import Line

TITLES = re.compile(r"\b(DRS|DRA|DR|IR|H|HJ|KH|PROF|R|RR)\b\.?")


@dataclass(frozen=True, order=True)
class Node:
    """A valid NIK or, ``without_nik``, account + birth date + name. Sorted: with NIK first, then by text."""

    without_nik: bool
    text: str


def letters(name: str) -> str:
    """A name's letters, without titles."""
    return re.sub("[^A-Z]", "", TITLES.sub("", re.sub(",.*$", "", name).upper()))


def node_of(line: Line) -> Node:
    nik = line.cell("nik")
    if len(nik) == 16:
        return Node(without_nik=False, text=f"nik {nik}")
    return Node(without_nik=True, text=f"account {' '.join(_likeness(line))}")


@dataclass(frozen=True)
class Person:
    """One participant."""

    participant_id: str
    nodes: frozenset[Node]
    rows: tuple[Judged, ...]
    """All rows of the person that no rule quarantines."""

    @property
    def current(self) -> list[Judged]:
        """Rows of today's rosters."""
        return [row for row in self.rows if row.accepted]

    def accounts(self, rows: Iterable[Judged]) -> set[str]:
        return {row.line.cell("account_no") for row in rows} - {""}

    @property
    def names(self) -> set[str]:
        """Names the person goes by, and those of their accounts' holders, as letters."""
        written = {row.line.cell(column) for row in self.rows for column in ("name", "account_name")}
        return {letters(name) for name in written if name}


def people(rosters: Iterable[Judged], pseudonym: Callable[[Node], str]) -> list[Person]:
    """Section *People* for worlds in which no two nodes are near: who has the same NIK, or is joined by rule 2."""
    rows = [row for row in rosters if not row.quarantined]
    by_node: dict[Node, list[Judged]] = defaultdict(list)
    for row in rows:
        by_node[node_of(row.line)].append(row)
    with_nik = defaultdict(set)
    for row in rows:
        node = node_of(row.line)
        if not node.without_nik:
            with_nik[_likeness(row.line)].add(node)
    groups: dict[Node, set[Node]] = {node: {node} for node in by_node if not node.without_nik}
    for node in sorted(node for node in by_node if node.without_nik):
        alike = with_nik[_likeness(by_node[node][0].line)]
        groups[next(iter(alike)) if len(alike) == 1 else node] = {
            *groups.get(next(iter(alike)) if len(alike) == 1 else node, set()),
            node,
        }
    return [_person(group, by_node, pseudonym) for group in groups.values()]


def _person(group: set[Node], by_node: dict[Node, list[Judged]], pseudonym: Callable[[Node], str]) -> Person:
    standing = {node for node in group if any(row.accepted for row in by_node[node])}
    name = min(standing or group)
    return Person(pseudonym(name), frozenset(group), tuple(row for node in sorted(group) for row in by_node[node]))


def _likeness(line: Line) -> tuple[str, str, str]:
    return (line.cell("account_no"), line.cell("birth_date"), letters(line.cell("name")))
