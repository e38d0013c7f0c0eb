"""Airflow's LocalExecutor, with what tasks say masked in the scheduler's log, too.

Its workers repeat what tasks say on the scheduler's standard output. There Airflow masks nothing: neither the passwords
of connections that a task got, nor what :mod:`pilar_secrets` taught it. In the tasks' own logs it masks both.
"""

from __future__ import annotations

import structlog
from airflow.executors.local_executor import LocalExecutor
from airflow.sdk.log import mask_logs


class MaskingLocalExecutor(LocalExecutor):
    """Masks as Airflow's tasks do, in the process that runs them: it knows what they were given."""

    def start(self) -> None:
        *before, printed = structlog.get_config()["processors"]
        if mask_logs not in before:
            structlog.configure(processors=[*before, mask_logs, printed])
        super().start()  # forks the workers, which keep this configuration
