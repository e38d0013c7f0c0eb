"""A person of the samples is erased by the command, and a whole night follows."""

from __future__ import annotations

import shutil

import duckdb
import pytest
from typer.testing import CliRunner

from pilar import night, publish
from pilar.cli import app
from pilar.config import Home
from tests.conftest import Night
from tests.persons.everything import places_of

SOMEBODY = """
    SELECT any_value(person.nik), any_value(person.name), any_value(person.account_no), any_value(person.phone),
        any_value(person.bpjs_no)
    FROM staging.stg_rosters AS person
    JOIN staging.stg_disbursements AS paid ON paid.account_no = person.account_no AND paid.status = 'SUKSES'
    JOIN staging.stg_premiums AS insured ON insured.nik = person.nik
    WHERE person.nik IS NOT NULL AND person.phone IS NOT NULL AND len(string_split(person.name, ' ')) >= 2
    GROUP BY person.nik
    HAVING count(DISTINCT person.account_no) = 1 AND any_value(person.name) NOT IN
        (SELECT name FROM staging.stg_rosters WHERE nik IS DISTINCT FROM person.nik AND name IS NOT NULL)
    ORDER BY 1 LIMIT 1
"""
SAME = {
    "money": "SELECT event_id, benefit_code, outcome, count(*), sum(entitled_idr), sum(paid_idr), sum(returned_idr)"
    " FROM mart_disbursement_reconciliation GROUP BY ALL ORDER BY ALL",
    "transfers": "SELECT reference_no, status, amount_idr FROM fct_disbursement ORDER BY ALL",
    "cover": "SELECT outcome, sum(months_expected), sum(months_covered), count(*) FROM mart_premium_coverage"
    " GROUP BY ALL ORDER BY ALL",
    "people": "SELECT pillar_code, region_code, sex, count(DISTINCT participant_id) FROM dim_participant"
    " GROUP BY ALL ORDER BY ALL",
    "ledger": "SELECT feed, file_name, state, rows_read, rows_accepted, rows_quarantined FROM file_ledger ORDER BY ALL",
}


@pytest.fixture(scope="module")
def erased(sample_night: Night, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, tuple[str, ...], str]:
    """The home after `pilar forget`, what was known of the person, and what the command said."""
    home = Home(tmp_path_factory.mktemp("erased") / "home")
    shutil.copytree(sample_night.home.root, home.root, symlinks=True)
    with duckdb.connect(str(home.warehouse), read_only=True) as warehouse:
        (somebody,) = warehouse.execute(SOMEBODY).fetchall()
    values = tuple(value.lstrip("0") for value in somebody if value)
    assert {place.split("/")[0] for place in places_of(home.root, values)} >= {"raw", "landing", "reports"}
    arguments = ["forget", "--by", "petugas", "--yes", "--home", str(home.root)]
    asked = CliRunner().invoke(app, arguments, input=f"{somebody[0]}\n")
    assert asked.exit_code == 0, asked.output
    return home, values, asked.output


def test_no_byte_is_left_anywhere(erased: tuple[Home, tuple[str, ...], str]) -> None:
    home, values, told = erased
    assert places_of(home.root, values) == set()
    assert not any(value in told for value in values)


def test_the_money_and_everybody_else_are_as_before(
    sample_night: Night, erased: tuple[Home, tuple[str, ...], str]
) -> None:
    after = Night(erased[0], {})
    for what, query in SAME.items():
        assert after.ask(query) == sample_night.ask(query), what
    changed = "SELECT count(*) FROM (SELECT DISTINCT participant_id FROM dim_participant)"
    assert after.ask(changed) == sample_night.ask(changed)


def test_releases_from_before_are_gone_and_the_next_night_is_quiet(
    sample_night: Night, erased: tuple[Home, tuple[str, ...], str]
) -> None:
    home, before = erased[0], publish.current(sample_night.home)
    now = publish.current(home)
    assert before is not None
    assert now is not None
    assert publish.releases(home) == [now.release_id] != [before.release_id]
    assert night.begin(home)["unchanged"]
