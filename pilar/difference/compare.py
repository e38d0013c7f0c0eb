"""Compare two releases: SQL in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilar.difference.model import Difference, Listing, Remark, Section
from pilar.difference.override import override_of
from pilar.difference.sides import SCHEMA, Side, Sides, side_by_side
from pilar.difference.topics import TOLD, TOPICS, Ask, Topic

EXAMPLES = 10
"""Single changes that a listing gives; all are counted."""
SUMS_SHOWN = 200
"""Lines of a listing of sums; few have more."""


def compare(
    before: Path,
    after: Path,
    *,
    examples: int | None = EXAMPLES,
    after_manifest: Mapping[str, Any] | None = None,
) -> Difference:
    """What changed from the release file ``before`` to the release file ``after``; changes neither.

    Listings of sums are whole (up to :data:`SUMS_SHOWN` lines), those of single changes give ``examples`` of them
    (None: all). Tables and columns that one release lacks are told in remarks. Tables whose manifests vouch for equal
    content are not read. ``after_manifest`` as for :func:`pilar.difference.sides.side_by_side`. Raises
    ``duckdb.Error`` for a file that is no release.
    """
    with side_by_side(before, after, after_manifest=after_manifest) as sides:
        sides.connection.execute("SET VARIABLE same_keys = ?", [sides.same_keys])
        sections = [_section(sides, topic, examples) for topic in TOPICS]
        sections.append(_tables(sides))
        return Difference(
            before=sides.old.release_id,
            after=sides.new.release_id,
            sections=tuple(sorted(sections, key=lambda section: TOLD.index(section.name))),
            remarks=() if sides.same_keys else (_other_key(sides),),
            overrides=tuple(told for side in (sides.old, sides.new) if (told := override_of(side.manifest))),
        )


def _section(sides: Sides, topic: Topic, examples: int | None) -> Section:
    withheld = topic.of_people and not sides.same_keys
    lacking: list[str] = []
    for table in topic.tables:
        hidden = withheld or (table not in topic.looked_up and sides.equal(table))
        lacking += sides.view(table, topic.needs.get(table, {}), topic.wants.get(table, {}), hidden=hidden)
    for statement in topic.prepare:
        sides.connection.execute(statement)
    if withheld:
        return Section(topic.name, remarks=(_WITHHELD,))
    needed = {*topic.needs, *(f"{table}.{column}" for table, columns in topic.needs.items() for column in columns)}
    remarks = tuple(_lacks(sides, name) for name in lacking if name in needed or len(_without(sides, name)) == 1)
    if needed & {*lacking}:
        return Section(topic.name, remarks=remarks)
    return Section(topic.name, tuple(_listing(sides, ask, examples) for ask in topic.asks), remarks)


def _listing(sides: Sides, ask: Ask, examples: int | None) -> Listing:
    query = f"({ask.source})" if " " in ask.source.strip() else ask.source
    cursor = sides.connection.execute(f"CREATE OR REPLACE TEMP TABLE asked AS FROM {query}")
    total = int(sides.connection.execute("SELECT count(*) FROM asked").fetchall()[0][0])
    bound = SUMS_SHOWN if ask.sums else examples
    limit = "" if bound is None else f" LIMIT {bound}"
    cursor = sides.connection.execute(f"FROM asked ORDER BY {ask.order}{limit}")
    names = tuple(str(column[0]) for column in cursor.description or ())
    rows = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return Listing(ask.name, names, total, rows)


def _tables(sides: Sides) -> Section:
    """Tables that came, went, got other columns, or another number of rows."""
    rows = []
    for table in sorted({*sides.old.columns, *sides.new.columns} - {"release_info"}):
        counts = [_count(sides, side, table) for side in (sides.old, sides.new)]
        had, has = sides.old.columns.get(table, frozenset()), sides.new.columns.get(table, frozenset())
        both = bool(had and has)
        came, went = (sorted(has - had), sorted(had - has)) if both else ([], [])
        if counts[0] != counts[1] or came or went:
            row = {"table": table, "rows_before": counts[0], "rows_after": counts[1]}
            rows.append(row | {"columns_came": ", ".join(came), "columns_went": ", ".join(went)})
    columns = ("table", "rows_before", "rows_after", "columns_came", "columns_went")
    return Section("tables", (Listing("changed", columns, len(rows), tuple(rows)),))


def _count(sides: Sides, side: Side, table: str) -> int | None:
    if table not in side.columns:
        return None
    return int(sides.connection.execute(f"SELECT count(*) FROM {side.alias}.{SCHEMA}.{table}").fetchall()[0][0])


_WITHHELD = Remark(
    "Tidak dibandingkan: kunci nama samaran kedua rilis berbeda.",
    "Not compared: the keys behind the pseudonyms differ.",
)


def _other_key(sides: Sides) -> Remark:
    return Remark(
        f"Kunci nama samaran rilis {sides.old.release_id} dan {sides.new.release_id} berbeda, sehingga tidak dapat "
        "diketahui siapa orang yang sama: orang, hasil per penerima dan perlindungan tidak dibandingkan.",
        f"Releases {sides.old.release_id} and {sides.new.release_id} have different pseudonym keys, so nobody can tell "
        "who is the same person: people, outcomes by payee and cover are not compared.",
    )


def _lacks(sides: Sides, name: str) -> Remark:
    table, _, column = name.partition(".")
    releases = ", ".join(side.release_id for side in _without(sides, name))
    what = (f"kolom {name}", f"column {name}") if column else (f"tabel {table}", f"table {table}")
    return Remark(
        f"Rilis {releases} tidak punya {what[0]}; tidak dibandingkan.",
        f"Release {releases} has no {what[1]}; not compared.",
    )


def _without(sides: Sides, name: str) -> list[Side]:
    """The sides that lack a table, or a ``table.column``."""
    table, _, column = name.partition(".")
    return [side for side in (sides.old, sides.new) if side.lacking(table, {column: ""} if column else {})]
