"""Where a night can be struck: each call that changes a name or has content on disk, each SQL statement, each end of a
step. They are counted over all processes of a night, so the n-th of them is a place one can come back to.

Nothing of this stands in the code of Pilar: a forked process puts itself around ``os``, ``duckdb`` and the steps before
it begins a night.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import duckdb

CALLS = ("replace", "rename", "link", "symlink", "unlink", "remove", "rmdir", "mkdir", "fsync", "truncate", "chmod")
"""Of ``os``."""
STATEMENTS = ("execute", "sql", "commit", "close")
"""Of a DuckDB connection."""
STEPS = ("begin", "ingest", "load", "gate_arrivals", "build", "gate_candidate", "publish", "report", "conclude")

_fork = multiprocessing.get_context("fork")


class Enough(BaseException):
    """The night has come as far as it should."""


class Points:
    """Counts points in memory that forks share. ``at``: the point that is struck before it is passed, by SIGKILL or,
    with ``waits``, by whatever the stage does while the process stands there."""

    def __init__(self, trace: Path | None = None) -> None:
        self._count = _fork.Value("q", 0)
        self._step = _fork.Array("c", 40)
        self._where = _fork.Array("c", 240)
        self._trace = os.open(trace, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if trace else None
        self._within = _fork.Value("q", 0)
        self._struck = _fork.Array("c", 300)
        self._dbt = _fork.Value("q", 0)
        self._standing = _fork.Value("b", 0)
        self._shift = _fork.Value("d", 0.0)
        self.at: int | None = None
        self.step_struck: str | None = None
        """The step in which ``at`` counts; default: the whole night."""
        self.group = True
        self.waits = False
        self.until: str | None = None
        """The step after which the night ends."""
        self.save: dict[str, str] = {}
        """Folders that ``home`` is copied to when a step begins."""
        self.home = Path()

    @property
    def count(self) -> int:
        return int(self._count.value)

    @property
    def struck(self) -> str | None:
        """Where ``at`` was reached, whichever process was there."""
        return self._struck.value.decode(errors="replace") or None

    @property
    def dbt(self) -> int:
        """Process of dbt, 0 before it begins."""
        return int(self._dbt.value)

    @dbt.setter
    def dbt(self, pid: int) -> None:
        self._dbt.value = pid

    @property
    def shift(self) -> float:
        """Seconds that the night's clock is away from the machine's."""
        return float(self._shift.value)

    @shift.setter
    def shift(self, seconds: float) -> None:
        self._shift.value = seconds

    @property
    def stands(self) -> bool:
        """Whether a process stands at the point to be struck."""
        return bool(self._standing.value)

    def go_on(self) -> None:
        """Let it pass."""
        self._standing.value = 0

    @property
    def where(self) -> str:
        """The step, and the point last passed."""
        return f"{self._step.value.decode()} | {self._where.value.decode(errors='replace')}"

    @property
    def reached(self) -> bool:
        """Whether the step to be struck has begun."""
        return self.step_struck in (None, self._step.value.decode())

    def step(self, name: str) -> None:
        self._step.value = name.encode()

    def hit(self, label: str) -> None:
        with self._count.get_lock():
            self._count.value += 1
            self._within.value += self.reached
            due = self.reached and self._within.value == self.at
            self._where.value = label.encode()[:239]
        if self._trace is not None:
            os.write(self._trace, f"{time.monotonic():.3f}\t{self._step.value.decode()}\t{label}\n".encode())
        if due:
            self._struck.value = self.where.encode()[:299]
            if self.waits:
                self._stand()
                return
            if self.group:
                os.killpg(0, signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)

    def _stand(self) -> None:
        self._standing.value = 1
        while self.stands:
            time.sleep(0.002)

    def install(self) -> None:
        """Put points around the calls and steps of this process and of its forks to come."""
        for name in CALLS:
            setattr(os, name, self._around(getattr(os, name), lambda args, n=name: f"{n} {_path(args)}"))
        for name in STATEMENTS:
            kind = duckdb.DuckDBPyConnection
            setattr(kind, name, self._around(getattr(kind, name), lambda args, n=name: f"duckdb {n} {_sql(args)}"))
        from pilar import night

        for name in STEPS:
            setattr(night, name, self._step_around(name, getattr(night, name)))

    def _around(self, call: Callable[..., Any], told: Callable[[tuple[Any, ...]], str]) -> Callable[..., Any]:
        @wraps(call)
        def counted(*args: Any, **given: Any) -> Any:
            self.hit(told(args))
            return call(*args, **given)

        return counted

    def _step_around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def counted(*args: Any, **given: Any) -> Any:
            if place := self.save.pop(name, None):
                self.step("")  # calls of ours, not of the step before
                shutil.copytree(self.home, place, symlinks=True)
            self.step(name)
            self.hit(f"before {name}")
            done = work(*args, **given)
            self.hit(f"after {name}")
            if name == self.until:
                raise Enough
            return done

        return counted


def _path(args: tuple[Any, ...]) -> str:
    """The last two parts of a path, without what differs from night to night."""
    given = args[-1] if len(args) > 1 and isinstance(args[-1], (str, Path)) else args[0] if args else ""
    if isinstance(given, int):
        with suppress(OSError):
            given = Path(f"/proc/self/fd/{given}").readlink()
    told = "/".join(Path(os.fspath(given)).parts[-2:]) if isinstance(given, (str, os.PathLike)) else str(given)
    return _plain(told)


def _sql(args: tuple[Any, ...]) -> str:
    return _plain(" ".join(str(args[1]).split()[:6]))[:70] if len(args) > 1 else ""


def _plain(text: str) -> str:
    return re.sub(r"[0-9a-f]{12,}", "#", re.sub(r"\d{8}T\d{6}Z", "NIGHT", text))
