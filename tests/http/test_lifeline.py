"""A child does not outlive its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

CHILD = """
import sys, time
from logwright.http.lifeline import die_with_parent
die_with_parent()
print("up", flush=True)
time.sleep(60)
"""

PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - a kernel's file, not a path of ours
            return stat.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_killed_parent_leaves_nobody_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)

        os.kill(parent.pid, signal.SIGKILL)

        until = time.monotonic() + 10
        while is_alive(child) and time.monotonic() < until:
            time.sleep(0.01)
        assert not is_alive(child)
