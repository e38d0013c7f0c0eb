"""The candidate holds the marts, all of them, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

from pilar.config import Home
from pilar.publish import (
    PublishError,
    build_candidate,
    candidate,
    candidate_path,
    current_commit,
    publishable,
    table_checksums,
)

from .conftest import NIKS, Change

BUILT = datetime(2026, 11, 24, 20, 15, tzinfo=timezone(timedelta(hours=7)))


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """Query a release by its own schema, whatever the file is called."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{path}' AS release (READ_ONLY); USE release.marts")
        return connection.execute(query).fetchall()


def test_it_holds_the_marts_with_their_comments(home: Home, warehouse: Path) -> None:
    path = build_candidate(home, "20261124T131500Z", built_at=BUILT)
    assert path == candidate_path(home, "20261124T131500Z")
    assert rows(path, "SELECT table_name FROM duckdb_tables() ORDER BY 1") == [
        ("fct_disbursement",), ("file_ledger",), ("region_names",), ("release_info",),
    ]  # fmt: skip
    assert rows(path, "SELECT comment FROM duckdb_tables() WHERE table_name = 'fct_disbursement'") == [
        ("One transfer attempt; the bank's word.",)
    ]
    assert rows(
        path, "SELECT schema_name, comment FROM duckdb_columns() WHERE column_name = 'amount_idr' ORDER BY 1"
    ) == [("main", "Rupiah."), ("marts", "Rupiah.")]
    assert rows(
        path, "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'release_info' AND comment IS NULL"
    ) == [(0,)]
    assert rows(path, "SELECT count(*), sum(amount_idr) FROM fct_disbursement") == [(500, 500_000_000)]


def test_release_info_says_what_it_is_in_utc(home: Home, warehouse: Path) -> None:
    path = build_candidate(home, "r1", built_at=BUILT, git_commit="1234567890123456" + "a" * 24)
    assert rows(path, "FROM release_info") == [
        ("r1", datetime(2026, 11, 24, 13, 15), "123456789012345-6" + "a" * 24, "pending", date(2023, 11, 28))  # noqa: DTZ001
    ]


def test_no_byte_of_the_warehouse_travels_beside_the_marts(home: Home, warehouse: Path) -> None:
    assert any(nik.encode() in warehouse.read_bytes() for nik in NIKS), "the warehouse must hold what could leak"
    content = build_candidate(home, "r1").read_bytes()
    assert not [nik for nik in NIKS if nik.encode() in content]


def test_it_is_one_file_without_indexes(home: Home, change: Change) -> None:
    change(
        "CREATE TABLE marts.keyed (id INTEGER PRIMARY KEY, word VARCHAR UNIQUE)",
        "INSERT INTO marts.keyed VALUES (1, 'a')",
    )
    change("CREATE INDEX by_word ON marts.keyed (word)")
    path = build_candidate(home, "r1")
    assert [item.name for item in path.parent.iterdir()] == ["marts.duckdb"]
    assert rows(path, "SELECT count(*) FROM duckdb_indexes()") == [(0,)]
    assert rows(
        path, "SELECT count(*) FROM duckdb_constraints() WHERE constraint_type IN ('UNIQUE', 'PRIMARY KEY')"
    ) == [(0,)]


def test_older_clients_can_read_it(home: Home, warehouse: Path) -> None:
    """Tried by hand from DuckDB 1.1 on; the file says from which version on it can be read."""
    path = build_candidate(home, "r1")
    assert rows(path, "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = 'release'") == [
        ("v1.0.0+",)
    ]


def test_the_order_of_a_small_table_depends_on_content_alone(home: Home, change: Change) -> None:
    query = "SELECT reference_no FROM fct_disbursement"
    first = rows(build_candidate(home, "r1"), query)
    change("CREATE OR REPLACE TABLE marts.fct_disbursement AS FROM marts.fct_disbursement ORDER BY reference_no DESC")
    assert rows(build_candidate(home, "r2"), query) == first


def test_a_large_table_keeps_the_order_of_the_warehouse(
    home: Home, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is copied as it comes needs no memory to be sorted in (ADR 43)."""
    monkeypatch.setattr(candidate, "SORTED_ROWS", 499)
    change(
        "CREATE OR REPLACE TABLE marts.fct_disbursement AS FROM marts.fct_disbursement ORDER BY hash(reference_no)",
        "CREATE TABLE marts.small AS SELECT unnest([3, 1, 2]) AS n",
        "CREATE VIEW marts.fct_view AS SELECT reference_no FROM marts.fct_disbursement",
    )
    path = build_candidate(home, "r1")
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        as_it_stands = warehouse.execute("SELECT reference_no FROM marts.fct_disbursement").fetchall()
    assert as_it_stands != sorted(as_it_stands)
    assert rows(path, "SELECT reference_no FROM fct_disbursement") == as_it_stands
    assert rows(path, "FROM fct_view") == as_it_stands
    assert rows(path, "FROM small") == [(1,), (2,), (3,)]


def test_checksums_follow_content_not_layout(home: Home, change: Change) -> None:
    first = table_checksums(build_candidate(home, "r1"))
    assert set(first) == {"fct_disbursement", "file_ledger", "region_names"}
    change("CREATE OR REPLACE TABLE marts.fct_disbursement AS FROM marts.fct_disbursement ORDER BY reference_no DESC")
    assert table_checksums(build_candidate(home, "r2")) == first
    for statement in (
        "UPDATE marts.fct_disbursement SET amount_idr = 1000000.01 WHERE reference_no = 'TRX-7'",
        "INSERT INTO marts.fct_disbursement SELECT * FROM marts.fct_disbursement WHERE reference_no = 'TRX-8'",
        "UPDATE marts.fct_disbursement SET months = ['2023-01'] WHERE reference_no = 'TRX-9'",
        "ALTER TABLE marts.fct_disbursement RENAME amount_idr TO amount",
    ):
        change(statement)
        now = table_checksums(build_candidate(home, "r3"))
        assert now["fct_disbursement"] != first["fct_disbursement"], statement
        assert now["file_ledger"] == first["file_ledger"]
        first = now


def test_a_new_candidate_sweeps_what_a_crash_left(home: Home, warehouse: Path) -> None:
    left = home.releases / ".building-old"
    left.mkdir()
    (left / "marts.duckdb").write_bytes(b"half")
    (home.published / ".marts.duckdb.99").symlink_to("nowhere")
    build_candidate(home, "r1")
    assert [item.name for item in home.releases.iterdir()] == [".building-r1"]
    assert [item.name for item in home.published.iterdir()] == ["releases"]


def test_an_empty_warehouse_gives_no_release(home: Home) -> None:
    duckdb.connect(str(home.warehouse)).close()
    with pytest.raises(PublishError, match="build first"):
        build_candidate(home, "r1")


@pytest.mark.parametrize("release_id", ["", "../x", ".hidden", "a/b", "a b", "x" * 65])
def test_a_release_id_is_a_plain_name(release_id: str, home: Home, warehouse: Path) -> None:
    with pytest.raises(PublishError, match="release id"):
        build_candidate(home, release_id)


def test_the_commit_is_known_without_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pilar.publish.candidate.PROJECT", tmp_path)
    monkeypatch.setenv("PILAR_GIT_COMMIT", "abc")
    assert current_commit() == "abc"
    monkeypatch.delenv("PILAR_GIT_COMMIT")
    assert current_commit() == "unknown"


def test_publishable_breaks_each_run_and_loses_nothing() -> None:
    digest = "7" * 64
    assert publishable(digest).replace("-", "") == digest
    assert max(map(len, publishable(digest).split("-"))) == 15
    assert publishable("ab12") == "ab12"


def test_utc_is_stored_whatever_zone_was_given(home: Home, warehouse: Path) -> None:
    path = build_candidate(home, "r1", built_at=BUILT.astimezone(UTC))
    assert rows(path, "SELECT built_at FROM release_info") == [(datetime(2026, 11, 24, 13, 15),)]  # noqa: DTZ001


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM file_ledger",
        "SELECT count(*) FROM marts.marts.file_ledger",
        "SET schema = 'marts'; SELECT count(*) FROM file_ledger",
        "USE marts.marts; SELECT count(*) FROM file_ledger",
    ],
)
def test_it_answers_however_an_analyst_names_a_table(home: Home, warehouse: Path, query: str) -> None:
    path = build_candidate(home, "r1")
    with duckdb.connect(str(path), read_only=True) as opened:
        assert opened.execute(query).fetchall() == [(2,)]


@pytest.mark.parametrize("name", ["rel.file_ledger", "rel.marts.file_ledger"])
def test_it_answers_under_any_attached_name(home: Home, warehouse: Path, name: str) -> None:
    path = build_candidate(home, "r1")
    with duckdb.connect() as session:
        session.execute(f"ATTACH '{path}' AS rel (READ_ONLY)")
        assert session.execute(f"SELECT count(*) FROM {name}").fetchall() == [(2,)]
