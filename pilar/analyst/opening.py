"""``pilar open``: the release in a program that the analyst has, read-only whatever the program does by itself."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

PROGRAMS = {"harlequin": "--read-only", "duckdb": "-readonly"}
"""Programs in order of liking, each with the flag that opens read-only. Without it they would ask for the file's only
write lock, which a release (mode 0444) refuses to everybody but root."""

INSTALL = """\
neither Harlequin nor the DuckDB CLI is on the PATH. Either of these brings one:
  pipx install harlequin      a SQL workbench in the terminal
  pipx install duckdb-cli     the DuckDB CLI
or open {path} read-only in a program of yours: docs/for-analysts.md says how."""


class NoProgram(LookupError):
    """No program that opens a release is installed; says how to get one."""


def command(release: Path, *, search: str | None = None) -> list[str]:
    """The command that opens the release, of the first program found on ``search`` (default: ``PATH``).

    The release's own path is given, not the name that moves on: what is open stays the same release.
    """
    for program, flag in PROGRAMS.items():
        found = shutil.which(program, path=search)
        if found:
            return [found, flag, str(release.resolve())]
    raise NoProgram(INSTALL.format(path=release))


def run(release: Path) -> None:
    """Become that program; returns only by an error."""
    called = command(release)
    sys.stdout.flush()
    os.execv(called[0], called)  # noqa: S606 (a fixed argument list, no shell)
