"""The session in which dbt builds: its limits hold, and a query that spills to disk stops nothing after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments.local import LocalEnvironment

from pilar.build import DBT_PROJECT

SORT_MORE_THAN_MEMORY = (
    "SELECT count(*) FROM (SELECT i, md5(i::VARCHAR) AS h FROM range(3000000) r(i) ORDER BY h LIMIT 2900000)"
)


def target(values: dict[str, str]) -> dict[str, Any]:
    """The profile's one target, with these variables of the environment."""
    rendering = jinja2.Environment(autoescape=True)
    rendering.filters["as_number"] = int
    text = rendering.from_string((DBT_PROJECT / "profiles.yml").read_text("utf-8")).render(
        env_var=lambda name, default="": values.get(name, default)
    )
    target: dict[str, Any] = yaml.safe_load(text)["pilar"]["outputs"]["warehouse"]
    return target


def test_a_query_that_spills_stops_no_later_one(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    values = {
        "PILAR_WAREHOUSE": str(tmp_path / "w.duckdb"), "PILAR_SPILL": str(spill), "PILAR_MEMORY_LIMIT": "100MB",
    }  # fmt: skip
    given = {key: value for key, value in target(values).items() if key not in ("type", "threads", "plugins")}
    environment = LocalEnvironment(DuckDBCredentials.from_dict(given))
    first = environment.handle().cursor()
    limits = first.execute("SELECT current_setting('memory_limit'), current_setting('temp_directory')").fetchall()
    assert limits == [("95.3 MiB", str(spill))]
    assert first.execute(SORT_MORE_THAN_MEMORY).fetchall() == [(2_900_000,)]
    assert spill.is_dir(), "nothing was spilled, so nothing was tried"
    assert environment.handle().cursor().execute("SELECT 1").fetchall() == [(1,)]
