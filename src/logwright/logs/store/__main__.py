"""Run the store's process: `python -m logwright.logs.store --data DIR`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from logwright import settings
from logwright.blobs.opening import KeptBlobs, open_blobs
from logwright.db import Database
from logwright.errors import Misconfigured, MissingExtra
from logwright.logs.media.sweeping import keep_media
from logwright.logs.retention import keep_to_rules
from logwright.logs.store.budget import Budget
from logwright.logs.store.process import serve
from logwright.models.prices import Pricer

if TYPE_CHECKING:
    from logwright.logs.store.service import Store


def main() -> int:
    """Serve until told to stop; 2 when the installation does not allow it."""
    parser = argparse.ArgumentParser(prog="python -m logwright.logs.store", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the data directory")
    parser.add_argument("--durability", choices=("fsync", "os"), help="of changes to stored logs")
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    options = parser.parse_args()
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s store: %(message)s", stream=sys.stderr)
    try:
        chosen = settings.load({"data": options.data, "durability": options.durability}).settings
        run = chosen.data / "run"
        run.mkdir(mode=0o700, parents=True, exist_ok=True)
        blobs = open_blobs(
            chosen.data, chosen.blobs, durable=chosen.durability == "fsync", environment=dict(os.environ)
        )
        with (
            contextlib.closing(blobs),
            contextlib.closing(Database.open(chosen.database or chosen.data / "logwright.db", run=run)) as database,
        ):
            asyncio.run(
                serve(
                    chosen.data,
                    Pricer(database),
                    durability=chosen.durability,
                    with_parent=options.with_parent,
                    budget=Budget(seconds=chosen.query_seconds, memory=chosen.query_memory),
                    address=chosen.store,
                    machine=chosen.machine,
                    blobs=blobs,
                    beside=lambda store: _beside(store, blobs, database, chosen),
                )
            )
    except (Misconfigured, MissingExtra) as error:
        sys.stderr.write(f"{error.message}\n")
        return 2
    return 0


async def _beside(store: Store, blobs: KeptBlobs, database: Database, chosen: settings.Settings) -> None:
    """Do what is to be done beside answering, without end."""
    async with asyncio.TaskGroup() as work:
        work.create_task(keep_to_rules(store, database, pause_seconds=chosen.retention_interval))
        work.create_task(keep_media(store, blobs, pause_seconds=chosen.retention_interval))


if __name__ == "__main__":
    sys.exit(main())
