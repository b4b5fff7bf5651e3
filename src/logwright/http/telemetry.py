"""The process that sends our own spans: `python -m logwright.http.telemetry`, with its settings in the environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

from logwright import settings as declared
from logwright.db import Database
from logwright.errors import Misconfigured
from logwright.faces.otel.exporter import Exporter, collector
from logwright.gateway.metrics import METRICS_FOLDER, SpansSent
from logwright.http.lifeline import die_with_parent
from logwright.http.logging import set_up_logging
from logwright.http.services import DATABASE, RUN
from logwright.logs.store.client import StoreClient
from logwright.projects.store import all_projects
from logwright.settings import Settings


async def run(settings: Settings) -> None:
    """Follow the gateway's calls and send their spans until SIGTERM or SIGINT.

    Raises:
        Misconfigured: when the settings name no collector.
    """
    to = collector(settings.otlp_endpoint, settings.otlp_headers)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    address = settings.database or settings.data / DATABASE
    with (
        contextlib.closing(Database.open(address, run=settings.data / RUN)) as database,
        contextlib.closing(SpansSent(settings.data / METRICS_FOLDER)) as counts,
    ):

        def projects() -> list[str]:
            with database.read() as connection:
                return [project.id for project in all_projects(connection)]

        async with StoreClient(settings.data) as store:
            working = asyncio.create_task(Exporter(store, projects, to, counts).run())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
            with contextlib.suppress(asyncio.CancelledError):
                await working


def main() -> int:
    """Export until told to stop; 2 when the settings do not allow it."""
    die_with_parent()
    os.umask(0o077)
    try:
        settings = declared.load().settings
        set_up_logging(settings.log_level)
        asyncio.run(run(settings))
    except Misconfigured as error:
        sys.stderr.write(f"logwright: {error.message}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
