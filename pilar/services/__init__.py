"""Airflow's processes, started from outside: one night in one process, or the four standing services.

Nothing here imports Airflow; it is run as ``python -m airflow`` with an environment that this package writes.
"""

from __future__ import annotations

from pilar.services.environment import ServiceError, environment, prepare
from pilar.services.nightly import nightly
from pilar.services.prune import prune_logs, prune_nights
from pilar.services.standing import down, running, up

__all__ = ["ServiceError", "down", "environment", "nightly", "prepare", "prune_logs", "prune_nights", "running", "up"]
