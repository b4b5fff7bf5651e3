"""One call, from the caller's request to the record of what became of it.

The order is the promise. A call is refused before anybody is asked if it could not
be recorded; the answer passes as it comes; and what tells the caller that the
answer is complete (its last bytes) leaves only when the record is durable. However
a call ends, one record is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from logwright import ids
from logwright.errors import (
    Forbidden,
    InvalidRequest,
    LogwrightError,
    RateLimited,
    Unauthorized,
    Unavailable,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from logwright.gateway import reply
from logwright.gateway.fault import as_event, as_reply, is_object, scrub, unfinished
from logwright.gateway.relay import EventTooLarge, Relay
from logwright.gateway.request import Call, Wishes, wishes
from logwright.logs.record import LogRecord
from logwright.projects.types import Scope

if TYPE_CHECKING:
    from logwright.gateway.house import House
    from logwright.gateway.protocol import Connection, Request
    from logwright.gateway.upstream import Line, UpstreamConnection
    from logwright.logs.record import BodyForm, ErrorKind, Kind
    from logwright.models.types import Target
    from logwright.projects.types import Principal

Done = Callable[[Exception | None], None]
NEVER: Final = float("inf")
PROGRESS_BYTES: Final = 1024
"""Bytes of a plain answer that count as something new: a drip does not keep a call alive (RELIABILITY S-12)."""

RELAYED: Final = frozenset({b"retry-after", b"x-request-id", b"request-id"})
RELAYED_PREFIXES: Final = (b"x-ratelimit-", b"anthropic-ratelimit-")
"""Headers of an answer that the caller gets to see (RELIABILITY S-8)."""

_PASSED_OPTIONS: Final = frozenset({b"op-log-request", b"op-tags"})


class Exchange:
    """One recorded call. Made by the caller's connection, and by nobody else."""

    __slots__ = (
        "_answered_at",
        "_asked_at",
        "_body",
        "_body_size",
        "_call",
        "_captured",
        "_captured_size",
        "_connection",
        "_counted",
        "_deadline_at",
        "_first_byte_at",
        "_head_sent",
        "_house",
        "_kind",
        "_line",
        "_log_id",
        "_out",
        "_over",
        "_paused",
        "_principal",
        "_relay",
        "_reply_lines",
        "_requested_at",
        "_slot",
        "_started",
        "_status",
        "_stop_at",
        "_target",
        "_truncated",
        "_upstream",
        "_wishes",
        "request",
    )

    def __init__(self, house: House, connection: Connection, request: Request) -> None:
        self.request = request
        self._house = house
        self._connection: Connection | None = connection
        self._kind: Kind = request.kind  # type: ignore[assignment]  # the connection makes exchanges of hot paths only
        self._requested_at = time.time_ns() // 1000
        self._started = time.perf_counter_ns()
        self._log_id = ids.new_id("log", self._requested_at)
        self._call: Call | None = None
        self._principal: Principal | None = None
        self._wishes: Wishes | None = None
        self._target: Target | None = None
        self._line: Line | None = None
        self._upstream: UpstreamConnection | None = None
        self._relay: Relay | None = None
        self._asked_at = 0
        self._answered_at = 0
        self._first_byte_at: int | None = None
        self._status: int | None = None
        self._reply_lines = [self._id_lines(named=False)]
        self._head_sent = False
        self._body: list[bytes] = []
        """A plain answer's body."""
        self._body_size = 0
        self._captured: list[bytes] = []
        """A stream's events, for the record."""
        self._captured_size = 0
        self._counted = 0
        self._truncated = False
        self._out: list[bytes] = []
        """What this read brought and the caller gets in one write."""
        self._over = False
        """True once the outcome is settled; whatever else arrives is ignored."""
        self._paused = False
        self._slot = ""
        self._stop_at = NEVER
        self._deadline_at = NEVER

    # ------------------------------------------------------------------ the request

    def start(self) -> None:
        """Check, resolve and send."""
        try:
            data = self._prepare()
        except LogwrightError as error:
            self._refuse(error)
            return
        house = self._house
        now = house.now()
        self._stop_at = now + house.settings.upstream_total_timeout
        self._expect(now + house.settings.upstream_first_byte_timeout)
        self._asked_at = time.perf_counter_ns()
        line = self._line
        assert line is not None  # noqa: S101 - `_prepare` has set it
        line.used_at = now
        self._upstream = house.pool.send(line.url, data, self)

    def _prepare(self) -> bytes:
        """Decide who is called with what, and return the bytes to send."""
        house = self._house
        request = self.request
        key: bytes | None = None
        options: dict[bytes, bytes] = {}
        for name, value in request.headers:
            if name == b"authorization":
                if value[:7].lower() == b"bearer ":
                    key = value[7:].strip()
            elif name in (b"x-api-key", b"api-key"):
                key = key or value
            elif name in _PASSED_OPTIONS:
                options[name] = value
        principal = house.keys.find(key) if key else None
        if principal is None:
            raise Unauthorized(
                "no API key was sent; use the header Authorization: Bearer KEY"
                if not key
                else "this API key is not valid; it may have been revoked or have ended"
            )
        if principal.project_id is None:
            raise Forbidden("the admin key cannot call models; use a key of a project")
        if not principal.allows(Scope.WRITE):
            raise Forbidden("this key may only read; use a key with the scope write")
        self._principal = principal
        self._take_slot(principal.project_id)
        raw = request.body[0] if len(request.body) == 1 else b"".join(request.body)
        self._call = call = Call(self._kind, raw)
        self._wishes = wishes(call, options)
        if self._wishes.record:
            refusal = house.recorder.refusal()
            if refusal is not None:
                raise Unavailable(f"the call was not made because it could not be recorded: {refusal}", retry_after=5)
        self._target = target = house.catalogue.resolve(principal.project_id, call.model, self._kind)
        provider = house.providers[target.kind]
        self._line = line = house.pool.line(target, provider)
        head = line.head(self._kind, stream=call.stream)
        if head is None:
            raise InvalidRequest(
                f"the provider {target.provider} ({target.kind}) has no {self._kind.replace('_', ' ')} API",
                param="model",
            )
        body = call.for_upstream(provider, target.model)
        extra = b""
        if provider.passes:
            extra = _passed(request.headers, provider.passes)
        return b"%b%bcontent-length: %d\r\n\r\n%b" % (head, extra, len(body), body)

    def _take_slot(self, project_id: str) -> None:
        house = self._house
        busy = house.in_flight.get(project_id, 0)
        if busy >= house.settings.max_in_flight:
            raise RateLimited(f"{busy} calls of this project are under way at once, which is its limit", retry_after=1)
        house.in_flight[project_id] = busy + 1
        self._slot = project_id

    def _refuse(self, error: LogwrightError) -> None:
        """Answer without having called anybody; recorded when we know whose call it was and what it asked."""
        self._over = True
        self._house.metrics.refused()
        lines, body = reply.refusal(error)
        lines += self._reply_lines
        recordable = self._call is not None and self._wishes is not None and self._wishes.record
        if recordable and not isinstance(error, Unavailable | RateLimited) and self._house.recorder.refusal() is None:
            self._body = [body]
            self._record(
                error_kind="refused",
                message=error.message,
                form="json",
                status=error.status,
                then=lambda failure: self._reply(error.status, lines, body, failure),
            )
        else:
            self._reply(error.status, lines, body, None)

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
        self._status = status
        content_type = b"application/json"
        lines: list[bytes] = []
        request_id = False
        for name, value in headers:
            if name == b"content-type":
                content_type = value
            elif name in RELAYED or name.startswith(RELAYED_PREFIXES):
                lines.append(b"%b: %b\r\n" % (name, value))
                request_id = request_id or name == b"x-request-id"
            elif name == b"content-encoding" and value.lower() != b"identity":
                self._fail("upstream_malformed", "the provider compressed its answer, which it was asked not to do")
                return
            elif name == b"content-length" and int(value) > self._house.settings.max_answer_bytes:
                self._fail("upstream_too_large", self._too_large())
                return
        lines.append(self._id_lines(named=request_id))
        self._reply_lines = lines
        if 300 <= status < 400:
            self._fail("upstream_malformed", f"the provider answered {status}, a redirect, which is never followed")
            return
        if status == 200 and content_type[:17].lower() == b"text/event-stream":
            call = self._call
            assert call is not None and self._line is not None  # noqa: S101, PT018
            self._relay = Relay(
                self._kind,
                hides_usage=call.asks_usage(self._line.provider),
                limit=self._house.settings.max_event_bytes,
            )
            lines.append(b"content-type: text/event-stream; charset=utf-8\r\n")
            lines.append(b"x-logwright-overhead-us: %d\r\n" % self._overhead(time.perf_counter_ns()))
        else:
            lines.append(b"content-type: %b\r\n" % content_type)

    def upstream_body(self, data: bytes) -> None:
        """Take a piece of the answer."""
        if self._over:
            return
        if self._first_byte_at is None:
            self._first_byte_at = time.time_ns() // 1000
        relay = self._relay
        if relay is None:
            self._body.append(data)
            self._body_size += len(data)
            if self._body_size > self._house.settings.max_answer_bytes:
                self._fail("upstream_too_large", self._too_large())
            return
        self._capture(data)
        try:
            passed = relay.feed(data)
        except EventTooLarge:
            self._fail(
                "upstream_too_large", f"an event of the stream is over {self._house.settings.max_event_bytes} bytes"
            )
            return
        if passed:
            self._out.append(passed)

    def upstream_flush(self) -> None:
        """Send on what one read brought, and count it as progress if it was any."""
        if self._over:
            return
        if self._relay is None:
            if self._body_size - self._counted >= PROGRESS_BYTES:
                self._counted = self._body_size
                self._progress()
            return
        self._send_out()

    def _send_out(self) -> None:
        out = self._out
        if out:
            data = out[0] if len(out) == 1 else b"".join(out)
            out.clear()
            if not data.startswith(b":"):
                self._progress()
            self._send_stream(data)

    def upstream_end(self) -> None:
        """Record a complete answer, then release its end."""
        if self._over:
            return
        self._answered_at = time.perf_counter_ns()
        if self._relay is not None:
            self._end_stream(self._relay)
        else:
            self._end_plain()

    def upstream_fault(self, kind: ErrorKind, message: str) -> None:
        """Record an answer that will not come, and say so."""
        if not self._over:
            self._upstream = None
            self._fail(kind, message)

    def _end_plain(self) -> None:
        self._over = True
        status = self._status or 0
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body = [body]
        lines = self._reply_lines
        if status >= 400:
            assert self._target is not None  # noqa: S101
            self._body = [scrub(body, self._target.secret.reveal())]
            shown, message = as_reply(status, self._body[0], self._target.provider)
            lines = [line for line in lines if not line.startswith(b"content-type")] + [reply.JSON_TYPE]
            self._finish(status, lines, shown, error_kind="upstream_status", message=message)
            return
        if is_object(body):
            self._finish(status, lines, body)
        else:
            self._finish_with(UpstreamUnreachable("the provider's answer is not a JSON object"), "upstream_malformed")

    def _finish(
        self, status: int, lines: list[bytes], body: bytes, *, error_kind: ErrorKind = "", message: str = ""
    ) -> None:
        """Record a plain answer and then send it."""
        if not self._recorded_call():
            self._reply(status, lines, body, None)
            return
        self._record(
            error_kind=error_kind,
            message=message,
            form="json" if error_kind in ("", "upstream_status") else "text",
            status=self._status,
            then=lambda failure: self._reply(status, lines, body, failure),
        )

    def _finish_with(self, error: LogwrightError, kind: ErrorKind) -> None:
        """Answer with an error of our own after the provider has failed."""
        lines, body = reply.refusal(error)
        lines += [line for line in self._reply_lines if not line.startswith((b"content-type", b"retry-after"))]
        self._finish(error.status, lines, body, error_kind=kind, message=error.message)

    def _end_stream(self, relay: Relay) -> None:
        """Hold the last event and the end of the body back until the record is durable."""
        self._over = True
        self._send_out()
        last = relay.held + relay.rest()
        problem = None if relay.saw_end else unfinished(self._captured, last)
        if problem is not None and problem[0] == "upstream_cut":
            self._fail(*problem)
            return
        if not self._recorded_call():
            self._close_stream(last, None)
            return
        # An error event has been passed on already; the stream ends as the provider ended it.
        kind, message = problem or ("", "")
        self._record(
            error_kind=kind,
            message=message,
            form="sse",
            status=self._status,
            then=lambda failure: self._close_stream(last, failure),
        )

    def _fail(self, kind: ErrorKind, message: str) -> None:
        """End a call whose answer is not, or not wholly, to be had."""
        self._over = True
        self._send_out()
        self._answered_at = self._answered_at or time.perf_counter_ns()
        if self._upstream is not None:
            self._upstream.cancel()
            self._upstream = None
        error: LogwrightError = UpstreamTimeout(message) if kind == "upstream_timeout" else UpstreamUnreachable(message)
        if not self._head_sent:
            self._finish_with(error, kind)
        elif self._recorded_call():
            self._record(
                error_kind=kind,
                message=message,
                form="sse",
                status=self._status,
                then=lambda failure: self._cut_stream(failure or error),
            )
        else:
            self._cut_stream(error)

    # ------------------------------------------------------------------ the record

    def _recorded_call(self) -> bool:
        return self._wishes is not None and self._wishes.record

    def _record(self, *, error_kind: ErrorKind, message: str, form: BodyForm, status: int | None, then: Done) -> None:
        """Write the one record of this call; `then` is called with None, or with why it could not be written."""
        principal, call, target = self._principal, self._call, self._target
        assert principal is not None and call is not None and self._wishes is not None  # noqa: S101, PT018
        parts = self._captured if form == "sse" else self._body
        response = parts[0] if len(parts) == 1 else b"".join(parts)
        self._house.recorder.record(
            LogRecord(
                id=self._log_id,
                project_id=principal.project_id or "",
                source="gateway",
                kind=self._kind,
                requested_at=self._requested_at,
                received_at=time.time_ns() // 1000 if status is not None else None,
                first_byte_at=self._first_byte_at,
                key_id=principal.key_id,
                provider=target.provider if target else "",
                provider_kind=target.kind if target else "",
                model=call.model,
                upstream_model=target.model if target else "",
                stream=call.stream,
                status=status,
                error_kind=error_kind,
                error_message=message,
                request=call.raw,
                response=response,
                response_form=form if response else "none",
                response_truncated=self._truncated,
                tags=self._wishes.tags,
            ),
            then,
        )
        self._house.metrics.answered(status, error_kind)

    def _capture(self, data: bytes) -> None:
        """Keep a stream's bytes for the record, up to the limit."""
        room = self._house.settings.max_captured_bytes - self._captured_size
        if room <= 0:
            self._truncated = True
            return
        if len(data) > room:
            data = data[:room]
            self._truncated = True
        self._captured.append(data)
        self._captured_size += len(data)

    # ------------------------------------------------------------------ the caller

    def _reply(self, status: int, lines: list[bytes], body: bytes, failure: Exception | None) -> None:
        """Send a plain answer whole."""
        connection = self._connection
        self._leave()
        if connection is None:
            return
        if failure is not None:
            error = Unavailable("the provider answered, but the call could not be recorded; it may be sent again")
            status = error.status
            lines, body = reply.refusal(error)
        overhead = b"x-logwright-overhead-us: %d\r\n" % self._overhead(self._answered_at or time.perf_counter_ns())
        keep = self.request.keep_alive and not self._house.draining
        connection.write(reply.head(status, (*lines, overhead), length=len(body), keep_alive=keep) + body)
        connection.finished(keep_alive=keep)

    def _send_stream(self, data: bytes) -> None:
        """Send a piece of a stream, with the head before the first."""
        connection = self._connection
        if connection is None:
            return
        piece = data if self.request.http_1_0 else reply.chunk(data)
        connection.write(piece if self._head_sent else self._stream_head() + piece)

    def _stream_head(self) -> bytes:
        self._head_sent = True
        if self.request.http_1_0:
            self.request.keep_alive = False
            return b"".join((reply.status_line(200), *self._reply_lines, reply.GUARDS, reply.CLOSE, b"\r\n"))
        return reply.head(200, self._reply_lines, length=None, keep_alive=self.request.keep_alive)

    def _close_stream(self, last: bytes, failure: Exception | None) -> None:
        """Release the end of a stream."""
        if failure is not None:
            self._cut_stream(Unavailable("the answer could not be recorded"))
            return
        connection = self._connection
        self._leave()
        if connection is None:
            return
        pieces = [] if self._head_sent else [self._stream_head()]
        if last:
            pieces.append(last if self.request.http_1_0 else reply.chunk(last))
        if not self.request.http_1_0:
            pieces.append(reply.LAST_CHUNK)
        connection.write(b"".join(pieces))
        connection.finished(keep_alive=self.request.keep_alive)

    def _cut_stream(self, failure: Exception) -> None:
        """Tell amid a stream that it failed, and close without the mark of a complete body."""
        connection = self._connection
        self._leave()
        if connection is None:
            return
        error = failure if isinstance(failure, LogwrightError) else Unavailable("the answer could not be recorded")
        event = as_event(self._kind, error)
        connection.write(event if self.request.http_1_0 else reply.chunk(event))
        connection.handler = None
        connection.close()

    def _leave(self, _failure: Exception | None = None) -> None:
        """Let go of the caller and of the project's slot; a failed record has nobody left to be told."""
        self._connection = None
        if self._slot:
            self._house.release(self._slot)
            self._slot = ""

    # ------------------------------------------------------------------ as a handler of the connection

    def feed(self, data: bytes) -> None:
        """Nothing: an exchange begins when its body is whole."""

    def feed_end(self) -> None:
        """Nothing, for the same reason."""

    def client_gone(self) -> None:
        """Stop the provider at once and keep what had arrived."""
        self._connection = None
        if self._over:
            self._leave()
            return
        self._over = True
        if self._upstream is not None:
            self._upstream.cancel()
            self._upstream = None
        if self._recorded_call():
            self._record(
                error_kind="client_disconnected",
                message="the caller closed the connection before the answer was complete",
                form="sse" if self._relay is not None else "text",
                status=self._status,
                then=self._leave,
            )
        else:
            self._leave()

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
        settings = self._house.settings
        if self._house.now() >= self._stop_at:
            self._fail(
                "upstream_timeout", f"the provider's answer took over {settings.upstream_total_timeout:g} seconds"
            )
        elif self._paused:
            self._expect(self._stop_at)
        elif self._first_byte_at is None:
            self._fail(
                "upstream_timeout",
                f"the provider did not begin its answer within {settings.upstream_first_byte_timeout:g} seconds",
            )
        else:
            self._fail(
                "upstream_timeout",
                f"the provider's answer brought nothing new for {settings.upstream_idle_timeout:g} seconds",
            )

    def _progress(self) -> None:
        house = self._house
        self._expect(house.now() + house.settings.upstream_idle_timeout)

    def _expect(self, moment: float) -> None:
        """Set the moment by which something must have come."""
        if self._connection is not None:
            self._connection.deadline = min(moment, self._stop_at)

    # ------------------------------------------------------------------ small things

    def _id_lines(self, *, named: bool) -> bytes:
        """Return the headers that name the call; `named` when the provider's own request id is passed on already."""
        log_id = self._log_id.encode()
        line = b"x-logwright-log-id: %b\r\n" % log_id
        return line if named else b"x-request-id: %b\r\n%b" % (log_id, line)

    def _overhead(self, answered: int) -> int:
        """Return the microseconds that were ours: all the time but that between asking and the answer."""
        now = time.perf_counter_ns()
        waited = answered - self._asked_at if self._asked_at else 0
        return (now - self._started - waited) // 1000

    def _too_large(self) -> str:
        return f"the provider's answer is over {self._house.settings.max_answer_bytes} bytes"


def _passed(headers: list[tuple[bytes, bytes]], names: frozenset[str]) -> bytes:
    """Return the caller's headers that belong to the provider's API, and Anthropic's version when it is missing."""
    lines = [b"%b: %b\r\n" % (name, value) for name, value in headers if name.decode("latin-1") in names]
    if "anthropic-version" in names and not any(name == b"anthropic-version" for name, _ in headers):
        lines.append(b"anthropic-version: 2023-06-01\r\n")
    return b"".join(lines)
