"""Pilar's own secrets and Airflow's keys are masked in the logs of tasks, as Airflow masks passwords of connections.
In each DAG's ``default_args``: ``"pre_execute": hide_secrets``.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.configuration import conf
from airflow.sdk.log import mask_secret

ENVIRONMENT = ("PILAR_PII_KEY", "PILAR_BPS_KEY")
KEYS = (("core", "fernet_key"), ("api", "secret_key"), ("api_auth", "jwt_secret"))
"""A task inherits them. Airflow masks its settings in its services, but not in the process of a task."""


def hide_secrets(_: Any) -> None:
    """Teach this task's process what to mask: the key of the pseudonyms, that of the BPS Web API, Airflow's own."""
    from pilar import config

    path = config.home().key_file
    kept = path.read_text("utf-8").strip() if path.is_file() else ""
    given = (os.environ.get(name, "").strip() for name in ENVIRONMENT)
    keys = (str(conf.get(section, name, fallback="")).strip() for section, name in KEYS)
    for secret in (kept, *given, *keys):
        if secret:
            mask_secret(secret)
