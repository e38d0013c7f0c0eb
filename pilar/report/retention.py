"""Reports that name people live for a while only."""

from __future__ import annotations

import os
import time
from pathlib import Path

from pilar.config import Home


def prune_restricted(home: Home, days: int) -> int:
    """Delete files below ``reports/restricted/`` that are older than ``days``; returns how many.

    Links are deleted, never followed; folders that end up empty go, too. Workbooks stay as long as their findings are
    open, however long that is: each night removes those whose are not.
    """
    oldest = time.time() - days * 86_400
    removed = 0
    for root, folders, files in os.walk(home.restricted, topdown=False, followlinks=False):
        if home.workbooks in (Path(root), *Path(root).parents):
            continue
        for name in [*files, *(folder for folder in folders if (Path(root) / folder).is_symlink())]:
            path = Path(root) / name
            if path.lstat().st_mtime < oldest:
                path.unlink()
                removed += 1
        if Path(root) != home.restricted and not any(Path(root).iterdir()):
            Path(root).rmdir()
    return removed
