"""The project's dbt models, seeds and data tests as dbt itself compiles them: SQL to run, and in what order.

Compiling takes seconds, so it is done once; :mod:`tests.harness.memory` then runs the SQL over many small worlds.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from pilar import build, load
from pilar.config import Home

NIGHT = date(2024, 7, 1)
"""The day of every night of the harness: dbt compiles it into the SQL, where it decides which waivers still hold."""


@dataclass(frozen=True)
class Model:
    """One model. ``whole`` builds it anew, ``added`` is what it selects once its table stands."""

    unique_id: str
    name: str
    relation: str
    whole: str
    added: str
    view: bool
    incremental: bool
    strategy: str
    unique_key: tuple[str, ...]
    news: str
    """Strategy ``renew``: the relation that names the rows to go."""
    renewed_on: str
    """Strategy ``renew``: the condition on ``news`` and ``renewed`` by which it names them."""
    columns: tuple[str, ...]
    """Column definitions of the enforced contract; empty without one."""
    parents: frozenset[str]


@dataclass(frozen=True)
class DataTest:
    """A dbt data test: ``failures`` are the rows it must not find."""

    name: str
    failures: str
    parents: frozenset[str]


@dataclass(frozen=True)
class Compiled:
    """The project: ``home`` is the scratch home whose warehouse holds the seeds as dbt built them."""

    home: Home
    models: tuple[Model, ...]
    tests: tuple[DataTest, ...]

    def reached_by(self, feeds: Collection[str]) -> frozenset[str]:
        """Ids of the models that a build with news of these feeds alone makes: as dbt selects ``source:raw.…+``."""
        reached = {f"source.pilar.raw.{name}" for name in (*feeds, *build.LEDGERS)}
        for model in self.models:  # in order of building
            if model.parents & reached:
                reached.add(model.unique_id)
        return frozenset(reached)

    def needed_for(self, names: Collection[str]) -> tuple[Model, ...]:
        """The models of these names and all that they are made of, in order of building."""
        known = {model.unique_id: model for model in self.models}
        wanted: set[str] = set()
        todo = [model for model in self.models if model.name in names]
        if len(todo) != len(set(names)):
            raise KeyError(f"no such model: {sorted(set(names) - {model.name for model in todo})}")
        while todo:
            model = todo.pop()
            if model.unique_id not in wanted:
                wanted.add(model.unique_id)
                todo += [known[parent] for parent in model.parents if parent in known]
        return tuple(model for model in self.models if model.unique_id in wanted)


def compile_project(root: Path) -> Compiled:
    """Have dbt build the project over an empty home below ``root``, then compile it both ways.

    ``is_incremental()`` asks whether the relation stands in the warehouse, so the models are built before.
    """
    home = Home(root).make()
    load.load(home)
    _dbt(home, "build", "--exclude-resource-type", "unit_test", "test")
    _dbt(home, "compile", "--full-refresh")
    whole = _manifest(home)
    _dbt(home, "compile")
    added = _manifest(home)
    nodes = {key: node for key, node in whole.items() if node["resource_type"] == "model"}
    relations = {node["name"]: node["relation_name"] for node in nodes.values()}
    models = {key: _model(node, added[key]["compiled_code"], relations) for key, node in nodes.items()}
    tests = [
        DataTest(node["name"], node["compiled_code"], frozenset(node["depends_on"]["nodes"]))
        for node in whole.values()
        if node["resource_type"] == "test"
    ]
    return Compiled(home, tuple(_in_order(models)), tuple(tests))


def _dbt(home: Home, *arguments: str) -> None:
    finished = build.dbt(home, *arguments, night_date=NIGHT)
    if finished.returncode:
        raise RuntimeError(f"dbt {' '.join(arguments)} failed:\n{finished.stdout[-3000:]}")


def _manifest(home: Home) -> dict[str, dict[str, Any]]:
    nodes: dict[str, dict[str, Any]] = json.loads((home.dbt / "target" / "manifest.json").read_text("utf-8"))["nodes"]
    return nodes


def _model(node: Mapping[str, Any], added: str, relations: Mapping[str, str]) -> Model:
    """Refuses what the harness would not run as dbt does."""
    config, name = node["config"], node["name"]
    if config["pre-hook"] or config["post-hook"]:
        raise NotImplementedError(f"{name}: the harness runs no hooks")
    if config["materialized"] not in ("table", "view", "incremental"):
        raise NotImplementedError(f"{name}: the harness knows tables, views and incremental models only")
    if config.get("incremental_predicates"):
        raise NotImplementedError(f"{name}: the harness knows no incremental predicates")
    key = config["unique_key"] or ()
    return Model(
        node["unique_id"],
        name,
        node["relation_name"],
        node["compiled_code"],
        added,
        config["materialized"] == "view",
        config["materialized"] == "incremental",
        config["incremental_strategy"] or "append",
        (key,) if isinstance(key, str) else tuple(key),
        relations.get(config["meta"].get("news", ""), ""),
        config["meta"].get("on", ""),
        tuple(_column(column) for column in node["columns"].values()) if config["contract"]["enforced"] else (),
        frozenset(node["depends_on"]["nodes"]),
    )


def _column(column: Mapping[str, Any]) -> str:
    kinds = {constraint["type"] for constraint in column["constraints"]}
    if kinds - {"not_null"}:
        raise NotImplementedError(f"column {column['name']}: the harness knows NOT NULL only")
    return f'"{column["name"]}" {column["data_type"]}{" NOT NULL" if kinds else ""}'


def _in_order(models: Mapping[str, Model]) -> Iterable[Model]:
    graph = {key: sorted(model.parents & models.keys()) for key, model in sorted(models.items())}
    return (models[key] for key in TopologicalSorter(graph).static_order())
