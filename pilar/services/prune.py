"""What the weekly house-keeping removes of nights and logs."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from pilar.config import Home


def prune_nights(home: Home, keep: int) -> list[str]:
    """Remove the folders of all but the newest ``keep`` nights. Returns the removed night ids, oldest first."""
    if keep < 1:
        raise ValueError("at least one night must be kept")
    if not home.nights.is_dir():
        return []
    nights = sorted(folder.name for folder in home.nights.iterdir() if folder.is_dir())
    gone = nights[:-keep]
    for night_id in gone:
        shutil.rmtree(home.nights / night_id)
    return gone


def prune_logs(home: Home, days: int) -> list[Path]:
    """Remove Airflow's log files that nobody wrote to for ``days`` days, and the folders this empties."""
    logs = home.airflow / "logs"
    too_old = time.time() - days * 86_400
    gone = [path for path in logs.rglob("*") if path.is_file() and path.stat().st_mtime < too_old]
    for path in gone:
        path.unlink()
    for folder in sorted((path for path in logs.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    return gone
