"""The gate: reads the written files as a stranger would, and refuses the package if anything in them tells too much.

It shares no arithmetic with what chose the hidden figures: what is shown is read back from the CSV, and the worlds that
prove it safe are checked in whole numbers.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from pilar import duck
from pilar.open_data.editions import AUDIENCES, Decision
from pilar.open_data.model import HIDDEN, NO_DATA, SHOWN, Key, Refused
from pilar.open_data.package import DESCRIPTION, README, read_csv
from pilar.open_data.suppress import already_told
from pilar.open_data.tables import TABLES, key_of
from pilar.open_data.worlds import agrees, fits
from pilar.privacy import scan

_PEOPLE = frozenset({"people", "money", "money_outcomes", "premium_cover"})
"""Tables whose rows are the figures of the blocks."""
_PSEUDONYM = re.compile(r"\bp_[a-z]{16,}\b")


def check(folder: Path, decisions: Sequence[Decision], thresholds: Mapping[str, int]) -> None:
    """Judge a staged package: ``folder/<audience>/…``. Raises :class:`Refused` with every reason found."""
    written = {
        audience: {table.name: read_csv(folder / audience / "data" / f"{table.name}.csv") for table in TABLES}
        for audience in AUDIENCES
    }
    reasons = list(_personal(folder, written))
    for audience, tables in written.items():
        found = [
            *_files(folder / audience, tables),
            *_cells(tables, thresholds[audience]),
            *_proofs(tables, audience, decisions),
        ]
        reasons += [f"{audience}: {reason}" for reason in found]
    if reasons:
        raise Refused(sorted(set(reasons)))


def _files(folder: Path, tables: Mapping[str, pa.Table]) -> Iterator[str]:
    """The description names each file as it is, and CSV and Parquet say the same."""
    described = {one["path"]: one for one in json.loads((folder / DESCRIPTION).read_text("utf-8"))["resources"]}
    there = {f"data/{path.name}" for path in (folder / "data").iterdir()}
    if described.keys() != there:
        yield "the description and the files differ"
    for path in sorted(described.keys() & there):
        if described[path]["hash"] != "sha256:" + hashlib.sha256((folder / path).read_bytes()).hexdigest():
            yield f"{path}: not the file that is described"
    for name, table in tables.items():
        if not table.equals(parquet.read_table(folder / "data" / f"{name}.parquet")):
            yield f"table {name}: CSV and Parquet differ"


def _cells(tables: Mapping[str, pa.Table], threshold: int) -> Iterator[str]:
    """No small count, nothing in a hidden row, each row once."""
    for table in TABLES:
        rows = tables[table.name].to_pylist()
        if len({tuple(row[column] for column in table.key) for row in rows}) != len(rows):
            yield f"table {table.name}: a row stands twice"
        for row in rows:
            if 0 < (row.get("people") or 0) < threshold:
                yield f"table {table.name}: a count under {threshold}"
            told = [column for column in ("people", "entitled_idr", "recomputed_value", "verdict") if column in row]
            if row.get("status", SHOWN) != SHOWN and any(row[column] is not None for column in told):
                yield f"table {table.name}: a value beside the status {row['status']}"
            if "people" in row and row["status"] == SHOWN and row["people"] is None:
                yield f"table {table.name}: nothing beside the status {SHOWN}"


def _proofs(tables: Mapping[str, pa.Table], audience: str, decisions: Sequence[Decision]) -> Iterator[str]:
    """Each small figure, each small change since an earlier package, each small group: two worlds for each."""
    shown: dict[Key, int] = {}
    told: set[Key] = set()
    bounds: dict[Key, int] = {}
    for name in sorted(_PEOPLE):
        for row in tables[name].to_pylist():
            key = key_of(name, row)
            told.add(key)
            if row["people"] is not None:
                shown[key] = row["people"]
            elif row["status"] not in {HIDDEN, NO_DATA}:
                yield f"table {name}: an unknown status"
            if row.get("at_least_pct") is not None:
                bounds[key] = row["at_least_pct"]
    meant = {key: figure for decision in decisions for key, figure in decision.edition.block.figures.items()}
    if not meant.keys() <= told or any(key not in meant or meant[key].value != value for key, value in shown.items()):
        yield "the tables do not show the figures that were proven"
        return
    for decision in decisions:
        threshold = decision.edition.thresholds[audience]
        for key in bounds.keys() & decision.edition.block.figures.keys():
            if key in shown or decision.edition.block.figures[key].at_least_pct(threshold) != bounds[key]:
                yield f"table {key[0]}: a bound that was not proven"
        knowledge, proof = decision.knowledge[audience], decision.proof[audience]
        here = [key for key in shown if key in decision.edition.block.figures]
        worlds = [world for world in proof.worlds if agrees(world, knowledge, here)]
        for target in knowledge.targets():
            if not all(any(fits(world, target.row, moves) for world in worlds) for moves in target.wanted):
                yield already_told(target)
    yield from _profiles(tables, shown)


def _profiles(tables: Mapping[str, pa.Table], shown: Mapping[Key, int]) -> Iterator[str]:
    """The profile tells people and their districts only where the table of people does."""
    for row in tables["region_profile"].to_pylist():
        all_of_it = ("people", str(row["year"]), row["region_code"], "ALL", "ALL")
        if (row["people"] is not None or row["people_per_1000_poor"] is not None) and shown.get(all_of_it) is None:
            yield "table region_profile: people that the table people hides"
        if row["people"] is not None and row["people"] != shown.get(all_of_it):
            yield "table region_profile: other people than in the table people"
        if row["districts_without_tksk"] is not None and (*all_of_it[:3], "TKSK", "ALL") not in shown:
            yield "table region_profile: districts without a TKSK where the number of TKSK is hidden"


def _personal(folder: Path, written: Mapping[str, Mapping[str, pa.Table]]) -> Iterator[str]:
    """The release's own scan, over the tables as written and the texts beside them; and no pseudonym anywhere."""
    texts = []
    for audience in written:
        described = json.loads((folder / audience / DESCRIPTION).read_text("utf-8"))
        for resource in described["resources"]:
            del resource["hash"]
        texts += [json.dumps(described), (folder / audience / README).read_text("utf-8")]
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "open.duckdb"
        with duck.connect(path) as connection:
            for table in TABLES:
                connection.register("written", pa.concat_tables(tables[table.name] for tables in written.values()))
                connection.execute(f'CREATE TABLE "{table.name}" AS FROM written')
                connection.unregister("written")
            connection.execute("CREATE TABLE texts AS SELECT unnest(?) AS text", [texts])
        for violation in scan(path, None):
            yield f"{violation.table}.{violation.column}: {violation.kind} in {violation.count} rows"
    for audience, tables in written.items():
        for name, table in tables.items():
            for column in table.column_names:
                if any(isinstance(value, str) and _PSEUDONYM.search(value) for value in table[column].to_pylist()):
                    yield f"{audience}: table {name}, column {column}: a person's pseudonym"
