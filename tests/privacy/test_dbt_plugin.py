"""A real dbt run uses the key and writes it nowhere."""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from pilar.config import PROJECT, Home
from pilar.privacy import HMAC_SQL, load_key

PROFILE = """
probe:
  target: it
  outputs:
    it:
      type: duckdb
      path: {path}
      threads: 2
      plugins:
        - module: pilar.privacy.dbt_plugin
"""


def arguments_of(process: int) -> bytes:
    """The command line as any user of the machine can see it."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("source", ["file", "environment"])
def test_dbt_computes_pseudonyms_and_tells_nobody(
    source: str, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if source == "environment":
        monkeypatch.setenv("PILAR_PII_KEY", "kunci-uji-" * 5)
    else:
        monkeypatch.delenv("PILAR_PII_KEY", raising=False)
    key = load_key(home)
    project = tmp_path / "project"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text("name: probe\nversion: '1.0'\nprofile: probe\nmodel-paths: [models]\n")
    (project / "profiles.yml").write_text(PROFILE.format(path=home.warehouse))
    # Two models, since dbt gives each its own cursor.
    for name in ("one", "two"):
        (project / "models" / f"{name}.sql").write_text(
            "{{ config(materialized='table') }} select " + HMAC_SQL.format(text=f"'{name}'") + " as id"
        )
    command = [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--debug", "--log-level-file", "debug",
        "run", "--project-dir", str(project), "--profiles-dir", str(project),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "PILAR_HOME": str(home.root),
        "PYTHONPATH": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
    run = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    seen: list[bytes] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.append(arguments_of(run.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, _ = run.communicate(timeout=240)
    done.set()
    watcher.join()
    assert run.returncode == 0, output.decode()
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        for name in ("one", "two"):
            expected = hmac.new(key, name.encode(), hashlib.sha256).hexdigest()
            assert connection.execute(f"SELECT id FROM {name}").fetchall() == [(expected,)]
    written = [path for path in project.rglob("*") if path.is_file()]
    assert {"manifest.json", "run_results.json", "dbt.log"} <= {path.name for path in written}
    told = output + b"".join(seen) + b"".join(path.read_bytes() for path in written) + home.warehouse.read_bytes()
    assert b"getvariable('pii_ipad')" in told, "the test must read what dbt wrote"
    pads = [bytes(byte ^ mark for byte in key.ljust(64, b"\0")) for mark in (0x36, 0x5C)]
    escaped = ["".join(f"\\x{byte:02x}" for byte in pad[:8]).encode() for pad in pads]
    for trace in (key, key[:12], *pads, *(pad.hex().encode() for pad in pads), *escaped):
        assert trace not in told
