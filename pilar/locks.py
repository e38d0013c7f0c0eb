"""Locks between processes: files that the kernel frees when their holder dies, so that no lock is ever stale."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOR_EVER = float("inf")

_GIVEN = "PILAR_GIVEN_LOCKS"
_POLL_SECONDS = 0.2

_mine: list[Path] = []
"""Paths that this process holds alone. Forks have the list and the locks."""


class Locked(Exception):
    """Another process holds the lock."""


@contextmanager
def hold(path: Path, *, shared: bool = False, wait_seconds: float = 0) -> Iterator[int]:
    """Hold ``path`` among processes and threads; gives its descriptor. A child that inherits it holds the lock too.

    ``shared``: beside others that share it, but beside no one who holds it alone. Raises :class:`Locked` when it is
    not free within ``wait_seconds``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + wait_seconds
    with path.open("a+") as file:
        while not _taken(file.fileno(), fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            if time.monotonic() >= until:
                raise Locked(f"{path.name} is held by another process")
            time.sleep(_POLL_SECONDS)
        if not shared:
            _mine.append(path)
        try:
            yield file.fileno()
        finally:
            if not shared:
                _mine.remove(path)


def is_held(path: Path) -> bool:
    """Whether ``path`` is held alone on behalf of this process: by itself, by the process that it was forked from, or
    by the one that started it and gave it the lock (see :func:`giving`)."""
    return path in _mine or _is_given(path)


def giving(*descriptors: int) -> dict[str, str]:
    """What to add to the environment of a child that shall know the locks it inherits by ``pass_fds``."""
    return {_GIVEN: " ".join(map(str, descriptors))}


def _is_given(path: Path) -> bool:
    try:
        wanted = path.stat()
    except OSError:
        return False
    for descriptor in map(int, os.environ.get(_GIVEN, "").split()):
        try:
            found = os.fstat(descriptor)
        except OSError:
            continue
        if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino) and _taken(descriptor, fcntl.LOCK_EX):
            return True
    return False


def _taken(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
