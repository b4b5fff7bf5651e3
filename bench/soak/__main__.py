"""Idle streams (R-12) and memory over many mixed calls (R-18): `python -m bench.soak`."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import uvloop

from bench.soak import idle, mixed
from bench.soak.callers import Target
from logwright.http.worker import raise_descriptor_limit
from logwright.testing.processes import workers
from logwright.testing.server import Server, free_port

_PATIENT = ("--upstream-first-byte-timeout", "1h", "--upstream-idle-timeout", "1h", "--upstream-total-timeout", "1h")


def main() -> int:
    """Run both and print demand beside figure; the exit status is 1 when a demand is not met."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--streams", type=int, default=9500, help="idle streams at once; 0 leaves them out")
    parser.add_argument("--requests", type=int, default=20_000, help="mixed calls after the warm-up; 0 leaves them out")
    parser.add_argument("--callers", type=int, default=16, help="mixed calls at once")
    chosen = parser.parse_args()
    raise_descriptor_limit()
    met = True
    with provider() as base_url:
        if chosen.streams:
            with server(base_url) as target:
                met &= uvloop.run(idle.measure(target, chosen.streams))
        if chosen.requests:
            with server(base_url) as target:  # a new one: what idle streams have left free would hide growth
                met &= uvloop.run(mixed.measure(target, chosen.requests, chosen.callers))
    return 0 if met else 1


@contextlib.contextmanager
def server(base_url: str) -> Iterator[Target]:
    """Run a server that leads to the provider and has all the patience that idle streams need."""
    with Server(settings=(*_PATIENT, "--allow-upstream", "127.0.0.0/8")) as running:
        running.provider("openai", kind="openai", base_url=base_url)
        (worker,) = workers(running.pid)
        yield Target(port=running.port, key=running.key, worker=worker)


@contextlib.contextmanager
def provider() -> Iterator[str]:
    """Run the fake provider in a process of its own, so that it has descriptors of its own; give its address."""
    port = free_port()
    command = [sys.executable, "-m", "logwright.testing.upstream", "--port", str(port)]
    with subprocess.Popen(command) as process:
        try:
            wait(f"http://127.0.0.1:{port}/v1/models")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


def wait(url: str) -> None:
    """Return when something answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


if __name__ == "__main__":
    sys.exit(main())
