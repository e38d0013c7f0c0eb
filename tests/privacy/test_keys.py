"""The key is made once, kept to its owner, and computes the same pseudonym in SQL as in Python."""

from __future__ import annotations

import hashlib
import hmac
import logging
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilar.config import PROJECT, Home
from pilar.privacy import HMAC_SQL, KeyRefused, bind, fingerprint, load_key

SECRET = "rahasia-" * 5
OF_X = HMAC_SQL.format(text="'x'")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PILAR_PII_KEY", raising=False)


def test_the_environment_wins(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_PII_KEY", f" {SECRET}\n")
    assert load_key(home) == SECRET.encode()
    assert not home.key_file.exists()


def test_a_file_is_made_once_for_its_owner(home: Home) -> None:
    first = load_key(home)
    assert len(first) >= 48
    assert home.key_file.stat().st_mode & 0o777 == 0o600
    assert load_key(home) == first
    assert [item.name for item in home.root.iterdir() if "pii" in item.name] == ["pii.key"]


def test_an_empty_variable_counts_as_not_set(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_PII_KEY", "")
    assert load_key(home) == home.key_file.read_bytes().strip()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(mode: int, home: Home) -> None:
    load_key(home)
    home.key_file.chmod(mode)
    with pytest.raises(KeyRefused, match="readable by others"):
        load_key(home)


def test_a_short_key_is_refused_and_never_shown(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILAR_PII_KEY", "hunter2-hunter2")
    with pytest.raises(KeyRefused, match="shorter than 32") as caught:
        load_key(home)
    assert "hunter2" not in str(caught.value)


def test_processes_that_start_together_agree(home: Home) -> None:
    script = (
        "import sys, hashlib; from pilar import config; from pilar.privacy.keys import load_key\n"
        "sys.stdin.readline(); print(hashlib.sha256(load_key(config.home(sys.argv[1]))).hexdigest())"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(home.root)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT,
        )
        for _ in range(6)
    ]  # fmt: skip
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    answers = {run.communicate(timeout=60)[0].strip() for run in runs}
    assert answers == {hashlib.sha256(load_key(home)).hexdigest()}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


@settings(max_examples=150, deadline=None)
@given(
    key=st.binary(min_size=32, max_size=200),
    texts=st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80), min_size=1, max_size=8),
)
def test_sql_equals_python(key: bytes, texts: list[str], connection: duckdb.DuckDBPyConnection) -> None:
    bind(connection, key)
    found = connection.execute(f"SELECT {HMAC_SQL.format(text='t')} FROM (SELECT unnest(?::VARCHAR[]) AS t)", [texts])
    assert [row[0] for row in found.fetchall()] == [
        hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for text in texts
    ]


def test_nothing_bound_or_nothing_given_is_null() -> None:
    with duckdb.connect(":memory:") as connection:
        assert connection.execute(f"SELECT {OF_X}").fetchall() == [(None,)]
        bind(connection, SECRET.encode())
        assert connection.execute(f"SELECT {HMAC_SQL.format(text='NULL::VARCHAR')}").fetchall() == [(None,)]
        assert connection.cursor().execute("SELECT getvariable('pii_ipad')").fetchall() == [(None,)]


def test_the_key_leaves_no_trace(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "w.duckdb"
    pads = [bytes(byte ^ mark for byte in SECRET.encode().ljust(64, b"\0")) for mark in (0x36, 0x5C)]
    with duckdb.connect(str(path)) as connection:
        connection.execute("CALL enable_logging('QueryLog')")
        bind(connection, SECRET.encode())
        connection.execute(f"CREATE TABLE t AS SELECT {OF_X} AS id")
        connection.execute(f"CREATE VIEW v AS SELECT {OF_X} AS id")
        logged = str(connection.execute("SELECT message FROM duckdb_logs").fetchall())
        assert "SET VARIABLE pii_ipad = ?" in logged
        seen = logged + str(connection.execute("SELECT value FROM duckdb_settings()").fetchall()) + caplog.text
    for trace in (SECRET, SECRET[:16], *(repr(pad)[2:20] for pad in pads), *(pad.hex() for pad in pads)):
        assert trace not in seen
    content = path.read_bytes()
    assert not any(trace in content for trace in (SECRET.encode(), *(pad[:16] for pad in pads)))


def test_a_fingerprint_tells_keys_apart_in_letters_only() -> None:
    assert fingerprint(SECRET.encode()) == fingerprint(SECRET.encode())
    assert fingerprint(SECRET.encode()) != fingerprint((SECRET + "x").encode())
    assert fingerprint(SECRET.encode()).isalpha()
