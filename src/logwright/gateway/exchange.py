"""One call, from the caller's request to the record of what became of it.

The order is the promise. A call is refused before anybody is asked if it could not
be recorded; the answer passes as it comes; and what tells the caller that the
answer is complete (its last bytes) leaves only when the record is durable. However
a call ends, one record is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from logwright.errors import LogwrightError, RateLimited, Unavailable, UpstreamTimeout, UpstreamUnreachable
from logwright.gateway import reply
from logwright.gateway.admission import Admission
from logwright.gateway.answer_head import Unusable, read_head, too_large
from logwright.gateway.caller import Caller
from logwright.gateway.fault import as_reply, is_object, lateness, unfinished
from logwright.gateway.media import Passage
from logwright.gateway.message import TakesWhole
from logwright.gateway.paths import PICTURED_KINDS
from logwright.gateway.recording import Recording
from logwright.gateway.relay import EventTooLarge, Relay
from logwright.gateway.stopwatch import Stopwatch

if TYPE_CHECKING:
    from logwright.gateway.house import House
    from logwright.gateway.message import Request
    from logwright.gateway.protocol import Connection
    from logwright.gateway.recording import Done
    from logwright.gateway.translation import Translation
    from logwright.gateway.upstream import UpstreamConnection
    from logwright.logs.record import ErrorKind, Kind
    from logwright.models.types import CallKind

NEVER: Final = float("inf")

PROGRESS_BYTES: Final = 1024
"""Bytes of a plain answer that count as something new: a drip does not keep a call alive (RELIABILITY S-12)."""


class Exchange(TakesWhole):
    """One recorded call. Made by the caller's connection, and by nobody else."""

    __slots__ = (
        "_admission",
        "_caller",
        "_counted",
        "_house",
        "_is_reading",
        "_kind",
        "_out",
        "_over",
        "_paused",
        "_recording",
        "_relay",
        "_stop_at",
        "_translation",
        "_upstream",
        "_watch",
        "request",
    )

    def __init__(self, house: House, connection: Connection, request: Request, kind: CallKind) -> None:
        self.request = request
        self._house = house
        self._kind = kind
        self._recording = Recording(house, cast("Kind", kind))  # of no other kind is anything recorded
        self._watch = Stopwatch()
        self._caller = Caller(connection, request)
        self._admission = Admission(house, kind)
        self._upstream: UpstreamConnection | None = None
        self._relay: Relay | Passage | None = None
        """Set when the answer passes piece by piece: a stream of events, or media."""
        self._translation: Translation | None = None
        """Set when a stream of events is written in another form on its way."""
        self._counted = 0
        """How much of a plain answer has been counted as progress."""
        self._out: list[bytes] = []
        """What this read brought and the caller gets in one write."""
        self._over = False
        """True once the outcome is settled; whatever else arrives is ignored."""
        self._paused = False
        self._is_reading = False
        """True while it is decided: a large body is read in a thread, or an access token is waited for."""
        self._stop_at = NEVER

    # ------------------------------------------------------------------ the request

    def start(self) -> None:
        """Decide and send."""
        self._is_reading = True
        self._admission.begin(self.request, self._admitted)

    def _admitted(self, outcome: bytes | LogwrightError) -> None:
        """Go on once it is decided; where that took a while, the caller may have left meanwhile."""
        self._is_reading = False
        if isinstance(outcome, LogwrightError):
            self._refuse(outcome)
        elif self._caller.has_left:
            self.client_gone()
        else:
            self._send(outcome)

    def _send(self, data: bytes) -> None:
        self._caller.lines = [self._recording.names(self._admission)]
        house = self._house
        now = house.now()
        self._stop_at = now + house.settings.upstream_total_timeout
        self._expect(now + house.settings.upstream_first_byte_timeout)
        self._watch.asked()
        line = self._admission.line
        assert line is not None  # noqa: S101 - an admitted call has one
        line.used_at = now
        self._upstream = house.pool.send(line.url, data, self)

    def _refuse(self, error: LogwrightError) -> None:
        """Answer without having called anybody; recorded when we know whose call it was and what it asked."""
        self._over = True
        self._house.metrics.refused()
        lines, body = reply.refusal(error)
        if isinstance(error, Unavailable | RateLimited) or self._house.recorder.refusal() is not None:
            self._admission.wishes = None  # it passes, or could not be kept: no record
        lines.append(self._recording.names(self._admission))
        self._recording.add(body)
        self._recording.status = error.status
        self._record(
            lambda failure: self._reply(error.status, lines, body, failure), kind="refused", message=error.message
        )

    # ------------------------------------------------------------------ the answer

    def upstream_connected(self, connection: UpstreamConnection) -> bool:
        """Keep the connection that carries the call, unless the caller has left meanwhile."""
        if self._over:
            return False
        self._upstream = connection
        if self._paused:
            connection.pause()
        return True

    def upstream_head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Choose how the answer passes: as a stream of events, or whole."""
        if self._over:
            return
        self._recording.status = status
        limit = self._house.settings.max_answer_bytes
        try:
            head = read_head(self._kind, status, headers, limit=limit, events=self._admission.stream_type)
        except Unusable as unusable:
            self._fail(unusable.kind, unusable.message)
            return
        lines = self._caller.lines = head.lines
        lines.append(self._recording.names(self._admission, has_id=head.has_id))
        match head.passing:
            case "json":
                lines.append(b"content-type: %b\r\n" % head.content_type)
            case "events":
                self._begin_stream(lines)
            case "media":
                self._relay = Passage()
                self._recording.media_type = head.content_type
                lines += (b"content-type: %b\r\n" % head.content_type, self._overhead_line())
            case "text":
                self._recording.media_type = head.content_type
                lines.append(b"content-type: %b\r\n" % head.content_type)

    def _begin_stream(self, lines: list[bytes]) -> None:
        settings = self._house.settings
        self._recording.is_stream = True
        self._translation = translation = self._admission.translation
        if translation is not None:
            translation.begin_stream(settings.max_event_bytes)
        self._relay = Relay(
            self._kind,
            hides_usage=self._admission.hides_usage,
            # One event may bring a whole picture.
            limit=settings.max_answer_bytes if self._kind in PICTURED_KINDS else settings.max_event_bytes,
        )
        lines.append(b"content-type: text/event-stream; charset=utf-8\r\n")
        lines.append(self._overhead_line())

    def upstream_body(self, data: bytes) -> None:
        """Take a piece of the answer."""
        if self._over:
            return
        recording = self._recording
        recording.begin_body()
        relay = self._relay
        if relay is None:
            recording.add(data)
            if recording.size > self._house.settings.max_answer_bytes:
                self._fail("upstream_too_large", too_large(self._house.settings.max_answer_bytes))
            return
        if (translation := self._translation) is not None:
            data = translation.feed(data)
            if translation.heard:
                self._progress()
        recording.capture(data)
        try:
            passed = relay.feed(data)
        except EventTooLarge as error:
            self._fail("upstream_too_large", str(error))
            return
        if passed:
            self._out.append(passed)
        if translation is not None and translation.problem is not None:
            self._fail(*translation.problem)

    def upstream_flush(self) -> None:
        """Send on what one read brought, and count it as progress if it was any."""
        if self._over:
            return
        if self._relay is not None:
            self._send_out()
        elif self._recording.size - self._counted >= PROGRESS_BYTES:
            self._counted = self._recording.size
            self._progress()

    def upstream_end(self) -> None:
        """Record a complete answer, then release its end."""
        if self._over:
            return
        self._watch.answered()
        if self._relay is not None:
            self._end_stream(self._relay)
        else:
            self._end_plain()

    def upstream_fault(self, kind: ErrorKind, message: str) -> None:
        """Record an answer that will not come, and say so."""
        if not self._over:
            self._upstream = None
            self._fail(kind, message)

    def _send_out(self) -> None:
        out = self._out
        if out:
            data = out[0] if len(out) == 1 else b"".join(out)
            out.clear()
            if not data.startswith(b":"):  # a comment is nothing new
                self._progress()
            self._caller.send_piece(data)

    def _end_plain(self) -> None:
        self._over = True
        recording = self._recording
        status = recording.status or 0
        body = recording.whole()
        if (translation := self._admission.translation) is not None:
            body = translation.whole(status, body)
            recording.body = [body]
        if status >= 400:
            recording.body = [self._admission.scrub(body)]
            shown, message = as_reply(status, recording.whole(), self._admission.provider_name)
            lines = [line for line in self._caller.lines if not line.startswith(b"content-type")]
            self._finish(status, [*lines, reply.JSON_TYPE], shown, kind="upstream_status", message=message)
        elif translation is not None and translation.problem is not None:
            self._finish_with(UpstreamUnreachable(translation.problem[1]), translation.problem[0])
        elif recording.media_type or is_object(body):
            self._finish(status, self._caller.lines, body)
        else:
            self._finish_with(UpstreamUnreachable("the provider's answer is not a JSON object"), "upstream_malformed")

    def _finish(self, status: int, lines: list[bytes], body: bytes, *, kind: ErrorKind = "", message: str = "") -> None:
        """Record a plain answer and then send it."""
        self._record(lambda failure: self._reply(status, lines, body, failure), kind=kind, message=message)

    def _finish_with(self, error: LogwrightError, kind: ErrorKind) -> None:
        """Answer with an error of our own after the provider has failed."""
        lines, body = reply.refusal(error)
        lines += [line for line in self._caller.lines if not line.startswith((b"content-type", b"retry-after"))]
        self._finish(error.status, lines, body, kind=kind, message=error.message)

    def _end_stream(self, relay: Relay | Passage) -> None:
        """Hold the last event and the end of the body back until the record is durable."""
        self._over = True
        if (translation := self._translation) is not None and (closing := translation.end()):
            self._recording.capture(closing)
            self._out.append(relay.feed(closing))
        if translation is not None and translation.problem is not None:
            self._fail(*translation.problem)
            return
        self._send_out()
        last = relay.held + relay.rest()
        told = self._recording.tail() + last
        problem = None if relay.saw_end else unfinished(told, needs_mark=translation is not None)
        if problem is not None and problem[0] == "upstream_cut":
            self._fail(*problem)
        else:
            # After an error event, which has been passed on already, the stream ends as the provider ended it.
            kind, message = problem or ("", "")
            self._record(lambda failure: self._close_stream(last, failure), kind=kind, message=message)

    def _fail(self, kind: ErrorKind, message: str) -> None:
        """End a call whose answer is not, or not wholly, to be had."""
        self._over = True
        self._send_out()
        self._watch.answered()
        self._cancel()
        error: LogwrightError = UpstreamTimeout(message) if kind == "upstream_timeout" else UpstreamUnreachable(message)
        if not self._caller.head_sent:
            self._finish_with(error, kind)
        else:
            self._record(lambda failure: self._cut_stream(failure or error), kind=kind, message=message)

    def _record(self, then: Done, *, kind: ErrorKind, message: str) -> None:
        """Write the record, if there is to be one, and then go on."""
        if self._admission.is_recorded:
            self._recording.write(self._admission, then, kind=kind, message=message)
        else:
            then(None)

    def _cancel(self) -> None:
        if self._upstream is not None:
            self._upstream.cancel()
            self._upstream = None

    # ------------------------------------------------------------------ the caller

    def _reply(self, status: int, lines: list[bytes], body: bytes, failure: Exception | None) -> None:
        """Send a plain answer, now that its record is durable."""
        self._admission.release()
        if failure is not None:
            error = Unavailable("the provider answered, but the call could not be recorded; it may be sent again")
            status = error.status
            lines, body = reply.refusal(error)
        self._caller.send_whole(status, [*lines, self._overhead_line()], body)

    def _close_stream(self, last: bytes, failure: Exception | None) -> None:
        """Release the end of a stream, now that its record is durable."""
        if failure is not None:
            self._cut_stream(Unavailable("the answer could not be recorded"))
            return
        self._admission.release()
        self._caller.end_stream(last)

    def _cut_stream(self, failure: Exception) -> None:
        self._admission.release()
        self._caller.cut_stream("" if self._recording.media_type else self._kind, failure)

    # ------------------------------------------------------------------ as a handler of the connection

    def client_gone(self) -> None:
        """Stop the provider at once and keep what had arrived."""
        self._caller.leave()
        if self._is_reading:
            return  # what it asked is not known yet; it is recorded when it is
        if self._over:
            self._admission.release()
            return
        self._over = True
        self._cancel()
        self._record(
            lambda _: self._admission.release(),
            kind="client_disconnected",
            message="the caller closed the connection before the answer was complete",
        )

    def writing_paused(self) -> None:
        """Stop reading from the provider: the caller is slower."""
        self._paused = True
        if self._upstream is not None:
            self._upstream.pause()

    def writing_resumed(self) -> None:
        """Go on reading; the wait was the caller's, so the provider's clock starts anew."""
        self._paused = False
        if self._upstream is not None and not self._over:
            self._progress()
            self._upstream.resume()

    def deadline_passed(self) -> None:
        """Give up on a provider that brings nothing."""
        if self._over:
            return
        took_all = self._house.now() >= self._stop_at
        if self._paused and not took_all:
            self._expect(self._stop_at)
            return
        why = lateness(self._house.settings, took_all=took_all, begun=self._recording.first_byte_at is not None)
        self._fail("upstream_timeout", why)

    def _progress(self) -> None:
        house = self._house
        self._expect(house.now() + house.settings.upstream_idle_timeout)

    def _expect(self, moment: float) -> None:
        """Set the moment by which something must have come."""
        self._caller.expect_by(min(moment, self._stop_at))

    def _overhead_line(self) -> bytes:
        """Return the header with the microseconds that were ours."""
        micros = self._watch.overhead_micros()
        self._house.metrics.overhead(micros)
        return b"x-logwright-overhead-us: %d\r\n" % micros
