"""People: nodes, who is one person with whom, and what the person is called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from tests.model.nearness import THRESHOLD, letters, weight
from tests.model.states import Judged
from tests.model.world import Line


@dataclass(frozen=True, order=True)
class Node:
    """A valid NIK or, ``without_nik``, account + birth date + name. Sorted: with NIK first, then by text."""

    without_nik: bool
    text: str


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
    """Section *People*, without stewards' verdicts on pairs: nodes joined by rule 2 or by weight are one person."""
    by_node: dict[Node, list[Judged]] = defaultdict(list)
    for row in rosters:
        if not row.quarantined:
            by_node[node_of(row.line)].append(row)
    group_of = {node: frozenset({node}) for node in by_node}
    for one, other in combinations(sorted(by_node), 2):
        if _is_joined(one, other, by_node) or weight(by_node[one], by_node[other]) >= THRESHOLD:
            joined = group_of[one] | group_of[other]
            group_of |= dict.fromkeys(joined, joined)
    return [_person(group, by_node, pseudonym) for group in sorted(set(group_of.values()), key=min)]


def _is_joined(one: Node, other: Node, by_node: Mapping[Node, list[Judged]]) -> bool:
    """Rule 2: ``other`` has no NIK and ``one`` is the only node with one that has its account, birth date and name."""
    if one.without_nik or not other.without_nik:
        return False
    likeness = _likeness(by_node[other][0].line)
    alike = [
        node for node, rows in by_node.items() if not node.without_nik and likeness in {_likeness(r.line) for r in rows}
    ]
    return alike == [one]


def _person(group: frozenset[Node], by_node: dict[Node, list[Judged]], pseudonym: Callable[[Node], str]) -> Person:
    standing = {node for node in group if any(row.accepted for row in by_node[node])}
    name = min(standing or group)
    return Person(pseudonym(name), group, tuple(row for node in sorted(group) for row in by_node[node]))


def _likeness(line: Line) -> tuple[str, str, str]:
    return (line.cell("account_no"), line.cell("birth_date"), letters(line.cell("name")))
