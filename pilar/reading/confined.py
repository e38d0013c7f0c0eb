"""The other side of :mod:`pilar.reading.sandbox`: forks a child for each file, which bounds itself and reads.

Run as ``python -m pilar.reading.confined``; orders come on standard input, wait statuses go to standard output.
"""

from __future__ import annotations

import errno
import gc
import os
import pickle
import resource
import select
import signal
import sys
from pathlib import Path
from typing import Any

from pilar import regions
from pilar.config import Limits
from pilar.contracts import contracts
from pilar.figures.indicators import indicators
from pilar.reading import context, original, reader
from pilar.reading.bounds import TROUBLE_EXIT, TROUBLES, too_large
from pilar.reading.cells import visible
from pilar.reading.model import Rejected

_PAGE = 4000
_CLOCK = 3
"""Times the CPU limit that a file may take by the clock."""


def serve() -> None:
    """Do one order after the other, until there is nobody to give any."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the asking process's to answer; then this one's input ends
    replies = os.dup(1)
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 1)
    _warm_up()
    orders = sys.stdin.buffer
    while head := orders.read(8):
        order = orders.read(int.from_bytes(head, "big"))
        os.write(replies, _done(order).to_bytes(4, "big"))


def _warm_up() -> None:
    """What every child would otherwise load for itself."""
    contracts()
    indicators()
    regions.resolve("-")
    for column in ("pillar", "region"):
        context.known(column, ["-"], "", "")
    gc.freeze()  # what is loaded stays shared: a child's collector does not touch it


def _done(order: bytes) -> int:
    """The wait status of the child that did the order. A child whose answer nobody waits for is ended."""
    living, end = os.pipe()
    child = os.fork()
    if not child:
        os.close(living)
        _child(order)
    os.close(end)
    ready, _, _ = select.select([living, sys.stdin.fileno()], [], [])
    if living not in ready:
        os.kill(child, signal.SIGKILL)
    os.close(living)
    return os.waitpid(child, 0)[1]


def _child(order: bytes) -> None:
    try:
        job, answer, given = pickle.loads(order)  # noqa: S301 (from the process that started this one)  # nosec B301
        _bound(given["limits"])
        found = _answer(job, given)
        Path(answer).write_bytes(pickle.dumps(found))
    except OSError as error:  # the answer itself found no room, or no permission
        os._exit(TROUBLE_EXIT + error.errno if error.errno in TROUBLES else 1)
    except BaseException:  # whatever it is: the missing answer tells, and nothing of the server may run here
        os._exit(1)
    os._exit(0)


def _bound(limits: Limits) -> None:
    """Bounds that the kernel keeps, also while a parser in native code does not come back."""
    for kind, bound in (
        (resource.RLIMIT_AS, limits.max_reading_memory_bytes),
        (resource.RLIMIT_CPU, limits.max_reading_seconds),
        (resource.RLIMIT_FSIZE, limits.max_unpacked_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]  # which this process may itself have been given, and cannot raise
        resource.setrlimit(kind, (bound if hard == resource.RLIM_INFINITY else min(bound, hard), hard))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.max_reading_seconds * _CLOCK)


def _answer(job: str, given: dict[str, Any]) -> tuple[str, Any, list[list[str]]]:
    """(kind, what was found, verdicts that came along).

    The kind is ``done``, ``refused``, ``trouble`` of this machine (its number), or ``unforeseen`` (an error's class).
    """
    limits: Limits = given["limits"]
    verdicts: list[list[str]] = []
    try:
        if job == "original":
            return "done", original.sheets(**given), []
        return "done", reader.read(**given, verdicts=verdicts), verdicts
    except Rejected as error:
        refusal = error
    except MemoryError:
        refusal = too_large(
            limits, "max_reading_memory_bytes", "Memori tidak cukup (byte)", "Not enough memory (bytes)"
        )
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        if number in TROUBLES:
            return "trouble", number, verdicts
        if number != errno.EFBIG:
            return "unforeseen", type(error).__name__, verdicts
        refusal = too_large(limits, "max_unpacked_bytes", "Hasil bacaan terlalu besar", "What it holds is too large")
    return "refused", (refusal.rule_code, _line(refusal.detail_id), _line(refusal.detail_en)), verdicts


def _line(reason: str) -> str:
    """Names that the file gave stand in a reason: it stays one line of a page's length, whatever they are."""
    return visible(reason if len(reason) <= _PAGE else f"{reason[:_PAGE]}…")


if __name__ == "__main__":
    serve()
