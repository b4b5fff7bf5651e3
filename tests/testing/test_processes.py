"""What /proc tells of a process is read as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from logwright.testing.processes import descriptors, forget_peak, peak_bytes, resident_bytes, workers


def test_a_process_that_takes_memory_is_seen_to_hold_it_and_to_have_held_it() -> None:
    pid = os.getpid()
    forget_peak(pid)
    before = resident_bytes(pid)
    block = bytearray(b"x") * (64 * 1024 * 1024)
    held = resident_bytes(pid)
    del block

    assert held - before > 50 * 1024 * 1024
    assert peak_bytes(pid) - before > 50 * 1024 * 1024


def test_an_open_file_is_one_descriptor_more(tmp_path: Path) -> None:
    before = descriptors(os.getpid())
    with (tmp_path / "file").open("w"):
        assert descriptors(os.getpid()) == before + 1


def test_workers_are_told_from_other_children_by_their_command() -> None:
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen([*command, "-m", "logwright.http.worker"], stdin=pipe, stdout=pipe) as worker,
        subprocess.Popen(command, stdin=pipe, stdout=pipe) as other,
    ):
        for process in (worker, other):
            assert process.stdout is not None
            process.stdout.readline()
        found = workers(os.getpid())
        for process in (worker, other):
            assert process.stdin is not None
            process.stdin.close()

    assert found == [worker.pid]
