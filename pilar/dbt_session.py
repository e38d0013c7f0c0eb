"""dbt-duckdb plugin: how dbt's process opens the warehouse.

``profiles.yml`` names this module; file, memory, threads and spill folder come from the environment that
:func:`pilar.build.dbt` makes. They do not stand in the profile, because dbt throws the parsed project away whenever
its profile says something else than the night before, and a spill folder has another name each night.
"""

from __future__ import annotations

import os
from typing import Any

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """The name ``Plugin`` is what dbt-duckdb looks for."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Said when the file is opened: settings of the profile are said again for each cursor, and DuckDB refuses
        another spill folder, even the same, once a query has spilled into it."""
        creds.path = os.environ["PILAR_WAREHOUSE"]
        config["memory_limit"] = os.environ["PILAR_MEMORY_LIMIT"]
        config["threads"] = os.environ["PILAR_THREADS"]
        config["temp_directory"] = os.environ["PILAR_SPILL"]
