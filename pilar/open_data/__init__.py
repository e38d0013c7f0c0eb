"""Open data: aggregates of the published release that anybody may have, inside the government and outside.

``pilar export open-data`` reads the release, decides for each year which figures may go out (:mod:`editions`), writes
CSV, Parquet and their description into a folder aside, lets the gate read them back, and only then gives them a name.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pilar.config import Home
from pilar.disk import sync
from pilar.open_data import facts, gate, history, package, tables
from pilar.open_data.editions import AUDIENCES, INSIDE, OUTSIDE, Decision, decide
from pilar.open_data.model import Edition, Refused

__all__ = ["AUDIENCES", "INSIDE", "OUTSIDE", "Exported", "Refused", "export"]


@dataclass(frozen=True)
class Exported:
    """What was written: the package's folder, figures shown and hidden by audience, years whose older figures stand."""

    folder: Path
    shown: dict[str, int]
    hidden: dict[str, int]
    held: tuple[str, ...]


def export(
    release: duckdb.DuckDBPyConnection, home: Home, *, inside: int = 5, outside: int = 11, to: Path | None = None
) -> Exported:
    """Publish the open data of a release under ``published/open``, and a copy at ``to``.

    Raises :class:`Refused` when a check fails, ``ValueError`` for thresholds that cannot be, ``FileExistsError`` when
    something else stands at ``to``; then no file has changed.
    """
    thresholds = {INSIDE: inside, OUTSIDE: outside}
    if not 2 <= inside <= outside:
        raise ValueError("thresholds must be 2 or more, and the one for outside no lower than the one for inside")
    if to is not None:
        _refuse_others(to)
    told = facts.read(release)
    with history.alone(home):
        editions, decisions = history.read(home), list[Decision]()
        for block in told.blocks:
            decisions.append(decide(block, editions, thresholds))
            if decisions[-1].is_new:
                editions.append(decisions[-1].edition)
        folder = _publish(home, told, decisions, editions, thresholds)
    if to is not None:
        _copy(folder, to)
    return Exported(
        folder,
        {audience: sum(len(one.edition.shown[audience]) for one in decisions) for audience in AUDIENCES},
        {audience: _hidden(decisions, audience) for audience in AUDIENCES},
        tuple(one.edition.block.period for one in decisions if one.is_held),
    )


def _publish(
    home: Home, told: facts.Facts, decisions: Sequence[Decision], record: list[Edition], thresholds: dict[str, int]
) -> Path:
    place = home.published / "open"
    place.mkdir(parents=True, exist_ok=True)
    editions = [decision.edition for decision in decisions]
    with tempfile.TemporaryDirectory(dir=place, prefix=".making-") as made:
        staged = Path(made) / "package"
        for audience in AUDIENCES:
            shown = tables.rows(told, editions, audience)
            package.write(package.Package(audience, thresholds[audience], told, editions, shown), staged / audience)
        gate.check(staged, decisions, thresholds)
        # Remembered before it is public: a crash in between costs nothing but caution.
        history.write(home, record)
        return _put(staged, place, told.release_id)


def _hidden(decisions: Sequence[Decision], audience: str) -> int:
    return sum(len(one.edition.block.figures) - len(one.edition.shown[audience]) for one in decisions)


def _put(staged: Path, place: Path, release_id: str) -> Path:
    """Give a finished package its name, which says its content, and point ``current`` at it."""
    files = sorted(path for path in staged.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(staged)}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        path.chmod(0o444)
        sync(path)
    target = place / f"{release_id}-{digest.hexdigest()[:8]}"
    if not target.exists():
        staged.rename(target)
    link = place / f".current-{os.getpid()}"
    link.symlink_to(target.name)
    link.replace(place / "current")
    sync(place)
    return target


def _refuse_others(to: Path) -> None:
    is_package = all((to / audience / package.DESCRIPTION).is_file() for audience in AUDIENCES)
    if to.is_symlink() or (to.exists() and not is_package and (not to.is_dir() or any(to.iterdir()))):
        raise FileExistsError(f"{to} is there already and is no package of open data: choose another folder")


def _copy(folder: Path, to: Path) -> None:
    """A copy at ``to``, whole or not at all; an earlier package there makes room at the last moment."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".making-") as made:
        shutil.copytree(folder, Path(made) / "new")
        if to.exists():
            to.rename(Path(made) / "old")
        (Path(made) / "new").rename(to)
