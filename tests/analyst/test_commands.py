"""``pilar open``, ``pilar export`` and ``pilar sql`` as an analyst types them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pilar.analyst import opening
from pilar.publish import shelf
from tests.conftest import CHECKOUT, Night

PILAR = Path(sys.executable).with_name("pilar")


def pilar(
    *arguments: str, home: Path, path: Path | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PILAR_HOME": str(home)} | ({"PATH": str(path)} if path else {})
    return subprocess.run(
        [str(PILAR), *arguments], env=environment, cwd=cwd, capture_output=True, text=True, check=False
    )


def program(folder: Path, name: str) -> Path:
    """A program that prints how it was called."""
    folder.mkdir(exist_ok=True)
    made = folder / name
    made.write_text(f'#!/bin/sh\necho {name} "$@"\n', "utf-8")
    made.chmod(0o755)
    return made


def test_open_starts_what_is_installed_read_only(sample_night: Night, tmp_path: Path) -> None:
    home, release = sample_night.home.root, sample_night.home.current_marts.resolve()
    program(tmp_path / "bin", "duckdb")
    assert pilar("open", home=home, path=tmp_path / "bin").stdout == f"duckdb -readonly {release}\n"
    program(tmp_path / "bin", "harlequin")
    assert pilar("open", home=home, path=tmp_path / "bin").stdout == f"harlequin --read-only {release}\n"


def test_open_says_how_to_install_when_nothing_is(sample_night: Night, tmp_path: Path) -> None:
    told = pilar("open", home=sample_night.home.root, path=tmp_path)
    assert told.returncode == 1
    assert "pipx install harlequin" in told.stderr
    assert "docs/for-analysts.md" in told.stderr


def test_open_ends_as_the_program_ends(sample_night: Night, tmp_path: Path) -> None:
    made = program(tmp_path / "bin", "duckdb")
    made.write_text("#!/bin/sh\nexit 7\n", "utf-8")
    assert pilar("open", home=sample_night.home.root, path=tmp_path / "bin").returncode == 7


@pytest.mark.parametrize("command", [["open"], ["export", "mart_claims", "--to", "x.csv"], ["sql", "mart_claims"]])
def test_before_the_first_release_a_sentence(tmp_path: Path, command: list[str]) -> None:
    told = pilar(*command, home=tmp_path)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("pilar: nothing is published under ")


def test_the_command_is_the_first_program_found(tmp_path: Path) -> None:
    with pytest.raises(opening.NoProgram):
        opening.command(tmp_path / "marts.duckdb", search=str(tmp_path))


def test_export_writes_a_mart_and_says_so(sample_night: Night, tmp_path: Path) -> None:
    home = sample_night.home.root
    target = tmp_path / "claims.csv"
    told = pilar("export", "mart_claims", "--to", str(target), home=home)
    assert told.stdout == f"{target}: {target.stat().st_size:,} bytes\n"
    assert len(target.read_text("utf-8").splitlines()) == 12
    again = pilar("export", "mart_claims", "--to", str(target), home=home)
    assert (again.returncode, again.stderr) == (1, f"pilar: {target} is there already; --force writes over it\n")


def test_export_of_everything(sample_night: Night, tmp_path: Path) -> None:
    told = pilar("export", "--all", str(tmp_path / "out"), home=sample_night.home.root)
    names = {path.stem for path in (tmp_path / "out").glob("*.parquet")}
    assert told.stdout == f"{len(names)} files in {tmp_path / 'out'}\n"
    assert {"fct_disbursement", "release_info", "view_unpaid_people"} < names


@pytest.mark.parametrize(
    "arguments", [[], ["mart_claims"], ["--to", "x.csv"], ["a", "--all", "x"], ["--all", "x", "--to", "y"]]
)
def test_export_wants_to_know_what_and_where(tmp_path: Path, sample_night: Night, arguments: list[str]) -> None:
    told = pilar("export", *arguments, home=sample_night.home.root)
    assert told.returncode == 2
    assert "say what and --to which file" in " ".join(told.stderr.split()).replace("│ ", "")


def test_sql_takes_names_calls_and_files(sample_night: Night, tmp_path: Path) -> None:
    home = sample_night.home.root
    (tmp_path / "q.sql").write_text("-- how many?\nselect count(*) as n from mart_claims;\n", "utf-8")
    assert pilar("sql", "--file", str(tmp_path / "q.sql"), "--csv", home=home).stdout == "n\n11\n"
    assert pilar("sql", "marts.mart_claims", "--csv", home=home).stdout.startswith("claim_id,")
    assert pilar("sql", "covered_on('2023-05-14')", "--csv", home=home).stdout.startswith("participant_id,")
    assert pilar("sql", home=home).returncode == 2


def test_sql_tells_an_error_in_words(sample_night: Night) -> None:
    told = pilar("sql", "SELEC 1", home=sample_night.home.root)
    assert told.returncode == 1
    assert told.stderr.startswith("pilar: Parser Error: ")
    assert "Traceback" not in told.stderr


PAGE = (CHECKOUT / "docs" / "for-analysts.md").read_text("utf-8")


def test_each_command_of_the_page_does_what_it_says(sample_night: Night, tmp_path: Path) -> None:
    (tmp_path / "docs").symlink_to(CHECKOUT / "docs")
    commands = [shlex.split(line) for line in PAGE.splitlines() if line.startswith(".venv/bin/pilar ")]
    assert len(commands) > 6
    for command in commands:
        told = pilar(*command[1:], home=sample_night.home.root, cwd=tmp_path)
        assert told.returncode == 0, (command, told.stderr)
    assert {"claims.xlsx", "bojonegoro.csv", "covered.parquet", "tables", "copies"} < {
        path.name for path in tmp_path.iterdir()
    }


def test_the_page_knows_every_view_and_macro() -> None:
    listed = set(re.findall(r"^\| `(\w+)", PAGE, re.MULTILINE))
    shelved = {entry["name"] for entry in (*shelf.described(), *shelf.macros())}
    assert shelved - listed == set()
    assert {name for name in listed if name.startswith("view_")} <= shelved
