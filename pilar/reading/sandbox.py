"""Opens a workbook in a process of its own, with bounded memory and time.

A damaged .xls can send its parser round in circles until the machine has no memory left. Such an end cannot be
caught from within, and one bad file must stop nobody.
"""

from __future__ import annotations

import os
import pickle
import resource
import subprocess
import sys
import uuid
from pathlib import Path

from pilar.config import PROJECT, Limits
from pilar.reading import spreadsheets
from pilar.reading.model import Rejected
from pilar.reading.spreadsheets import Refusal, Workbook

MAX_MEMORY_BYTES = 4 * 1024**3
MAX_CPU_SECONDS = 300


def read(path: Path, kind: str, limits: Limits, work: Path) -> Workbook:
    """As :func:`spreadsheets.read`; ``work`` is a private folder for what the other process hands over.

    :raises Rejected: FILE_UNREADABLE (also when that process died), FILE_ENCRYPTED, FILE_TOO_LARGE
    """
    work.mkdir(parents=True, exist_ok=True)
    found = work / f"{uuid.uuid4().hex}.pickle"
    bounds = [str(limits.max_unpacked_bytes), str(MAX_MEMORY_BYTES)]
    order = [sys.executable, "-m", "pilar.reading.sandbox", str(path), kind, *bounds, str(found)]
    search = os.pathsep.join([str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": search, "RUST_BACKTRACE": "0"}
    done = subprocess.run(order, check=False, capture_output=True, env=environment)
    if done.returncode or not found.is_file():
        raise Rejected("FILE_UNREADABLE", "Buku kerja rusak.", "The workbook is damaged.")
    result: Workbook | Refusal = pickle.loads(found.read_bytes())  # noqa: S301 (written by our own process just now)
    found.unlink()
    if isinstance(result, Workbook):
        return result
    raise Rejected(*result)


def main(path: str, kind: str, max_unpacked_bytes: str, max_memory_bytes: str, found: str) -> None:
    """The other process: bounds itself, opens the workbook, leaves what it found."""
    resource.setrlimit(resource.RLIMIT_AS, (int(max_memory_bytes), int(max_memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    Path(found).write_bytes(pickle.dumps(spreadsheets.read(Path(path), kind, int(max_unpacked_bytes))))


if __name__ == "__main__":
    main(*sys.argv[1:])
