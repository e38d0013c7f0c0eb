"""Full disks, dropped permissions and wrong clocks in a night; then a plain one, as in ``bench/faults.py``.

    .venv/bin/python bench/faults_weather.py [--scratch FOLDER]

Takes root: it mounts a small disk, and drops the permissions of another user.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from bench.faults import judge, reference, say  # noqa: E402 (the checkout is no package that is installed)
from pilar.config import Home  # noqa: E402
from tests.faults.arena import Stage, lay, watched  # noqa: E402

MIB = 1 << 20
FREE = (0.2, 1, 2, 4, 6, 9, 12, 16)
"""MiB that the disk still has when the night begins."""
NOBODY = 65534
HOUR, YEAR = 3600, 365 * 86_400

Blow = Callable[[Stage, Home, dict[str, Any]], dict[str, Any]]


@contextmanager
def disk(place: Path) -> Iterator[Path]:
    """A disk of 160 MiB, in memory."""
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def full(free: float) -> Blow:
    """The disk runs full."""

    def strike(stage: Stage, home: Home, light: dict[str, Any]) -> dict[str, Any]:
        ballast = home.root.parent / "ballast"
        with ballast.open("wb") as file:
            while (left := shutil.disk_usage(home.root.parent).free - int(free * MIB)) > 0:
                file.write(bytes(min(left, MIB)))
                file.flush()
        told = stage.run(home, **light)
        ballast.unlink()
        return told

    return strike


def forbidden(seconds: float) -> Blow:
    """No folder of the home may be written to, from some moment of the night on."""

    def strike(stage: Stage, home: Home, light: dict[str, Any]) -> dict[str, Any]:
        folders = [home.root, *(path for path in home.root.rglob("*") if path.is_dir() and not path.is_symlink())]
        modes = {path: path.stat().st_mode for path in folders}

        def drop() -> None:
            for path in folders:
                path.chmod(0o555)

        drops = threading.Timer(seconds, drop)
        drops.start()
        told = stage.run(home, **light)
        drops.join()
        for path, mode in modes.items():
            if path.exists():
                path.chmod(mode)
        return told

    return strike


def shifted(seconds: float) -> Blow:
    """The clock of one night is wrong."""
    return lambda stage, home, light: stage.run(home, shift=seconds, **light)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scratch", type=Path)
    scratch = parser.parse_args().scratch or Path(tempfile.mkdtemp())
    scratch.mkdir(parents=True, exist_ok=True)
    light = {"light": True}
    stage = Stage(light=True)
    known = reference(stage, scratch, light)
    blows: dict[str, Blow] = {f"disk full, {free} MiB free": full(free) for free in FREE}
    blows |= {f"permission dropped after {share:.0%} of a night": forbidden(share * sum(known.seconds.values()) / 2)
              for share in (0.0, 0.05, 0.2, 0.5)}  # fmt: skip
    blows |= {f"clock wrong by {seconds:+} s": shifted(seconds) for seconds in (-HOUR, HOUR, -YEAR, YEAR)}
    wrong = 0
    for name, strike in blows.items():
        with disk(scratch / "disk") as place:
            home = lay(known.before, Home(place / "home"))
            order = dict(light)
            if "permission" in name:
                order["uid"] = NOBODY
                for path in (home.root, *home.root.rglob("*")):
                    os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
            with watched(home, scratch / "reader.log", pause=0.2) as seen:
                told = strike(stage, home, order)["told"] or {}
                plain = stage.run(home, **order)
            problems = judge(plain, home, known, seen)
        stopped = told.get("error") or " ".join(str(told.get("text")).split("\n")[:2])
        wrong += bool(problems)
        say(f"{name}: {told.get('outcome', 'not begun')} ({stopped[:160]}), {seen.looks} looks: {problems or 'ok'}")
    stage.close()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
