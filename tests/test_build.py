"""The session in which dbt builds: its limits hold, a query that spills stops nothing after it, and no night parses the
project anew because of them."""

from __future__ import annotations

import shutil
import signal
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments.local import LocalEnvironment

from pilar import build, duck
from pilar.build import DBT_PROJECT
from pilar.config import Home

SORT_MORE_THAN_MEMORY = (
    "SELECT count(*) FROM (SELECT i, md5(i::VARCHAR) AS h FROM range(3000000) r(i) ORDER BY h LIMIT 2900000)"
)


def credentials(values: dict[str, str]) -> DuckDBCredentials:
    """The profile's one target as dbt reads it, with these variables of the environment."""
    rendering = jinja2.Environment(autoescape=True)
    rendering.filters["as_number"] = int
    text = rendering.from_string((DBT_PROJECT / "profiles.yml").read_text("utf-8")).render(
        env_var=lambda name, default="": values.get(name, default)
    )
    target: dict[str, Any] = yaml.safe_load(text)["pilar"]["outputs"]["warehouse"]
    return DuckDBCredentials.from_dict({key: value for key, value in target.items() if key not in ("type", "threads")})


def session(folder: Path) -> dict[str, str]:
    """What the environment says of a session over a warehouse in ``folder``."""
    return {
        "PILAR_HOME": str(folder),
        "PILAR_WAREHOUSE": str(folder / "w.duckdb"),
        "PILAR_SPILL": str(folder / "spill"),
        "PILAR_MEMORY_LIMIT": "100MB",
        "PILAR_THREADS": "1",
    }


def test_a_query_that_spills_stops_no_later_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = session(tmp_path)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    environment = LocalEnvironment(credentials(values))
    first = environment.handle().cursor()
    said = ", ".join(f"current_setting('{name}')" for name in ("memory_limit", "temp_directory", "threads"))
    assert first.execute(f"SELECT {said}").fetchall() == [("95.3 MiB", values["PILAR_SPILL"], 1)]
    assert first.execute("SELECT path FROM duckdb_databases() WHERE NOT internal").fetchall() == [
        (values["PILAR_WAREHOUSE"],)
    ]
    assert first.execute(SORT_MORE_THAN_MEMORY).fetchall() == [(2_900_000,)]
    assert Path(values["PILAR_SPILL"]).is_dir(), "nothing was spilled, so nothing was tried"
    assert environment.handle().cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_the_profile_is_the_same_in_each_night_and_home(tmp_path: Path) -> None:
    """dbt parses the whole project anew when it changes, which takes three seconds."""
    told = [list(credentials(session(tmp_path / name)).connection_info()) for name in ("one", "two")]
    assert told[0] == told[1]
    assert not [value for _, value in told[0] if str(tmp_path) in str(value)]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one model in the place of ours."""
    place = tmp_path / "project"
    (place / "models").mkdir(parents=True)
    (place / "dbt_project.yml").write_text("{name: pilar, version: '1.0', profile: pilar, model-paths: [models]}\n")
    shutil.copy(DBT_PROJECT / "profiles.yml", place)
    (place / "models" / "one.sql").write_text("select '{{ env_var('PILAR_NIGHT_DATE') }}' as night")
    monkeypatch.setattr(build, "DBT_PROJECT", place)
    return place


def test_the_first_build_takes_the_process_that_waits_for_it(project: Path, home: Home) -> None:
    with build.ahead(home, night_date=date(2023, 11, 20)):
        (waiting,) = build._ahead.values()
        assert not home.warehouse.exists()
        built = build.build(home, night_date=date(2023, 11, 21))
        assert waiting.returncode == 0
        assert build._ahead == {}
    assert (built.models, built.tests, built.failed_tests) == (1, 0, [])
    assert "Completed successfully" in (home.dbt / "logs" / "dbt.log").read_text("utf-8")
    with duck.connect(home.warehouse, read_only=True) as warehouse:
        assert warehouse.execute("FROM staging.one").fetchall() == [("2023-11-21",)]


def test_what_is_wrong_with_the_project_is_said(project: Path, home: Home) -> None:
    (project / "models" / "one.sql").write_text("select * from {{ ref('nowhere') }}")
    with build.ahead(home), pytest.raises(build.BuildError, match=r"models/one\.sql\) depends on a node"):
        build.build(home, night_date=date(2023, 11, 20))


def test_a_process_that_nobody_needed_or_that_died_stops_nothing(project: Path, home: Home) -> None:
    with build.ahead(home):
        (unneeded,) = build._ahead.values()
    assert unneeded.returncode == -signal.SIGKILL
    assert build._ahead == {}
    with build.ahead(home):
        (died,) = build._ahead.values()
        died.kill()
        died.wait()
        assert build.build(home, night_date=date(2023, 11, 20)).models == 1


def test_a_model_that_wants_more_memory_says_what_to_set(
    project: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    greedy = "select list(repeat('x', 100) || range) as all_of_it from range(3000000)"
    (project / "models" / "one.sql").write_text("{{ config(materialized='table') }} " + greedy)
    monkeypatch.setenv("PILAR_MEMORY_LIMIT", "64MB")
    with pytest.raises(build.BuildError, match=r"one: .*Out of Memory Error.*; raise PILAR_MEMORY_LIMIT \(now 64MB\)"):
        build.build(home, night_date=date(2023, 11, 20))


def test_a_killed_dbt_is_told_as_that() -> None:
    ended = subprocess.CompletedProcess(["dbt"], -signal.SIGKILL, "", "UserWarning: leaked objects")
    assert build._tail(ended) == "dbt was ended by signal 9; run the night again"
