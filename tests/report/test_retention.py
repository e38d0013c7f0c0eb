"""What names people is deleted in time, and nothing else is."""

from __future__ import annotations

import os
import time
from pathlib import Path

from pilar.config import Home
from pilar.report import prune_restricted

DAY = 86_400


def aged(path: Path, days: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    moment = time.time() - days * DAY
    os.utime(path, (moment, moment))
    return path


def test_old_files_and_empty_folders_go(home: Home) -> None:
    old = aged(home.restricted / "kab-tuban" / "a.xlsx", 91)
    young = aged(home.restricted / "kab-lamongan" / "b.xlsx", 89)
    assert prune_restricted(home, 90) == 1
    assert not old.parent.exists()
    assert young.exists()
    assert prune_restricted(home, 90) == 0


def test_the_folder_stays_and_links_are_not_followed(home: Home, tmp_path: Path) -> None:
    outside = aged(tmp_path / "elsewhere" / "keep.xlsx", 400)
    link = home.restricted / "link"
    link.symlink_to(outside.parent)
    moment = time.time() - 400 * DAY
    os.utime(link, (moment, moment), follow_symlinks=False)
    assert prune_restricted(home, 90) == 1
    assert outside.exists()
    assert home.restricted.is_dir()


def test_a_home_without_the_folder(tmp_path: Path) -> None:
    assert prune_restricted(Home(tmp_path / "new"), 90) == 0
