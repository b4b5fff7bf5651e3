"""One state of the store and its journals as a folder of hard links: made in a moment, kept until let go.

The ingest thread makes it while no row comes or goes, and merges are stopped for that
moment, so the parts that are active are all of the rows, and none vanishes amid the
linking. (The engine's own FREEZE will not do: it leaves out patch parts, and with
them every tag set and every log deleted since the last merge.) A part's files are
never written to again, so the links stay what they were.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path
from typing import Final

import msgspec

from logwright.errors import NotFound
from logwright.journal import head, producers
from logwright.logs.store import ledger
from logwright.logs.store.engine import Engine
from logwright.logs.store.rejected import FOLDER as REJECTED
from logwright.logs.store.schema import LOGS

FOLDER: Final = "snapshots"
_LEFT_OUT: Final = frozenset({"tmp", "shadow", "detached"})
_NAME: Final = re.compile(r"[0-9]+")


def take(engine: Engine, engine_folder: Path | None, store: Path, journals: Path, account: ledger.Ledger) -> str:
    """Make a snapshot and return its name; to be called while the store is at rest.

    `engine_folder` is None where the logs are a server's, which has backups of its own.
    """
    name = str(time.time_ns())
    folder = store / FOLDER / name
    (folder / "store").mkdir(mode=0o700, parents=True)
    try:
        if engine_folder is not None:
            engine.query(f"SYSTEM STOP MERGES {LOGS}")
            try:
                _link_engine(engine, engine_folder, folder / "store" / engine_folder.name)
            finally:
                engine.query(f"SYSTEM START MERGES {LOGS}")
        _link_journals(journals, folder / "journal")
        ledger.save(folder / "store", account)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return name


def let_go(store_folder: Path, name: str) -> None:
    """Delete a snapshot.

    Raises:
        NotFound: when there is none of that name.
    """
    folder = store_folder / FOLDER / name
    if not _NAME.fullmatch(name) or not folder.is_dir():
        raise NotFound(f"There is no snapshot {name}")
    shutil.rmtree(folder)


def are_held(store_folder: Path) -> bool:
    """Say whether there is any snapshot."""
    folder = store_folder / FOLDER
    return folder.is_dir() and any(folder.iterdir())


def let_all_go(store_folder: Path) -> None:
    """Delete what snapshots a process that was killed has left."""
    shutil.rmtree(store_folder / FOLDER, ignore_errors=True)


def _link_engine(engine: Engine, source: Path, target: Path) -> None:
    """Link the engine's files: of its tables only the parts that are active."""
    found = engine.query("SELECT path FROM system.parts WHERE active", form="JSONCompactEachRow")
    active = {os.path.normpath(path) for (path,) in msgspec.json.Decoder(tuple[str]).decode_lines(found)}
    tables = {os.path.dirname(path) for path in active}  # noqa: PTH120  these are texts of the engine's
    for place, folders, files in os.walk(source):
        if place in tables:
            folders[:] = [name for name in folders if f"{place}/{name}" in active]
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        here = target / Path(place).relative_to(source)
        here.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in list(folders):
            if (Path(place) / name).is_symlink():  # a database's name for the folder of its tables; it is relative
                (here / name).symlink_to((Path(place) / name).readlink())
        for name in files:
            _link(Path(place) / name, here / name)


def _link_journals(source: Path, target: Path) -> None:
    """Link the journals up to their published ends, so that a restored installation counts on from there."""
    for producer in [*producers(source), *([REJECTED] if (source / REJECTED).is_dir() else [])]:
        folder = target / producer
        folder.mkdir(mode=0o700, parents=True)
        end = head.load(source / producer)
        for path in (source / producer).iterdir():
            if end is not None and path.name == f"{end.segment:020d}.journal":
                _copy(path, folder / path.name, end.offset)
            elif _is_whole(path, end):
                _link(path, folder / path.name)


def _is_whole(path: Path, end: head.End | None) -> bool:
    """Tell a segment that is finished (or a record set aside) from one prepared for later and from other files."""
    if path.parent.name == REJECTED:
        return True
    return path.suffix == ".journal" and (end is None or int(path.stem) < end.segment)


def _link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except FileNotFoundError:
        return  # a journal let go since the listing: the store has what it held
    except OSError:
        shutil.copy2(source, target)  # another file system


def _copy(source: Path, target: Path, size: int) -> None:
    """Copy the beginning of a file that is being written to."""
    with source.open("rb") as old, target.open("xb") as new:
        while size > 0 and (piece := old.read(min(size, 1 << 20))):
            new.write(piece)
            size -= len(piece)
