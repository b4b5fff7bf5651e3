"""Kill the whole server (SIGKILL) at random moments of a load, and every other time once more during its recovery."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time

from bench.crash.report import Round, check, close, show
from logwright.testing.load import Load
from logwright.testing.server import Server, ServerFailed
from logwright.testing.upstream import FakeUpstream


def run(rounds: int, callers: int, workers: int, seed: int) -> int:
    """Crash that many times on one data directory; all that was ever acknowledged must be found each time."""
    chance = random.Random(seed)
    done: list[Round] = []
    loads: list[Load] = []
    with (
        FakeUpstream(record=False) as upstream,
        Server(upstream=upstream, settings=("--workers", str(workers))) as server,
    ):
        for number in range(1, rounds + 1):
            with Load(server.port, server.key, callers=callers, name=f"kill {number}") as load:
                loads.append(load)
                time.sleep(chance.uniform(0.3, 2.0))
                server.kill()
            if number % 2 == 0:
                kill_amid_recovery(server, chance.uniform(0.2, 1.5))
            began = time.monotonic()
            server.revive()
            recovery = time.monotonic() - began
            acknowledged, found, wrong = check(server, loads)
            done.append(
                Round(
                    acknowledged=acknowledged,
                    found=found,
                    wrong=wrong,
                    recovery=recovery,
                    searched=time.monotonic() - began,
                )
            )
            show(number, done[-1])
    return close(done, limit=5.0)


def kill_amid_recovery(server: Server, seconds: float) -> None:
    """Start the server and kill it `seconds` later, ready or not."""

    def strike() -> None:
        with contextlib.suppress(ServerFailed, ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)

    killer = threading.Timer(seconds, strike)
    killer.start()
    with contextlib.suppress(ServerFailed):  # killed before it was ready, which is what this is for
        server.revive()
    killer.join()
    server.kill()
