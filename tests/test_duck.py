"""Every connection to DuckDB has limits, and spills where nobody else looks."""

from __future__ import annotations

import ast
import os
import platform
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pilar import duck
from pilar.config import PROJECT, Home

MORE_THAN_IT_GETS = """
    CREATE TEMP TABLE much AS
    SELECT md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS text FROM range(1000000) AS n (i) ORDER BY 1
"""


@pytest.fixture
def small(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose connections get 64 MB."""
    monkeypatch.setenv("PILAR_HOME", str(home.root))
    monkeypatch.setenv("PILAR_MEMORY_LIMIT", "64MB")
    return home.make()


def opened(way: str, home: Home) -> duckdb.DuckDBPyConnection:
    file = home.root / "some.duckdb"
    if way != "in memory":
        duckdb.connect(str(file)).close()
    return duck.connect(None if way == "in memory" else file, read_only=way == "to read")


@pytest.mark.parametrize("way", ["in memory", "to read", "to write"])
def test_a_connection_spills_below_the_home_and_leaves_nothing(small: Home, way: str) -> None:
    with opened(way, small) as connection:
        told = connection.execute("SELECT current_setting('memory_limit'), current_setting('threads')").fetchall()
        connection.execute(MORE_THAN_IT_GETS)
        (folder,) = small.spill.iterdir()
        assert any(folder.iterdir()), "nothing was spilled, so nothing was tried"
    assert told == [("61.0 MiB", 2)]
    assert small.spill.stat().st_mode & 0o777 == 0o700
    assert [*small.spill.iterdir()] == []


def test_connections_of_one_file_share_its_folder_even_after_a_spill(small: Home) -> None:
    with opened("to write", small) as first:
        first.execute(MORE_THAN_IT_GETS)
        with duck.connect(small.root / "some.duckdb") as second:
            assert second.execute("SELECT count(*) FROM duckdb_temporary_files()").fetchall() != [(0,)]
        assert first.execute("SELECT count(*) FROM much").fetchall() == [(1_000_000,)]


def test_attached_files_can_be_read_only(small: Home) -> None:
    opened("to write", small).close()
    with duck.attached({"shown": small.root / "some.duckdb"}) as one, pytest.raises(duckdb.InvalidInputException):
        one.execute("CREATE TABLE shown.t (i INTEGER)")


def test_without_a_home_what_does_not_fit_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_HOME", str(tmp_path / "none"))
    monkeypatch.setenv("PILAR_MEMORY_LIMIT", "64MB")
    monkeypatch.chdir(tmp_path)
    with duck.connect() as connection, pytest.raises(duckdb.OutOfMemoryException):
        connection.execute(MORE_THAN_IT_GETS)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(("limit", "given"), [("100MB", "100MB"), ("1GiB", duck.SMALL), ("80%", duck.SMALL)])
def test_a_page_takes_little_and_never_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch, limit: str, given: str
) -> None:
    monkeypatch.setenv("PILAR_MEMORY_LIMIT", limit)
    assert (duck.small().memory_limit, duck.small().threads) == (given, 1)


def test_what_a_killed_process_spilled_is_swept_away(small: Home) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {"dead": f"{platform.node()}-{ended.pid}-ab", "alive": f"{platform.node()}-{os.getpid()}-ab"}
    names |= {"elsewhere, new": "another-host-1-ab", "elsewhere, old": "another-host-2-ab"}
    small.spill.mkdir()
    for name in names.values():
        (small.spill / name).mkdir()
    os.utime(small.spill / names["elsewhere, old"], (0, 0))
    assert {path.name for path in duck.sweep(small)} == {names["dead"], names["elsewhere, old"]}
    assert {path.name for path in small.spill.iterdir()} == {names["alive"], names["elsewhere, new"]}


def bare(source: str) -> list[int]:
    """Lines that call ``duckdb.connect`` themselves."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "duckdb.connect"
    ]


def test_nothing_else_opens_duckdb() -> None:
    # Great Expectations' engine is given the settings of this module by whoever makes it.
    may = {"pilar/duck.py", "pilar/quality/duckdb_source.py"}
    found = {
        path.relative_to(PROJECT).as_posix()
        for folder in ("pilar", "dags", "plugins")
        for path in (PROJECT / folder).rglob("*.py")
        if bare(path.read_text("utf-8"))
    }
    assert found == may
    assert bare("import duckdb\nwith duckdb.connect(':memory:') as c: pass\n") == [2]


def test_a_file_that_is_made_keeps_its_format_for_whoever_opens_it(small: Home) -> None:
    file = small.root / "new.duckdb"
    duck.connect(file).close()
    with duckdb.connect(str(file)) as connection:  # as dbt does
        told = connection.execute("SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal")
        assert told.fetchall() == [("v1.5.0+",)]
