"""A DuckDB data source for Great Expectations 1.x, which has none.

``context.data_sources.add_sql("duckdb:///…")`` fails in nearly every expectation: GX gives a connection back
to the pool before it reads the result, the pool rolls back, and DuckDB drops what was not fetched. Three small
pieces mend that:

* :class:`DuckDBExecutionEngine` keeps one connection open until :meth:`DuckDBExecutionEngine.close`;
* :class:`DuckDBDatasource` (``type: duckdb``) hands that engine to GX and shares its SQLAlchemy engine;
* metric providers say what GX asks of a dialect that it does not know: regular expressions
  (``regexp_matches``), column types (``DESCRIBE``); and they ask cheaply what it would ask of millions of rows
  twice, or by joining a table with itself.

Importing this module imports Great Expectations (about 6 s) and registers the source as
``context.data_sources.add_duckdb(...)``: import it inside a function.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

import duckdb
import sqlalchemy as sa
from duckdb_engine import ConnectionWrapper
from great_expectations.compatibility import pydantic
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.query_metrics.query_table.query_table import QueryTable
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
from sqlalchemy.dialects import postgresql

from pilar import duck

__all__ = ["DuckDBDatasource", "DuckDBExecutionEngine"]


_CATALOG = "judged"
"""Name of the file inside DuckDB. By default it would be the file's own: in ``marts.duckdb`` a schema ``marts`` could
then not be named, since ``marts.dim_region`` may mean either."""

_EngineType = type[SqlAlchemyExecutionEngine]
_Condition = sa.ColumnElement[Any]


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """Runs GX's metrics over one DuckDB connection, opened on first use.

    The connection (and so DuckDB's lock on the file) is held until :meth:`close`.

    Args:
        database: path of the DuckDB file.
        read_only: open it so that no statement can change it.
        settings: DuckDB's settings, as ``{"threads": 2}``.
        kwargs: handed to :class:`SqlAlchemyExecutionEngine`.
    """

    def __init__(
        self, *args: Any, database: str, read_only: bool = False, settings: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self._database = database
        self._read_only = read_only
        self._settings = dict(settings or {})
        self._root: duckdb.DuckDBPyConnection | None = None
        super().__init__(*args, **kwargs, creator=self._open, poolclass=sa.QueuePool)
        # DuckDB speaks PostgreSQL's dialect; GX looks here for the names of types and for LIKE.
        self.dialect_module = postgresql

    def _open(self) -> ConnectionWrapper:
        """A further connection to the one DuckDB instance that holds the file."""
        if self._root is None:
            self._root = duckdb.connect(config=self._settings)
            path = self._database.replace("'", "''")
            mode = "READ_ONLY" if self._read_only else "READ_WRITE"
            self._root.execute(f"ATTACH '{path}' AS {_CATALOG} ({mode})")
        cursor = self._root.cursor()
        cursor.execute(f"USE {_CATALOG}")
        return ConnectionWrapper(cursor)

    @contextmanager
    def get_connection(self) -> Generator[sa.Connection, None, None]:
        """The one connection. A failed statement is rolled back: DuckDB refuses any other until then."""
        if self._connection is None:
            self._connection = self.engine.connect()
        try:
            yield self._connection
        except Exception:
            self._connection.rollback()
            raise

    def close(self) -> None:
        """Close everything; another process may open the file afterwards."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self.engine.dispose()
        root, self._root = self._root, None
        if root is not None:
            root.close()


class DuckDBDatasource(SQLDatasource):
    """A DuckDB file as a GX data source.

    Args:
        name: name of the source in the context.
        database: path of the DuckDB file.
        database_schema: schema of the table assets; ``None`` is DuckDB's ``main``.
        read_only: open it so that no statement can change it.
        settings: DuckDB's settings, as ``{"memory_limit": "4GB"}``.
    """

    _EXTRA_EXCLUDED_EXEC_ENG_ARGS: ClassVar[set[str]] = {"database_schema"}

    # The literal is the name under which GX registers the source: `add_duckdb`.
    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]
    # The file is attached to a database in memory.
    connection_string: str = "duckdb:///:memory:"
    database: str
    database_schema: str | None = None
    read_only: bool = False
    settings: dict[str, Any] = pydantic.Field(default_factory=dict)

    @property
    def schema_(self) -> str | None:
        return self.database_schema

    @property
    def execution_engine_type(self) -> _EngineType:
        return DuckDBExecutionEngine

    def get_engine(self) -> sa.Engine:
        """The execution engine's own: a second one would be a second holder of the file's lock."""
        engine: sa.Engine = self.get_execution_engine().engine
        return engine

    def close(self) -> None:
        """Give the file back. The source opens it again when asked to validate."""
        self.get_execution_engine().close()


def _matches(column: _Condition, regex: str) -> _Condition:
    # `~` of the PostgreSQL dialect matches whole values in DuckDB; GX means "contains a match".
    return sa.func.regexp_matches(column, sa.literal(regex))


# GX calls a provider's functions with the provider's class first and all it knows as keywords.


def _match(_provider: object, column: _Condition, regex: str, **_: object) -> _Condition:
    return _matches(column, regex)


def _not_match(_provider: object, column: _Condition, regex: str, **_: object) -> _Condition:
    return sa.not_(_matches(column, regex))


def _match_list(
    _provider: object, column: _Condition, regex_list: list[str], match_on: str = "any", **_: object
) -> _Condition:
    parts = [_matches(column, regex) for regex in regex_list]
    return sa.and_(*parts) if match_on == "all" else sa.or_(*parts)


def _not_match_list(_provider: object, column: _Condition, regex_list: list[str], **_: object) -> _Condition:
    return sa.not_(sa.or_(*(_matches(column, regex) for regex in regex_list)))


class _MatchRegex(ColumnMapMetricProvider):
    condition_metric_name = "column_values.match_regex"
    condition_value_keys = ("regex",)
    duckdb = column_condition_partial(engine=DuckDBExecutionEngine)(_match)


class _NotMatchRegex(ColumnMapMetricProvider):
    condition_metric_name = "column_values.not_match_regex"
    condition_value_keys = ("regex",)
    duckdb = column_condition_partial(engine=DuckDBExecutionEngine)(_not_match)


class _MatchRegexList(ColumnMapMetricProvider):
    condition_metric_name = "column_values.match_regex_list"
    condition_value_keys = ("regex_list", "match_on")
    duckdb = column_condition_partial(engine=DuckDBExecutionEngine)(_match_list)


class _NotMatchRegexList(ColumnMapMetricProvider):
    condition_metric_name = "column_values.not_match_regex_list"
    condition_value_keys = ("regex_list",)
    duckdb = column_condition_partial(engine=DuckDBExecutionEngine)(_not_match_list)


_TYPES = {"DECIMAL": "NUMERIC", "DOUBLE": "DOUBLE_PRECISION", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}


def _sql_type(described: str) -> sa.types.TypeEngine[Any]:
    """``DECIMAL(18,2)``, ``VARCHAR[]`` … as the PostgreSQL type that a suite names (``NUMERIC``, ``ARRAY``)."""
    if described.endswith("[]"):
        return postgresql.ARRAY(_sql_type(described[:-2]))
    base = described.partition("(")[0]
    known: type[sa.types.TypeEngine[Any]] = getattr(postgresql, _TYPES.get(base, base), sa.types.NullType)
    return known()


def _column_types(
    execution_engine: DuckDBExecutionEngine, metric_domain_kwargs: dict[str, Any], **_: object
) -> list[dict[str, Any]]:
    rows, _compute, _accessor = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
    query = sa.select(sa.text("*")).select_from(rows).compile(dialect=execution_engine.engine.dialect)
    described = execution_engine.execute_query(sa.text(f"DESCRIBE {query}")).fetchall()
    return [
        {"name": name, "type": _sql_type(kind), "nullable": nullable == "YES", "default": default}
        for name, kind, nullable, _key, default, _extra in described
    ]


class _ColumnTypes(TableMetricProvider):
    """Names and types of a batch's columns. SQLAlchemy would reflect them through PostgreSQL's catalogue tables."""

    metric_name = "table.column_types"
    value_keys = ("include_nested",)
    duckdb = metric_value(engine=DuckDBExecutionEngine)(_column_types)


def _unique_together(execution_engine: DuckDBExecutionEngine, metric_domain_kwargs: dict[str, Any], **_: object) -> int:
    """Rows that share their key with another. GX would join the table with its own groups, all columns carried along.

    Keys that differ in their 64-bit digests differ; only where digests are equal the keys are compared. As with GX a
    key of which a part is missing counts as no duplicate.
    """
    of_table = {name: known for name, known in metric_domain_kwargs.items() if name in TableMetricProvider.domain_keys}
    rows, _compute, _accessor = execution_engine.get_compute_domain(of_table, MetricDomainTypes.TABLE)
    source = _source(execution_engine, rows)
    key = ", ".join(map(duck.quoted, metric_domain_kwargs["column_list"]))
    whole = " AND ".join(f"{duck.quoted(name)} IS NOT NULL" for name in metric_domain_kwargs["column_list"])
    query = f"""
        SELECT coalesce(sum(alike), 0)::BIGINT FROM (
            SELECT count(*) AS alike FROM {source}
            WHERE hash({key}) IN (SELECT hash({key}) FROM {source} GROUP BY 1 HAVING count(*) > 1) AND {whole}
            GROUP BY {key} HAVING count(*) > 1
        )"""
    return int(_ask(execution_engine, query)[0][0])


class _UniqueTogether(TableMetricProvider):
    metric_name = "compound_columns.unique.unexpected_count"
    domain_keys = ("batch_id", "table", "column_list", "row_condition", "condition_parser", "ignore_row_if")
    duckdb = metric_value(engine=DuckDBExecutionEngine)(_unique_together)


def _no_rows(**_: object) -> list[dict[str, Any]]:
    return []


class _UnexpectedRows(TableMetricProvider):
    """The rows behind a count. No result may hold a row's value, so they are not fetched; the query runs once."""

    metric_name = "unexpected_rows_query.table"
    domain_keys = QueryTable.domain_keys
    value_keys = ("unexpected_rows_query",)
    duckdb = metric_value(engine=DuckDBExecutionEngine)(_no_rows)


class _Measure(QueryTable):
    """The one row of a measure (:mod:`pilar.quality.measure`)."""

    metric_name = "measure.table"
    value_keys = ("unexpected_rows_query",)
    query_param_name: ClassVar[str] = "unexpected_rows_query"


_WITHOUT_LONG_NUMBERS = {
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER", "DATE", "TIME", "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip
"""Types of which no value is printed with more than ten digits in a row."""


def _digit_runs(
    execution_engine: DuckDBExecutionEngine,
    metric_domain_kwargs: dict[str, Any],
    metric_value_kwargs: dict[str, Any],
    **_: object,
) -> int:
    """Rows in which a column, as text, holds a run of so many digits and more.

    Columns that hold no text so long are not looked into, and of the others each distinct value once: DuckDB groups
    what is stored as a dictionary by its codes, but matches patterns row by row.
    """
    least = int(metric_value_kwargs["digits"])
    rows, _compute, _accessor = execution_engine.get_compute_domain(metric_domain_kwargs, MetricDomainTypes.TABLE)
    source = _source(execution_engine, rows)
    described = _ask(execution_engine, f"DESCRIBE FROM {source}")
    looked_at = [(duck.quoted(row[0]), row[1]) for row in described if _may_hold(row[1], least)]
    if not looked_at:
        return 0
    texts = [f"{name}::VARCHAR" for name, _ in looked_at]
    longest = _ask(execution_engine, f"SELECT {', '.join(_longest(*one) for one in looked_at)} FROM {source}")[0]
    long = [text for text, length in zip(texts, longest, strict=True) if (length or 0) >= least]
    pattern = f"'[0-9]{{{least}}}'"
    met = " UNION ALL ".join(
        f"SELECT {at} FROM (SELECT {text} AS value FROM {source} GROUP BY 1) "
        f"WHERE strlen(value) >= {least} AND regexp_matches(value, {pattern})"
        for at, text in enumerate(long)
    )
    guilty = [long[at] for (at,) in _ask(execution_engine, f"SELECT DISTINCT * FROM ({met})")] if long else []
    if not guilty:
        return 0
    condition = " OR ".join(f"regexp_matches({text}, {pattern})" for text in guilty)
    return int(_ask(execution_engine, f"SELECT count(*) FROM {source} WHERE {condition}")[0][0])


def _may_hold(kind: str, digits: int) -> bool:
    """Whether a value of the type may be printed with so many digits in a row."""
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    if decimal:
        width, scale = int(decimal[1]), int(decimal[2])
        return max(width - scale, scale) >= digits
    return kind not in _WITHOUT_LONG_NUMBERS


def _longest(column: str, kind: str) -> str:
    """SQL for the bytes of a column's longest text; that of exact numbers is the greatest's or the least's."""
    if kind in {"BIGINT", "UBIGINT", "HUGEINT", "UHUGEINT"} or kind.startswith("DECIMAL"):
        return f"greatest(strlen(max({column})::VARCHAR), strlen(min({column})::VARCHAR))"
    return f"max(strlen({column}::VARCHAR))"


class _DigitRuns(TableMetricProvider):
    metric_name = "table.digit_runs"
    value_keys = ("digits",)
    duckdb = metric_value(engine=DuckDBExecutionEngine)(_digit_runs)


def _source(execution_engine: DuckDBExecutionEngine, rows: Any) -> str:
    """A batch as FROM takes it."""
    return f"({sa.select(sa.text('*')).select_from(rows).compile(dialect=execution_engine.engine.dialect)})"


def _ask(execution_engine: DuckDBExecutionEngine, query: str) -> list[Any]:
    answer: list[Any] = execution_engine.execute_query(sa.text(query)).fetchall()
    return answer
