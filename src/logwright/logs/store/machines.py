"""What stands beside the logs where several machines write one table: which logs were deleted, and who writes.

In a store of one machine the journals tell both. Where another machine deletes a log,
the one that recorded it must not bring it back when it reads its journal again after a
crash, and its account of what is stored must still come out: so a deletion notes
producer and sequence of each log first.

A machine's name stands before its producers' (`mabc123.w0`), so that two machines' `w0`
are two. Two data directories of the same name would take each other's records for their
own; a directory that was copied is noticed by its `Claim`.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec

from logwright.errors import Misconfigured
from logwright.journal import ends
from logwright.logs.store.engine import Engine
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import literals

DELETIONS: Final = "deletions"
MACHINES: Final = "machines"
TABLES: Final = (
    f"""
CREATE TABLE IF NOT EXISTS {DELETIONS}
(
    producer LowCardinality(String),
    sequence UInt64 CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (producer, sequence)
""",
    f"""
CREATE TABLE IF NOT EXISTS {MACHINES}
(
    machine String,
    number UInt64,
    claim String,
    at DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (machine, number)
""",
)
"""Beside those of the steps, on servers only."""

_FILE: Final = "machine.json"
_LOOK_SECONDS: Final = 5.0
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Machine(msgspec.Struct, kw_only=True):
    """What a data directory knows of itself as a writer of a shared store."""

    name: str
    number: int = 0
    """How often it has claimed its name."""
    claims: list[str] = msgspec.field(default_factory=list)
    """The last claim and, when it is not known whether that arrived, the one before."""
    inherited: dict[str, int] = msgspec.field(default_factory=dict)
    """The last sequence that each journal had when the directory got its name: records up to there may have been
    stored under another one, before the directory was copied or restored."""


def machine_of(data: Path, name: str = "") -> Machine:
    """Read what a data directory is called, naming it at random when it has no name; `name` overrides.

    Raises:
        Misconfigured: when the name is none.
    """
    if name and not _NAME.fullmatch(name):
        raise Misconfigured(f"The machine's name is {name!r}; use up to 64 letters, digits, _ and -")
    path = data / _FILE
    try:
        machine = msgspec.json.decode(path.read_bytes(), type=Machine)
    except FileNotFoundError:
        machine = Machine(name=name or f"m{secrets.token_hex(6)}", inherited=dict(ends(data / "journal")))
        _save(path, machine)
    if name and name != machine.name:
        machine = Machine(name=name, inherited=dict(ends(data / "journal")))
        _save(path, machine)
    return machine


class Claim:
    """What a data directory says in the store: that it alone writes under its name."""

    def __init__(self, engine: Engine, data: Path, name: str = "", *, every: float = _LOOK_SECONDS) -> None:
        self._engine = engine
        self._data = data
        self._name = name
        self._every = every
        self._mine = ""
        self._looked_at = 0.0

    def __call__(self) -> None:
        """Make the claim, or look from time to time whether it still stands.

        Raises:
            Misconfigured: when another data directory has made it since this one did.
        """
        if self._mine and time.monotonic() - self._looked_at < self._every:
            return
        machine = machine_of(self._data, self._name)
        found = self._engine.query(
            f"SELECT claim FROM {MACHINES} WHERE machine = {{machine:String}} ORDER BY number DESC LIMIT 1",
            literals({"machine": machine.name}),
            form="TSVRaw",
        )
        last = found.decode().strip()
        if (self._mine and last != self._mine) or (last and last not in machine.claims):
            raise Misconfigured(
                f"Another data directory writes to the log store as {machine.name!r}: {self._data} is a copy of it, or"
                f" it of this one. In the copy, remove {_FILE} and start again, to let it write under a name of its"
                " own; what the other has stored of its journals is not stored again."
            )
        if not self._mine:
            self._make(machine, last)
        self._looked_at = time.monotonic()

    def _make(self, machine: Machine, last: str) -> None:
        fresh = secrets.token_hex(8)
        machine.claims = [*([last] if last else []), fresh]
        machine.number += 1
        _save(self._data / _FILE, machine)  # first, so that a crash after the insert leaves us knowing our own claim
        self._engine.query(
            f"INSERT INTO {MACHINES} (machine, number, claim)"
            " SELECT {machine:String}, {number:UInt64}, {claim:String}",
            literals({"machine": machine.name, "number": machine.number, "claim": fresh}),
        )
        self._mine = fresh


def note_deletions(engine: Engine, where: str, parameters: dict[str, object]) -> None:
    """Note the logs that are about to be deleted; to be called before, and doing it twice changes nothing."""
    engine.query(f"INSERT INTO {DELETIONS} SELECT producer, sequence FROM {LOGS} WHERE {where}", parameters)


def _save(path: Path, machine: Machine) -> None:
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(machine))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
