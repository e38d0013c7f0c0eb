"""Who may look: places that hold personal data are their owner's alone, and a night closes what it finds open."""

from __future__ import annotations

import stat
from pathlib import Path

from pilar.config import Home


class ModesRefused(RuntimeError):
    """A place that holds personal data is open to others and cannot be closed."""


def close(home: Home) -> list[str]:
    """Close the home, ``raw/``, ``reports/restricted/`` and the warehouse to all but their owner.

    Returns a sentence for each place that was open. Raises :class:`ModesRefused` where it cannot be closed. The key is
    no matter of this: one that others could read counts as copied (:func:`pilar.privacy.load_key` refuses it).
    """
    told = []
    for path, mode in ((home.root, 0o700), (home.raw, 0o700), (home.restricted, 0o700), (home.warehouse, 0o600)):
        if path.exists() and (found := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            _change(path, mode)
            name = path.relative_to(home.root.parent).as_posix()
            told.append(f"{name} was open to others (mode {found:04o}) and is now {mode:04o}")
    return told


def _change(path: Path, mode: int) -> None:
    try:
        path.chmod(mode)
    except OSError as error:
        raise ModesRefused(
            f"{path} is open to others and cannot be closed ({error.strerror}): it belongs to another user, or the "
            f"file system knows no modes. Run as its owner, or: chmod {mode:o} {path.name}"
        ) from None
