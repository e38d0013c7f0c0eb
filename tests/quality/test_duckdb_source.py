"""Every expectation type that the suites use, and more: each passes on good rows and fails on bad ones."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pilar.quality.suites import suites
from tests.quality.conftest import run

TABLES = """
CREATE SCHEMA marts;
CREATE TABLE marts.good AS
    SELECT 'r' || lpad(i::VARCHAR, 4, '0') AS key, ['PAID', 'UNPAID'][1 + i % 2] AS outcome, i::INTEGER AS n,
           (i * 2)::INTEGER AS twice, 100::DECIMAL(18, 2) AS due, 60::DECIMAL(18, 2) AS paid,
           40::DECIMAL(18, 2) AS open, DATE '2023-01-01' + i::INTEGER AS day, 'x' AS filled,
           NULL::VARCHAR AS empty, 'same' AS one, 'same' AS other, ['a', 'b'] AS items, true AS flag
    FROM range(100) r(i);
CREATE TABLE marts.bad AS
    SELECT 'Budi! ' || (i % 3) AS key, ['LUNAS', 'UNPAID'][1 + i % 2] AS outcome, -1000 AS n, -2000 AS twice,
           99.99::DECIMAL(18, 2) AS due, 60::DECIMAL(18, 2) AS paid, 40::DECIMAL(18, 2) AS open,
           DATE '1900-01-01' AS day, 'x 3522014501900007' AS note,
           NULL::VARCHAR AS filled, 'y' AS empty, 'this' AS one, 'that' AS other, 5 AS items, 'no' AS flag
    FROM range(50) r(i);
"""

CASES: list[tuple[str, dict[str, Any]]] = [
    ("expect_table_row_count_to_be_between", {"min_value": 60, "max_value": 200}),
    ("expect_table_row_count_to_equal", {"value": 100}),
    ("expect_table_columns_to_match_set", {"column_set": ["key", "n", "items"], "exact_match": False}),
    ("expect_column_to_exist", {"column": "twice"}),
    ("expect_column_values_to_not_be_null", {"column": "filled"}),
    ("expect_column_values_to_be_null", {"column": "empty"}),
    ("expect_column_values_to_be_unique", {"column": "key"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["key", "n"]}),
    ("expect_column_values_to_be_in_set", {"column": "outcome", "value_set": ["PAID", "UNPAID"]}),
    ("expect_column_values_to_not_be_in_set", {"column": "outcome", "value_set": ["LUNAS"], "mostly": 0.9}),
    ("expect_column_distinct_values_to_be_in_set", {"column": "outcome", "value_set": ["PAID", "UNPAID"]}),
    ("expect_column_distinct_values_to_equal_set", {"column": "outcome", "value_set": ["PAID", "UNPAID"]}),
    ("expect_column_distinct_values_to_contain_set", {"column": "outcome", "value_set": ["PAID"]}),
    ("expect_column_values_to_be_between", {"column": "n", "min_value": 0, "max_value": 99}),
    ("expect_column_values_to_be_between", {"column": "day", "min_value": "2023-01-01", "max_value": "2024-01-01"}),
    ("expect_column_values_to_match_regex", {"column": "key", "regex": "^r[0-9]{4}$"}),
    ("expect_column_values_to_match_regex", {"column": "key", "regex": "[0-9]{4}"}),
    ("expect_column_values_to_not_match_regex", {"column": "key", "regex": "[A-Z]"}),
    ("expect_column_values_to_match_regex_list", {"column": "key", "regex_list": ["^r", "^s"]}),
    ("expect_column_values_to_match_regex_list", {"column": "key", "regex_list": ["^r", "[0-9]$"], "match_on": "all"}),
    ("expect_column_values_to_not_match_regex_list", {"column": "key", "regex_list": ["!", "Z"]}),
    ("expect_column_values_to_match_like_pattern", {"column": "key", "like_pattern": "r____"}),
    ("expect_column_values_to_not_match_like_pattern", {"column": "key", "like_pattern": "B%"}),
    ("expect_column_value_lengths_to_equal", {"column": "key", "value": 5}),
    ("expect_column_value_lengths_to_be_between", {"column": "key", "min_value": 5, "max_value": 5}),
    ("expect_column_min_to_be_between", {"column": "n", "min_value": 0, "max_value": 0}),
    ("expect_column_max_to_be_between", {"column": "n", "min_value": 99, "max_value": 99}),
    ("expect_column_mean_to_be_between", {"column": "n", "min_value": 49, "max_value": 50}),
    ("expect_column_median_to_be_between", {"column": "n", "min_value": 49, "max_value": 50}),
    ("expect_column_sum_to_be_between", {"column": "due", "min_value": 10000, "max_value": 10000}),
    ("expect_column_stdev_to_be_between", {"column": "n", "min_value": 25, "max_value": 35}),
    (
        "expect_column_quantile_values_to_be_between",
        {"column": "n", "quantile_ranges": {"quantiles": [0.5], "value_ranges": [[45, 55]]}},
    ),
    ("expect_column_unique_value_count_to_be_between", {"column": "key", "min_value": 100, "max_value": 100}),
    ("expect_column_proportion_of_unique_values_to_be_between", {"column": "key", "min_value": 0.9}),
    ("expect_column_proportion_of_non_null_values_to_be_between", {"column": "filled", "min_value": 0.98}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "one", "value_set": ["same"]}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "one", "column_B": "other"}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "twice", "column_B": "n", "or_equal": True}),
    ("expect_multicolumn_sum_to_equal", {"column_list": ["paid", "open", "n"], "sum_total": 100, "mostly": 0.01}),
    ("expect_column_values_to_be_of_type", {"column": "items", "type_": "ARRAY"}),
    ("expect_column_values_to_be_in_type_list", {"column": "flag", "type_list": ["BOOLEAN"]}),
    ("expect_table_to_have_no_run_of_digits", {"digits": 16}),
    (
        "unexpected_rows_expectation",
        {"unexpected_rows_query": "SELECT 1 FROM {batch} WHERE paid + open IS DISTINCT FROM due"},
    ),
    (
        "expect_measure_to_be_between",
        {"unexpected_rows_query": "SELECT 100 * avg((filled IS NULL)::INTEGER) FROM {batch}", "max_value": 2},
    ),
    (
        "expect_measure_to_be_between",
        {"unexpected_rows_query": "SELECT count(DISTINCT key) FROM {batch}", "min_value": 4},
    ),
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "marts.duckdb"
    # The name of a release: in it, DuckDB would find `marts.good` ambiguous.
    run(path, TABLES)
    return path


@pytest.fixture(scope="module")
def source(database: Path, gx: Any) -> Iterator[Any]:
    importlib.import_module("pilar.quality.duckdb_source")
    importlib.import_module("pilar.quality.measure")
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_duckdb(
        name="source",
        database=str(database),
        database_schema="marts",
        read_only=True,
    )
    source.add_table_asset("good")
    source.add_table_asset("bad")
    source.get_asset("good").add_batch_definition_whole_table("all")
    source.get_asset("bad").add_batch_definition_whole_table("all")
    yield source
    source.close()


def judge(source: Any, table: str, type_: str, kwargs: dict[str, Any]) -> Any:
    gx = importlib.import_module("great_expectations")
    suite = gx.ExpectationSuite(name="one", expectations=[{"type": type_, "kwargs": kwargs}])
    batch = source.get_asset(table).get_batch_definition("all").get_batch()
    (result,) = batch.validate(suite).results
    raised = [info for info in (result.exception_info or {}).values() if isinstance(info, dict)]
    assert not raised, raised[0]["exception_message"]
    assert not (result.exception_info or {}).get("raised_exception"), result.exception_info["exception_message"]
    return result


@pytest.mark.parametrize(("type_", "kwargs"), CASES, ids=[f"{at}-{case[0]}" for at, case in enumerate(CASES)])
def test_passes_on_good_rows_and_fails_on_bad(source: Any, type_: str, kwargs: dict[str, Any]) -> None:
    bad = {**kwargs, "column": "absent"} if type_ == "expect_column_to_exist" else kwargs
    if type_ == "expect_table_columns_to_match_set":
        bad = {"column_set": ["key", "absent"], "exact_match": False}
    assert judge(source, "good", type_, kwargs).success
    assert not judge(source, "bad", type_, bad).success


def test_every_type_of_the_suites_is_proved_here() -> None:
    used = {item.type for gate in ("arrivals", "candidate") for suite in suites(gate) for item in suite.expectations}
    assert used <= {type_ for type_, _ in CASES}


def test_decimal_money_is_compared_to_the_last_sen(source: Any) -> None:
    query = "SELECT 1 FROM {batch} WHERE due <> 100"
    result = judge(source, "bad", "unexpected_rows_expectation", {"unexpected_rows_query": query})
    assert result.result["observed_value"] == 50


def test_a_measure_shows_its_number_and_passes_when_there_is_nothing_to_measure(source: Any) -> None:
    kind = "expect_measure_to_be_between"
    share = {"unexpected_rows_query": "SELECT avg((n < 0)::INTEGER) AS share FROM {batch}", "max_value": 0.5}
    assert judge(source, "bad", kind, share).result["observed_value"] == 1.0
    nothing = {"unexpected_rows_query": "SELECT avg(n) FROM {batch} WHERE false", "min_value": 1}
    assert judge(source, "good", kind, nothing).success


HOLDERS = {
    # What a column holds, which is a run of 16 digits in its first row and in its third.
    "text": "['x3522014501900007', 'x352201450190000', '3522014501900007', NULL][i]",
    "bigint": "[1000000000000000, 999999999999999, -9223372036854775808, NULL][i]",
    "hugeint": "[1000000000000000, -999999999999999, 1000000000000000000, NULL][i]::HUGEINT",
    "money": "[1000000000000000.00, 999999999999999.99, -9999999999999999.99, NULL][i]::DECIMAL(18, 2)",
    "fraction": "[0.1234567890123456, NULL, 1.1234567890123456, NULL][i]::DECIMAL(18, 16)",
    "double": "[1234567890123456, 0.5, 0.12345678901234567, NULL][i]::DOUBLE",
    "list": "[['a', '3522014501900007'], ['35220145019', '00007'], ['3522014501900007'], NULL][i]",
    "struct": "[{'a': 'x', 'b': 3522014501900007}, {'a': 'y', 'b': 7}, {'a': '3522014501900007', 'b': 7}, NULL][i]",
    "blob": "['3522014501900007'::BLOB, 'x'::BLOB, '3522014501900007'::BLOB, NULL][i]",
    "uuid": "['35220145-0190-0007-0000-000000000000'::UUID, NULL, NULL, NULL][i]",
    "moment": "[TIMESTAMP '2023-11-20 12:13:14.123456', NULL, NULL, NULL][i]",
    "whole": "[2147483647, -2147483648, 0, NULL][i]::INTEGER",
}


@pytest.fixture
def asked(tmp_path: Path, gx: Any) -> Iterator[Any]:
    """Make a table ``marts.one`` by a SELECT and judge an expectation on it."""
    importlib.import_module("pilar.quality.measure")
    sources = []

    def ask(select: str, type_: str, kwargs: dict[str, Any]) -> Any:
        path = tmp_path / f"{len(sources)}.duckdb"
        run(path, f"CREATE SCHEMA marts; CREATE TABLE marts.one AS {select}")
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        source = context.data_sources.add_duckdb(name="s", database=str(path), database_schema="marts", read_only=True)
        sources.append(source)
        source.add_table_asset("one").add_batch_definition_whole_table("all")
        return judge(source, "one", type_, kwargs)

    yield ask
    for source in sources:
        source.close()


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_run_of_digits_is_found_in_each_type_that_can_hold_one(asked: Any, holder: str) -> None:
    """The same rows as if each were printed as one text."""
    select = f"SELECT {HOLDERS[holder]} AS one, i AS two FROM range(1, 5) AS r(i)"
    printed = "SELECT count(*) FROM (SELECT concat_ws(' ', *COLUMNS(*)) AS line FROM {batch}) WHERE "
    query = {"unexpected_rows_query": printed + "regexp_matches(line, '[0-9]{{16}}')", "max_value": 9}
    expected = asked(select, "expect_measure_to_be_between", query).result["observed_value"]
    found = asked(select, "expect_table_to_have_no_run_of_digits", {"digits": 16})
    assert found.result["observed_value"] == expected == (0 if holder in ("uuid", "moment", "whole") else 2)
    assert found.success == (expected == 0)


def test_runs_of_digits_count_by_row_not_by_column(asked: Any) -> None:
    select = "SELECT '3522014501900007' AS a, CASE i WHEN 2 THEN 'x' ELSE a END AS b FROM range(3) AS r(i)"
    found = asked(select, "expect_table_to_have_no_run_of_digits", {"digits": 16})
    assert found.result["observed_value"] == 3


def test_rows_that_share_a_key_are_counted_unless_a_part_is_missing(asked: Any) -> None:
    twice = "('a', 1), ('a', 1), ('a', 2), (NULL, 3), (NULL, 3), (NULL, NULL), ('b', 1), ('b', 1), ('b', 1)"
    select = f"FROM (VALUES {twice}) AS v(x, y)"
    found = asked(select, "expect_compound_columns_to_be_unique", {"column_list": ["x", "y"]})
    assert (found.success, found.result["unexpected_count"], found.result["element_count"]) == (False, 5, 9)


def test_a_failed_statement_does_not_spoil_the_next(source: Any, gx: Any) -> None:
    batch = source.get_asset("good").get_batch_definition("all").get_batch()
    broken = gx.expectations.UnexpectedRowsExpectation(unexpected_rows_query="SELECT nothing FROM {batch}")
    assert not batch.validate(broken).success
    assert judge(source, "good", "expect_table_row_count_to_equal", {"value": 100}).success


def test_columns_are_told_by_their_types(source: Any) -> None:
    types = {"key": "VARCHAR", "n": "INTEGER", "due": "NUMERIC", "day": "DATE", "items": "ARRAY", "flag": "BOOLEAN"}
    kind = "expect_column_values_to_be_of_type"
    told = {
        column for column in types if judge(source, "good", kind, {"column": column, "type_": types[column]}).success
    }
    assert told == set(types)
    assert not judge(source, "good", kind, {"column": "due", "type_": "VARCHAR"}).success


def test_read_only_refuses_to_write(source: Any) -> None:
    engine = source.get_execution_engine()
    with pytest.raises(sa.exc.DBAPIError, match="read-only"):
        engine.execute_query(sa.text("CREATE TABLE marts.intruder (i INTEGER)"))


def test_another_process_may_write_after_close(source: Any, database: Path) -> None:
    write = [
        sys.executable,
        "-c",
        f"import duckdb; duckdb.connect({str(database)!r}).execute('CREATE TABLE w (i INT)')",
    ]
    assert judge(source, "good", "expect_table_row_count_to_equal", {"value": 100}).success
    assert "lock" in subprocess.run(write, capture_output=True, text=True, check=False).stderr
    source.close()
    assert subprocess.run(write, capture_output=True, text=True, check=False).returncode == 0
    # And the source opens the file again when it is asked again.
    assert judge(source, "good", "expect_table_row_count_to_equal", {"value": 100}).success
