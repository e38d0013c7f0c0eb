"""The command ``pilar`` as its user meets it."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pilar import publish
from pilar.cli import app
from pilar.config import Home
from tests.conftest import Night

PILAR = Path(sys.executable).with_name("pilar")


def pilar(*arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ | ({"PILAR_HOME": str(home)} if home else {})
    return subprocess.run([str(PILAR), *arguments], env=environment, capture_output=True, text=True, check=False)


def here(*arguments: str, home: Path | None = None) -> Result:
    """The same in this process, half a second sooner: without what the entry point says of errors."""
    return CliRunner().invoke(app, arguments, env={"PILAR_HOME": str(home)} if home else {})


def test_help_lists_each_step() -> None:
    told = pilar("--help")
    assert told.returncode == 0
    for step in (
        "run",
        "status",
        "fetch",
        "land",
        "load",
        "build",
        "check",
        "publish",
        "report",
        "sql",
        "diff",
        "explain",
        "samples",
    ):
        assert f"\n  {step} " in told.stdout
    assert all(len(line) <= 100 for line in told.stdout.splitlines())


@pytest.mark.parametrize(
    "command",
    ["run", "status", "fetch", "land", "load", "build", "check", "publish", "report", "sql", "diff", "explain"],
)
def test_each_command_helps(command: str) -> None:
    told = here(command, "--help")
    assert told.exit_code == 0
    assert "--home" in told.stdout


def test_sql_asks_the_release(sample_night: Night) -> None:
    told = pilar(
        "sql", "--csv",
        "SELECT pillar_code, count(*) AS people FROM dim_participant WHERE is_current GROUP BY 1 ORDER BY 1",
        home=sample_night.home.root,
    )  # fmt: skip
    assert list(csv.reader(io.StringIO(told.stdout))) == [
        ["pillar_code", "people"],
        ["PKH", "1173"],
        ["TAGANA", "331"],
        ["TKSK", "153"],
    ]


@pytest.mark.parametrize(
    "query", ["DELETE FROM dim_region", "COPY dim_region TO 'x.csv'", "SELECT * FROM read_text('/etc/hostname')"]
)
def test_sql_changes_nothing_and_reads_nothing_else(sample_night: Night, query: str) -> None:
    told = pilar("sql", query, home=sample_night.home.root)
    assert told.returncode == 1
    assert told.stderr.startswith("pilar: ")
    assert "Traceback" not in told.stderr


def test_status_repeats_how_the_night_ended(sample_night: Night) -> None:
    told = here("status", home=sample_night.home.root)
    assert told.exit_code == 0
    assert "PUBLISHED" in told.stdout


def test_an_empty_home_is_told_in_a_sentence(tmp_path: Path) -> None:
    for command in (["status"], ["load"], ["sql", "SELECT 1"]):
        told = pilar(*command, home=tmp_path)
        assert told.returncode == 1
        assert told.stderr.startswith("pilar: ")
        assert "Traceback" not in told.stderr


def test_rollback_and_its_refusal(home: Home) -> None:
    told = pilar("publish", "--rollback", "19990101T000000Z", home=home.root)
    assert told.returncode == 1
    assert "19990101T000000Z" in told.stderr
    assert publish.current(home) is None


def test_the_steps_one_by_one_make_a_night(home: Home) -> None:
    assert pilar("samples", "lay", home=home.root).returncode == 0
    begun = pilar("land", home=home.root)
    assert begun.returncode == 0, begun.stderr
    for step in (["load"], ["check", "arrivals"], ["build"], ["check", "candidate"], ["publish"], ["report"]):
        told = pilar(*step, home=home.root)
        assert told.returncode == 0, f"{step}: {told.stderr}"
    now = publish.current(home)
    assert now is not None
    assert now.release_id == begun.stdout.strip()
    assert (home.reports / "index.html").is_file()
