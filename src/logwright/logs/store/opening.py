"""Opening the engine so that neither a killed process nor a power cut needs a human.

What a checkpoint covered is whole. Beyond it, after a power cut, files may be short
or empty: the engine itself sets aside parts whose files have the wrong size, and here
those written since the checkpoint have their checksums read. What is set aside is
still in the journals.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Final

import msgspec

from logwright.errors import Misconfigured
from logwright.journal import boot_id
from logwright.logs.store import ledger
from logwright.logs.store.checkpoints import Checkpoints
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.schema import DATABASE, LOGS

ENGINE: Final = "engine"
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
