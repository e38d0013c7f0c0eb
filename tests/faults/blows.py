"""What befalls a night besides SIGKILL, by name; the stage strikes with it while the night stands at a point.

Each blow is a generator with two rests: what comes before the first is done before the night, what comes between is
done at the point (or, where a night never came to it, after its end), and the rest when the night is over. Where a
blow can choose, ``pick`` (0 to 1) chooses. What a night must not get away with raises ``AssertionError``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from pilar.config import DISPLAY_ZONE, Home

Blow = Iterator[None]
NOBODY = 65534


@dataclass(frozen=True)
class Site:
    """Where a blow falls: a home, and the points of its night."""

    home: Home
    points: Any


def begin(told: dict[str, Any], points: Any, home: Path) -> Blow:
    """The blow ``told["name"]``, come to its first rest; the rest of ``told`` are its arguments."""
    given = dict(told)
    blow: Blow = BLOWS[given.pop("name")](Site(Home(home), points), **given)
    next(blow)
    return blow


def full(site: Site, *, free: int) -> Blow:
    """The disk that the home lies on has ``free`` bytes left."""
    ballast = site.home.root.parent / "ballast"
    yield
    with ballast.open("wb") as file:
        size = shutil.disk_usage(ballast.parent).free - free
        if size > 0:
            os.posix_fallocate(file.fileno(), 0, size)
    yield
    ballast.unlink()


def forbidden(site: Site, *, place: str, how: str) -> Blow:
    """Nothing may be written below a place of the home. ``how``: by its mode, by its owner, or (mount) as it is then on
    a disk that cannot be written to."""
    path: Path = getattr(site.home, place)
    yield
    if not path.exists():
        yield
        return
    if how == "mount":
        subprocess.run(["mount", "--bind", path, path], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", path], check=True)
        yield
        subprocess.run(["umount", "--lazy", path], check=True)
        return
    within = path.rglob("*") if path.is_dir() else []
    found = [path, *(one for one in within if one.is_dir() and not one.is_symlink())]
    before = {one: one.stat() for one in found}
    for one in found:
        one.chmod(0o500 if how == "mode" else 0o555)
        if how == "owner":
            os.chown(one, NOBODY, NOBODY)
    yield
    for one, was in before.items():
        if one.exists():
            os.chown(one, was.st_uid, was.st_gid)
            one.chmod(was.st_mode & 0o7777)


def clock(site: Site, *, seconds: float | None = None) -> Blow:
    """The clock jumps by ``seconds``, or to one second before midnight in Jakarta."""
    yield
    now = datetime.now(UTC).astimezone(DISPLAY_ZONE)
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), DISPLAY_ZONE)
    site.points.shift = (midnight - now).total_seconds() - 1 if seconds is None else seconds
    yield


def rival(site: Site) -> Blow:
    """Somebody else begins a night over the same home: it is refused."""
    yield
    if site.points.stands:
        done = subprocess.run(
            [sys.executable, "-c", "from pilar.cli import main; main()", "run", "--home", site.home.root],
            capture_output=True,
            text=True,
            check=False,
        )
        told = done.stdout + done.stderr
        assert done.returncode and "another night is running" in " ".join(told.split()), told[-400:]
    yield


def goes(site: Site, *, pick: float) -> Blow:
    """A file of landing goes, and comes back when the night is over."""
    path = _of_the_day(site.home, pick)
    aside = site.home.root.parent / "aside"
    yield
    path.rename(aside)
    yield
    aside.rename(path)


def lands(site: Site, *, pick: float) -> Blow:
    """A file lands while the night is under way."""
    path = _of_the_day(site.home, pick)
    aside = site.home.root.parent / "aside"
    path.rename(aside)
    yield
    aside.rename(path)
    yield


def grows(site: Site, *, pick: float) -> Blow:
    """A file is being written when the night begins, and is whole at the point."""
    path = _of_the_day(site.home, pick)
    content, was = path.read_bytes(), path.stat()
    whole = threading.Event()

    def write() -> None:
        half = max(1, len(content) // 2)
        while not whole.wait(0.02):
            half = half + 1 if half < len(content) - 1 else max(1, len(content) // 2)
            path.write_bytes(content[:half])

    path.write_bytes(content[:1])
    writer = threading.Thread(target=write)
    writer.start()
    yield
    whole.set()
    writer.join()
    path.write_bytes(content)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    yield


def replaced(site: Site, *, pick: float) -> Blow:
    """A file that was found is another when it is taken. Strike at the first point of the ingest."""
    path = _of_the_day(site.home, pick)
    content, was = path.read_bytes(), path.stat()
    path.write_bytes(b"something else\n")
    os.utime(path, (was.st_atime, was.st_mtime - 60))
    yield
    path.write_bytes(content)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    yield


def damaged(site: Site, *, pick: float) -> Blow:
    """Bytes of a stored file, or of its rows, turn into others."""
    yield
    stored = sorted(path for name in ("original*", "rows.parquet") for path in site.home.raw.glob(f"*/*/{name}"))
    stored = [path for path in stored if path.stat().st_size and path.parts[-3] != ".incoming"]
    if stored:
        _spoil(_picked(stored, pick), pick)
    yield


def warehouse(site: Site, *, how: str, pick: float) -> Blow:
    """The warehouse is damaged, cut, or deleted."""
    path = site.home.warehouse
    yield
    if how == "gone":
        path.unlink(missing_ok=True)
    elif path.exists() and how == "cut":
        os.truncate(path, path.stat().st_size // 2)
    elif path.exists():
        _spoil(path, pick)
    yield


def account(site: Site, *, pick: float) -> Blow:
    """What a step of the newest night wrote down is cut in half."""
    yield
    nights = sorted(site.home.nights.iterdir())
    told = sorted(nights[-1].glob("*.json")) if nights else []
    if told:
        path = _picked(told, pick)
        os.truncate(path, path.stat().st_size // 2)
    yield


BLOWS: dict[str, Callable[..., Blow]] = {
    one.__name__: one
    for one in (full, forbidden, clock, rival, goes, lands, grows, replaced, damaged, warehouse, account)
}


def _of_the_day(home: Home, pick: float) -> Path:
    """One of the files that landed last."""
    landed = sorted(path for path in home.landing.rglob("*") if path.is_file())
    last = max(path.stat().st_mtime for path in landed)
    return _picked([path for path in landed if path.stat().st_mtime == last], pick)


def _picked(found: list[Path], pick: float) -> Path:
    return found[int(pick * len(found))]


def _spoil(path: Path, pick: float) -> None:
    """Turn bytes of some places of a file into others."""
    places = Random(pick)
    with suppress(FileNotFoundError), path.open("r+b") as file:
        size = path.stat().st_size
        for _ in range(8):
            file.seek(places.randrange(size))
            file.write(bytes(255 - byte for byte in _read_back(file, 64)))


def _read_back(file: Any, count: int) -> bytes:
    at = file.tell()
    content: bytes = file.read(count)
    file.seek(at)
    return content
