"""Pilar's own secrets are masked in the logs of tasks, as Airflow masks those that it knows itself (passwords of
connections, its keys). In each DAG's ``default_args``: ``"pre_execute": hide_secrets``.
"""

from __future__ import annotations

import os
from typing import Any

from airflow.sdk.log import mask_secret

ENVIRONMENT = ("PILAR_PII_KEY", "PILAR_BPS_KEY")


def hide_secrets(_: Any) -> None:
    """Teach this task's process what to mask: the key of the pseudonyms and that of the BPS Web API."""
    from pilar import config

    path = config.home().key_file
    kept = path.read_text("utf-8").strip() if path.is_file() else ""
    for secret in (kept, *(os.environ.get(name, "").strip() for name in ENVIRONMENT)):
        if secret:
            mask_secret(secret)
