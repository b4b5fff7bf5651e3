"""One connection of the fake upstream: reads requests one after another and answers each as its script says.

A small HTTP/1.1 parser of our own: a test double must also send what no HTTP library would.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Protocol, cast

from logwright.errors import LogwrightError
from logwright.testing.answers import DOORS, Door, Said, answer, stream
from logwright.testing.events import dumps
from logwright.testing.fault_wire import break_off
from logwright.testing.faults import FAULTS, PREFIX
from logwright.testing.media_answers import PIECE_BYTES, sound, sound_type, transcript
from logwright.testing.native_paths import completed, error, stream_type
from logwright.wire.multipart import parts

EVENTS: Final = "text/event-stream"

_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it arrived."""

    number: int
    """Counts from 1 over all connections."""
    method: str
    path: str
    raw_headers: Sequence[tuple[str, str]]
    """Names in lower case, in the order sent."""
    body: bytes
    at: float
    """`time.monotonic()` when its last byte had come."""
    connection: int
    """Counts from 1; calls that share a connection share the number."""

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Headers by name in lower case; of a repeated one the last."""
        return dict(self.raw_headers)

    @cached_property
    def json(self) -> Any:
        """The body parsed."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """A call whose client left before it had the whole answer."""

    call: Call
    at: float
    """`time.monotonic()` when the connection was seen to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How one call is answered."""

    said: Said = field(default_factory=Said)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """Sent as it is, instead of what `said` makes."""
    delay: float = 0.0
    """Seconds before the headers."""
    interval: float = 0.0
    """Seconds before each event of a stream."""
    fault: str = ""


class Host(Protocol):
    """What a connection asks of, and tells, the server it belongs to."""

    def opened(self, connection: Connection) -> int:
        """Note a new connection; returns its number."""

    def closed(self, connection: Connection) -> None:
        """Note its end."""

    def received(self, method: str, path: str, head: bytes, body: bytes, connection: int) -> tuple[int, Call | None]:
        """Note a whole request; returns its number, and the call where they are kept."""

    def script(self, door: Door, request: Mapping[str, Any], number: int) -> Script:
        """Say how a call is to be answered."""

    def left(self, call: Call) -> None:
        """Note that a client left before it had its answer."""


class Connection(asyncio.Protocol):
    """One client: reads requests one after another and answers each. Also the `Wire` that faults act on."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._held = b""
        self._pieces: list[bytes] = []
        self._arrived = self._wanted = 0
        self._task: asyncio.Task[None] | None = None
        self._call: Call | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self.sent = 0
        """Bytes put on the wire by `send`: of streams and of faults."""
        self.authorization = ""
        self.streamed = False
        self._stream_type = EVENTS
        self.whole = b""
        self.events: list[bytes] = []

    # -------------------------------------------------------------- transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._number = self._host.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, noting the call that was still being answered."""
        del exc
        self._host.closed(self)
        self._writable.set()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._call is not None:
            self._host.left(self._call)
            self._call = None

    def eof_received(self) -> bool:
        """Take a half-closed connection for closed."""
        return False  # HTTP clients do not half-close: one that will send no more has left

    def pause_writing(self) -> None:
        """Wait: the client is not reading."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on: the client reads again."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Take bytes and answer the requests they complete, one at a time."""
        self._arrived += len(data)
        if self._arrived < self._wanted:
            self._pieces.append(data)  # joined when the body is whole: a large one comes in hundreds of pieces
            return
        self._held = b"".join((self._held, *self._pieces, data))
        self._pieces.clear()
        self._wanted = 0
        while self._task is None and self._held and self._take():
            pass

    # -------------------------------------------------------------- requests

    def _take(self) -> bool:
        """Take one whole request off what is held and answer it; False when it is not whole yet."""
        held = self._held
        end = held.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = held[:end]
        lower = head.lower()
        start = end + 4
        at = lower.find(b"\r\ncontent-length:")
        if at >= 0:
            stop = lower.find(b"\r\n", at + 2)
            length = int(lower[at + 17 : stop if stop >= 0 else end])
            if len(held) < start + length:
                if b"100-continue" in lower:
                    self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                self._wanted, self._arrived = start + length, len(held)
                return False
            body = held[start : start + length]
            self._held = held[start + length :]
        elif b"\r\ntransfer-encoding: chunked" in lower:
            read = _dechunk(held, start)
            if read is None:
                return False
            body, stop = read
            self._held = held[stop:]
        else:
            body = b""
            self._held = held[start:]
        method, path, _ = head[: head.find(b"\r\n")].decode("latin-1").split(" ", 2)
        number, call = self._host.received(method, path, head, body, self._number)
        self._answer(method, path, body, number, call)
        return True

    def _answer(self, method: str, path: str, body: bytes, number: int, call: Call | None) -> None:
        route = path.partition("?")[0]
        request = completed(route, _read_request(body))
        lower = route.lower()
        door = next((door for end, door in DOORS.items() if lower.endswith(end)), None)
        if door is None or (method == "GET") != (door == "models"):
            missing = {"message": f"Unknown request URL: {method} {path}", "type": "invalid_request_error"}
            self._write(404, dumps({"error": {**missing, "param": None, "code": "unknown_url"}}), {})
            return
        script = self._host.script(door, request, number)
        model = request.get("model")
        fault = script.fault
        if isinstance(model, str) and model.startswith(PREFIX):
            fault = model.removeprefix(PREFIX)
        self.streamed = request.get("stream") is True or request.get("stream_format") == "sse"
        self._stream_type = stream_type(door)
        plays = script.body is None and script.status < 400
        events = plays and (self.streamed or door == "speech")
        if not fault and not script.delay and not events:
            self._write(script.status, self._body(door, script, request, number), _headers(door, script, request))
            return
        self._call = call
        self._task = asyncio.get_running_loop().create_task(self._play(door, script, request, number, fault))

    def _body(self, door: Door, script: Script, request: Mapping[str, Any], number: int) -> bytes:
        if script.body is not None:
            return script.body
        if script.status >= 400:
            return dumps(error(door, script.status, script.said.text or "It failed"))
        if door in {"transcriptions", "translations"} and (text := transcript(script.said, request)):
            return text[0]
        return dumps(answer(door, script.said, request, number))

    def _write(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        extra = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        kind = "" if "content-type" in extra.lower() else "content-type: application/json\r\n"
        head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}\r\n{kind}content-length: {len(body)}\r\n{extra}\r\n"
        self._transport.write(head.encode("latin-1") + body)

    async def _play(self, door: Door, script: Script, request: dict[str, Any], number: int, fault: str) -> None:
        """Answer with delays, as a stream or with a fault; ends early when the client leaves."""
        if script.delay:
            await asyncio.sleep(script.delay)
        if fault:
            await self._misbehave(fault, door, script, request, number)
        elif self.streamed and script.body is None and script.status < 400:
            await self.head("200 OK", content_type=EVENTS, transfer_encoding="chunked", **script.headers)
            for event in stream(door, script.said, request, number):
                await asyncio.sleep(script.interval)
                await self.send(b"%x\r\n%b\r\n" % (len(event), event))
            await self.send(b"0\r\n\r\n")
        elif door == "speech" and script.body is None and script.status < 400:
            whole = sound(script.said, request)
            await self.head("200 OK", content_type=sound_type(request), transfer_encoding="chunked", **script.headers)
            for at in range(0, len(whole), PIECE_BYTES):
                await asyncio.sleep(script.interval)
                piece = whole[at : at + PIECE_BYTES]
                await self.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            await self.send(b"0\r\n\r\n")
        else:
            self._write(script.status, self._body(door, script, request, number), _headers(door, script, request))
        self._call = None
        self._task = None
        if self._held:
            self.data_received(b"")

    async def _misbehave(self, fault: str, door: Door, script: Script, request: dict[str, Any], number: int) -> None:
        found: Callable[[Any], Awaitable[None]] | None = FAULTS.get(fault)
        if found is None:
            self._write(400, dumps({"error": {"message": f"There is no fault {fault!r}"}}), {})
            return
        self.whole = dumps(answer(door, script.said, request, number))
        self.events = stream(door, script.said, request, number)
        if self._call is not None:
            shown = (self._call.headers.get(name) for name in ("authorization", "x-api-key", "x-goog-api-key"))
            self.authorization = next(filter(None, shown), "")
        await found(self)

    # -------------------------------------------------------------- the wire, for faults

    async def send(self, data: bytes) -> None:
        """Put bytes on the wire, waiting while the client does not read; once it has left, until we are told so."""
        self._transport.write(data)
        self.sent += len(data)
        if self._transport.is_closing():
            await asyncio.get_running_loop().create_future()  # `connection_lost` cancels us
        if not self._writable.is_set():
            await self._writable.wait()

    async def head(self, status: str = "200 OK", **headers: str) -> None:
        """Send a status line and headers; without any, those of the healthy answer's form."""
        if not headers:
            headers = (
                {"content_type": EVENTS, "transfer_encoding": "chunked"}
                if self.streamed
                else {"content_type": "application/json", "content_length": str(len(self.whole))}
            )
        if headers.get("content_type") == EVENTS:
            headers["content_type"] = self._stream_type
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        await self.send(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode("latin-1"))

    def reset(self) -> None:
        """Break the connection."""
        self._call = None
        break_off(self._transport)

    def close(self) -> None:
        """End the connection in order."""
        self._call = None
        self._transport.close()


def _read_request(body: bytes) -> dict[str, Any]:
    """Read JSON, or the fields of a form, its files by their size; empty for anything else."""
    if body.startswith(b"--"):
        with contextlib.suppress(LogwrightError):
            found = parts(body, body[2 : body.find(b"\r\n")])
            fields = {
                part.name: body[part.start : part.end].decode() if part.filename is None else part.end - part.start
                for part in found
            }
            return {**fields, "stream": fields.get("stream") == "true", "n": int(fields.get("n", 1))}
    with contextlib.suppress(ValueError):
        parsed = json.loads(body) if body else {}
        return parsed if isinstance(parsed, dict) else {}
    return {}


def _headers(door: Door, script: Script, request: Mapping[str, Any]) -> Mapping[str, str]:
    """Add the content type of a transcript that is no JSON."""
    if door in {"transcriptions", "translations"} and script.body is None and script.status < 400:
        text = transcript(script.said, request)
        return script.headers if text is None else {**script.headers, "content-type": text[1]}
    return script.headers


def read_headers(head: bytes) -> list[tuple[str, str]]:
    """Read names (in lower case) and values off a request's head."""
    found = []
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        found.append((name.strip().lower(), value.strip()))
    return found


def _dechunk(held: bytes, at: int) -> tuple[bytes, int] | None:
    """Read a chunked body from `at`; return it and where it ends, None when it is not whole."""
    body = b""
    while True:
        line = held.find(b"\r\n", at)
        if line < 0:
            return None
        size = int(held[at:line].partition(b";")[0], 16)
        at = line + 2 + size + 2
        if len(held) < at:
            return None
        if size == 0:
            return body, at
        body += held[line + 2 : at - 2]
