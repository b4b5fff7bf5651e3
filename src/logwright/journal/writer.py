"""The writing side: records of many callers, one frame and one sync for all that wait.

All state belongs to the event loop's thread. `append` only queues; when no
commit is under way, one begins at the end of the loop's turn: one frame, one
sync. On a quick disk the loop waits for it (`pace.py` says when); otherwise the
committer thread makes it while the next queue gathers, and answers with one
call on the loop, which runs every `done` and begins the next commit. So there
are no locks, at most one frame is ever unsynced, and the busier the process,
the larger the frames.

After a failed write or sync the file is abandoned: the kernel may have dropped
the pages and call them clean, and a second sync would succeed over a hole
(PostgreSQL's "fsyncgate", 2018). What waited fails, and a new file is begun
once making one works, with sequences counted on from the last durable one.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Final, NamedTuple

from logwright.errors import Unavailable
from logwright.journal import head
from logwright.journal.disk import Disk, RealDisk
from logwright.journal.folder import lock, make_folders
from logwright.journal.frames import HEAD_BYTES, frame
from logwright.journal.health import explain, explain_space
from logwright.journal.pace import Pace
from logwright.journal.recovery import recover
from logwright.journal.segment_file import SPARE, SegmentFile
from logwright.journal.space import budget
from logwright.journal.types import Durability

Done = Callable[[Exception | None], None]

_LOOK_SECONDS: Final = 0.1
_CALM_RATE: Final = 8 << 20
"""Bytes a second up to which a journal has time to fill its next segment."""

_FRAME_BYTES: Final = 8 << 20
_PASSING: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
"""What may pass by itself; anything else at the start is for a person to look at."""


class _Job(NamedTuple):
    """One commit: records in order, who waits for each, and the sequence of the first."""

    first: int
    payloads: list[bytes]
    waiting: list[Done]


class JournalWriter:
    """Appends one producer's records; made and used on the thread of an event loop."""

    def __init__(
        self,
        root: Path,
        producer: str,
        *,
        durability: Durability = "fsync",
        segment_bytes: int | None = None,
        after: int = 0,
        loop_waits: float = 0.001,
        loop: asyncio.AbstractEventLoop | None = None,
        disk: Disk | None = None,
        lock_seconds: float = 5.0,
    ) -> None:
        """Take the producer's folder, heal what the last writer left, and begin a new segment.

        A disk that is full or read-only does not stop this: the writer then
        refuses (see `refusal`) until it is better. Sequences go on behind
        `after` at least: what a reader is known to have taken, so that a journal
        put back from an older copy does not give out a sequence twice. While
        commits take less than `loop_waits` seconds they are made on the loop's
        own thread; 0 leaves them all to the committer.

        Raises:
            Misconfigured: when another process writes as this producer.
            OSError: when the folder cannot be made, or what it holds cannot be read.
        """
        self._loop = loop or asyncio.get_running_loop()
        self._disk: Disk = disk or RealDisk()
        self._syncs = durability == "fsync"
        self._folder = root / producer
        make_folders(root, self._folder, self._disk)
        self._lock = lock(self._folder, producer, lock_seconds)
        self._budget = budget(self._disk.space(self._folder).total, segment_bytes)
        self._frame_bytes = min(_FRAME_BYTES, self._budget.segment // 2)
        self._after = after
        self._mark = b""
        self._head: head.HeadFile | None = None
        self._segment: SegmentFile | None = None
        self._spare: SegmentFile | None = None
        self._spares = count()
        self._written = 0
        self._durable = after  # the last sequence on the disk
        self._next = after + 1
        self._broken: str | None = None
        self._tight: str | None = None
        self._mending = False
        self._payloads: list[bytes] = []
        self._waiting: list[Done] = []
        self._busy = False
        self._synced_at = 0.0
        self._closed = False
        self._closing = threading.Event()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._results: deque[tuple[_Job, Exception | None]] = deque()
        self._pace = Pace(loop_waits)
        try:
            self._mended(*self._begin())
        except OSError as error:
            if error.errno not in _PASSING:
                os.close(self._lock)
                raise
            self._broken, self._mending = explain(error), True
        except BaseException:
            os.close(self._lock)
            raise
        self._look()
        self._threads = [
            threading.Thread(target=run, name=f"journal-{producer}-{name}", daemon=True)
            for name, run in (("commit", self._commit_all), ("space", self._look_after))
        ]
        for thread in self._threads:
            thread.start()

    # ------------------------------------------------------------------ on the loop

    def append(self, payload: bytes, done: Done) -> int:
        """Queue one record and return its sequence; `done` is called on the loop once it is durable, or failed.

        The sequence stands once `done` was called with None; that of a record
        that failed goes to another.
        """
        sequence = self._next
        if self._broken is not None or self._closed:
            self._loop.call_soon(done, Unavailable(self._broken or "The journal is closed."))
            return sequence
        self._next = sequence + 1
        self._payloads.append(payload)
        self._waiting.append(done)
        if not self._busy:
            # Not at once: what else arrives in this turn of the loop shares the commit.
            self._busy = True
            self._loop.call_soon(self._commit_soon)
        return sequence

    async def record(self, payload: bytes) -> int:
        """Append one record and return its sequence once it is durable.

        Raises:
            Unavailable: when it could not be made durable.
        """
        answer: asyncio.Future[None] = self._loop.create_future()

        def done(error: Exception | None) -> None:
            if answer.cancelled():
                return
            if error is None:
                answer.set_result(None)
            else:
                answer.set_exception(error)

        sequence = self.append(payload, done)
        await answer
        return sequence

    def refusal(self) -> str | None:
        """Say in one sentence why records cannot be taken at present; None when they can."""
        return self._broken or self._tight

    @property
    def durable(self) -> int:
        """The last sequence that is durable."""
        return self._durable

    def close(self) -> None:
        """Commit what waits, give back the reserved room and release the folder."""
        if self._closed:
            return
        self._closed = True
        self._closing.set()
        self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._collect()
        while self._payloads:
            self._commit_here()
        if self._spare is not None:
            self._spare.discard()
        if self._segment is not None:
            self._segment.close()
        if self._head is not None:
            self._head.close(sync=True)
        os.close(self._lock)

    def _take(self) -> _Job:
        """Take what waits, up to the size of a frame."""
        payloads, waiting = self._payloads, self._waiting
        length = 0
        for index, payload in enumerate(payloads):
            length += len(payload)
            if length > self._frame_bytes and index:
                self._payloads, self._waiting = payloads[index:], waiting[index:]
                return _Job(self._durable + 1, payloads[:index], waiting[:index])
        self._payloads, self._waiting = [], []
        return _Job(self._durable + 1, payloads, waiting)

    def _commit_soon(self) -> None:
        """Commit what waits: here when the disk is quick, or when it need not be waited for, else on the committer."""
        self._busy = False
        if not self._payloads or self._closed:
            return
        if not self._syncs:
            self._commit_here()
            return
        began = time.monotonic()
        # Without the next segment at hand a rotation would have to make one first, which is no work for the loop.
        if self._spare is not None and self._pace.is_quick(began):
            self._commit_here()
            self._pace.on_loop(self._synced_at - began, self._synced_at)
        else:
            self._busy = True
            self._jobs.put(self._take())

    def _commit_here(self) -> None:
        """Commit on the loop's own thread."""
        job = self._take()
        error = self._commit(job)
        self._synced_at = time.monotonic()
        self._settle(job, error)
        if self._payloads and not self._busy and not self._closed:
            self._busy = True
            self._loop.call_soon(self._commit_soon)

    def _collect(self) -> None:
        """Settle what the committer finished and hand it the next."""
        results = self._results
        while results:
            job, error = results.popleft()
            self._settle(job, error)
            self._commit_soon()

    def _settle(self, job: _Job, error: Exception | None) -> None:
        """Tell everybody in a commit how it ended."""
        waiting = job.waiting
        if error is None:
            self._durable += len(waiting)
        else:
            waiting += self._waiting
            self._payloads, self._waiting = [], []
            self._next = self._durable + 1
            self._mending = True
        for done in waiting:
            try:
                done(error)
            except Exception as fault:  # noqa: BLE001 - one caller's bug must not leave the others waiting for ever
                self._loop.call_exception_handler({"message": "A journal callback failed", "exception": fault})

    def _mended(self, segment: SegmentFile, last: int) -> None:
        """Take records again, into a new segment."""
        if self._closed:
            segment.close()
            return
        self._segment = segment
        self._durable = last
        self._next = last + 1
        self._mending = False
        self._broken = None

    # ------------------------------------------------------------------ committing

    def _commit_all(self) -> None:
        """Commit job after job, on a thread of its own."""
        while (job := self._jobs.get()) is not None:
            began = time.monotonic()
            error = self._commit(job)
            self._pace.on_thread(time.monotonic() - began)
            self._results.append((job, error))
            self._call(self._collect)

    def _commit(self, job: _Job) -> Exception | None:
        """Write one frame and make it durable; return what prevented it."""
        segment = self._segment
        if segment is None or self._head is None:
            return Unavailable(self._broken or "The journal is not open.")
        try:
            buffers, length = frame(self._mark, job.first, job.payloads)
            if length > segment.room and segment.end > HEAD_BYTES:
                segment.close()
                self._segment = segment = self._follow(job.first)
            segment.append(buffers, length, sync=self._syncs)
        except OSError as error:
            self._broken = explain(error)
            self._segment = None
            segment.close()
            return Unavailable(self._broken)
        self._written += length
        self._head.publish(segment.first, segment.end, job.first + len(job.payloads) - 1)
        return None

    def _follow(self, first: int) -> SegmentFile:
        """Begin the next segment, in the room held ready or, when that is not there yet, in new room."""
        segment, self._spare = self._spare, None
        if segment is None:
            segment = SegmentFile(self._disk, self._folder, self._budget.segment, next(self._spares))
        try:
            segment.begin(first, self._mark)
        except OSError:
            segment.discard()
            raise
        return segment

    # ------------------------------------------------------------------ looking after the disk

    def _look_after(self) -> None:
        """Watch the room on the disk and mend what broke, on a thread of its own."""
        while not self._closing.wait(_LOOK_SECONDS):
            self._look()
            if self._mending:
                try:
                    segment, last = self._begin()
                except OSError as error:
                    self._broken = explain(error)
                else:
                    self._mending = False
                    self._call(self._mended, segment, last)
            elif self._spare is None and self._broken is None:
                # Without it the next segment is made when it is needed, or fails then; `_look` has the say till then.
                with contextlib.suppress(OSError):
                    self._make_spare()

    def _make_spare(self) -> None:
        """Make ready the segment to follow the one in use; fill its room while there is little else to write.

        That writes everything twice, to save a call some of its wait for the disk; when busy, many share the wait.
        """
        spare = SegmentFile(self._disk, self._folder, self._budget.segment, next(self._spares))
        began, before = time.monotonic(), self._written
        try:
            while self._syncs and not self._closing.is_set() and spare.fill():
                self._look()
                if self._written - before > _CALM_RATE * (time.monotonic() - began):
                    break
        except OSError:
            spare.discard()
            raise
        self._spare = spare

    def _look(self) -> None:
        """Refuse before the disk does."""
        try:
            free = self._disk.space(self._folder).free
        except OSError as error:
            self._tight = explain(error)
            return
        for ours in (self._segment, self._spare):
            free += 0 if ours is None else ours.room
        self._tight = explain_space(free, self._budget.reserve) if free < self._budget.reserve else None

    def _begin(self) -> tuple[SegmentFile, int]:
        """Heal the journal if that is still to be done and begin a segment; return it and the last sequence used."""
        last = self._durable
        if not self._mark:
            for leftover in self._folder.glob(f"{SPARE}*"):
                self._disk.remove(leftover)
            recovered = recover(self._folder, self._disk)
            last = max(self._after, recovered.next - 1)
        else:
            recovered = None
        segment = SegmentFile(self._disk, self._folder, self._budget.segment, next(self._spares))
        try:
            segment.begin(last + 1, self._mark if recovered is None else recovered.mark)
            segment.sync()
            if self._head is None:
                self._head = head.HeadFile(self._folder)
        except OSError:
            segment.discard()
            raise
        if recovered is not None:
            self._mark = recovered.mark
        self._head.publish(segment.first, segment.end, last)
        return segment, last

    def _call(self, function: Callable[..., None], *arguments: object) -> None:
        """Run something on the loop, unless it is gone."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)
