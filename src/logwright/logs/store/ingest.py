"""The one thread that writes the store: takes in the journals, applies changes, makes checkpoints.

**Exactly once.** Every row carries its producer and sequence. The ledger (`ledger.py`)
says how far each journal is in the store *for certain*; at start, and after a failed
insert, the rows beyond the ledger are looked up, and while their journals are read
again those are skipped. So a batch that was inserted in full, in part (one part for
each month) or not at all comes out the same, whatever killed the process.

**Power cuts.** Inserts do not sync. A checkpoint copies the ledger, syncs the file
system (`syncfs`), then saves the copy; journals are dropped only up to the checkpoint
*before* it. What a power cut takes is therefore still in a journal, and the engine
sets broken parts aside at start. Merges sync what they wrote before the engine deletes
their sources, so they never endanger what a checkpoint covered.

**Changes** are applied by the same thread in the order of their journal. At start all
calls are taken in before any change is replayed, and a change names its logs by id:
whatever it meant is there again when its turn comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from logwright.errors import Unavailable
from logwright.journal import Batch, Entry, Watch, drop_before, ends, producers, read
from logwright.logs import record as records
from logwright.logs.normalise import Pricing, normalise
from logwright.logs.row import COLUMNS, LogRow
from logwright.logs.store import changes, ledger, rows
from logwright.logs.store.engine import Engine
from logwright.logs.store.rejected import set_aside
from logwright.logs.store.schema import LOGS

BATCH_BYTES: Final = 12 << 20
_LINGER_SECONDS: Final = 0.5
_CHECKPOINT_SECONDS: Final = 10.0
_CHECKPOINT_BYTES: Final = 64 << 20
_RETRY_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)
_libc = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")

Publish = Callable[[Sequence[LogRow]], None]


Job = Callable[[ledger.Ledger], Any]


@dataclass(frozen=True, slots=True)
class _Waiter:
    """A request that goes on once everything recorded before it is in the store."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    job: Job | None = None
    """What is to be done then by the ingest thread, while no row comes or goes."""

    def release(self, account: ledger.Ledger) -> None:
        result, failure = None, None
        if self.job is not None:
            try:
                result = self.job(account)
            except Exception as error:  # noqa: BLE001  it is raised again where the job was given
                failure = error
        self._settle(result, failure)

    def refuse(self, error: Exception) -> None:
        self._settle(None, error)

    def _settle(self, result: object, error: Exception | None) -> None:
        with contextlib.suppress(RuntimeError):  # the asker's loop is gone, and so is the asker
            self.loop.call_soon_threadsafe(_settle, self.future, result, error)


class Ingest:
    """The writing thread of the store."""

    def __init__(
        self,
        engine: Engine,
        *,
        journals: Path,
        folder: Path,
        pricing: Pricing,
        publish: Publish = lambda _: None,
    ) -> None:
        """Prepare for `start`. `journals` holds the producers' folders; the ledger lies in `folder`."""
        self._engine = engine
        self._journals = journals
        self._folder = folder
        self._pricing = pricing
        self._publish = publish
        self._saved = ledger.load(folder)
        self._ledger = ledger.copy(self._saved)
        self._watch = Watch(journals)
        self._present: dict[str, set[int]] = {}
        self._unsure = True
        self._wake = threading.Condition()
        self._waiters: list[_Waiter] = []
        self._urgent = False
        self._stopping = False
        self._behind_since: float | None = None
        self._unsynced_bytes = 0
        self._checkpointed_at = time.monotonic()
        self._syncing: threading.Thread | None = None
        self._dirty = False
        self.account = ledger.copy(self._ledger)
        """The ledger as of the last pass; replaced, never changed, so any thread may read it."""
        self._thread = threading.Thread(target=self._run, name="store-ingest")

    def start(self) -> None:
        """Begin to take in the journals."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand, make a last checkpoint and end; blocks until then."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.ident is not None:
            self._thread.join()

    async def caught_up(self) -> None:
        """Return once all that the journals held at the call is in the store.

        Raises:
            Unavailable: when the store cannot take it in at present.
        """
        await self.at_rest(None)

    async def at_rest(self, job: Callable[[ledger.Ledger], T] | None) -> T:
        """Let the ingest thread do a job on the ledger, caught up with the journals and while no row comes or goes."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop, loop.create_future(), job)
        with self._wake:
            if self._stopping:
                raise Unavailable("The store is stopping.", retry_after=1.0)
            self._waiters.append(waiter)
            self._wake.notify()
        result: T = await waiter.future
        return result

    @property
    def behind_seconds(self) -> float:
        """For how long there has been something to take in; 0 when all is taken."""
        since = self._behind_since
        return 0.0 if since is None else time.monotonic() - since

    # ------------------------------------------------------------------ the thread

    def _run(self) -> None:
        while True:
            with self._wake:
                if not self._waiters and not self._stopping and not self._urgent:
                    self._wake.wait(_LINGER_SECONDS)
                waiters, self._waiters = self._waiters, []
                stopping = self._stopping
            failure: Exception | None = None
            try:
                self._pass(to_the_end=bool(waiters) or stopping)
            except Exception as error:  # noqa: BLE001  whatever it was, the journals still hold the logs: try again
                _log.exception("The store could not take in the journals; it will try again.")
                self._unsure = True
                failure = Unavailable(f"The store cannot take in new logs at present: {_first_line(error)}")
            for waiter in waiters:
                if failure is None:
                    waiter.release(self._ledger)
                else:
                    waiter.refuse(failure)
            if stopping:
                break
            if failure is None:
                self._checkpoint_when_due()
            else:
                time.sleep(_RETRY_SECONDS)
        with self._wake:
            left, self._waiters = self._waiters, []
        for waiter in left:
            waiter.refuse(Unavailable("The store is stopping.", retry_after=1.0))
        if self._syncing is not None:
            self._syncing.join()
        if self._dirty and failure is None:
            self._checkpoint(ledger.copy(self._ledger))

    def _pass(self, *, to_the_end: bool) -> None:
        """Take in one batch, or all that was there at the start, and apply the changes."""
        targets: Mapping[str, int] = {}
        if self._unsure:
            # Whole journals are read through here, as the published ends may be stale after a power cut.
            targets = ends(self._journals)
            self._look_for_present()
            self._unsure = False
        elif to_the_end:
            targets = self._watch.ends()
        while True:
            took = self._take()
            reached = all(
                self._ledger.of(name).last >= last for name, last in targets.items() if name != changes.PRODUCER
            )
            if reached or took == 0:
                break
        self._urgent = took >= BATCH_BYTES
        self._apply_changes()
        self.account = ledger.copy(self._ledger)
        if not self._urgent:
            self._behind_since = None

    def _look_for_present(self) -> None:
        """Find the rows that the table has beyond the ledger."""
        known = {name: taken.last for name, taken in self._ledger.producers.items()}
        beyond = " OR ".join(
            f"(producer = '{name}' AND sequence > {last})" for name, last in known.items() if name != changes.PRODUCER
        )
        others = ", ".join(f"'{name}'" for name in known)
        condition = f"({beyond or '0'}) OR producer NOT IN ({others})" if others else "1"
        data = self._engine.query(f"SELECT producer, sequence FROM {LOGS} WHERE {condition}", form="TSV")
        self._present = defaultdict(set)
        for line in data.splitlines():
            name, _, sequence = line.partition(b"\t")
            self._present[name.decode()].add(int(sequence))

    def _take(self) -> int:
        """Take in one batch of all producers; return how many bytes of records it had, 0 when there were none."""
        room = BATCH_BYTES
        batches: list[tuple[str, Batch]] = []
        for producer in producers(self._journals):
            if producer == changes.PRODUCER:
                continue
            taken = self._ledger.of(producer)
            batch = read(self._journals, producer, taken.position, max_bytes=max(room, 1 << 16))
            if batch.entries or batch.missing or batch.next != taken.position:
                batches.append((producer, batch))
                room -= sum(len(entry.payload) for entry in batch.entries)
            if room <= 0:
                break
        if not batches:
            return 0
        if self._behind_since is None:
            self._behind_since = time.monotonic()
        outcome = _Outcome()
        for producer, batch in batches:
            for entry in batch.entries:
                self._read_entry(producer, entry, outcome)
        self._drop_repeated(outcome)
        if outcome.fresh:
            data = b"".join([encoded for _, encoded in outcome.fresh])
            self._engine.insert(LOGS, COLUMNS, data)
            self._unsynced_bytes += len(data)
        for producer, batch in batches:
            taken = self._ledger.of(producer)
            if batch.entries:
                taken.last = batch.entries[-1].sequence
                taken.first = batch.entries[0].sequence if taken.first is None else taken.first
            taken.last = max(taken.last, *(lost.last for lost in batch.missing), 0)
            taken.missing += [(lost.first, lost.last) for lost in batch.missing]
            taken.position = batch.next
            taken.stored += outcome.stored[producer]
            taken.duplicates += outcome.duplicates[producer]
            taken.unreadable += outcome.unreadable[producer]
            self._forget_present(producer, taken.last)
        self._dirty = True
        if outcome.fresh:
            self._publish([row for row, _ in outcome.fresh])
        return BATCH_BYTES - room

    def _read_entry(self, producer: str, entry: Entry, outcome: _Outcome) -> None:
        """Turn one record into a row, or put it where unreadable ones go."""
        if entry.sequence in self._present.get(producer, ()):
            outcome.stored[producer] += 1
            return
        try:
            row = normalise(records.decode(entry.payload), self._pricing, producer=producer, sequence=entry.sequence)
            outcome.fresh.append((row, rows.encode(row)))
        except Exception as error:  # noqa: BLE001  one record must not stop the others, whatever is wrong with it
            if not isinstance(error, ValueError | msgspec.MsgspecError):
                _log.exception("Record %s of %s could not be read; it was set aside.", entry.sequence, producer)
            set_aside(self._journals, producer, entry, error)
            outcome.unreadable[producer] += 1
        else:
            outcome.stored[producer] += 1

    def _drop_repeated(self, outcome: _Outcome) -> None:
        """Leave out the records whose idempotency key was there before."""
        keyed = {row.idempotency_key for row, _ in outcome.fresh if row.idempotency_key}
        if not keyed:
            return
        wanted = ", ".join(changes.quoted(key) for key in keyed)
        found = self._engine.query(
            f"SELECT DISTINCT project_id, idempotency_key FROM {LOGS} WHERE idempotency_key IN ({wanted})",
            form="JSONCompactEachRow",
        )
        seen = {(project, key) for project, key in msgspec.json.Decoder(tuple[str, str]).decode_lines(found)}
        kept = []
        for row, data in outcome.fresh:
            name = (row.project_id, row.idempotency_key)
            if row.idempotency_key and name in seen:
                outcome.stored[row.producer] -= 1
                outcome.duplicates[row.producer] += 1
                continue
            seen.add(name)
            kept.append((row, data))
        outcome.fresh = kept

    def _forget_present(self, producer: str, last: int) -> None:
        left = self._present.get(producer)
        if left and max(left) <= last:
            del self._present[producer]

    def _apply_changes(self) -> None:
        taken = self._ledger.of(changes.PRODUCER)
        while True:
            batch = read(self._journals, changes.PRODUCER, taken.position, max_bytes=4 << 20)
            for entry in batch.entries:
                change = changes.decode(entry.payload)
                changes.apply(self._engine, change)
                self._ledger.deleted += changes.deleted_by(change)
                taken.last = entry.sequence
                self._dirty = True
            taken.missing += [(lost.first, lost.last) for lost in batch.missing]
            taken.position = batch.next
            if not batch.entries:
                return

    # ------------------------------------------------------------------ checkpoints

    def _checkpoint_when_due(self) -> None:
        if not self._dirty or (self._syncing is not None and self._syncing.is_alive()):
            return
        waited = time.monotonic() - self._checkpointed_at
        if waited < _CHECKPOINT_SECONDS and self._unsynced_bytes < _CHECKPOINT_BYTES:
            return
        self._dirty = False
        self._unsynced_bytes = 0
        self._checkpointed_at = time.monotonic()
        account = ledger.copy(self._ledger)
        self._syncing = threading.Thread(target=self._checkpoint, args=(account,), name="store-checkpoint")
        self._syncing.start()

    def _checkpoint(self, account: ledger.Ledger) -> None:
        """Put on the disk all that `account` calls taken, then the account, then let go of older journals."""
        before = self._saved
        try:
            _syncfs(self._folder)
            ledger.save(self._folder, account)
            self._saved = account
            for producer, taken in before.producers.items():
                if taken.position is not None:
                    drop_before(self._journals, producer, taken.position)
        except OSError:
            # The ledger on the disk is the old one and the journals are all there: nothing is lost, only kept longer.
            _log.exception("A checkpoint of the store failed; it will be tried again.")
            self._dirty = True


class _Outcome:
    """What became of the records of one batch."""

    def __init__(self) -> None:
        self.fresh: list[tuple[LogRow, bytes]] = []
        self.stored: defaultdict[str, int] = defaultdict(int)
        self.duplicates: defaultdict[str, int] = defaultdict(int)
        self.unreadable: defaultdict[str, int] = defaultdict(int)


def _syncfs(folder: Path) -> None:
    """Write everything of the file system that holds `folder` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _libc.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)


def _settle(future: asyncio.Future[Any], result: object, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300] or type(error).__name__
