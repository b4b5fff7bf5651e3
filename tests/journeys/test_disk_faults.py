"""A disk that is full, read-only or failing: calls are refused before the provider, and nothing acknowledged is lost.

Real disks: a 64 MiB tmpfs, and system calls made to fail by strace.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.testing.load import Load, chat, found, shortfall, wait_until
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

pytestmark = pytest.mark.slow

BACK_WITHIN = 10.0
"""Seconds after which a server is back at work once its disk is, without a restart (RELIABILITY R-3)."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount 64 MiB where the server keeps its data."""
    data = tmp_path / "server" / "data"
    data.mkdir(parents=True, mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", str(data)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"mounting a tmpfs is not possible here: {mounted.stderr.strip()}")
    yield data
    subprocess.run(["umount", "-l", str(data)], check=True)


def fill(path: Path) -> None:
    """Take every byte of the file system."""
    with path.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            assert os.statvfs(path).f_bavail == 0


def remount(folder: Path, how: str) -> None:
    """Change a mount, as soon as the processes that were killed have let go of their files."""
    command = ["mount", "-o", f"remount,{how}", str(folder)]
    wait_until(lambda: subprocess.run(command, capture_output=True, check=False).returncode == 0, 10, "the mount")


def refuses(server: Server) -> bool:
    with server.http() as client:
        return client.post("/v1/chat/completions", json=chat("probe")).status_code == 503


def takes(server: Server) -> bool:
    with server.http() as client:
        return client.post("/v1/chat/completions", json=chat("probe")).status_code == 200


def everything_is_there(server: Server, load: Load) -> None:
    texts = {text: count for text, count in found(server.url, server.key).items() if text != "probe"}
    assert shortfall(load, texts) == []
    assert server.json("audit")["complete"]


def test_a_full_disk_refuses_before_the_provider_and_recovers_alone(
    small_disk: Path, upstream: FakeUpstream, tmp_path: Path
) -> None:
    with Server(upstream=upstream, folder=tmp_path / "server") as server:
        with Load(server.port, server.key, callers=4, pause=0.01) as load:
            wait_until(lambda: len(load.acknowledged) > 50, 20, "fifty acknowledged calls")
            fill(small_disk / "ballast")
            wait_until(lambda: load.refused[503] > 0, 5, "the first refusal")
            time.sleep(0.5)  # calls that were accepted before may still end
            fill(small_disk / "ballast")
            acknowledged, asked = len(load.acknowledged), len(upstream.calls)
            refused = load.refused[503]
            wait_until(lambda: load.refused[503] > refused + 30, 20, "thirty more refusals")
            assert len(load.acknowledged) == acknowledged
            assert len(upstream.calls) == asked
            with server.http() as client:
                answer = client.post("/v1/chat/completions", json=chat("probe"))
                assert answer.status_code == 503
                assert "the disk that holds the logs" in answer.json()["message"]
                assert client.get("/readyz").status_code == 503
                assert client.get("/healthz").status_code == 200
            (small_disk / "ballast").unlink()
            wait_until(lambda: len(load.acknowledged) > acknowledged + 30, BACK_WITHIN, "calls taken again")
        assert set(load.refused) <= {429, 503, 507}
        everything_is_there(server, load)


def test_a_read_only_disk_refuses_in_words_and_all_data_is_there_afterwards(
    small_disk: Path, upstream: FakeUpstream, tmp_path: Path
) -> None:
    """A disk cannot be made read-only under a running writer, so it is so when the server starts."""
    server = Server(upstream=upstream, folder=tmp_path / "server")
    with server:
        with Load(server.port, server.key, callers=2) as load:
            wait_until(lambda: len(load.acknowledged) > 30, 20, "thirty acknowledged calls")
        server.kill()
        remount(small_disk, "ro")
        try:
            server.revive()
        except Exception as error:  # noqa: BLE001 - whichever way it says so, in words it must be
            assert "read-only" in str(error) or "Read-only" in str(error)  # noqa: PT017 - only one of two good ends
        else:
            assert refuses(server)
        server.kill()
        remount(small_disk, "rw")
        server.revive()
        everything_is_there(server, load)
        assert takes(server)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed; on Debian: apt install strace")
@pytest.mark.parametrize("calls", ["fdatasync,fsync"])
def test_a_failed_sync_is_never_acknowledged_and_never_tried_again_on_that_file(
    upstream: FakeUpstream, tmp_path: Path, calls: str
) -> None:
    """Every sync of the gateway's process fails for a while, as on a broken disk; then the disk is well again."""
    with Server(upstream=upstream, folder=tmp_path / "server") as server:
        with Load(server.port, server.key, callers=4, pause=0.01) as load:
            wait_until(lambda: len(load.acknowledged) > 50, 20, "fifty acknowledged calls")
            tracing = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", str(tmp_path / "trace"), "-e", f"trace={calls}"]
            tracing.remove("--seccomp-bpf")  # it cannot be had when attaching to a process that runs
            tracer = subprocess.Popen([*tracing, "-e", f"inject={calls}:error=EIO", "-p", str(worker(server))])
            try:
                wait_until(lambda: load.refused[503] > 20, 20, "refusals")
                time.sleep(0.3)
                acknowledged, asked = len(load.acknowledged), len(upstream.calls)
                refused = load.refused[503]
                wait_until(lambda: load.refused[503] > refused + 20, 20, "more refusals")
                assert len(load.acknowledged) == acknowledged
                assert len(upstream.calls) == asked
            finally:
                tracer.terminate()
                tracer.wait()
            wait_until(lambda: len(load.acknowledged) > acknowledged + 20, BACK_WITHIN, "calls taken again")
        assert "EIO" in (tmp_path / "trace").read_text()
        everything_is_there(server, load)
        server.kill()
        server.revive()
        everything_is_there(server, load)


def worker(server: Server) -> int:
    """Find the process that writes the calls' journal: the child of the supervisor named for it."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for child in children:
        arguments = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"--producer" in arguments:
            return int(child)
    raise AssertionError(f"no gateway worker among {children}")
