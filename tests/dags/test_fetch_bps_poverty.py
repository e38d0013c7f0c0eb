"""The fetch run by Airflow itself against a local API: fresh, backfilled, without a key, refused, failing."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.configuration import AIRFLOW_HOME
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from airflow.sdk import DAG
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from policies import load

from pilar import bps_api
from pilar.bps_api import Patience
from pilar.config import Home
from tests.bps_api.server import KEY, Bps, Reply, serving, stay_on_this_machine

pytestmark = pytest.mark.airflow

DAGS = Path(__file__).resolve().parents[2] / "dags"
QUICK = Patience(calls_per_minute=6000, attempts=2, first_wait_seconds=0.01)
Run = Callable[..., Any]


class StillWaiting(Exception):
    """Airflow would now wait until the next try is due."""


@pytest.fixture(scope="module")
def _metadata() -> None:
    """Airflow's metadata in this process's own home."""
    assert Path(AIRFLOW_HOME).name.startswith("pilar-airflow-"), "never an operator's home"
    initdb()


@pytest.fixture
def bps(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bps]:
    """A local API that the connection points to. The environment holds the connection, as an operator's may."""
    stay_on_this_machine(monkeypatch)
    monkeypatch.setenv("PILAR_HOME", str(home.root))
    monkeypatch.setattr("pilar.bps_api.fetching.Patience", lambda: QUICK)
    with serving() as api:
        extra = {"variables": {"0000": [621, 624]}}
        connection = {"conn_type": "http", "host": api.base_url, "password": KEY, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_BPS_WEB_API", json.dumps(connection))
        yield api


@pytest.fixture
def run(_metadata: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Run:
    """Run the DAG once: (state of the task, what it returned, what was logged). The key must stand nowhere."""

    caplog.set_level(logging.INFO)
    sleep = time.sleep

    def rest(seconds: float) -> None:
        if sys._getframe(1).f_globals["__name__"] == DAG.__module__:
            raise StillWaiting
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", rest)

    def run(**conf: Any) -> tuple[str, list[str] | None, str]:
        caplog.clear()
        (dag,) = load(DAGS / "fetch_bps_poverty.py")  # fresh: a run leaves its parameters in it
        with suppress(StillWaiting):
            dag.test(run_conf=conf)
        with create_session() as session:
            newest = session.query(TaskInstance).order_by(TaskInstance.start_date.desc()).first()
            assert newest is not None
            found = session.query(XComModel).filter_by(run_id=newest.run_id, key="return_value").first()
            returned = XComModel.deserialize_value(found) if found else None
            state = str(newest.state)
        logged = caplog.text
        assert "running task" in logged
        assert KEY not in logged
        kept = [path for path in Path(AIRFLOW_HOME).rglob("*") if path.is_file()]
        assert any(path.name == "airflow.db" for path in kept)
        assert not [path.name for path in kept if KEY.encode() in path.read_bytes()], "XCom, rendered fields, logs"
        return state, returned, logged

    return run


def test_a_month_and_a_backfill(run: Run, bps: Bps, home: Home) -> None:
    this_year = bps_api.usual_years()[-1]
    bps.years["0000", 624] = sorted({2023, 2024, 2025, this_year - 1, this_year})
    state, returned, logged = run()
    assert state == "success"
    assert f"0000_624_{this_year - 1901}-{this_year - 1900}.json" in returned
    assert "new files in landing/poverty/bps-web-api" in logged
    bps.queries.clear()
    state, returned, _ = run(years=[2023, 2024])
    assert (state, returned) == ("success", ["0000_621_123-124.json", "0000_624_123-124.json"])
    assert [asked[2] for asked in bps.asked_for_data()] == ["123;124"] * 2
    assert run(years=[2023, 2024])[:2] == ("success", []), "no new figure, no new file"
    landed = {path.name for path in (home.landing / bps_api.FOLDER).iterdir()}
    _, returned, _ = run(all_years=True)
    assert {path.name for path in (home.landing / bps_api.FOLDER).iterdir()} == landed | set(returned)
    years = {th for _, var, asked in bps.asked_for_data() if var == "621" for th in asked.split(";")}
    assert years == {str(year - 1900) for year in bps.years["0000", 621]}


@pytest.mark.parametrize(
    "connection", [None, {"conn_type": "http", "host": "http://127.0.0.1:9/"}], ids=["no connection", "no key"]
)
def test_without_a_key_it_says_what_the_files_hold(
    connection: dict[str, str] | None, run: Run, bps: Bps, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection is None:
        monkeypatch.delenv("AIRFLOW_CONN_BPS_WEB_API")
    else:
        monkeypatch.setenv("AIRFLOW_CONN_BPS_WEB_API", json.dumps(connection))
    table = home.landing / "poverty" / "Persentase Penduduk Miskin Menurut Provinsi, 2023.csv"
    table.parent.mkdir()
    table.write_text("Provinsi,Persentase Penduduk Miskin - Maret (%)\nJawa Timur,10.35\nBali,4.25\n", "utf-8")
    state, returned, logged = run(years=[2022, 2023])
    assert (state, returned) == ("skipped", None)
    assert "Nights work from the 1 BPS files in landing/poverty. Of East Java they hold:" in logged
    assert "poverty_rate_pct (variables 0000/192, 0000/621, 3500/497): the province 2023 (missing: 2022)" in logged
    assert "poverty_line_idr (variables 0000/195, 0000/624): the province no year (missing: 2022-2023)" in logged
    assert bps.queries == []


def test_a_refusal_fails_at_once_and_a_fault_is_tried_again_later(run: Run, bps: Bps, home: Home) -> None:
    task = load(DAGS / "fetch_bps_poverty.py")[0].get_task("fetch")
    assert (task.retries, task.retry_exponential_backoff) == (4, True)
    assert task.execution_timeout >= timedelta(seconds=Patience().all_waits_seconds)
    bps.fault = lambda query: Reply(403, body=f"<html>{KEY}</html>".encode()) if query["var"] == "621" else None
    state, _, logged = run(years=[2025])
    assert state == "failed"
    assert "domain 0000, variable 621: HTTP 403 with an HTML page (firewall)" in logged
    assert [path.name for path in (home.landing / bps_api.FOLDER).iterdir()] == ["0000_624_125.json"]
    bps.fault = lambda query: Reply(500, body=KEY.encode()) if query["var"] == "621" else None
    state, _, logged = run(years=[2025])
    assert state == "up_for_retry"
    assert "domain 0000, variable 621: HTTP 500" in logged
    bps.fault = lambda _: None
    assert run(years=[2025])[:2] == ("success", ["0000_621_125.json"])


@pytest.mark.parametrize("password", [KEY, None], ids=["with a key", "without"])
def test_variables_of_another_shape_are_a_clear_error(
    password: str | None, run: Run, bps: Bps, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "http", "host": bps.base_url, "password": password, "extra": {"variables": [624]}}
    monkeypatch.setenv("AIRFLOW_CONN_BPS_WEB_API", json.dumps(connection))
    state, _, logged = run()
    assert state == "failed"
    assert "variables must be ids by domain" in logged
