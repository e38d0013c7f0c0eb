"""`pilar verify`, `backup` and `restore` on the command line: what they say, and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pilar import night, raw
from pilar.cli import app
from pilar.config import Home
from pilar.services.environment import lock, services_lock
from tests.recovery.conftest import overwrite


def pilar(home: Home, *arguments: object) -> Result:
    return CliRunner().invoke(app, [*map(str, arguments), "--home", str(home.root)])


def test_there_and_back(full: Home, tmp_path: Path) -> None:
    made = pilar(full, "backup", tmp_path / "backups")
    assert made.exit_code == 0, made.output
    assert "NOT in this backup" in made.output
    assert pilar(full, "verify", "--backup", tmp_path / "backups").output.endswith(" 0 damaged\n")
    other = Home(tmp_path / "other")
    back = pilar(other, "restore", tmp_path / "backups", "--key", full.key_file)
    assert back.exit_code == 0, back.output
    assert [receipt.sha256 for receipt in raw.receipts(other)] == [receipt.sha256 for receipt in raw.receipts(full)]
    again = pilar(other, "restore", tmp_path / "backups")
    assert "is not empty" in str(again.exception)


def test_a_restore_without_its_key_says_which_is_wanted(full: Home, tmp_path: Path) -> None:
    pilar(full, "backup", tmp_path / "backups")
    told = pilar(Home(tmp_path / "other"), "restore", tmp_path / "backups").output
    assert "Now put the key of the pseudonyms into" in told
    assert "fingerprint" in told


def test_damage_ends_with_one_and_is_told(full: Home, tmp_path: Path) -> None:
    assert pilar(full, "verify").exit_code == 0
    (receipt,) = raw.receipts(full)
    landed = full.landing / "rosters" / "tuban.csv"
    kept = landed.read_bytes()
    landed.unlink()
    overwrite(raw.original_path(full, receipt))
    told = pilar(full, "verify")
    assert told.exit_code == 1
    assert f"damaged: raw/rosters/{receipt.sha256} (rosters/tuban.csv); its rows are whole" in told.output
    made = pilar(full, "backup", tmp_path / "backups")
    assert made.exit_code == 1
    assert "damaged in" in made.output
    landed.write_bytes(kept)
    assert "1 mended, 0 damaged" in pilar(full, "verify").output


def test_a_damaged_backup_is_told(full: Home, tmp_path: Path) -> None:
    pilar(full, "backup", tmp_path / "backups")
    overwrite(next((tmp_path / "backups").rglob("original.csv")))
    told = pilar(full, "verify", "--backup", tmp_path / "backups")
    assert (told.exit_code, told.output.endswith(" 1 damaged\n")) == (1, True)


@pytest.mark.parametrize(
    "command", [["verify"], ["backup", "backups"], ["rebuild"], ["restore", "backups"], ["person"]]
)
def test_a_night_that_runs_is_left_alone(full: Home, tmp_path: Path, command: list[str]) -> None:
    pilar(full, "backup", tmp_path / "backups")
    arguments = [str(tmp_path / word) if word == "backups" else word for word in command]
    with night.alone(full):
        told = CliRunner().invoke(app, [*arguments, "--home", str(full.root)], input="3523124101850001\n")
    assert isinstance(told.exception, night.NightRunning), told.output
    assert told.exit_code == 1


@pytest.mark.parametrize(
    "command", [["rebuild"], ["restore", "backups"], ["forget", "--by", "petugas", "--yes"]], ids=" ".join
)
def test_standing_services_must_go_first(full: Home, tmp_path: Path, command: list[str]) -> None:
    """They could begin a night of their own."""
    pilar(full, "backup", tmp_path / "backups")
    arguments = [str(tmp_path / word) if word == "backups" else word for word in command]
    with lock(services_lock(full)) as held:
        assert held is not None
        told = CliRunner().invoke(app, [*arguments, "--home", str(full.root)], input="3523124101850001\n")
    assert told.exit_code == 1
    assert "make down" in told.output
    assert len(raw.receipts(full)) == 1


def test_a_backup_may_wait_for_the_night(full: Home, tmp_path: Path) -> None:
    with night.alone(full), pytest.raises(night.NightRunning), night.alone(full, wait_seconds=0.5):
        pass
    assert pilar(full, "backup", tmp_path / "backups", "--wait", "5").exit_code == 0
