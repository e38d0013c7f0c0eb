"""From a judged candidate to the name that analysts open, and back.

The order makes each crash harmless: until the link is replaced, readers see the release before; after it, the new one,
which by then is whole, on disk and read-only.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pilar import duck
from pilar.config import Home
from pilar.disk import sync
from pilar.privacy import Violation, scan
from pilar.publish import manifest as manifests
from pilar.publish import notes
from pilar.publish.candidate import (
    FILE_NAME,
    PENDING,
    STORE,
    PublishError,
    assert_whole,
    building_folder,
    write_release_info,
)


class PersonalDataFound(PublishError):
    """The release would have told personal data. ``violations`` says where, never what."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        places = ", ".join(f"{item.table}.{item.column} ({item.kind}, {item.count} rows)" for item in violations)
        super().__init__(f"personal data in the candidate: {places}")
        self.violations = tuple(violations)


@dataclass(frozen=True)
class Release:
    """A published release: its id, its folder and the read-only file in it."""

    release_id: str
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / FILE_NAME

    def manifest(self) -> dict[str, Any]:
        return manifests.read(self.folder)


def finish(
    home: Home,
    release_id: str,
    *,
    gate_result: str = "passed",
    inputs: Sequence[Mapping[str, str]] | None = None,
    gates: Sequence[Mapping[str, Any]] | Mapping[str, Any] = (),
    checks: Mapping[str, Any] | None = None,
    key_fingerprint: str | None = None,
    scanned: str | None = None,
    override: Mapping[str, Any] | None = None,
) -> Release:
    """Publish the candidate that :func:`build_candidate` left: seal, scan, write the manifest, move, audit, flip.

    ``inputs`` are the files it was made from (``feed``, ``file_sha256``), by default those of its own ledger;
    ``gates`` and ``checks`` are copied into the manifest, and so is ``override``: who overruled a gate (``by``, ``at``,
    ``reason``, ``failed``). ``scanned`` is the :func:`content_digest` of the content that
    the gate scanned and found clean; any other content is scanned here, so nothing is flipped unscanned.

    Safe to repeat after a crash: a release that already lies in place is audited and flipped. Raises
    :class:`PersonalDataFound` or :class:`PublishError`, and then nothing has changed for readers.
    """
    if gate_result == PENDING:
        raise PublishError("a release cannot be published while its gate is pending")
    building = building_folder(home, release_id)
    release = Release(release_id, home.releases / release_id)
    candidate = building / FILE_NAME
    if release.folder.is_dir():
        _audit(release)
        if candidate.is_file() and _digest(candidate) != release.manifest()["content_digest"]:
            raise PublishError(f"release {release_id} is published already, with other content: it never changes")
        _flip(home, release)
        return release
    if not candidate.is_file():
        raise PublishError(f"there is no candidate for release {release_id}: build it first")
    for path in building.iterdir():
        path.chmod(0o600)  # closed by a try before this one, which did not come to its end
    unsealed = scanned or _digest(candidate)
    row = _seal(candidate, gate_result)
    checksums = manifests.table_checksums(candidate)
    sealed = manifests.content_digest(checksums)
    if scanned is None and sealed != unsealed:
        raise PublishError("sealing the candidate changed its content")
    if sealed != scanned:
        found = scan(candidate, home.warehouse if home.warehouse.is_file() else None)
        if found:
            raise PersonalDataFound(found)
    manifest = manifests.compose(
        candidate,
        checksums=checksums,
        release=row,
        inputs=manifests.inputs_of(candidate) if inputs is None else inputs,
        gates=gates,
        checks={**(checks or {}), "personal_data_violations": 0, "indexes": 0},
        key_fingerprint=key_fingerprint,
        override=override,
    )
    note = building / manifests.FILE_NAME
    note.write_text(json.dumps(manifest, indent=2, ensure_ascii=False, default=str) + "\n", "utf-8")
    before = current(home)
    told = notes.write(building, manifest, before.folder if before else None)
    for path in (candidate, note, *told):
        path.chmod(0o444)
        sync(path)
    sync(building)
    building.rename(release.folder)
    sync(home.releases)
    try:
        _audit(release)
    except Exception:
        _remove(release.folder)  # not linked yet: nobody reads it
        raise
    _flip(home, release)
    return release


def current(home: Home) -> Release | None:
    """The release that readers get now, or None before the first."""
    if not home.current_marts.is_symlink():
        return None
    folder = home.current_marts.resolve().parent
    return Release(folder.name, folder)


def releases(home: Home) -> list[str]:
    """Ids of the releases on disk, oldest first."""
    if not home.releases.is_dir():
        return []
    return sorted(item.name for item in home.releases.iterdir() if item.is_dir() and not item.name.startswith("."))


def find(home: Home, name: str) -> Release:
    """The release of an id, or of one of the names ``current`` and ``previous`` (what the current one replaced, else
    the newest that is older). Raises :class:`PublishError` that lists the known ids."""
    known, now = releases(home), current(home)
    chosen: str | None = name
    if name == "current":
        chosen = now.release_id if now else None
    elif name == "previous":
        older = [release_id for release_id in known if now and release_id < now.release_id]
        replaced = notes.replaced(now.folder) if now else None
        chosen = replaced if replaced in known else older[-1] if older else None
    if chosen not in known or chosen is None:
        raise PublishError(f"no release {name}; there are: {', '.join(known) or 'none'}")
    return Release(chosen, home.releases / chosen)


def rollback(home: Home, release_id: str) -> Release:
    """Make an older release the current one, after auditing it. An unknown id is an error that lists the known."""
    known = releases(home)
    if release_id not in known:
        raise PublishError(f"no release {release_id}; there are: {', '.join(known) or 'none'}")
    release = Release(release_id, home.releases / release_id)
    _audit(release)
    _flip(home, release)
    return release


def prune(home: Home, keep: int) -> list[str]:
    """Remove all but the newest ``keep`` releases and the current one. Returns the removed ids.

    A reader that still has a removed release open keeps reading it until it closes the file.
    """
    if keep < 1:
        raise PublishError("at least one release must be kept")
    now = current(home)
    stays = {*releases(home)[-keep:], *([now.release_id] if now else [])}
    return remove(home, [release_id for release_id in releases(home) if release_id not in stays])


def remove(home: Home, gone: Sequence[str]) -> list[str]:
    """Remove releases, but never the current one. Returns the removed ids."""
    now = current(home)
    removed = [release_id for release_id in gone if now is None or release_id != now.release_id]
    for release_id in removed:
        _remove(home.releases / release_id)
    return removed


def _seal(candidate: Path, gate_result: str) -> dict[str, Any]:
    """Write the verdict into ``release_info``, touching nothing else, and return its row JSON-ready."""
    with duck.connect() as connection:
        connection.execute(f"ATTACH {duck.literal(candidate)} AS candidate")
        cursor = connection.execute(f"SELECT * FROM candidate.{STORE}.release_info")
        names = [str(column[0]) for column in cursor.description or []]
        row: dict[str, Any] = dict(zip(names, cursor.fetchall()[0], strict=True)) | {"gate_result": gate_result}
        built_at: datetime = row["built_at"]
        row["built_at"] = built_at.replace(tzinfo=UTC)
        write_release_info(connection, "candidate", **row)
        connection.execute("CHECKPOINT candidate")
        connection.execute("DETACH candidate")
    assert_whole(candidate)
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def _digest(path: Path) -> str:
    return manifests.content_digest(manifests.table_checksums(path))


def _audit(release: Release) -> None:
    """Read the release from its final place: whole, as the manifest says, and let pass by its gate."""
    try:
        noted = release.manifest()
    except (OSError, ValueError) as error:
        raise PublishError(f"release {release.release_id} has no readable manifest") from error
    try:
        assert_whole(release.path)
        checksums = manifests.table_checksums(release.path)
        counts = manifests.row_counts(release.path)
    except duckdb.Error as error:
        raise PublishError(f"release {release.release_id} cannot be read") from error
    if noted["release_id"] != release.release_id or noted["gate_result"] == PENDING:
        raise PublishError(f"release {release.release_id} carries another's manifest")
    if counts != {table: entry["rows"] for table, entry in noted["tables"].items()}:
        raise PublishError(f"release {release.release_id} has other row counts than its manifest")
    if noted["duckdb_version"] == duckdb.__version__ and manifests.content_digest(checksums) != noted["content_digest"]:
        raise PublishError(f"release {release.release_id} has other content than its manifest")


def _flip(home: Home, release: Release) -> None:
    """Point the one name at this release, in one step."""
    draft = home.published / f".marts.duckdb.{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.symlink_to(release.path.relative_to(home.published))
    draft.replace(home.current_marts)
    sync(home.published)


def _remove(folder: Path) -> None:
    """Take the name away first, so that a crash leaves no half release under a valid id."""
    leaving = folder.with_name(f".removing-{folder.name}")
    folder.rename(leaving)
    shutil.rmtree(leaving)
