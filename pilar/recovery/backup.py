"""``pilar backup`` and ``pilar restore``: what cannot be made again, elsewhere, and back.

A backup is a folder ``<target>/<id>/`` with ``manifest.json`` (each file's size, time, mode and SHA-256) and the files
below ``home/``: all of ``raw/`` (stewards' verdicts are files of it), what lies in ``landing/`` and was not taken yet,
the release that readers have, and the record of the open data. The key of the pseudonyms comes along only when asked
for. What is the same as in the backup before is a hard link to it, where the file system can. The folder gets its name
when it is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pilar import publish as releases
from pilar import raw
from pilar.config import Home
from pilar.disk import sync
from pilar.privacy import fingerprint
from pilar.privacy.keys import ENVIRONMENT, load_key

MANIFEST = "manifest.json"
FILES = "home"
_DRAFT = ".incomplete-"
_RESTORING = ".restoring"
_BLOCK = 1 << 20
_NOT_RAW = frozenset({".incoming"})


class BackupError(RuntimeError):
    """A backup or a restore cannot be done; nothing that was there has changed."""


@dataclass(frozen=True)
class Entry:
    """A file of a backup, by its path below the home; a link has a ``link`` and nothing else."""

    path: str
    size: int = 0
    mtime_ns: int = 0
    mode: int = 0o600
    sha256: str = ""
    link: str | None = None

    def looks_like(self, other: Entry) -> bool:
        """Unchanged since the other backup, as far as size, time and mode tell."""
        return (self.size, self.mtime_ns, self.mode, None) == (other.size, other.mtime_ns, other.mode, other.link)


@dataclass(frozen=True)
class Backup:
    """A whole backup on disk."""

    folder: Path
    entries: tuple[Entry, ...]
    release_id: str | None
    key_fingerprint: str
    has_key: bool

    @property
    def backup_id(self) -> str:
        return self.folder.name

    @property
    def size(self) -> int:
        return sum(entry.size for entry in self.entries)


@dataclass(frozen=True)
class Written:
    """What a backup brought: copied files and bytes are new, linked ones are those of the backup before."""

    backup: Backup
    copied: int
    copied_bytes: int
    linked: int
    damaged: list[str] = field(default_factory=list)
    """Originals of ``raw/`` that no longer match their digest. What the backup before still had whole was taken from
    there."""
    removed: list[str] = field(default_factory=list)


def backup(
    home: Home,
    target: Path,
    *,
    with_key: bool = False,
    all_releases: bool = False,
    keep: int | None = None,
    backup_id: str | None = None,
) -> Written:
    """Write a backup below ``target``, read it back, and give it its name. Hold the night's lock.

    ``keep``: older backups beyond so many are removed afterwards.
    """
    target = target.expanduser().resolve()
    if not home.raw.is_dir():
        raise BackupError(f"{home.root} has no raw/: there is nothing to back up")
    if target.is_relative_to(home.root):
        raise BackupError(f"{target} lies inside {home.root}; choose another disk, or at least another folder")
    if keep is not None and keep < 1:
        raise BackupError("at least one backup must be kept")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in target.glob(f"{_DRAFT}*"):
        shutil.rmtree(left)
    known = backups(target)
    before = read(known[-1]) if known else None
    name = backup_id or datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    if (target / name).exists():
        raise BackupError(f"{target / name} exists already")
    draft = target / f"{_DRAFT}{name}"
    try:
        written = _write(home, draft, before, with_key=with_key, all_releases=all_releases)
        draft.rename(target / name)
    except FileNotFoundError as gone:
        shutil.rmtree(draft, ignore_errors=True)
        raise BackupError(
            f"{gone.filename} went away while it was copied: is a night running? Try again when it has ended"
        ) from None
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    sync(target)
    removed = []
    for old in backups(target)[: -keep if keep else 0] if keep else []:
        shutil.rmtree(old)
        removed.append(old.name)
    return Written(read(target / name), *written, removed)


def backups(target: Path) -> list[Path]:
    """Whole backups below ``target``, oldest first."""
    if not target.is_dir():
        return []
    return sorted(path for path in target.iterdir() if (path / MANIFEST).is_file() and not path.name.startswith("."))


def read(folder: Path) -> Backup:
    """A backup's manifest. Raises :class:`BackupError` when it is not one or is damaged."""
    try:
        noted = json.loads((folder / MANIFEST).read_bytes())
        told, digest = noted["backup"], noted["sha256"]
        if _digest_of(told) != digest:
            raise BackupError(f"{folder / MANIFEST} was changed or is damaged; take another backup")
        entries = tuple(Entry(**entry) for entry in told.pop("entries"))
        return Backup(folder, entries, **told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise BackupError(f"{folder} is no backup: it has no readable {MANIFEST}") from None


def newest(source: Path) -> Backup:
    """The backup at ``source``: a backup's own folder, or the newest one below it."""
    source = source.expanduser().resolve()
    if (source / MANIFEST).is_file():
        return read(source)
    known = backups(source)
    if not known:
        raise BackupError(f"there is no backup in {source}")
    return read(known[-1])


def check(found: Backup) -> list[str]:
    """Read a backup whole; paths of the files that are missing or not as they were."""
    return [entry.path for entry in found.entries if entry.link is None and not _is_whole(found.folder, entry)]


def restore(home: Home, found: Backup, *, key: Path | None = None) -> None:
    """Make a home of a backup, at an empty place. ``key`` is the file with the pseudonyms' key, kept elsewhere.

    Everything is copied beside its place, read back and held to the manifest first; ``raw/`` comes to its place last.
    Raises :class:`BackupError`, and then no file of a living home has been touched.
    """
    if alive := _alive(home):
        raise BackupError(f"{home.root} is not empty: it has {', '.join(alive)}. Restore into an empty folder instead")
    draft = home.root / _RESTORING
    if key is not None and found.has_key:
        raise BackupError("this backup holds its key; leave out --key")
    if key is not None and (told := fingerprint(key.read_text("utf-8").strip().encode())) != found.key_fingerprint:
        raise BackupError(
            f"the key in {key.name} is another (fingerprint {told}, the backup's is {found.key_fingerprint}): "
            "every participant_id would change"
        )
    home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.root.chmod(0o700)
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        for entry in found.entries:
            _bring(found.folder, entry, draft)
        if key is not None:
            _copy(key, draft / home.key_file.name, mode=0o600)
    except (OSError, BackupError):
        shutil.rmtree(draft, ignore_errors=True)
        raise
    for path in sorted(draft.iterdir(), key=lambda path: (path.name == home.raw.name, path.name)):
        if (place := home.root / path.name).is_dir():
            shutil.rmtree(place)  # folders without a file: see _alive
        path.rename(place)
    draft.rmdir()
    sync(home.root)


def _write(
    home: Home, draft: Path, before: Backup | None, *, with_key: bool, all_releases: bool
) -> tuple[int, int, int, list[str]]:
    (draft / FILES).mkdir(mode=0o700, parents=True)
    draft.chmod(0o700)
    older = {entry.path: entry for entry in before.entries} if before else {}
    entries: list[Entry] = []
    copied, copied_bytes, linked, damaged = 0, 0, 0, []
    now = releases.current(home)
    for path in _wanted(home, now.folder if now else None, with_key=with_key, all_releases=all_releases):
        name = path.relative_to(home.root).as_posix()
        if path.is_symlink():
            entries.append(Entry(name, link=str(path.readlink())))
            continue
        info = path.stat()
        looks = Entry(name, info.st_size, info.st_mtime_ns, info.st_mode & 0o777)
        place = draft / FILES / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = older.get(name)
        if before and known and looks.looks_like(known) and _link(before.folder / FILES / name, place):
            linked += 1
            entries.append(known)
            continue
        digest = _copy(path, place, mode=0o600)
        os.utime(place, ns=(info.st_atime_ns, info.st_mtime_ns))
        if path.parent.parent.parent == home.raw and path.name.startswith("original") and digest != path.parent.name:
            damaged.append(name)
            if before and known and known.sha256 == path.parent.name:
                place.unlink()
                _copy(before.folder / FILES / name, place, mode=0o600)
                os.utime(place, ns=(known.mtime_ns, known.mtime_ns))
                entries.append(known)
                continue
        copied, copied_bytes = copied + 1, copied_bytes + looks.size
        entries.append(Entry(name, place.stat().st_size, looks.mtime_ns, looks.mode, digest))
    told: dict[str, Any] = {
        "entries": [asdict(entry) for entry in entries],
        "release_id": now.release_id if now else None,
        "key_fingerprint": fingerprint(load_key(home)),
        "has_key": home.key_file.relative_to(home.root).as_posix() in {entry.path for entry in entries},
    }
    note = draft / MANIFEST
    note.write_text(json.dumps({"sha256": _digest_of(told), "backup": told}, indent=1) + "\n", "utf-8")
    note.chmod(0o600)
    sync(note)
    sync(draft)
    return copied, copied_bytes, linked, damaged


def _wanted(home: Home, current: Path | None, *, with_key: bool, all_releases: bool) -> Iterator[Path]:
    """Plain files and links of the home that belong into a backup."""
    yield from _files(home.raw, lambda path: path.name not in _NOT_RAW)
    taken = {(one.feed, one.file_name, one.size, one.mtime_ns) for one in raw.arrivals(home)}
    for path in _files(home.landing, lambda _: True):
        if path.is_symlink():
            continue
        relative, info = path.relative_to(home.landing), path.stat()
        feed, name = relative.parts[0], "/".join(relative.parts[1:])
        looks = (info.st_size, info.st_mtime_ns)
        if (feed, name, *looks) not in taken and (raw.UNKNOWN, relative.as_posix(), *looks) not in taken:
            yield path
    if current is not None:
        yield home.current_marts
        for release in releases.releases(home):
            if all_releases or release == current.name:
                yield from _files(home.releases / release, lambda _: True)
    if home.open_data_record.is_file():
        yield home.open_data_record
    if with_key and home.key_file.is_file():
        yield home.key_file


def _files(folder: Path, is_wanted: Callable[[Path], bool]) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if not is_wanted(path):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _files(path, is_wanted)
        elif path.is_file():
            yield path


def _alive(home: Home) -> list[str]:
    """What says that somebody lives here, or that a restore was ended in the middle."""
    places = (home.raw, home.landing, home.published, home.warehouse, home.key_file)
    return [path.relative_to(home.root).as_posix() for path in places if _holds_something(path)]


def _holds_something(path: Path) -> bool:
    return path.is_file() or path.is_symlink() or (path.is_dir() and any(map(_holds_something, path.iterdir())))


def _bring(folder: Path, entry: Entry, draft: Path) -> None:
    place = draft / entry.path
    if not place.resolve().is_relative_to(draft.resolve()):
        raise BackupError(f"the backup names a path outside the home: {entry.path}")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if entry.link is not None:
        if Path(entry.link).is_absolute() or ".." in Path(entry.link).parts:
            raise BackupError(f"the backup holds a link that leads out of the home: {entry.path}")
        place.symlink_to(entry.link)
        return
    try:
        digest = _copy(folder / FILES / entry.path, place, mode=entry.mode)
    except FileNotFoundError:
        raise BackupError(f"{folder.name} lacks {entry.path}: take an older backup") from None
    if digest != entry.sha256:
        raise BackupError(f"{entry.path} in {folder.name} is damaged: take an older backup")
    os.utime(place, ns=(entry.mtime_ns, entry.mtime_ns))


def _copy(source: Path, place: Path, *, mode: int) -> str:
    """Copy a file, have it on disk, read it back; its SHA-256. Raises :class:`BackupError` if the copy differs."""
    digest = hashlib.sha256()
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as given, os.fdopen(descriptor, "wb") as copy:
        while block := given.read(_BLOCK):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    if raw.digest(place) != digest.hexdigest():
        raise BackupError(f"the copy of {source.name} differs from it: is the disk broken?")
    place.chmod(mode)
    return digest.hexdigest()


def _link(source: Path, place: Path) -> bool:
    try:
        os.link(source, place)
    except OSError:  # another file system's manners, or gone: copy it
        return False
    return True


def _is_whole(folder: Path, entry: Entry) -> bool:
    path = folder / FILES / entry.path
    try:
        return path.stat().st_size == entry.size and raw.digest(path) == entry.sha256
    except OSError:
        return False


def _digest_of(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def key_advice(home: Home, written: Backup) -> str:
    """What an operator must know of the key, which nobody can make again."""
    if written.has_key:
        return (
            "WARNING: this backup holds pii.key together with the data. Whoever has it can find people in any release: "
            "keep it as you would keep the files of rosters."
        )
    where = f"the environment ({ENVIRONMENT})" if os.environ.get(ENVIRONMENT) else str(home.key_file)
    return (
        f"The key of the pseudonyms is NOT in this backup. Keep a copy of it, from {where}, on another medium than the "
        f"data; its fingerprint is {written.key_fingerprint}. Without it every participant_id changes."
    )
