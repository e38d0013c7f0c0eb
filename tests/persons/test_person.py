"""All that is held on one person, to hand over; and the two commands, which never take a NIK as an argument."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from pilar import landing
from pilar.cli import app
from pilar.config import Home
from pilar.persons import access
from tests.persons.test_forget import BANK, HE, HEAD, HERS, NAME, NIK, PREMIUMS, SHE, csv, drop, workbook


@pytest.fixture
def held(home: Home) -> Home:
    """Four files that speak of her are taken into ``raw/``."""
    drop(home, "rosters/kab-tuban/lama.csv", csv(HEAD, SHE), at=1_690_000_000)
    drop(home, "rosters/kab-tuban/tuban.xlsx", workbook(HEAD, SHE, HE), at=1_700_000_000)
    drop(home, "disbursements/bjtm.csv", BANK, at=1_700_100_000)
    drop(home, "premiums/iuran.csv", PREMIUMS, at=1_700_200_000)
    for item in landing.scan(home).items:
        landing.ingest(home, item)
    return home


def test_the_document_holds_all_of_hers_and_nothing_of_his(held: Home) -> None:
    written = access.write(held, NIK)
    assert (written.rows, written.files) == (5, 4)
    told = json.loads(written.data.read_text("utf-8"))
    assert [len(told["raw"][feed]) for feed in ("rosters", "disbursements", "premiums", "decisions")] == [2, 1, 2, 0]
    (transfer,) = told["raw"]["disbursements"]
    assert transfer["cells"]["amount_idr"] == "1000000"
    assert (transfer["file_name"], transfer["source_row"]) == ("bjtm.csv", 2)
    page = written.document.read_text("utf-8")
    for value in (
        NIK,
        NAME,
        "0091827364",
        "081234567890",
        "R-1",
        "Data pribadi yang disimpan tentang NIK",
        "kab-tuban",
    ):
        assert value in page, value
    for other in (*HE[:2], "R-2"):
        assert other not in page + written.data.read_text("utf-8")


def test_only_its_owner_may_read_it_and_its_name_tells_nobody(held: Home) -> None:
    written = access.write(held, NIK)
    for path in (written.document, written.data):
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert path.is_relative_to(held.restricted)
        assert not any(value in path.name for value in HERS)


def test_of_somebody_unknown_it_says_so(held: Home) -> None:
    written = access.write(held, "3523124101850009")
    assert (written.rows, written.released) == (0, 0)
    assert written.document.read_text("utf-8").count("Tidak ada.") == 5


def test_the_command_reads_the_nik_from_standard_input(held: Home) -> None:
    asked = CliRunner().invoke(app, ["person", "--home", str(held.root)], input=f"{NIK}\n")
    assert asked.exit_code == 0, asked.output
    assert "5 rows of 4 files" in asked.output
    assert not any(value in asked.output for value in HERS)


@pytest.mark.parametrize("arguments", [["person"], ["forget", "--by", "petugas", "--yes"]])
def test_what_is_no_nik_is_refused_and_not_shown(held: Home, arguments: list[str]) -> None:
    asked = CliRunner().invoke(app, [*arguments, "--home", str(held.root)], input=f"{NIK[:15]}\n")
    assert asked.exit_code == 1
    assert "A NIK has 16 digits" in asked.output
    assert NIK[:15] not in asked.output


@pytest.mark.parametrize("command", ["person", "forget"])
def test_a_nik_is_no_argument(command: str) -> None:
    assert CliRunner().invoke(app, [command, NIK]).exit_code == 2


def test_nothing_is_erased_without_a_yes(held: Home) -> None:
    arguments = ["forget", "--by", "petugas", "--home", str(held.root)]
    asked = CliRunner().invoke(app, arguments, input=f"{NIK}\nn\n")
    assert "5 rows of 4 files speak of this person" in asked.output
    assert asked.exit_code != 0
    assert access.write(held, NIK).rows == 5
