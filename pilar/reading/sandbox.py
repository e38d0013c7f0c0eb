"""Reads each landed file in a process of its own, with bounded memory, time and disk.

A damaged .xls can send its parser round in circles until the machine has no memory left, or kill the process that
it runs in. Such an end cannot be caught from within, and one bad file must stop nobody.

The processes are children of a server (:mod:`pilar.reading.confined`) that has loaded the readers once: a file costs
a fork, not a start of Python. The server begins with the first file and ends with the process that asked for it. It
gets none of the environment's secrets, and what comes back is believed to be plain data and nothing else.
"""

from __future__ import annotations

import atexit
import errno
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

from pilar.config import PROJECT, Limits
from pilar.contracts import Contract
from pilar.reading.bounds import TROUBLE_EXIT, TROUBLES, too_large
from pilar.reading.model import Reading, Rejected
from pilar.reading.original import Original

log = logging.getLogger(__name__)

_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_TRIES = 2
"""The server itself may be killed (by an operator, for want of memory): once is no fault of the file."""


_NO_THREAD_DATA = 127
"""How the C library ends a process that has no memory left for a library's own data of a thread."""


class Unforeseen(Rejected):
    """FILE_UNREADABLE for an error that no reader expected. Only its class is told: its message may hold values."""

    def __init__(self, kind: str) -> None:
        super().__init__("FILE_UNREADABLE", f"({kind})", f"({kind})")


def read(
    path: Path,
    contract: Contract,
    *,
    file_name: str,
    sha256: str,
    limits: Limits,
    rows_to: Path,
    work: Path,
    verdicts: list[list[str]] | None = None,
) -> Reading:
    """As :func:`pilar.reading.reader.read`, in a process of its own.

    :raises Rejected: as that does; FILE_TOO_LARGE or FILE_UNREADABLE, too, for a process that came to an end
    :raises OSError: a trouble of this machine (a full disk), no verdict on the file
    """
    given = {"contract": contract, "file_name": file_name, "sha256": sha256}
    return _ask("rows", limits, work, verdicts, path=path.absolute(), rows_to=rows_to.absolute(), **given)  # type: ignore[no-any-return]


def open_original(path: Path, contract: Contract, file_name: str, limits: Limits, work: Path) -> list[Original]:
    """As :func:`pilar.reading.original.sheets`, in a process of its own.

    :raises Rejected: as that does, and as :func:`read` does
    """
    given = {"contract": contract, "file_name": file_name}
    return _ask("original", limits, work, None, path=path.absolute(), **given)  # type: ignore[no-any-return]


def _ask(job: str, limits: Limits, work: Path, verdicts: list[list[str]] | None, **given: Any) -> Any:
    work.mkdir(parents=True, exist_ok=True)
    answer = work.absolute() / f"{uuid.uuid4().hex}.answer"
    order = pickle.dumps((job, answer, given | {"limits": limits, "work": work.absolute()}))
    status = _serving.status(order)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        status = _serving.status(order)  # somebody's hand, or memory that others took: once is no fault of the file
    if status or not answer.is_file():
        raise _ended(status, limits)
    with answer.open("rb") as file:
        kind, found, along = _Plain(file).load()
    answer.unlink()
    if verdicts is not None:
        verdicts.extend(along)
    if kind == "done":
        return found
    if kind == "refused":
        raise Rejected(*found)
    if kind == "trouble":
        raise OSError(found, os.strerror(found))
    log.warning("a reader met an unforeseen %s", found)
    raise Unforeseen(found)


def _ended(status: int, limits: Limits) -> Rejected:
    """Why the process has left no answer.

    :raises OSError: a trouble of this machine
    """
    signum = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if not signum and (number := os.waitstatus_to_exitcode(status) - TROUBLE_EXIT) in TROUBLES:
        raise OSError(number, os.strerror(number))
    if signum in (signal.SIGXCPU, signal.SIGALRM):
        return too_large(
            limits, "max_reading_seconds", "Terlalu lama dibaca (detik)", "Reading takes too long (seconds)"
        )
    if signum == signal.SIGKILL or (not signum and os.waitstatus_to_exitcode(status) == _NO_THREAD_DATA):
        return too_large(
            limits, "max_reading_memory_bytes", "Dihentikan sistem: memori habis", "Ended by the system: out of memory"
        )
    name = signal.Signals(signum).name if signum else f"exit {os.waitstatus_to_exitcode(status)}"
    memory = f"{limits.max_reading_memory_bytes:,} byte, PILAR_MAX_READING_MEMORY_BYTES"
    return Rejected(
        "FILE_UNREADABLE",
        f"Isinya rusak, atau perlu lebih banyak memori ({memory}); pembacanya terhenti ({name}).",
        f"It is damaged, or needs more memory ({memory}); its reader came to an end ({name}).",
    )


_PLAIN = frozenset(
    {
        *(("datetime", name) for name in ("date", "datetime", "time", "timedelta")),
        *(("pilar.reading.model", name) for name in ("Sheet", "Reading", "SheetRead", "Control")),
        ("pilar.reading.headers", "Layout"),
        ("pilar.reading.original", "Original"),
    }
)
"""What an answer may be made of, beside texts, numbers, lists and dictionaries."""


class _Plain(pickle.Unpickler):
    """Believes the other process no more than values: nothing of what it sends can call anything."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _PLAIN:
            raise pickle.UnpicklingError(f"{module}.{name} is no answer of a reader")
        return super().find_class(module, name)


class _Serving:
    """The server of this process. One file at a time: whoever wants two at once has two processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None

    def status(self, order: bytes) -> int:
        """Have the order done; the wait status of the process that did it.

        :raises OSError: the server does not run, again and again: no verdict on the file
        """
        with self._lock:
            for _ in range(_TRIES):
                try:
                    return self._send(order)
                except (BrokenPipeError, EOFError):
                    self.end()
        raise OSError(errno.EIO, "the process that reads files cannot run")

    def _send(self, order: bytes) -> int:
        server = self._server = self._server or _start()
        assert server.stdin and server.stdout  # noqa: S101 (both are pipes)
        server.stdin.write(len(order).to_bytes(8, "big") + order)
        server.stdin.flush()
        reply = server.stdout.read(4)
        if len(reply) < 4:
            raise EOFError
        return int.from_bytes(reply, "big")

    def end(self) -> None:
        """Let the server go, and wait until it is gone."""
        if self._server:
            _close(self._server)
            self._server.wait()
            self._server = None

    def forget(self) -> None:
        """In a fork: the server is the parent's."""
        if self._server:
            _close(self._server)
            self._server.returncode = 0  # no child of this process: nothing to wait for
        self.__init__()  # type: ignore[misc]  # a lock that another thread held stays held in a fork


def _start() -> subprocess.Popen[bytes]:
    search = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment |= {"PYTHONPATH": search, "RUST_BACKTRACE": "0", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "pilar.reading.confined"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a parser's last words may hold values
        env=environment,
    )


def _close(server: subprocess.Popen[bytes]) -> None:
    for pipe in (server.stdin, server.stdout):
        if pipe:
            try:
                pipe.close()
            except BrokenPipeError:  # what was not sent is of no use now
                continue


_serving = _Serving()
atexit.register(_serving.end)
os.register_at_fork(after_in_child=_serving.forget)
