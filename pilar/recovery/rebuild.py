"""``pilar rebuild``: the warehouse again from ``raw/``, and whether it says what the release says."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import date, datetime

import duckdb

from pilar import build as dbt_build
from pilar import landing, night, raw, verify
from pilar import load as raw_load
from pilar import publish as releases
from pilar.config import DISPLAY_ZONE, Home
from pilar.publish.candidate import building_folder
from pilar.recovery.warehouse import discard

_CANDIDATE = "rebuilt"


@dataclass(frozen=True)
class Rebuilt:
    """What the new warehouse says, held to the release of readers, table by table.

    ``release_id`` is None where there was none to compare with; ``reasons`` tell why the two may differ.
    """

    tables: int
    release_id: str | None
    differing: list[str] = field(default_factory=list)
    failed_tests: list[str] = field(default_factory=list)
    damaged: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Nothing is lost, and what differs has a reason."""
        return not self.failed_tests and not self.damaged and (not self.differing or bool(self.reasons))


def rebuild(home: Home) -> Rebuilt:
    """Throw the warehouse away and build it from ``raw/`` as of the release's night. Publishes nothing.

    Hold the night's lock. Raises :class:`~pilar.build.BuildError` when a model breaks.
    """
    damage = {one.key for one in verify.check(home).damage}
    for receipt in raw.outdated(home):
        if f"{receipt.feed}/{receipt.sha256}" not in damage:
            landing.reread(home, receipt)
    release = releases.current(home)
    checks = release.manifest()["checks"] if release else {}
    day = date.fromisoformat(checks["night_date"]) if "night_date" in checks else datetime.now(DISPLAY_ZONE).date()
    discard(home)
    raw_load.load(home, today=day)
    built = dbt_build.build(home, night_date=day, full_refresh=True)
    if built.failed_tests:
        return Rebuilt(0, release.release_id if release else None, failed_tests=built.failed_tests, damaged=len(damage))
    raw_load.mark_built(home)
    try:
        made = releases.table_checksums(releases.build_candidate(home, _CANDIDATE))
    finally:
        shutil.rmtree(building_folder(home, _CANDIDATE), ignore_errors=True)
    reasons: list[str] = []
    if checks.get("code_version") != raw_load.code_version():
        reasons.append("the code has changed since that release")
    if checks.get("arrivals_digest") != night.arrivals_digest(home):
        reasons.append("raw/ holds other files than that release was made of")
    if release is None:
        return Rebuilt(len(made), None, damaged=len(damage))
    try:
        said = releases.table_checksums(release.path)
    except duckdb.Error:
        reasons.append("the release itself cannot be read: publish it anew with `pilar run --force`")
        return Rebuilt(len(made), release.release_id, sorted(made), damaged=len(damage), reasons=reasons)
    differing = sorted(name for name in made.keys() | said.keys() if made.get(name) != said.get(name))
    return Rebuilt(len(made), release.release_id, differing, damaged=len(damage), reasons=reasons)
