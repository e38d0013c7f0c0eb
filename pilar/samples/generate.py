"""Write the whole sample folder. Needs the development tools openpyxl, xlwt and odfpy; ``lay`` does not."""

from __future__ import annotations

import shutil
from pathlib import Path

from pilar.samples import describe
from pilar.samples.story import tell


def write(folder: Path) -> list[Path]:
    """Write the feed folders, README.md, expected.json and deliveries.csv; old feed folders are removed first."""
    story = tell()
    files = {delivery.path: delivery.content for delivery in story.deliveries} | describe.pages(story)
    for feed in {delivery.path.split("/")[0] for delivery in story.deliveries}:
        shutil.rmtree(folder / feed, ignore_errors=True)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return [folder / path for path in files]
