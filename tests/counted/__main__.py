"""``python -m tests.counted [--write]``: count the three nights, and note the figures in ``ceilings.yaml``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from pilar.config import Home
from tests.counted import ceilings, nights

with tempfile.TemporaryDirectory() as folder:
    home = Home(Path(folder) / "home").make()
    os.environ |= {"PILAR_HOME": str(home.root), "PILAR_SETTLE_SECONDS": "0", "DBT_LOG_LEVEL_FILE": "debug"}
    worked = nights.three(home, Path(folder))
for name, night in worked.items():
    for step, work in night.steps.items():
        told = "  ".join(f"{of} {work.get(of, 0):>7,}" for of in ceilings.MEASURES)
        sys.stdout.write(f"{name:6} {step:15}{told}\n")
if "--write" in sys.argv[1:]:
    ceilings.write(worked)
