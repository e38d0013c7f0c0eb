"""The sample landing folder: the Bojonegoro event of 20 November 2023 as it would really arrive.

``python -m pilar.samples write`` regenerates ``samples/``, byte for byte; ``lay`` copies it into a landing folder.
People are invented, BPS figures are true. What each file must come to stands in ``samples/README.md`` and, for
machines, in ``samples/expected.json``; both are written from the same data.
"""

from __future__ import annotations

import csv
import os
import shutil
from datetime import date, datetime
from pathlib import Path

from pilar.config import DISPLAY_ZONE, PROJECT, Home

SAMPLES = PROJECT / "samples"


def write(folder: Path = SAMPLES) -> list[Path]:
    """Regenerate the samples in ``folder``; needs the development tools openpyxl, xlwt and odfpy."""
    from pilar.samples import generate

    return generate.write(folder)


def lay(home: Home, samples: Path = SAMPLES, until: date = date.max) -> int:
    """Copy the samples into ``home.landing``, each with the mtime of its delivery, and return how many.

    ``until`` leaves out what was delivered after that day (in Asia/Jakarta). Copies under a ``.part`` name first, so
    that a scan in between takes no half file.
    """
    with (samples / "deliveries.csv").open(encoding="utf-8", newline="") as handle:
        plan = [(row["file"], datetime.fromisoformat(row["delivered_at"])) for row in csv.DictReader(handle)]
    due = [(name, at) for name, at in plan if at.astimezone(DISPLAY_ZONE).date() <= until]
    for name, delivered_at in due:
        target = home.landing / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        shutil.copyfile(samples / name, part)
        os.utime(part, (delivered_at.timestamp(), delivered_at.timestamp()))
        part.replace(target)
    return len(due)
