"""``pilar fetch`` as its user meets it."""

from __future__ import annotations

import pytest
from click.testing import Result
from typer.testing import CliRunner

from pilar.cli import app
from pilar.config import Home
from tests.bps_api.conftest import QUICK
from tests.bps_api.server import KEY, TITLES, Bps, Reply


@pytest.fixture
def pilar_fetch(home: Home, bps: Bps, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr("pilar.bps_api.fetching.Patience", lambda: QUICK)
    variables = {"0000": [621, 624], "3500": [497]}
    monkeypatch.setattr("pilar.bps_api.variables.configured", lambda: variables)

    def run(*arguments: str, key: str | None = KEY) -> Result:
        environment = {"PILAR_HOME": str(home.root), "PILAR_BPS_ADDRESS": bps.base_url, "PILAR_BPS_KEY": key}
        ended = CliRunner().invoke(app, ["fetch", *arguments], env=environment)
        assert KEY not in ended.output
        return ended

    return run


def test_a_backfill_and_its_second_run(pilar_fetch, home: Home, bps: Bps) -> None:  # type: ignore[no-untyped-def]
    ended = pilar_fetch("--years", "2021-2023")
    assert ended.exit_code == 0, ended.output
    assert "landed poverty/bps-web-api/0000_621_121-122-123.json" in ended.stderr
    assert ended.stdout == "4 new files in landing/poverty/bps-web-api; 0 answers without a new figure\n"
    assert pilar_fetch("--years", "2021-2023").stdout.startswith("0 new files")
    bps.queries.clear()
    assert pilar_fetch("--all").exit_code == 0
    assert {th for _, _, asked in bps.asked_for_data() for th in asked.split(";")} == set(map(str, range(116, 126)))


def test_failures_one_a_line_and_exit_code_1(pilar_fetch, bps: Bps) -> None:  # type: ignore[no-untyped-def]
    bps.fault = lambda query: Reply(status=500) if query["var"] == "621" else None
    ended = pilar_fetch("--years", "2025")
    assert ended.exit_code == 1
    assert "- domain 0000, variable 621: HTTP 500\n" in ended.stderr
    assert "asking again later may bring the rest" in ended.stderr
    bps.fault = lambda query: Reply(status=404) if query["var"] == "621" else None
    assert "asking again does not help" in pilar_fetch("--years", "2025").stderr


def test_the_check_names_each_title_or_what_became_of_it(pilar_fetch, bps: Bps) -> None:  # type: ignore[no-untyped-def]
    ended = pilar_fetch("--check")
    assert ended.exit_code == 0, ended.output
    assert f"domain 3500, variable 497: {TITLES['3500', 497][0]}\n" in ended.stdout
    bps.variables["0000"][1]["title"] = "Indeks Gini"
    ended = pilar_fetch("--check")
    assert ended.exit_code == 1
    assert "variable 621 (poverty_rate_pct): now called 'Indeks Gini'" in ended.stderr


def test_without_a_key_it_says_what_there_is(pilar_fetch, home: Home, bps: Bps) -> None:  # type: ignore[no-untyped-def]
    ended = pilar_fetch(key=None)
    assert (ended.exit_code, "no BPS file in landing/poverty" in ended.stdout) == (0, True)
    assert pilar_fetch("--check", key=None).exit_code == 1, "a check without a key has checked nothing"
    assert bps.queries == []


@pytest.mark.parametrize("arguments", [("--years", "21"), ("--all", "--check"), ("--years", "2021", "--all")])
def test_what_cannot_be_meant_is_a_usage_error(pilar_fetch, bps: Bps, arguments: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    assert pilar_fetch(*arguments).exit_code == 2
    assert bps.queries == []


def test_the_key_has_no_place_on_the_command_line(pilar_fetch) -> None:  # type: ignore[no-untyped-def]
    ended = pilar_fetch("--help")
    assert "PILAR_BPS_KEY" in ended.stdout
    assert "--key" not in ended.stdout
