"""Refusals of what is larger than a limit: each names the limit, and the variable that raises it."""

from __future__ import annotations

import errno

from pilar.config import Limits
from pilar.reading.model import Rejected

TROUBLES = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO),
    *(errno.EMFILE, errno.ENFILE, errno.EAGAIN),
)
"""Of this machine: no verdict on the file, which is taken again when they are mended."""

TROUBLE_EXIT = 100
"""Added to a trouble's number: how a process ends that could not even say it."""

_FREE_BYTES = 64 * 1024**2
"""Unpacked this much, no ratio tells a bomb from a table of few values."""


def too_large(limits: Limits, limit: str, what_id: str, what_en: str) -> Rejected:
    """FILE_TOO_LARGE for ``what`` (Bahasa Indonesia, English: what was found) above the field ``limit``."""
    bound, variable = f"{getattr(limits, limit):,}", f"PILAR_{limit.upper()}"
    return Rejected(
        "FILE_TOO_LARGE",
        f"{what_id}; batasnya {bound}. Pengelola dapat menaikkan {variable}.",
        f"{what_en}; the limit is {bound}. The operator may raise {variable}.",
    )


def names_a_limit(refusal: Rejected) -> bool:
    """Whether higher limits may let the file in."""
    return "PILAR_MAX_" in refusal.detail_en


def is_damage(error: Exception) -> bool:
    """Whether an error of :data:`pilar.reading.formats.DAMAGES` is the archive's own.

    An ``OSError`` may be a trouble of this machine, or the end of what the process may write.
    """
    return not (isinstance(error, OSError) and error.errno in (*TROUBLES, errno.EFBIG))


def check_unpacked(unpacked: int, packed: int, limits: Limits) -> None:
    """:raises Rejected: FILE_TOO_LARGE for more bytes than there may be, at all or out of so few"""
    if unpacked > limits.max_unpacked_bytes:
        what = f"{unpacked:,} byte"
        raise too_large(limits, "max_unpacked_bytes", f"Setelah dibuka {what}", f"Unpacked, it is {what}s")
    if unpacked > _FREE_BYTES and unpacked > packed * limits.max_unpacked_ratio:
        what = f"{unpacked:,} / {packed:,} byte"
        raise too_large(
            limits, "max_unpacked_ratio", f"Mengembang terlalu besar: {what}", f"It swells too much: {what}s"
        )
