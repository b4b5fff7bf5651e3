"""One gateway worker: `python -m logwright.http.worker --producer NAME --listen FD --ready FD`.

It takes its settings from the environment and its listening socket from the
supervisor, who keeps the socket open, so that a worker can be replaced without a
caller noticing. SIGTERM ends it: it takes no more connections, lets the calls under
way finish, and leaves.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import resource
import signal
import socket
import sys
from typing import TYPE_CHECKING, Final

import uvloop

from logwright import settings as declared
from logwright.addresses import AllowList
from logwright.errors import Misconfigured
from logwright.gateway.house import House
from logwright.gateway.metrics import METRICS_FOLDER, Metrics
from logwright.gateway.protocol import Connection
from logwright.gateway.within import Within
from logwright.http.app import build_app
from logwright.http.lifeline import die_with_parent
from logwright.http.logging import set_up_logging
from logwright.http.services import open_services

if TYPE_CHECKING:
    from logwright.settings import Settings

SWEEP_SECONDS: Final = 0.25
"""How often deadlines are looked at; they are seconds long, so a quarter is exact enough."""

GC_THRESHOLDS: Final = (50_000, 20, 50)
"""Calls make few cycles, and looking for them at every 700 objects costs several microseconds a call."""

_logger = logging.getLogger(__name__)


async def run(settings: Settings, producer: str, listener: socket.socket, ready: int | None) -> None:
    """Serve until told to stop."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    async with open_services(settings, producer=producer) as services:
        metrics = Metrics(settings.data / METRICS_FOLDER, producer)
        application = build_app(services)
        house = House(
            settings,
            application=application,
            keys=services.keys,
            catalogue=services.catalogue,
            recorder=services.recorder,
            metrics=metrics,
            allow=AllowList.parse(settings.allow_upstream, listening=listener.getsockname()[:2]),
        )
        application.state.calls = Within(house)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        server = await loop.create_server(lambda: Connection(house), sock=listener)
        sweeper = house.spawn(_sweep(house))
        if ready is not None:
            os.write(ready, b"ready\n")
            os.close(ready)
        await stop.wait()
        server.close()
        await drain(house)
        sweeper.cancel()
        house.pool.close()
        metrics.close()


async def drain(house: House) -> None:
    """Let calls under way finish within the time that the settings give; then cut what is left."""
    house.draining = True
    for connection in list(house.connections):
        connection.retire()
    until = house.now() + house.settings.drain_timeout
    while house.connections and house.now() < until:  # noqa: ASYNC110 - nobody but this waits for it, and only once
        await asyncio.sleep(0.02)
    left = list(house.connections)
    if left:
        _logger.warning("%d calls were cut after %g seconds of draining", len(left), house.settings.drain_timeout)
    for connection in left:
        connection.abort()
    # Whatever was cut still leaves its record; two turns of the loop let it reach the journal, which closing flushes.
    await asyncio.sleep(0.02)


async def _sweep(house: House) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        house.sweep()
        house.metrics.gauge(connections=len(house.connections), in_flight=sum(house.in_flight.values()))


def main() -> None:
    """Run one worker as a process."""
    parser = argparse.ArgumentParser(prog="python -m logwright.http.worker", description=__doc__)
    parser.add_argument("--producer", required=True, help="the name of its journal")
    parser.add_argument("--listen", type=int, required=True, help="the descriptor of a listening socket")
    parser.add_argument("--ready", type=int, help="the descriptor to write a line to once calls are taken")
    given = parser.parse_args()
    die_with_parent()
    raise_descriptor_limit()
    settings = declared.load().settings
    set_up_logging(settings.log_level)
    listener = socket.socket(fileno=given.listen)
    listener.setblocking(False)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            uvloop.run(run(settings, given.producer, listener, given.ready))
    except Misconfigured as error:
        print(f"logwright: {error}", file=sys.stderr)  # noqa: T201 - the process's last words
        sys.exit(2)


def raise_descriptor_limit() -> None:
    """Allow as many open sockets as the system lets us; a stream takes two."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


if __name__ == "__main__":
    main()
