"""The shelf of a release: views and macros that answer, are described, and never answer from another release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pilar.config import Home
from pilar.privacy.scan import personal_name
from pilar.publish import build_candidate, shelf
from tests.conftest import Night

VIEWS = [view["name"] for view in shelf.described()]
CALLS = [macro["example"] for macro in shelf.macros()]


@pytest.fixture
def attached(sample_night: Night) -> Iterator[duckdb.DuckDBPyConnection]:
    """A session of an analyst who has attached the release as ``r`` to something else."""
    with duckdb.connect() as session:
        session.execute(f"ATTACH '{sample_night.home.current_marts}' AS r (READ_ONLY)")
        yield session


def rows(session: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    return session.execute(query).fetchall()


def test_each_sql_file_is_described_and_each_description_has_its_file() -> None:
    for kind, named in (("views", VIEWS), ("macros", [macro["name"] for macro in shelf.macros()])):
        assert sorted(path.stem for path in (shelf.FOLDER / kind).glob("*.sql")) == sorted(named)


def test_every_table_view_macro_and_column_of_a_release_has_a_comment(sample_night: Night) -> None:
    """The policy; below it is shown to see what lacks one."""
    with duckdb.connect(str(sample_night.home.current_marts), read_only=True) as release:
        assert uncommented(release) == []


def uncommented(release: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return rows(
        release,
        """
        FROM (
            SELECT schema_name, table_name AS name, NULL AS part, comment FROM duckdb_tables() WHERE NOT internal
            UNION ALL
            SELECT schema_name, view_name, NULL, comment FROM duckdb_views() WHERE NOT internal
            UNION ALL
            SELECT schema_name, table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal
            UNION ALL
            SELECT schema_name, function_name, NULL, comment FROM duckdb_functions() WHERE NOT internal
        )
        SELECT schema_name, name, part
        WHERE coalesce(trim(comment), '') = '' ORDER BY ALL
        """,
    )


def test_what_lacks_a_comment_is_seen() -> None:
    with duckdb.connect() as release:
        release.execute(
            "CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT a FROM t; CREATE MACRO m(x) AS TABLE FROM t"
        )
        assert uncommented(release) == [
            ("main", "m", None), ("main", "t", "a"), ("main", "t", None), ("main", "v", "a"), ("main", "v", None),
        ]  # fmt: skip


@pytest.mark.parametrize("source", [*VIEWS, *CALLS])
def test_each_has_the_columns_that_it_promises(sample_night: Night, source: str) -> None:
    promised = next(
        entry["columns"] for entry in (*shelf.described(), *shelf.macros()) if source.partition("(")[0] == entry["name"]
    )
    found = sample_night.ask(f"SELECT column_name, lower(column_type) FROM (DESCRIBE FROM {source})")
    assert found == [(column["name"], column["data_type"]) for column in promised]
    assert sample_night.ask(f"SELECT count(*) > 0 FROM {source}") == [(True,)]
    assert [name for name, _ in found if personal_name(name)] == []


@pytest.mark.parametrize("schema", ["main", "marts"])
@pytest.mark.parametrize("source", [*VIEWS, *CALLS])
def test_each_answers_in_both_schemas_and_under_another_name(
    sample_night: Night, attached: duckdb.DuckDBPyConnection, schema: str, source: str
) -> None:
    count = f"SELECT count(*) FROM {source}"
    directly = sample_night.ask(f"SELECT count(*) FROM marts.{schema}.{source}")
    assert directly == sample_night.ask(count)
    attached.execute(f"USE r.{schema}")
    assert rows(attached, count) == directly


@pytest.mark.parametrize("schema", ["", "main.", "marts."])
def test_views_answer_from_where_they_stand(attached: duckdb.DuckDBPyConnection, schema: str) -> None:
    attached.execute("CREATE TABLE dim_region (region_code VARCHAR); CREATE TABLE fct_poverty (region_code VARCHAR)")
    assert rows(attached, f"SELECT count(*) > 100 FROM r.{schema}view_poverty_latest") == [(True,)]


def test_a_macro_never_answers_from_another_release(attached: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """DuckDB takes a macro's tables from whatever its caller uses."""
    attached.execute(f"ATTACH '{tmp_path / 'other.duckdb'}' AS other; USE other")
    attached.execute("CREATE TABLE fct_transfer_statement AS FROM r.fct_transfer_statement")
    attached.execute("CREATE TABLE release_info AS SELECT 'another' AS release_id")
    call = "transfers_as_of(timestamp '2023-11-23 00:00:00')"
    with pytest.raises(duckdb.InvalidInputException, match="USE that release first"):
        rows(attached, f"FROM r.{call}")
    with pytest.raises(duckdb.CatalogException, match="fct_transfer_statement"):
        rows(attached, f"USE memory; FROM r.{call}")
    assert rows(attached, f"USE r; SELECT count(*) FROM {call}") == [(1651,)]


def test_days_may_be_written_as_text(sample_night: Night) -> None:
    assert sample_night.ask("SELECT count(*) FROM roster_as_of('2023-11-20', known_at := '2023-11-15')") == [(1356,)]


def test_a_part_of_a_warehouse_gives_a_part_of_the_shelf(home: Home, warehouse: Path) -> None:
    path = build_candidate(home, "r1")
    with duckdb.connect(str(path), read_only=True) as release:
        assert rows(release, "SELECT view_name FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal") == []
        assert rows(release, "SELECT function_name FROM duckdb_functions() WHERE NOT internal") == []
        assert rows(release, "SELECT count(*) FROM file_ledger") == [(2,)]


def test_money_by_region_closes_to_the_rupiah(sample_night: Night) -> None:
    ((instructed, parts, paid, unpaid, beyond),) = sample_night.ask(
        "SELECT sum(instructed_idr), sum(paid_idr + failed_idr + returned_idr + pending_idr), sum(paid_idr), "
        "sum(unpaid_idr), sum(paid_beyond_idr) FROM view_money_by_region"
    )
    ((attempts, arrived),) = sample_night.ask(
        "SELECT sum(amount_idr), sum(amount_idr) FILTER (WHERE status = 'SUKSES') FROM fct_disbursement"
    )
    ((entitled,),) = sample_night.ask("SELECT sum(entitled_idr) FROM fct_entitlement WHERE months IS NULL")
    assert instructed == parts == attempts
    assert paid == arrived
    assert entitled - unpaid + beyond == paid


def test_changes_of_a_roster_are_the_difference_of_its_two_states(sample_night: Night) -> None:
    states = {
        moment: {
            row[0]
            for row in sample_night.ask(f"SELECT participant_id FROM roster_as_of('2023-11-20', known_at := {moment})")
        }
        for moment in ("'2023-11-15'", "null")
    }
    changes = sample_night.ask(
        "SELECT change, participant_id FROM roster_changes('2023-11-20', '2023-11-20', from_known_at := '2023-11-15')"
    )
    before, after = states.values()
    assert {person for change, person in changes if change == "CAME"} == after - before
    assert {person for change, person in changes if change == "LEFT"} == before - after
    assert before - after, "the corrected list of Bojonegoro leaves somebody out"


def test_gap_months_are_those_of_the_coverage(sample_night: Night) -> None:
    listed = sample_night.ask("SELECT participant_id, coverage_month FROM view_premium_gap_months ORDER BY ALL")
    assert listed == sample_night.ask(
        "SELECT participant_id, unnest(gap_months) FROM mart_premium_coverage ORDER BY ALL"
    )
    assert sample_night.ask("SELECT count(*) FROM view_premium_gap_months WHERE source_row IS NULL") == [(0,)]
