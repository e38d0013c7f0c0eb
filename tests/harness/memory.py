"""Nights in memory: the project's own load and its compiled SQL over a DuckDB that has no file.

A night here is :func:`pilar.load.load` over a home's ``raw/`` and then the models, as ``dbt build`` would run them:
all anew, or only what is new where a model is incremental. ``tests/harness/test_harness.py`` holds it to what a whole
``pilar run`` says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from unittest import mock

import duckdb

from pilar import load, regions
from pilar.config import Home
from pilar.privacy.keys import bind
from tests.harness.compiled import Compiled, Model

CATALOG = "warehouse"
"""dbt-duckdb names the catalog after the warehouse's file; compiled SQL spells it."""

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
        for setting in ("threads = 1", "preserve_insertion_order = false"):
            self._session.execute(f"SET {setting}")
        self._session.execute(f"ATTACH ':memory:' AS {CATALOG}")
        self._copy_seeds()
        self._session.execute(f"USE {CATALOG}")
        bind(self._session, key)

    def close(self) -> None:
        self._session.close()

    def forget(self) -> None:
        """Leave nothing but the seeds: the next night is the first."""
        for schema in ("raw", "staging", "intermediate", "marts"):
            self._session.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        for schema in ("staging", "intermediate", "marts"):
            self._session.execute(f"CREATE SCHEMA {schema}")

    def night(self, home: Home, *, models: Collection[Model] | None = None, full_refresh: bool = False) -> None:
        """Load what the home's ``raw/`` has and run the models (default: all of the project)."""
        with (
            mock.patch.object(load, "connect", lambda _: self._same_warehouse()),
            mock.patch.object(load, "code_version", lambda: self._code_version),
            mock.patch.object(regions, "aliases", lambda: self._aliases),
        ):
            full_refresh |= load.load(home).full_refresh
            for model in self._compiled.models if models is None else models:
                self._run(model, whole=full_refresh)
            load.mark_built(home)

    def ask(self, query: str) -> Rows:
        return self._session.execute(query).fetchall()

    def failing_tests(self, models: Collection[Model] | None = None) -> list[str]:
        """Names of dbt's data tests over these models (default: all of the project) that find something."""
        standing = {model.unique_id for model in (self._compiled.models if models is None else models)}
        runnable = [
            test
            for test in self._compiled.tests
            if {parent for parent in test.parents if parent.startswith("model.")} <= standing
        ]
        return [test.name for test in runnable if self.ask(f"SELECT 1 FROM ({test.failures}) LIMIT 1")]

    def _same_warehouse(self) -> duckdb.DuckDBPyConnection:
        connection = self._session.cursor()
        connection.execute(f"USE {CATALOG}")
        return connection

    def _copy_seeds(self) -> None:
        self._session.execute(f"ATTACH '{self._compiled.home.warehouse}' AS built (READ_ONLY)")
        self._session.execute(f"CREATE SCHEMA {CATALOG}.seeds")
        seeds = self.ask(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'built' AND schema_name = 'seeds'"
        )
        for (seed,) in seeds:
            self._session.execute(f'CREATE TABLE {CATALOG}.seeds."{seed}" AS FROM built.seeds."{seed}"')
        self._session.execute("DETACH built")

    def _run(self, model: Model, *, whole: bool) -> None:
        if model.incremental and not whole:
            self._add(model)
        elif model.columns:
            names = ", ".join(column.split(" ")[0] for column in model.columns)
            self._session.execute(f"CREATE OR REPLACE TABLE {model.relation} ({', '.join(model.columns)})")
            self._session.execute(f"INSERT INTO {model.relation} ({names}) SELECT {names} FROM ({model.whole})")
        else:
            self._session.execute(f"CREATE OR REPLACE TABLE {model.relation} AS ({model.whole})")

    def _add(self, model: Model) -> None:
        """As dbt-duckdb's strategies ``append`` and ``delete+insert`` do it."""
        self._session.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS ({model.added})")
        if model.strategy == "delete+insert" and model.unique_key:
            same = " AND ".join(f"incoming.{column} = target.{column}" for column in model.unique_key)
            self._session.execute(f"DELETE FROM {model.relation} AS target USING incoming WHERE {same}")
        elif model.strategy != "append":
            raise NotImplementedError(f"{model.name}: the harness knows no strategy {model.strategy}")
        self._session.execute(f"INSERT INTO {model.relation} BY NAME FROM incoming")
