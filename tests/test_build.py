"""The session in which dbt builds: its limits hold, a query that spills stops nothing after it, and no night parses the
project anew because of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments.local import LocalEnvironment

from pilar.build import DBT_PROJECT

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
