"""Where the columns of a release come from, read off the SQL that dbt compiles.

:func:`trace` parses each model with sqlglot and names, for each of its columns, the columns that its value is computed
from. Columns that only choose or join rows are not named. The answer is kept in ``lineage.json`` beside this module
(``make docs`` writes it, a test holds it to the models), so that a night reads a small file and parses nothing.

Names are ``schema.relation.column``. ``schema.relation.*`` are the rows themselves: what ``count(*)`` counts.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilar.config import PROJECT

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.lineage import Node
    from sqlglot.optimizer.scope import Scope

DIALECT = "duckdb"
ROWS = "*"
UNKNOWN = "?"
"""Stands among the parents of a column that sqlglot could not follow to the end."""

TARGET = Path(__file__).with_name("lineage.json")


@dataclass(frozen=True)
class Lineage:
    """``parents[relation][column]``: what a column is computed from, one step up. No parents: the model makes it."""

    parents: Mapping[str, Mapping[str, tuple[str, ...]]]
    _roots: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def of(self, relation: str, column: str) -> tuple[str, ...]:
        return self.parents.get(relation, {}).get(column, ())

    def roots(self, relation: str, column: str) -> frozenset[str]:
        """All the way up: columns that no model makes, so those of the feeds, the seeds and the receipts."""
        name = f"{relation}.{column}"
        if name not in self._roots:
            self._roots[name] = frozenset()  # A model never leans on itself; this ends it should one ever do.
            above: set[str] = set()
            for parent in self.of(relation, column):
                origin, _, parent_column = parent.rpartition(".")
                if origin not in self.parents:
                    above.add(parent)
                elif parent_column in self.parents[origin]:
                    above |= self.roots(origin, parent_column)
                else:
                    above.add(UNKNOWN)
            self._roots[name] = frozenset(above)
        return self._roots[name]

    def resolved(self, relation: str, column: str) -> bool:
        """Whether every step up is known."""
        return column in self.parents.get(relation, {}) and UNKNOWN not in self.roots(relation, column)

    def as_json(self) -> str:
        """One line for each column: a reader and a diff both like that."""
        blocks = [
            f"{json.dumps(relation)}: {{\n"
            + ",\n".join(f"  {json.dumps(column)}: {json.dumps(list(up))}" for column, up in columns.items())
            + "\n}"
            for relation, columns in sorted(self.parents.items())
        ]
        return "{\n" + ",\n".join(blocks) + "\n}\n"


@cache
def lineage() -> Lineage:
    """The lineage as ``make docs`` last wrote it."""
    text = resources.files(__package__).joinpath(TARGET.name).read_text("utf-8")
    return Lineage({relation: {c: tuple(up) for c, up in cols.items()} for relation, cols in json.loads(text).items()})


def trace(manifest: Mapping[str, Any], views: Mapping[str, str]) -> Lineage:
    """Follow every column of dbt's models and of the release's own views.

    Args:
        manifest: dbt's ``manifest.json`` with compiled SQL (after ``dbt build`` or ``dbt compile --full-refresh``).
        views: SQL of the views that only the release has, by ``schema.name``; they see the marts by bare names.
    """
    known = {name: tuple(columns) for name, columns in _given(manifest)}
    parents: dict[str, dict[str, tuple[str, ...]]] = {}
    models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    leans = {key: [up for up in node["depends_on"]["nodes"] if up in models] for key, node in models.items()}
    for key in TopologicalSorter(leans).static_order():
        name = _name(models[key]["relation_name"])
        parents[name] = _columns(models[key]["compiled_code"], known)
        known[name] = tuple(column for column in parents[name] if column != ROWS)
    for name, sql in _views_in_order(views):
        parents[name] = _columns(_within_release(sql, known), known)
        known[name] = tuple(column for column in parents[name] if column != ROWS)
    return Lineage(parents)


def _given(manifest: Mapping[str, Any]) -> Iterator[tuple[str, Iterable[str]]]:
    """Relations that no model makes, with their columns."""
    for source in manifest["sources"].values():
        yield _name(source["relation_name"]), source["columns"]
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            with (PROJECT / "dbt_project" / node["original_file_path"]).open(encoding="utf-8", newline="") as stream:
                yield _name(node["relation_name"]), next(csv.reader(stream))


def _name(relation: str) -> str:
    """``"warehouse"."marts"."dim_date"`` as ``marts.dim_date``."""
    return ".".join(relation.replace('"', "").split(".")[-2:])


def _columns(sql: str | exp.Expr, known: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Parents of each column that a query gives, and of its rows."""
    from sqlglot import maybe_parse
    from sqlglot.lineage import lineage as follow
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope, traverse_scope

    tables: dict[str, dict[str, dict[str, str]]] = {}
    for name, columns in known.items():
        database, _, table = name.partition(".")
        tables.setdefault(database, {})[table] = dict.fromkeys(columns, "VARCHAR")
    schema: dict[str, object] = dict(tables)
    query = maybe_parse(sql, dialect=DIALECT)
    for table in query.find_all(_exp().Table):
        table.set("catalog", None)
    query = qualify(query, schema=schema, dialect=DIALECT, validate_qualify_columns=False, identify=False)
    for scope in traverse_scope(query):
        _tell_keys(scope)
    root = build_scope(query)
    if root is None:
        raise ValueError("a model that is no query")
    scopes = {id(scope.expression): scope for scope in traverse_scope(query)}
    nodes = follow(None, query, schema, dialect=DIALECT, scope=root, trim_selects=False)
    assert isinstance(nodes, dict)  # noqa: S101 (all columns were asked for: sqlglot's type says one or all)
    found = {column: tuple(sorted(_parents(node, scopes))) for column, node in nodes.items()}
    return found | {ROWS: tuple(sorted(_rows(root)))}


def _parents(node: Node, scopes: Mapping[int, Scope]) -> set[str]:
    """The columns at the ends of one column's tree."""
    exp = _exp()
    steps = list(node.walk())
    lost = {id(step.expression) for step in steps for end in step.downstream if isinstance(end.source, exp.Placeholder)}
    # A recursive CTE names itself: sqlglot looks at its first part twice, once without knowing what that reads from.
    followed = {
        id(step.expression)
        for step in steps
        if step.downstream and not any(isinstance(end.source, exp.Placeholder) for end in step.downstream)
    }
    found: set[str] = {UNKNOWN} if lost - followed else set()
    for step in steps:
        if step.downstream:
            continue
        if isinstance(step.source, exp.Table):
            column = step.name.rpartition(".")[2].strip('"')
            found.add(f"{step.source.db}.{step.source.name}.{column}")
        elif isinstance(step.source, exp.Select) and _counts(step.expression):
            found |= _rows(scopes[id(step.source)])
    return found


def _counts(projection: exp.Expr) -> bool:
    """Whether a value without columns is of the rows themselves: ``count(*)``, ``row_number() over ()``."""
    exp = _exp()
    star = any(call.name.lower() == "count_star" for call in projection.find_all(exp.Anonymous))  # DuckDB's spelling
    return star or projection.find(exp.Star, exp.AggFunc, exp.Window) is not None


def _tell_keys(scope: Scope) -> None:
    """Let a value that is looked up (a code by its text) name the columns it is looked up by: they stand in a join's
    condition or inside a subquery, where sqlglot would not look for them."""
    exp = _exp()
    if not isinstance(scope.expression, exp.Select):
        return
    lists = {alias for alias, source in scope.sources.items() if isinstance(source, exp.Table) and _is_list(source)}
    keys = {
        join.this.alias_or_name: [c for c in join.args["on"].find_all(exp.Column) if c.table != join.this.alias_or_name]
        for join in scope.expression.args.get("joins") or []
        if join.this.alias_or_name in lists and join.args.get("on")
    }
    own = set(scope.sources)
    for projection in scope.expression.selects:
        for column in list(projection.find_all(exp.Column)):
            _add(column, keys.get(column.table, []))
        for query in list(projection.find_all(exp.Subquery)):
            if any(_is_list(table) for table in query.find_all(exp.Table)):
                _add(query, [c for c in query.find_all(exp.Column) if c.table in own and c.table not in lists])


def _add(told: exp.Expr, keys: Iterable[exp.Expr]) -> None:
    """Put the keys beside an expression; nothing runs this SQL."""
    copies = [key.copy() for key in keys]
    if copies:
        told.replace(_exp().Anonymous(this="looked_up", expressions=[told.copy(), *copies]))


def _is_list(table: exp.Table) -> bool:
    """Whether a table only says what a text means: a seed, or the names of regions."""
    return table.db == "seeds" or (table.db, table.name) == ("raw", "region_aliases")


def _rows(scope: Scope) -> set[str]:
    """What the rows of a query are rows of: the relations it reads FROM, through CTEs and unions, joins left out."""
    from sqlglot.optimizer.scope import Scope

    exp = _exp()
    if isinstance(scope.expression, exp.SetOperation):
        return {name for part in scope.set_operation_scopes for name in _rows(part)}
    start = scope.expression.args.get("from_")
    source = scope.sources.get(start.this.alias_or_name) if start else None
    if isinstance(source, exp.Table):
        return {f"{source.db}.{source.name}.{ROWS}"} if source.db else set()
    return _rows(source) if isinstance(source, Scope) and source is not scope else set()


def _views_in_order(views: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A view after the views it reads."""
    bare = {name.partition(".")[2]: name for name in views}
    reads = {
        name: {other for word, other in bare.items() if _mentions(sql, word)} - {name} for name, sql in views.items()
    }
    return ((name, views[name]) for name in TopologicalSorter(reads).static_order())


def _mentions(sql: str, table: str) -> bool:
    from sqlglot import parse_one

    return any(found.name == table for found in parse_one(sql, dialect=DIALECT).find_all(_exp().Table))


def _within_release(sql: str, known: Mapping[str, tuple[str, ...]]) -> exp.Expr:
    """A view's query, its tables named as the warehouse names them: a release holds marts only."""
    from sqlglot import parse_one

    exp = _exp()
    statement = parse_one(sql, dialect=DIALECT)
    query = statement.expression if isinstance(statement, exp.Create) else statement
    by_name = {name.partition(".")[2]: name.partition(".")[0] for name in known if name.startswith(("marts.", "main."))}
    defined = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if table.name in by_name and table.name not in defined:
            table.set("db", exp.to_identifier(by_name[table.name]))
            table.set("catalog", None)
    return query


def _exp() -> Any:
    """sqlglot's expressions, imported when something is traced and not by every night."""
    from sqlglot import exp

    return exp
