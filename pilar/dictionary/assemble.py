"""The dictionary of a release, put together from what the code itself reads: the release's comments, dbt's YAML, the
contracts, the lineage, the rule catalogue and the suites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from pilar.config import PROJECT
from pilar.contracts import contracts
from pilar.dictionary import release as released
from pilar.dictionary.lineage import UNKNOWN, Lineage, lineage
from pilar.dictionary.model import Column, Dictionary, Feed, FeedColumn, Macro, Said, Source, Table, Watch
from pilar.load import PROVENANCE
from pilar.quality.suites import Expectation, suites
from pilar.rules import Rule, catalogue

MARTS = PROJECT / "dbt_project" / "models" / "marts"
SUBJECTS = ("people", "money", "premiums", "poverty", "quality", "dimensions")
"""Folders of the marts, in the order of the page; what dbt does not build comes after them."""
RELEASE, VIEWS = "release", "views"
_RELEASE_INFO = "release_info"

_CLOCK = ".received_at"
"""End of each root that says when Pilar took a file."""

_UNITS: tuple[tuple[str, Said], ...] = (
    (r"_idr$", ("rupiah", "rupiah")),
    (r"_points$", ("poin persen", "percentage points")),
    (r"_pct$", ("persen", "per cent")),
    (r"_thousand$", ("ribu orang", "thousand people")),
    (r"_per_1000_poor$", ("orang per 1.000 penduduk miskin", "people per 1,000 poor")),
    (r"_days$", ("hari", "days")),
    (r"^months($|_)", ("bulan", "months")),
    (r"(^|_)people$", ("orang", "people")),
    (r"^rows_(?!idr)|^rows$", ("baris", "rows")),
    (r"^files($|_)", ("berkas", "files")),
    (r"(^|_)findings($|_)", ("temuan", "findings")),
    (r"^districts($|_)", ("kecamatan", "districts")),
    (r"^(attempts|payments|stated_count)$", ("transaksi", "transactions")),
    (r"_probability$", ("0 sampai 1", "0 to 1")),
    (r"_weight$", ("bit bukti", "bits of evidence")),
    (r"_index(_p\d)?$", ("indeks", "index")),
    (r"_share$", ("0 sampai 1", "0 to 1")),
    (r"^members($|_)", ("kabupaten/kota", "kab/kota")),
    (r"^peers_compared$", ("wilayah", "regions")),
    (r"^regions($|_)", ("kabupaten/kota", "kab/kota")),
    (r"_rank$|^place$|^ranks_", ("peringkat", "place")),
    (r"^value$", ("menurut kolom measure", "as column measure says")),
)
"""One column name has one meaning everywhere, so its end tells the unit."""
_SEE_UNIT: Said = ("menurut kolom unit", "as column unit says")
_INSTANT: Said = ("UTC", "UTC")


@dataclass(frozen=True)
class _Yaml:
    """A mart as dbt's YAML has it."""

    subject: str
    columns: Mapping[str, Mapping[str, Any]]


def dictionary(path: Path, traced: Lineage | None = None) -> Dictionary:
    """The dictionary of the release at ``path``; ``traced`` is the lineage when it is not the committed one."""
    found, known = released.read(path), traced or lineage()
    marts = _marts()
    places = {name: at for at, name in enumerate(marts)}
    order = sorted(found.relations, key=lambda r: (places.get(r.name, len(places)), bool(r.sql), r.name))
    tables = tuple(_table(relation, marts.get(relation.name), known) for relation in order)
    macros = tuple(Macro(f.name, f.parameters, f.comment, f.is_table) for f in found.functions)
    return Dictionary(found.release_id, tables, macros, tuple(_feeds(tables)))


@cache
def _marts() -> dict[str, _Yaml]:
    """The marts in the order of the page."""
    folders = [*SUBJECTS, *sorted(p.name for p in MARTS.iterdir() if p.is_dir() and p.name not in SUBJECTS)]
    pages = {name: yaml.load((MARTS / name / f"_{name}.yml").read_bytes(), Loader=yaml.CSafeLoader) for name in folders}
    return {
        model["name"]: _Yaml(subject, {column["name"]: column for column in model["columns"]})
        for subject, page in pages.items()
        for model in page["models"]
    }


def _table(relation: released.Relation, mart: _Yaml | None, known: Lineage) -> Table:
    place = f"marts.{relation.name}" if mart else f"main.{relation.name}"
    expectations = _expectations().get(relation.name, [])
    names = {column.name for column in relation.columns}
    roots = {name: known.roots(place, name) for name in names}
    beside = {column.name for column in relation.columns if column.name == "unit"}
    return Table(
        name=relation.name,
        subject=mart.subject if mart else VIEWS if relation.sql else RELEASE,
        kind="view" if relation.sql else "table",
        meaning=relation.comment,
        rows=relation.rows,
        columns=tuple(
            Column(
                name=column.name,
                data_type=column.data_type.lower(),
                meaning=column.comment,
                unit=_SEE_UNIT if beside and column.data_type.startswith("DECIMAL") else _unit(column),
                example=column.example,
                changes=relation.name == _RELEASE_INFO or any(root.endswith(_CLOCK) for root in roots[column.name]),
                sources=_sources(roots[column.name]),
                parents=known.of(place, column.name),
                resolved=known.resolved(place, column.name),
                promises=tuple(_promises(mart.columns.get(column.name, {}))) if mart else (),
                watches=tuple(_watch(item) for item in expectations if item.columns == [column.name]),
                rules=_rules_about(roots[column.name]),
            )
            for column in relation.columns
        ),
        watches=tuple(_watch(item) for item in expectations if len(names & set(item.columns)) != 1),
    )


def _unit(column: released.Described) -> Said | None:
    if column.data_type.startswith("TIMESTAMP"):
        return _INSTANT
    if not re.match(r"DECIMAL|DOUBLE|FLOAT|\w*INT", column.data_type):
        return None
    return next((said for pattern, said in _UNITS if re.search(pattern, column.name)), None)


def _sources(roots: Iterable[str]) -> tuple[Source, ...]:
    """Roots of the lineage as a reader knows them. How a cell was stored goes without saying."""
    feeds = contracts()
    found = []
    for root in roots:
        if root == UNKNOWN:
            continue
        schema, relation, column = root.split(".")
        if schema == "seeds":
            found.append(Source("list", relation, column))
        elif relation not in feeds:
            found.append(Source("receipt", relation, column))
        elif column not in PROVENANCE or column in ("sheet", "source_row", "file_sha256"):
            headers = {c.name: c.headers for c in feeds[relation].columns}.get(column) or [""]
            found.append(Source("feed", relation, column, headers[0]))
    return tuple(sorted(found, key=lambda s: (("feed", "list", "receipt").index(s.kind), s.relation, s.column)))


def _rules_about(roots: Iterable[str]) -> tuple[Rule, ...]:
    about = {tuple(root.split(".")[1:]) for root in roots if root.startswith("raw.")}
    return tuple(rule for rule in catalogue().values() if (rule.feed, rule.field) in about)


@cache
def _expectations() -> dict[str, list[Expectation]]:
    """What the candidate gate expects of each table of a release."""
    return {suite.table: suite.expectations for suite in suites("candidate")}


def _watch(item: Expectation) -> Watch:
    return Watch(item.severity, (item.meta.description_id, item.meta.description_en), tuple(item.meta.rules))


def _promises(column: Mapping[str, Any]) -> Iterable[Said]:
    """What dbt enforces or tests of a column, in words."""
    if any(item["type"] == "not_null" for item in column.get("constraints", [])):
        yield "tidak pernah kosong", "never NULL"
    for test in column.get("data_tests", []):
        if test == "unique":
            yield "unik", "unique"
        elif isinstance(test, dict) and "accepted_values" in test:
            values = ", ".join(str(value) for value in test["accepted_values"]["arguments"]["values"])
            yield f"salah satu dari {values}", f"one of {values}"
        elif isinstance(test, dict) and "relationships" in test:
            to = test["relationships"]["arguments"]
            target = f"{str(to['to']).removeprefix('ref(').strip(chr(39) + ')')}.{to['field']}"
            yield f"ada di {target}", f"found in {target}"


def _feeds(tables: Iterable[Table]) -> Iterable[Feed]:
    used: dict[tuple[str, str], dict[str, list[str]]] = {}
    for table in tables:
        for column in table.columns:
            for source in column.sources:
                if source.kind == "feed":
                    places = used.setdefault((source.relation, source.column), {})
                    places.setdefault(table.name, []).append(column.name)
    for contract in contracts().values():
        yield Feed(
            contract,
            tuple(
                FeedColumn(
                    name=column.name,
                    kind=column.logicalType,
                    unit=column.unit,
                    meaning=column.description,
                    values=tuple(column.values),
                    required=column.required,
                    restricted=column.classification == "restricted",
                    headers=tuple(column.headers),
                    rules=tuple(r for r in catalogue().values() if (r.feed, r.field) == (contract.feed, column.name)),
                    used_in=tuple(
                        (table, tuple(names)) for table, names in used.get((contract.feed, column.name), {}).items()
                    ),
                )
                for column in contract.columns
            ),
        )
