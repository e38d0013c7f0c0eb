"""Root, to whom no mode means anything, made a user like any other: it keeps its name and loses its capabilities."""

from __future__ import annotations

import ctypes
import os

_DROP_FROM_BOUNDING_SET = 24  # prctl(2)
_CAPABILITIES = 64
_VERSION_3 = 0x20080522  # capset(2)


def give_up() -> None:
    """Give up what root may do beyond others, for this process and all that it starts."""
    if os.getuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_CAPABILITIES):
        libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)  # else a program that is started gets them anew
    header, none = (ctypes.c_uint32 * 2)(_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    if libc.capset(header, none):
        raise OSError(ctypes.get_errno(), "capset")
