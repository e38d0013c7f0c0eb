"""Processes that a night starts must not outlive it: what is left of a killed one would write beside the next."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)
_LIBC = ctypes.CDLL(None)


def end_with(parent: int) -> None:
    """Have the kernel end this process when ``parent``, its parent, ends, however that comes. Called in the child.

    On another system than Linux nothing happens: there an orphan ends when its work does.
    """
    if sys.platform == "linux":
        _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it was gone before the kernel was told
            os.kill(os.getpid(), signal.SIGKILL)
