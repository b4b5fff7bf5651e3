"""Opening the engine so that neither a killed process nor a power cut needs a human.

What a checkpoint covered is whole. Beyond it, after a power cut, files may be short
or empty: the engine itself sets aside parts whose files have the wrong size, and here
those written since the checkpoint have their checksums read. What is set aside is
still in the journals.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from logwright.errors import Misconfigured
from logwright.journal import boot_id
from logwright.logs.store import ledger
from logwright.logs.store.address import parse_address
from logwright.logs.store.checkpoints import Checkpoints
from logwright.logs.store.clickhouse import ClickHouseEngine
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.engine import Engine
from logwright.logs.store.handover import EMBEDDED, take_over
from logwright.logs.store.intents import Intents
from logwright.logs.store.machines import Claim, machine_of
from logwright.logs.store.schema import DATABASE, LOGS

ENGINE: Final = "engine"


class Opened(NamedTuple):
    """What a store works with."""

    engine: Engine
    checkpoints: Checkpoints
    intents: Intents | None
    inherited: Mapping[str, int]
    """Up to where the journals may have been stored under another name; see `Machine`."""
    beforehand: Callable[[], None]
    """What the ingest does before it looks what is there, and before it inserts."""


def open_store(data: Path, address: str, machine: str, *, sessions: int) -> Opened:
    """Open the store that the settings of a data directory name: a server's by URL, else the one in the directory.

    Raises:
        Misconfigured: when a newer release made it, it is damaged, or the URL is none.
        MissingExtra: when a server is named and its client is not installed.
    """
    folder, journals = data / "store", data / "journal"
    if not address:
        take_over(folder, EMBEDDED)
        checkpoints = Checkpoints(folder, journals)
        return Opened(open_engine(folder, checkpoints, sessions=sessions), checkpoints, None, {}, lambda: None)
    where = parse_address(address)
    place = take_over(folder, where.key)
    # What a server has acknowledged is on its disk: there is nothing of ours to sync.
    checkpoints = Checkpoints(place, journals, sync=lambda _: None)
    named = machine_of(data, machine)
    engine = ClickHouseEngine(where, machine=named.name)
    return Opened(engine, checkpoints, Intents(place), named.inherited, Claim(engine, data, machine))


_log = logging.getLogger(__name__)


def open_engine(folder: Path, checkpoints: Checkpoints, *, sessions: int) -> EmbeddedEngine:
    """Open the database below `folder`, healed.

    Raises:
        Misconfigured: when a newer release made it, or it is damaged where a checkpoint vouched for it.
    """
    first = not ledger.exists(folder)
    try:
        engine = EmbeddedEngine(folder / ENGINE, sessions=sessions)
    except RuntimeError as error:
        if not first:
            raise Misconfigured(
                f"The log store in {folder / ENGINE} cannot be opened: {str(error).partition(chr(10))[0]};"
                " restore a backup, or move the folder away to begin anew with what the journals hold."
            ) from error
        # It was never vouched for: the journals hold everything, and an empty one takes it in again.
        aside = folder / f"{ENGINE}.unfinished-{time.time_ns()}"
        (folder / ENGINE).rename(aside)
        _log.warning("The log store was cut short while it was made; it begins anew and %s can be deleted.", aside)
        engine = EmbeddedEngine(folder / ENGINE, sessions=sessions)
    if first:
        checkpoints.make(ledger.copy(checkpoints.saved))
    elif checkpoints.saved.boot != boot_id():
        _set_broken_parts_aside(engine, (folder / ledger.NAME).stat().st_mtime)
    return engine


def _set_broken_parts_aside(engine: EmbeddedEngine, since: float) -> None:
    """Read the checksums of the parts made about the last checkpoint or later, and detach those that are wrong."""
    names = engine.query(
        "SELECT name FROM system.parts WHERE active AND database = {database:String} AND table = 'logs'"
        " AND toUnixTimestamp(modification_time) >= {since:Int64}",
        {"database": DATABASE, "since": int(since) - 120},
        form="JSONCompactEachRow",
    )
    for (name,) in msgspec.json.Decoder(tuple[str]).decode_lines(names):
        if engine.query(f"CHECK TABLE {LOGS} PART '{name}'", form="TSV").strip() != b"1":
            engine.query(f"ALTER TABLE {LOGS} DETACH PART '{name}'")
            _log.warning("Part %s was cut short with the machine and set aside; its logs come from the journals.", name)
