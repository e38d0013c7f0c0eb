"""dbt-duckdb plugin: binds the pseudonym key to each cursor that dbt opens.

``profiles.yml`` names this module only (``plugins: [{module: pilar.privacy.dbt_plugin}]``); the key is read inside
dbt's own process from ``PILAR_PII_KEY`` or from the key file below ``PILAR_HOME``, so it stands in no profile,
artifact, log or argument.
"""

from __future__ import annotations

from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from pilar import config
from pilar.privacy.keys import bind, load_key


class Plugin(BasePlugin):
    """The name ``Plugin`` is what dbt-duckdb looks for."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:  # noqa: ARG002 (the adapter's signature)
        self._key = load_key(config.home())

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Each model runs on its own cursor, and cursors do not inherit variables."""
        bind(cursor, self._key)
