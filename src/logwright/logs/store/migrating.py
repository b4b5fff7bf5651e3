"""Move the logs of a data directory from one store to another, while calls go on.

The order makes it safe to be cut short at any point: hold the journals; copy; compare;
let the target take in the calls that came meanwhile; write its ledger. The server is
then started with the new address, takes in the rest and the changes, and lets the
journals go. Until then nothing has been taken from the source, which serves on.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from logwright.errors import Conflict, Misconfigured
from logwright.journal import boot_id
from logwright.logs.media.lifting import Keeper
from logwright.logs.normalise import Pricing
from logwright.logs.store import copying, holding, ledger
from logwright.logs.store.address import parse_address
from logwright.logs.store.checkpoints import Checkpoints, sync_file_system
from logwright.logs.store.clickhouse import ClickHouseEngine
from logwright.logs.store.embedded import EmbeddedEngine
from logwright.logs.store.engine import Engine
from logwright.logs.store.handover import EMBEDDED, current, folder_of
from logwright.logs.store.intake import Intake
from logwright.logs.store.intents import Intents
from logwright.logs.store.machines import Claim, machine_of
from logwright.logs.store.opening import ENGINE
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import quoted

_ROUNDS: Final = 3
_SESSIONS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What a migration did."""

    logs: int
    """Logs that the source holds."""
    copied: int
    """Those that were copied now; the others were there already."""
    amendments: int
    caught_up: int
    """Calls that the target took from the journals, those since the hold; some of them it had from the copy."""
    differing: int
    """Logs in ranges that still differ: changed in the source while they were compared, and changed again from the
    journals when the target takes over."""


@dataclass(slots=True, kw_only=True)
class Move:
    """From where to where."""

    data: Path
    source: str
    """`embedded` or a URL."""
    target: str
    machine: str = ""
    snapshot: Path | None = None
    """A copy of the embedded store as of one moment, where a server has the store itself open."""
    advance: Callable[[int, int], None] = field(default=lambda _done, _all: None)
    """Told after each range: logs dealt with, and all."""

    @property
    def folder(self) -> Path:
        """Where the data directory keeps its ledgers."""
        return self.data / "store"


def key_of(store: str) -> str:
    """Name a store as the data directory does.

    Raises:
        Misconfigured: when it is neither `embedded` nor a URL.
    """
    return EMBEDDED if store == EMBEDDED else parse_address(store).key


def prepare(move: Move) -> holding.Hold:
    """Hold this machine's journals for the target.

    Raises:
        Misconfigured: when source and target are one, or the source is not what the directory has.
    """
    source, target = key_of(move.source), key_of(move.target)
    if source == target:
        raise Misconfigured("The source and the target are the same store")
    move.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    present = current(move.folder)
    if source != present:
        raise Misconfigured(
            f"This data directory takes its logs to {_called(present)} and not to the source that was named; start the"
            " server with that store once, or name the other as the source"
        )
    return holding.begin(move.folder, source=source, target=target, place=folder_of(move.folder, source))


def migrate(move: Move, pricing: Pricing, keeper: Keeper | None) -> Migrated:
    """Copy, compare and catch up; the server may go on meanwhile.

    Raises:
        Misconfigured: as `prepare`.
        Conflict: when a migration of this directory runs already, or the copy does not become equal.
        Unavailable: when a server does not answer.
    """
    hold = prepare(move)
    with (
        _alone(move.folder),
        _opened(move, move.source, of_snapshot=True) as source,
        _opened(move, move.target) as target,
    ):
        if target.machine:
            Claim(target, move.data, move.machine)()
        total, copied, left = _copy(move, source, target, hold)
        amendments = copying.copy_beside(source, target)
        place = folder_of(move.folder, hold.target)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if hold.target == EMBEDDED:
            sync_file_system(move.folder)
        caught_up = _catch_up(move, target, hold, place, pricing, keeper)
    return Migrated(logs=total, copied=copied, amendments=amendments, caught_up=caught_up, differing=left)


def abandon(folder: Path) -> bool:
    """Let the journals go that were held for a migration; say whether any were."""
    return holding.end(folder)


def _copy(move: Move, source: Engine, target: Engine, hold: holding.Hold) -> tuple[int, int, int]:
    """Copy until both are equal; return the logs there are, those copied, and those of ranges that keep changing.

    Of this machine's producers only what the hold vouches for: the rest comes from the journals. Those of other
    machines are copied as far as they are there.
    """
    named = copying.names(source, target)
    until = {source.machine + name: taken.last for name, taken in hold.account.producers.items()}
    shared = bool(source.machine)
    copied = 0
    for _ in range(_ROUNDS + 1):
        found = copying.sums(source, until, others=True)
        ends = copying.ends(found, named)
        total = sum(held.logs for held in found.values())
        wanted = copying.differing(found, copying.sums(target, ends), named)
        done = total - sum(found[each].logs for each in wanted if each in found)
        move.advance(done, total)
        if not wanted:
            return total, copied, 0
        for each in wanted:
            held = found.get(each, copying.NOTHING)
            copying.copy_range(source, target, each, held, named, until=ends[named.in_target(each.producer)])
            copied += held.logs
            done += held.logs
            move.advance(done, total)
    if not shared:
        raise Conflict(
            f"{len(wanted)} ranges of logs differ after they were copied {_ROUNDS} times; is something else writing to"
            " the target?"
        )
    return total, copied, sum(found[each].logs for each in wanted if each in found)


def _catch_up(
    move: Move, target: Engine, hold: holding.Hold, place: Path, pricing: Pricing, keeper: Keeper | None
) -> int:
    """Let the target take in the calls since the hold, and write the ledger from which it will go on."""
    journals = move.data / "journal"
    account = _begun(target, hold)
    ledger.save(place, account)
    checkpoints = Checkpoints(place, journals, sync=(lambda _: None) if target.machine else None)
    intake = Intake(
        target,
        journals,
        account,
        pricing=pricing,
        keeper=keeper,
        intents=Intents(place) if target.machine else None,
        inherited=machine_of(move.data, move.machine).inherited if target.machine else None,
    )
    try:
        intake.catch_up_on_calls()
    finally:
        intake.close()
    intake.ledger.boot = boot_id()
    checkpoints.make(ledger.copy(intake.ledger))
    return intake.ledger.stored - account.stored


def _begun(target: Engine, hold: holding.Hold) -> ledger.Ledger:
    """Make the ledger of a store that has been filled up to the hold."""
    account = ledger.Ledger()
    beyond = []
    for producer, taken in hold.account.producers.items():
        account.producers[producer] = ledger.Taken(position=taken.position, last=taken.last)
        beyond.append(f"(producer = {quoted(target.machine + producer)} AND sequence > {taken.last})")
    if not target.machine:
        condition = " OR ".join(beyond) or "0"
        account.brought = int(target.query(f"SELECT countIf(NOT ({condition})) FROM {LOGS}", form="TSV"))
    return account


@contextlib.contextmanager
def _opened(move: Move, store: str, *, of_snapshot: bool = False) -> Iterator[Engine]:
    engine: Engine
    if store == EMBEDDED:
        folder = move.folder / ENGINE
        if of_snapshot and move.snapshot is not None:
            folder = move.snapshot / "store" / ENGINE
            # A link to the file that the server's engine holds locked; the engine makes a new one.
            (folder / "status").unlink(missing_ok=True)
        engine = EmbeddedEngine(folder, sessions=_SESSIONS)
    else:
        engine = ClickHouseEngine(parse_address(store), machine=machine_of(move.data, move.machine).name)
    try:
        yield engine
    finally:
        engine.close()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second migration of the directory out."""
    descriptor = os.open(folder / "migrate.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Conflict("A migration of this data directory runs already") from error
        yield
    finally:
        os.close(descriptor)


def _called(key: str) -> str:
    return "the embedded store" if key == EMBEDDED else f"a server ({key})"
