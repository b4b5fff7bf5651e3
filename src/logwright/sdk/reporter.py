"""Sends reports in the background: never in the way, never without bound, seldom lost.

The application's thread only puts a report on a queue. A daemon thread posts them
one by one over a kept connection; while Logwright is away it moves them to the
spool and tries again, ever more rarely. A second thread, started only when the
queue fills up behind a hanging server, does nothing but spool.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing.process
import os
import queue
import random
import threading
import time
import weakref
from collections import deque
from functools import cache
from typing import Final, Literal

from logwright.sdk.options import Destination
from logwright.sdk.post import Post
from logwright.sdk.report import Parcel, Report
from logwright.sdk.spool import Claim, Spool, folder_of

_log: Final = logging.getLogger("logwright.sdk")

_FIRST_WAIT: Final = 0.25
_LONGEST_WAIT: Final = 30.0
_LOOK_AGAIN: Final = 60.0
"""Seconds of idleness after which we look for what a process that died has left in the spool."""
_FAULTS_ALLOWED: Final = 5
"""How often a report is sent again that the server answers with 500: beyond that it is the report's fault."""

_Source = Literal["queue", "spool"]


@cache
def shared_reporter(target: Destination) -> Reporter:
    """Give the one reporter of this process for a destination, however many clients are made."""
    return Reporter(target)


class Reporter:
    """The background sender for one destination. `put` is the only call that an application waits for."""

    def __init__(
        self,
        target: Destination,
        *,
        queue_bytes: int = 64 << 20,
        spool_bytes: int = 256 << 20,
        first_wait: float = _FIRST_WAIT,
    ) -> None:
        self._target = target
        self._queue_bytes = queue_bytes
        self._first_wait = first_wait
        folder = folder_of(target)
        self._spool = None if folder is None else Spool(folder, max_bytes=spool_bytes)
        self._inherited: list[Post] = []
        self._begin()
        atexit.register(self.close)
        us = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _begin_anew(us()))
        if self._spool is not None and self._spool.has_any():
            self._start_sender()

    def _begin(self) -> None:
        # put() may run inside a destructor, and so in the middle of another put() of the same thread: hence
        # re-entrant locks, and SimpleQueue, whose put() is documented to be re-entrant.
        self._lock = threading.RLock()
        self._settled = threading.Condition(self._lock)
        self._queue: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._queued_bytes = 0
        self._unsettled = 0
        self._lost = 0
        self._pressure = threading.Event()
        self._closing = threading.Event()
        self._given_up = False
        self._sender: threading.Thread | None = None
        self._relief: threading.Thread | None = None
        # What follows belongs to the sender's thread.
        self._post = Post(self._target)
        self._kept_back: deque[Parcel] = deque()
        self._claim: Claim | None = None
        self._faults: tuple[str, int] = ("", 0)

    def begin_anew(self) -> None:
        """Forget everything in a forked child: what is queued or spooled there is the parent's to send."""
        # Closing the inherited connection could wait for a lock that some thread of the parent holds: keep it unused.
        self._inherited.append(self._post)
        claim = self._claim
        self._begin()
        # An inherited descriptor holds the parent's lock for as long as this process lives: let go of it.
        if claim is not None:
            claim.abandon()
        if self._spool is not None:
            self._spool.forget()

    # ------------------------------------------------------------ the application's side

    def put(self, report: Report) -> None:
        """Take a report; returns within microseconds whatever the server and the disk do. Never raises."""
        size = report.size
        with self._lock:
            taken = not self._closing.is_set() and self._queued_bytes + size <= self._queue_bytes
            if taken:
                self._queued_bytes += size
                self._unsettled += 1
                self._queue.put(report)
        if not taken:
            self._lose("too many are waiting to be sent")
            return
        try:
            if self._sender is None:
                self._start_sender()
            if self._queued_bytes > self._queue_bytes // 2 and self._spool is not None:
                self._pressure.set()
                if self._relief is None:
                    self._start_relief()
        except RuntimeError:
            # The interpreter is shutting down and starts no thread any more; close() will spool what is queued.
            _log.debug("No thread could be started to report to Logwright")

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until every report put so far is sent, spooled or given up; False when `timeout` seconds ran out."""
        with self._settled:
            return self._settled.wait_for(lambda: self._unsettled == 0, timeout)

    def close(self) -> None:
        """Send for as long as the destination's `flush_seconds` allow, spool the rest, and end. Runs at exit."""
        with self._lock:
            if self._closing.is_set():
                return
            self._closing.set()
        self._queue.put(None)
        self._pressure.set()
        if self._sender is not None:
            self._sender.join(self._target.flush_seconds)
            self._given_up = True
        # A report that the sender still holds is spooled too: should both arrive, its id makes them one.
        for parcel in list(self._kept_back):
            self._set_aside(parcel)
        while not self._queue.empty():
            report = self._take(0)
            if report is not None:
                self._set_aside(self._packed(report))
        if self._spool is not None:
            self._spool.close()
        atexit.unregister(self.close)

    def _start_sender(self) -> None:
        with self._lock:
            if self._sender is not None or self._closing.is_set():
                return
            self._sender = threading.Thread(target=self._send_all, name="logwright-report", daemon=True)
            self._sender.start()
            if multiprocessing.process.parent_process() is not None:
                # The children of multiprocessing end without running atexit, but not without their finalizers.
                from multiprocessing.util import Finalize

                Finalize(None, self.close, exitpriority=10)

    def _start_relief(self) -> None:
        with self._lock:
            if self._relief is None and not self._closing.is_set():
                self._relief = threading.Thread(target=self._relieve, name="logwright-spool", daemon=True)
                self._relief.start()

    # ------------------------------------------------------------ the background's side

    def _send_all(self) -> None:
        try:
            self._send_until_closed()
        finally:
            self._post.close()

    def _send_until_closed(self) -> None:
        failures = 0
        while not self._given_up:
            source, parcel = self._next()
            if parcel is None:
                if self._closing.is_set():
                    return
                continue
            if self._send(source, parcel):
                failures = 0
                continue
            failures += 1
            if self._closing.is_set():
                return
            self._stand_by(failures)

    def _next(self) -> tuple[_Source, Parcel | None]:
        """Give what is to be sent next: what failed before, then what is new, then what lies in the spool."""
        if self._kept_back:
            return "queue", self._kept_back[0]
        closing = self._closing.is_set()
        backlog = None if closing else self._backlog(look=self._queue.empty())
        # Once closing nothing more comes, and the mark that ends the queue may be taken already: never wait then.
        report = self._take(0 if closing or backlog is not None else _LOOK_AGAIN)
        if report is None:
            return "spool", backlog
        parcel = self._packed(report)
        if parcel is None:
            self._settle()
        else:
            self._kept_back.append(parcel)
        return "queue", parcel

    def _backlog(self, *, look: bool) -> Parcel | None:
        if self._claim is None and look and self._spool is not None:
            self._claim = self._spool.claim()
        while self._claim is not None:
            parcel = self._claim.first()
            if parcel is not None:
                return parcel
            self._claim.finish()
            self._claim = self._spool.claim() if self._spool is not None else None
        return None

    def _send(self, source: _Source, parcel: Parcel) -> bool:
        """Send one; False when it, and so everything else, has to wait."""
        outcome = self._post.send(parcel)
        if outcome == "fault":
            key, count = self._faults
            self._faults = (parcel.idempotency_key, count + 1 if key == parcel.idempotency_key else 1)
            outcome = "refused" if self._faults[1] > _FAULTS_ALLOWED else "away"
        if outcome == "away":
            if source == "queue" and self._spool is not None and self._spool.append(parcel):
                self._kept_back.popleft()
                self._settle()
            return False
        if outcome == "refused":
            self._lose(self._post.refusal or "the server fails over it again and again")
        if source == "spool" and self._claim is not None:
            self._claim.sent()
        else:
            self._kept_back.popleft()
            self._settle()
        return True

    def _stand_by(self, failures: int) -> None:
        """Wait before the next try, longer each time, and meanwhile spool what comes in."""
        longest = min(_LONGEST_WAIT, self._first_wait * 2.0 ** min(failures, 16))
        until = time.monotonic() + random.uniform(longest / 2, longest)  # noqa: S311 - spreads clients, hides nothing
        while (left := until - time.monotonic()) > 0 and not self._closing.is_set():
            if self._spool is None or self._kept_back:
                self._closing.wait(left)
                return
            report = self._take(left)
            if report is None:
                continue
            parcel = self._packed(report)
            if parcel is None or self._spool.append(parcel):
                self._settle()
            else:
                self._kept_back.append(parcel)

    def _relieve(self) -> None:
        while not self._closing.is_set():
            self._pressure.wait()
            while self._queued_bytes > self._queue_bytes // 4 and not self._closing.is_set():
                report = self._take(0)
                if report is None:
                    break
                self._set_aside(self._packed(report))
            self._pressure.clear()
        # Should we have taken the mark that ends the queue, the sender still waits for it.
        self._queue.put(None)

    def _take(self, timeout: float) -> Report | None:
        try:
            report = self._queue.get(timeout=timeout) if timeout else self._queue.get_nowait()
        except queue.Empty:
            return None
        if report is not None:
            with self._lock:
                self._queued_bytes -= report.size
        return report

    def _packed(self, report: Report) -> Parcel | None:
        try:
            return report.pack()
        except Exception:  # noqa: BLE001 - an answer that we cannot read must not end the reporting of all others
            _log.exception("A call could not be reported to Logwright")
            return None

    def _set_aside(self, parcel: Parcel | None) -> None:
        if parcel is not None and (self._spool is None or not self._spool.append(parcel)):
            self._lose("Logwright cannot be reached and the spool cannot take it")
        self._settle()

    def _settle(self) -> None:
        with self._settled:
            self._unsettled -= 1
            self._settled.notify_all()

    def _lose(self, reason: str) -> None:
        """Say that a report is lost: the first time and then at every power of two, or an outage floods the log."""
        with self._lock:
            self._lost += 1
            lost = self._lost
        # Outside the lock: a thread that logs may hold logging's lock and be here by a destructor, waiting for ours.
        if lost & (lost - 1) == 0:
            _log.warning("%d reports to Logwright are lost by now; the last because %s", lost, reason)


def _begin_anew(reporter: Reporter | None) -> None:
    if reporter is not None:
        reporter.begin_anew()
