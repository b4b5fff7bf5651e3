"""Ties a child process to the life of its parent, so that a killed supervisor leaves nobody behind."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
"""`prctl` option of Linux: the signal that a process gets when its parent dies (prctl(2))."""


def die_with_parent(signum: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send us `signum` when our parent ends; does nothing on systems other than Linux."""
    parent = os.getppid()
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signum), 0, 0, 0)
    if os.getppid() != parent:
        # It died between the two lines above, before the kernel had been asked.
        os.kill(os.getpid(), signum)
