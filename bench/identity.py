"""How well Pilar tells who is who, on labelled invented people, against two simpler rules.

    .venv/bin/python bench/identity.py [--people 40000] [--seed 2026]

Two rosters are landed, taken, staged and linked by the project's own models (as a night would, without gates and
release); rows without NIK are let in by waivers, as a steward would. A *pair* is two rows that are one person. Printed
for each rule: precision (joined pairs that are one person), recall (pairs joined), and the same for hard pairs (their
NIKs differ or one is missing); then what was joined by weight alone, and the share of records that a steward is asked
about. A slip that hits another person's NIK exactly is wrong for every rule that trusts a NIK, and counts as such.

The weights were chosen on seed 7 (`TUNING_SEED`), the figures in bench/README.md are of seed 2026.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
from identity_people import Entry, lines, rosters

from pilar import build, landing, load
from pilar.config import Home

TUNING_SEED = 7
PRINTED_SEED = 2026
EVENTS = ("UJI-2023", "UJI-2024")

Ask = Callable[[str], list[tuple[Any, ...]]]
"""Rows of a query over the warehouse."""


@dataclass(frozen=True)
class Row:
    """A row of a roster that no rule quarantines: who it really is, and who each rule takes it for.

    ``keys`` are the names of the person by rule; rows of one name are one person to that rule.
    """

    person: int
    nik: str | None
    keys: Mapping[str, object]


@dataclass(frozen=True)
class Score:
    """Of a rule: pairs it joins, those among them that are right, and all that there are to join."""

    joined: int
    right: int
    there: int

    @property
    def precision(self) -> float:
        return self.right / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.there


@dataclass(frozen=True)
class Measured:
    """``whole`` and ``hard`` by rule, in pairs of rows; ``hard`` leaves out pairs whose NIKs are equal.

    ``merged`` and ``asked`` are pairs of nodes: what Pilar joins by weight, and what it asks a steward.
    """

    records: int
    quarantined: int
    people: int
    whole: Mapping[str, Score]
    hard: Mapping[str, Score]
    merged: Score
    asked: Score

    @property
    def clerical_share(self) -> float:
        return self.asked.joined / self.records

    @property
    def recall_with_steward(self) -> float:
        """Recall of the hard pairs when the steward answers every question rightly."""
        score = self.hard["pilar"]
        return (score.right + self.asked.right) / score.there


def measure(place: Path, people: int, seed: int) -> Measured:
    """Land two rosters below ``place``, link them, and score what came out."""
    home = Home(place).make()
    entries = rosters(people, seed)
    land_rosters(home, entries)
    night(home)
    land_waivers(home, partial(ask, home))
    night(home)
    return score(partial(ask, home), entries)


def land_rosters(home: Home, entries: Sequence[Sequence[Entry]]) -> None:
    for year, (event, roster) in enumerate(zip(EVENTS, entries, strict=True), start=2023):
        land(home, f"rosters/{event}.csv", lines(roster, event), at=datetime(year, 11, 1, tzinfo=UTC))


def land(home: Home, name: str, content: Iterable[str], *, at: datetime) -> None:
    path = home.landing / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(content) + "\n", "utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))


def night(home: Home) -> None:
    """Take what landed and build the models: a night without gates and release."""
    for item in landing.scan(home).items:
        landing.ingest(home, item)
    loaded = load.load(home)
    told = build.dbt(
        home,
        "build",
        "--exclude-resource-type", "unit_test", "test",
        "--select", "+int_roster_lines", "+int_row_findings",
        *(["--full-refresh"] if loaded.full_refresh else []),
        night_date=date(2025, 1, 2),
    )  # fmt: skip
    if told.returncode:
        raise RuntimeError(told.stdout[-3000:])
    load.mark_built(home)


def land_waivers(home: Home, ask: Ask) -> None:
    """Verdicts that let in the rows without NIK that still name somebody, by account, birth date and name."""
    keys = ask(
        "SELECT finding_key FROM intermediate.int_row_findings JOIN intermediate.int_roster_states "
        "USING (file_sha256, sheet, source_row) WHERE rule_code = 'NIK_MISSING' AND account_node_key IS NOT NULL "
        "ORDER BY ALL"
    )
    verdicts = (f"{key};waive;kartu menyusul;uji;31/12/2030" for (key,) in keys)
    head = "finding_key;verdict;reason;decided_by;expires_on"
    land(home, "decisions/tanpa-nik.csv", [head, *verdicts], at=datetime(2025, 1, 1, tzinfo=UTC))


def ask(home: Home, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        return warehouse.execute(query).fetchall()


def score(ask: Ask, entries: Sequence[Sequence[Entry]]) -> Measured:
    rows: list[Row] = []
    stated = ask(
        "SELECT event_key, source_row, nik, name_key, birth_date, participant_id, account_no "
        "FROM intermediate.int_roster_lines WHERE len(quarantine_rules) = 0",
    )
    events = {event.replace("-", ""): roster for event, roster in zip(EVENTS, entries, strict=True)}
    owners: dict[object, set[int]] = {}
    for event, source_row, nik, name_key, birth, participant, account in stated:
        person = events[event][source_row - 2].person
        alone = f"{event} {source_row}"
        born = (name_key, birth) if birth else alone
        taken_for = {"pilar": participant or alone, "exact NIK": nik or alone, "name + birth date": born}
        rows.append(Row(person, nik, taken_for))
        node = f"nik {nik}" if nik else f"account {account} {birth} {name_key.replace(' ', '')}"
        owners.setdefault(node, set()).add(person)
    pairs = ask(
        "SELECT rule_code, a.node_key, b.node_key FROM intermediate.int_person_pairs "
        "JOIN intermediate.int_people AS a ON node_id_a = a.node_id "
        "JOIN intermediate.int_people AS b ON node_id_b = b.node_id "
        "WHERE rule_code = 'PERSON_MATCHED' OR a.participant_id <> b.participant_id"
    )
    right = [(rule, bool(owners[a] & owners[b])) for rule, a, b in pairs]
    merged, asked = (
        [is_right for rule, is_right in right if rule == code] for code in ("PERSON_MATCHED", "PERSON_NEAR_MATCH")
    )
    rules = tuple(rows[0].keys)
    return Measured(
        records=len(rows),
        quarantined=sum(len(roster) for roster in entries) - len(rows),
        people=len(entries[0]),
        whole={rule: _scored(rows, rule, hard=False) for rule in rules},
        hard={rule: _scored(rows, rule, hard=True) for rule in rules},
        merged=Score(len(merged), sum(merged), len(merged)),
        asked=Score(len(asked), sum(asked), len(asked)),
    )


def _scored(rows: Sequence[Row], rule: str, *, hard: bool) -> Score:
    def pairs(key: str | None) -> set[tuple[int, int]]:
        groups: dict[object, list[int]] = {}
        for number, row in enumerate(rows):
            groups.setdefault(row.person if key is None else row.keys[key], []).append(number)
        found = (pair for group in groups.values() for pair in combinations(group, 2))
        return {(a, b) for a, b in found if not (hard and rows[a].nik == rows[b].nik and rows[a].nik)}

    joined, there = pairs(rule), pairs(None)
    return Score(len(joined), len(joined & there), len(there))


def told(found: Measured) -> str:
    lines = [
        f"{found.people:,} people, {found.records:,} records linked, {found.quarantined:,} quarantined",
        f"{'':20}{'precision':>11}{'recall':>9}{'hard: precision':>18}{'recall':>9}",
    ]
    for rule, whole in found.whole.items():
        hard = found.hard[rule]
        lines.append(f"{rule:20}{whole.precision:11.5f}{whole.recall:9.4f}{hard.precision:18.5f}{hard.recall:9.4f}")
    merged, asked = found.merged, found.asked
    lines += [
        f"joined by weight: {merged.joined:,} pairs of nodes, precision {merged.precision:.5f}",
        f"asked: {asked.joined:,} pairs of nodes = {found.clerical_share:.2%} of the records, {asked.right:,} right",
        f"hard recall with the steward: {found.recall_with_steward:.4f} of {found.hard['pilar'].there:,} pairs",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=PRINTED_SEED)
    parser.add_argument("--keep", type=Path, help="leave the home here")
    chosen = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(chosen.keep or Path(scratch) / "home", chosen.people, chosen.seed)
    print(f"seed {chosen.seed} (weights chosen on seed {TUNING_SEED}), {time.monotonic() - started:.0f} s")
    print(told(found))


if __name__ == "__main__":
    main()
