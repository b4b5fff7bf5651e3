"""The one thread that writes the store: takes in the journals, applies changes, makes checkpoints.

It gathers for half a second when nobody asks, so that parts come out large, and takes
in at once when somebody does: a request waits until all that was recorded before it is
in the store, and requests that wait at the same time wait for the same batch.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from logwright.errors import Unavailable
from logwright.logs.store import ledger
from logwright.logs.store.checkpoints import Checkpoints
from logwright.logs.store.intake import Intake

T = TypeVar("T")

_LINGER_SECONDS: Final = 0.5
_CHECKPOINT_SECONDS: Final = 10.0
_CHECKPOINT_BYTES: Final = 64 << 20
_RETRY_SECONDS: Final = 1.0
_CALM_SECONDS: Final = 20.0
_UNTIDY_SECONDS: Final = 600.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiter:
    """A request that goes on once everything recorded before it is in the store."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    job: Callable[[ledger.Ledger], Any]
    """What is to be done then by the ingest thread, while no row comes or goes."""

    def release(self, account: ledger.Ledger) -> None:
        if self.future.done():
            return  # it has lost its patience, and nobody would take what the job makes
        try:
            self._settle(self.job(account), None)
        except Exception as error:  # noqa: BLE001  it is raised again where the job was given
            self._settle(None, error)

    def refuse(self, error: Exception) -> None:
        self._settle(None, error)

    def _settle(self, result: object, error: Exception | None) -> None:
        with contextlib.suppress(RuntimeError):  # the asker's loop is gone, and so is the asker
            self.loop.call_soon_threadsafe(_settle, self.future, result, error)


class Ingest:
    """The writing thread of the store."""

    def __init__(self, intake: Intake, checkpoints: Checkpoints, *, patience: float | None = None) -> None:
        """Prepare for `start`.

        `patience` is how many seconds a request waits for what was recorded before it, where that may take any time.
        """
        self._patience = patience
        self._intake = intake
        self._checkpoints = checkpoints
        self._wake = threading.Condition()
        self._waiters: list[_Waiter] = []
        self._more = True
        self._stopping = False
        self._complaint = ""
        self._behind_since: float | None = None
        self._covered = checkpoints.saved.levels
        self._covered_bytes = 0
        self._checkpointed_at = time.monotonic()
        self._syncing: threading.Thread | None = None
        self.account = ledger.copy(checkpoints.saved)
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
        self._intake.close()

    async def caught_up(self) -> None:
        """Return once all that the journals held at the call is in the store.

        Raises:
            Unavailable: when the store cannot take it in at present.
        """
        await self.at_rest(lambda _: None)

    async def at_rest(self, job: Callable[[ledger.Ledger], T]) -> T:
        """Let the ingest thread do a job on the ledger, caught up with the journals and while no row comes or goes."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop, loop.create_future(), job)
        with self._wake:
            if self._stopping:
                raise _stopping()
            self._waiters.append(waiter)
            self._wake.notify()
        try:
            result: T = await asyncio.wait_for(waiter.future, self._patience)
        except TimeoutError:
            raise Unavailable(
                "The log store has not yet taken in what was recorded before this request; try again.",
                retry_after=_RETRY_SECONDS,
            ) from None
        return result

    @property
    def behind_seconds(self) -> float:
        """For how long there has been something to take in; 0 when all is taken."""
        since = self._behind_since
        return 0.0 if since is None else time.monotonic() - since

    def _run(self) -> None:
        pending: list[tuple[_Waiter, Mapping[str, int]]] = []
        calm_since = tidied_at = time.monotonic()
        while not self._stopping:
            with self._wake:
                if not self._more:
                    self._wake.wait_for(lambda: self._stopping or bool(self._waiters), _LINGER_SECONDS)
                fresh, self._waiters = self._waiters, []
            targets = self._intake.targets()
            pending += [(waiter, targets) for waiter in fresh]
            try:
                took = self._intake.step()
            except Exception as error:  # noqa: BLE001  whatever it was, the journals still hold the logs: try again
                self._complain(error, [waiter for waiter, _ in pending])
                pending = []
                continue
            self._note(took, targets)
            if self._intake.unsaved_changes:
                self._save_changes()
            waiting = [] if took == 0 else [each for each in pending if not self._intake.reached(each[1])]
            for waiter, reached in pending:
                if (waiter, reached) not in waiting:
                    waiter.release(self.account)
            pending = waiting
            self._checkpoint_when_due()
            if took > 0:
                calm_since = time.monotonic()
            calm = time.monotonic() - calm_since > _CALM_SECONDS
            if calm or time.monotonic() - tidied_at > _UNTIDY_SECONDS:
                tidied_at = time.monotonic()
                self._tidy()
        with self._wake:
            left = [*(waiter for waiter, _ in pending), *self._waiters]
            self._waiters = []
        for waiter in left:
            waiter.refuse(_stopping())
        if self._syncing is not None:
            self._syncing.join()
        self._checkpoint(ledger.copy(self.account))

    def _note(self, took: int, targets: Mapping[str, int]) -> None:
        """Publish where things stand after a step."""
        self._complaint = ""
        self.account = ledger.copy(self._intake.ledger)
        behind = took > 0 and not self._intake.reached(targets)
        self._more = behind
        if not behind:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = time.monotonic()

    def _tidy(self) -> None:
        try:
            self._intake.tidy()
        except Exception:  # noqa: BLE001  it makes searches faster and nothing depends on it
            _log.exception("The store could not be tidied; its searches may be slower for a while.")

    def _complain(self, error: Exception, waiters: Sequence[_Waiter]) -> None:
        """Tell those who wait, look again before the next insert, and wait a little."""
        if str(error) != self._complaint:  # once, not every second for as long as a disk is full
            _log.exception("The store could not take in the journals; it will try again.")
            self._complaint = str(error)
        if self._behind_since is None:
            self._behind_since = time.monotonic()
        self._intake.distrust()
        for waiter in waiters:
            waiter.refuse(
                Unavailable(
                    f"The log store cannot take in new logs at present: {_first_line(error)}",
                    retry_after=_RETRY_SECONDS,
                )
            )
        with self._wake:
            self._wake.wait_for(lambda: self._stopping, _RETRY_SECONDS)

    def _save_changes(self) -> None:
        """Say in the ledger that changes were made, before anybody hears of it: they are never made again."""
        if self._syncing is not None:
            self._syncing.join()
        self._checkpoint(ledger.copy(self.account))
        self._intake.unsaved_changes = False

    def _checkpoint_when_due(self) -> None:
        if self._syncing is not None and self._syncing.is_alive():
            return
        waited = time.monotonic() - self._checkpointed_at
        written = self._intake.bytes_taken - self._covered_bytes
        if self.account.levels == self._covered or (waited < _CHECKPOINT_SECONDS and written < _CHECKPOINT_BYTES):
            return
        self._checkpointed_at = time.monotonic()
        self._covered_bytes = self._intake.bytes_taken
        # Syncing takes as long as the disk needs, and the next batches need not wait for it.
        self._syncing = threading.Thread(
            target=self._checkpoint, args=(ledger.copy(self.account),), name="store-checkpoint"
        )
        self._syncing.start()

    def _checkpoint(self, account: ledger.Ledger) -> None:
        try:
            self._checkpoints.make(account)
        except OSError:
            # The ledger on the disk is the old one and the journals are all there: nothing is lost, only kept longer.
            _log.exception("A checkpoint of the store failed; it will be tried again.")
        else:
            self._covered = account.levels


def _settle(future: asyncio.Future[Any], result: object, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300] or type(error).__name__


def _stopping() -> Unavailable:
    return Unavailable("The store is stopping.", retry_after=1.0)
