"""Nights in memory: the project's own load and its compiled SQL over a DuckDB that has no file.

A night here is :func:`pilar.load.load` over a home's ``raw/`` and then the models, as ``dbt build`` would run them:
all anew, or only what is new where a model is incremental. ``tests/harness/test_harness.py`` holds it to what whole
nights of ``pilar run`` say.

Most of the time that a night over a few rows takes is spent on planning its SQL. So tables are made once and emptied,
not made anew, and each model's statement is prepared once. DuckDB plans a statement again when the catalog that it
reads has changed, therefore load works in a catalog of its own, and what it registered is copied.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb

from pilar import load, regions
from pilar.config import Home
from pilar.privacy.keys import bind
from tests.harness.compiled import NIGHT, Compiled, Model

WAREHOUSE = "warehouse"
"""dbt-duckdb names the catalog after the warehouse's file; compiled SQL spells it."""
LOADED = "loaded"
"""The catalog in which load makes its tables and views."""

BY_STATISTICS = (
    "statistics_propagation,compressed_materialization,top_n_window_elimination,join_order,build_side_probe_side"
)
"""Optimizers that plan by what a table holds. A prepared plan outlives that, and would be wrong the next night."""

Rows = list[tuple[Any, ...]]


class Memory:
    """An in-memory warehouse for one history at a time; :meth:`forget` makes room for the next.

    ``aliases`` are the names of regions that it knows. Registering all 7,000 takes as long as the models do, so who
    runs hundreds of nights gives those that his files use.
    """

    def __init__(self, compiled: Compiled, key: bytes, aliases: Sequence[regions.Alias] | None = None) -> None:
        self._compiled = compiled
        self._code_version = load.code_version()
        self._aliases = list(regions.aliases() if aliases is None else aliases)
        self._session = duckdb.connect(":memory:")
        for setting in ("threads = 1", "preserve_insertion_order = false", f"disabled_optimizers = '{BY_STATISTICS}'"):
            self._session.execute(f"SET {setting}")
        bind(self._session, key)
        for catalog in (WAREHOUSE, LOADED):
            self._session.execute(f"ATTACH ':memory:' AS {catalog}")
        self._session.execute(f"USE {WAREHOUSE}")
        self._copy_seeds()
        self._load(compiled.home)
        self._raw = [
            name
            for (name,) in self.ask(
                f"SELECT table_name FROM information_schema.tables WHERE table_catalog = '{LOADED}'"
                " AND table_schema = 'raw' AND table_name <> 'build'"
            )
        ]
        self._session.execute(f"CREATE SCHEMA {WAREHOUSE}.raw")
        for name in self._raw:
            self._session.execute(f'CREATE TABLE {WAREHOUSE}.raw."{name}" AS FROM {LOADED}.raw."{name}"')
        self._make_tables()
        self._prepare()

    def close(self) -> None:
        self._session.close()

    def confine(self, memory_limit: str, spill: Path) -> None:
        """Give DuckDB so much memory, for the tables too; what does not fit is spilled into that folder."""
        self._session.execute(f"SET temp_directory = '{spill}'")
        self._session.execute(f"SET memory_limit = '{memory_limit}'")

    def forget(self) -> None:
        """The next night is the first: nothing was built, by no code."""
        for table in ("build", "basis"):
            self._session.execute(f"DROP TABLE IF EXISTS {LOADED}.raw.{table}")

    def night(self, home: Home, *, models: Collection[Model] | None = None, full_refresh: bool = False) -> None:
        """Load what the home's ``raw/`` has and run the models (default: all of the project).

        On a night that is not narrow, load drops the incremental tables outside staging; here they are built whole.
        """
        loaded = self._load(home)
        full_refresh |= loaded.full_refresh
        for name in self._raw:
            self._session.execute(f'DELETE FROM {WAREHOUSE}.raw."{name}"')
            self._session.execute(f'INSERT INTO {WAREHOUSE}.raw."{name}" BY NAME FROM {LOADED}.raw."{name}"')
        reached = None if full_refresh or loaded.news is None else self._compiled.reached_by(loaded.news)
        for model in self._compiled.models if models is None else models:
            if model.view or (reached is not None and model.unique_id not in reached):
                continue
            keeps = model.incremental and (loaded.narrow or _is_staging(model))
            self._run(model, whole=full_refresh or not keeps)
        with mock.patch.multiple(load, connect=self._connect, code_version=lambda: self._code_version):
            load.mark_built(home)

    def ask(self, query: str) -> Rows:
        return self._session.execute(query).fetchall()

    def ask_marts(self, query: str) -> Rows:
        """Rows of a query in which marts stand without their schema."""
        connection = self._session.cursor()
        connection.execute(f"USE {WAREHOUSE}.marts")
        return connection.execute(query).fetchall()

    def failing_tests(self, models: Collection[Model] | None = None) -> list[str]:
        """Names of dbt's data tests over these models (default: all of the project) that find something."""
        standing = {model.unique_id for model in (self._compiled.models if models is None else models)}
        runnable = [
            test
            for test in self._compiled.tests
            if {parent for parent in test.parents if parent.startswith("model.")} <= standing
        ]
        return [test.name for test in runnable if self.ask(f"SELECT 1 FROM ({test.failures}) LIMIT 1")]

    def _connect(self, _: object, **__: object) -> duckdb.DuckDBPyConnection:
        """In the place of :func:`pilar.duck.connect`: the same database, at the catalog of what is loaded."""
        connection = self._session.cursor()
        connection.execute(f"USE {LOADED}")
        return connection

    def _load(self, home: Home) -> load.Loaded:
        with (
            mock.patch.multiple(load, connect=self._connect, code_version=lambda: self._code_version, MONEY_TABLES=()),
            mock.patch.object(regions, "aliases", lambda: self._aliases),
        ):
            return load.load(home, today=NIGHT)

    def _copy_seeds(self) -> None:
        self._session.execute(f"ATTACH '{self._compiled.home.warehouse}' AS built (READ_ONLY)")
        self._session.execute(f"CREATE SCHEMA {WAREHOUSE}.seeds")
        seeds = self.ask(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'built' AND schema_name = 'seeds'"
        )
        for (seed,) in seeds:
            self._session.execute(f'CREATE TABLE {WAREHOUSE}.seeds."{seed}" AS FROM built.seeds."{seed}"')
        self._session.execute("DETACH built")

    def _make_tables(self) -> None:
        """The models' tables, empty, and views that let load see what staging and the verdicts hold."""
        for schema in ("staging", "intermediate", "marts"):
            self._session.execute(f"CREATE SCHEMA {WAREHOUSE}.{schema}")
            self._session.execute(f"CREATE SCHEMA {LOADED}.{schema}")
        for model in self._compiled.models:
            if model.view:
                self._session.execute(f"CREATE VIEW {model.relation} AS {model.whole}")
                continue
            columns = f"({', '.join(model.columns)})" if model.columns else f"AS ({model.whole}) WITH NO DATA"
            self._session.execute(f"CREATE TABLE {model.relation} {columns}")
            if model.incremental:
                incoming = f"CREATE TABLE {_incoming(model)} AS (FROM {model.relation}) WITH NO DATA"
                self._session.execute(incoming)
            if _is_staging(model):
                self._session.execute(f"CREATE VIEW {LOADED}.staging.{model.name} AS FROM {model.relation}")
            if model.name == "int_verdicts":
                self._session.execute(f"CREATE VIEW {LOADED}.intermediate.{model.name} AS FROM {model.relation}")

    def _prepare(self) -> None:
        for model in self._compiled.models:
            if model.view:
                continue
            names = ", ".join(f'"{row[0]}"' for row in self.ask(f"DESCRIBE {model.relation}"))
            for statement, target, select in (
                ("whole", model.relation, model.whole),
                *((("added", _incoming(model), model.added),) if model.incremental else ()),
            ):
                insert = f"INSERT INTO {target} ({names}) SELECT {names} FROM ({select})"
                self._session.execute(f"PREPARE {statement}_{model.name} AS {insert}")

    def _run(self, model: Model, *, whole: bool) -> None:
        if whole:
            self._session.execute(f"DELETE FROM {model.relation}")
            self._session.execute(f"EXECUTE whole_{model.name}")
        else:
            self._add(model)

    def _add(self, model: Model) -> None:
        """As dbt-duckdb's ``append`` and ``delete+insert`` do it, and the strategies of ``macros/narrow.sql``."""
        incoming = _incoming(model)
        self._session.execute(f"DELETE FROM {incoming}")
        self._session.execute(f"EXECUTE added_{model.name}")
        if model.strategy == "delete+insert" and model.unique_key:
            same = " AND ".join(f"incoming.{column} = target.{column}" for column in model.unique_key)
            self._session.execute(f"DELETE FROM {model.relation} AS target USING {incoming} AS incoming WHERE {same}")
        elif model.strategy == "renew":
            going = f"{model.news} AS news WHERE {model.renewed_on}"
            self._session.execute(f"DELETE FROM {model.relation} AS renewed USING {going}")
        elif model.strategy == "replace":
            self._session.execute(f"DELETE FROM {model.relation}")
        elif model.strategy != "append":
            raise NotImplementedError(f"{model.name}: the harness knows no strategy {model.strategy}")
        self._session.execute(f"INSERT INTO {model.relation} BY NAME FROM {incoming}")


def _is_staging(model: Model) -> bool:
    return ".staging." in model.relation.replace('"', "")


def _incoming(model: Model) -> str:
    """The table of what an incremental model adds; it has the model's columns."""
    return f'{WAREHOUSE}.staging."incoming_{model.name}"'
