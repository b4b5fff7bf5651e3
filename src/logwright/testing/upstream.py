"""A provider to test against: a real HTTP/1.1 server on a socket that answers as it is told.

It speaks OpenAI's chat, completions, embeddings, responses and models, and
Anthropic's messages, streamed or not. In a test it runs in a thread and keeps
what it received; for benchmarks it runs alone: `python -m logwright.testing.upstream --port 9000`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any, Final, Self, cast

import uvloop

from logwright.testing.answers import DOORS, Door, Said, ToolCall, answer, dumps, stream
from logwright.testing.faults import FAULTS, PREFIX, break_off

_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_LONGEST_WAIT: Final = 10.0


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


class FakeUpstream:
    """A provider in a thread; use it as a context manager or call `start` and `stop`.

    Answers given by `answers` are used one a call, in order; the last one stays in force. A model named `fault-NAME`
    gets that fault (`faults.FAULTS`) whatever the script says.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        record: bool = True,
        default: Script | None = None,
        respond: Callable[[Door, Mapping[str, Any], int], Script] | None = None,
    ) -> None:
        """Prepare; nothing listens before `start`.

        `respond` decides each answer from the request instead of the script. Without `record` nothing of what is
        received is kept, and no script can be given: for benchmarks and demonstrations.
        """
        self._host = host
        self._port = port
        self._record = record
        self._default = default or Script()
        self._respond = respond
        self._scripts: deque[Script] = deque()
        self._changed = threading.Condition()
        self._calls: list[Call] = []
        self._cancelled: list[Cancelled] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self._connections = 0
        self._numbers = 0
        self.most_open = 0
        """The most connections that were open at once."""

    # -------------------------------------------------------------- scripting

    def answers(
        self,
        *,
        text: str | None = None,
        chunks: Sequence[str] = (),
        tool_calls: Sequence[ToolCall] = (),
        usage: Mapping[str, Any] | None = None,
        said: Said | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        delay: timedelta | float = 0.0,
        interval: timedelta | float = 0.0,
        fault: str = "",
        **more: Any,
    ) -> Self:
        """Answer the next call so; the last answer given stays in force for all that follow.

        `delay` is the time before the headers, `interval` that before each event of a stream. `more` are further
        fields of `answers.Said`, such as `finish`, `reasoning` or `input_tokens`.
        """
        if said is None:
            if text is not None:
                more["text"] = text
            said = Said(chunks=chunks, tool_calls=tool_calls, usage=usage, **more)
        if fault and fault not in FAULTS:
            raise ValueError(f"There is no fault {fault!r}; there are {', '.join(sorted(FAULTS))}")
        script = Script(
            said=said,
            status=status,
            headers=headers or {},
            body=body,
            delay=_seconds(delay),
            interval=_seconds(interval),
            fault=fault,
        )
        with self._changed:
            self._scripts.append(script)
        return self

    def fails(self, fault: str) -> Self:
        """Answer the next call with a fault of `faults.FAULTS`."""
        return self.answers(fault=fault)

    def clear(self) -> None:
        """Forget the script and what was received."""
        with self._changed:
            self._scripts.clear()
            self._calls.clear()
            self._cancelled.clear()

    def refuse(self) -> None:
        """Stop listening, so that connecting is refused, and reset what is open; `accept` ends it."""
        self._run(self._stop_listening())

    def accept(self) -> None:
        """Listen again, on the same port."""
        self._run(self._listen())

    # -------------------------------------------------------------- what happened

    @property
    def calls(self) -> Sequence[Call]:
        """What was received so far."""
        with self._changed:
            return tuple(self._calls)

    @property
    def cancelled(self) -> Sequence[Cancelled]:
        """The calls whose client left early."""
        with self._changed:
            return tuple(self._cancelled)

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        return len(self._open)

    def wait_for_calls(self, count: int, timeout: float = _LONGEST_WAIT) -> Sequence[Call]:
        """Return the calls as soon as there are `count`."""
        self._wait(lambda: len(self._calls) >= count, timeout, lambda: f"{len(self._calls)} of {count} calls came")
        return self.calls

    def wait_for_cancelled(self, count: int = 1, timeout: float = _LONGEST_WAIT) -> Sequence[Cancelled]:
        """Return the calls that were left early as soon as there are `count`."""
        self._wait(
            lambda: len(self._cancelled) >= count, timeout, lambda: f"{len(self._cancelled)} of {count} calls were left"
        )
        return self.cancelled

    def _wait(self, ready: Callable[[], bool], timeout: float, said: Callable[[], str]) -> None:
        with self._changed:
            if not self._changed.wait_for(ready, timeout):
                raise TimeoutError(f"After {timeout} s, {said()}")

    # -------------------------------------------------------------- running

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://{self._host}:{self._port}"

    @property
    def base_url(self) -> str:
        """The address for OpenAI's clients; Anthropic's want `url`."""
        return self.url + "/v1"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    def start(self) -> Self:
        """Listen, and serve in a thread until `stop`."""
        ready = threading.Event()
        failed: list[BaseException] = []

        def serve() -> None:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                self._loop = runner.get_loop()
                try:
                    runner.run(self._listen())
                except OSError as error:
                    failed.append(error)
                    return
                finally:
                    ready.set()
                self._loop.run_forever()
                runner.run(self._stop_listening())

        self._thread = threading.Thread(target=serve, name="fake-upstream", daemon=True)
        self._thread.start()
        ready.wait()
        if failed:
            raise failed[0]
        return self

    def stop(self) -> None:
        """Stop listening, drop what is open, end the thread."""
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_LONGEST_WAIT)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def serve(self) -> None:
        """Serve on the running loop until cancelled."""
        await self._listen()
        try:
            await asyncio.Event().wait()
        finally:
            await self._stop_listening()

    async def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self._host, self._port))
        self._port = listener.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), sock=listener, backlog=4096)

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._open):
            connection.reset()
        await asyncio.sleep(0)

    def _run(self, work: Any) -> None:
        if self._loop is None:
            raise RuntimeError("The upstream is not running; call start() first")
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_LONGEST_WAIT)

    # -------------------------------------------------------------- used by the connections

    def _opened(self, connection: _Connection) -> int:
        self._open.add(connection)
        self._connections += 1
        self.most_open = max(self.most_open, len(self._open))
        return self._connections

    def _closed(self, connection: _Connection) -> None:
        self._open.discard(connection)

    def _received(
        self, method: str, path: str, head: bytes, body: bytes, connection: int
    ) -> tuple[int, Call | None, Script]:
        self._numbers += 1
        if not self._record:
            return self._numbers, None, self._default
        call = Call(
            number=self._numbers,
            method=method,
            path=path,
            raw_headers=_headers(head),
            body=body,
            at=time.monotonic(),
            connection=connection,
        )
        with self._changed:
            self._calls.append(call)
            if not self._scripts:
                script = self._default
            else:
                script = self._scripts.popleft() if len(self._scripts) > 1 else self._scripts[0]
            self._changed.notify_all()
        return call.number, call, script

    def _left(self, call: Call) -> None:
        with self._changed:
            self._cancelled.append(Cancelled(call=call, at=time.monotonic()))
            self._changed.notify_all()


class _Connection(asyncio.Protocol):
    """One client: reads requests one after another and answers each. Also the `Wire` that faults act on."""

    def __init__(self, upstream: FakeUpstream) -> None:
        self._upstream = upstream
        self._held = b""
        self._task: asyncio.Task[None] | None = None
        self._call: Call | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self.authorization = ""
        self.streamed = False
        self.whole = b""
        self.events: list[bytes] = []

    # -------------------------------------------------------------- transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._number = self._upstream._opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._upstream._closed(self)
        self._writable.set()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._call is not None:
            self._upstream._left(self._call)
            self._call = None

    def eof_received(self) -> bool:
        return False  # a client that will send no more has left: HTTP clients do not half-close

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._held = self._held + data if self._held else data
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
        number, call, script = self._upstream._received(method, path, head, body, self._number)
        self._answer(method, path, body, number, call, script)
        return True

    def _answer(self, method: str, path: str, body: bytes, number: int, call: Call | None, script: Script) -> None:
        request: dict[str, Any] = {}
        with contextlib.suppress(ValueError):
            parsed = json.loads(body) if body else {}
            request = parsed if isinstance(parsed, dict) else {}
        route = path.partition("?")[0]
        door = next((door for end, door in DOORS.items() if route.endswith(end)), None)
        if door is None or (method == "GET") != (door == "models"):
            missing = {"message": f"Unknown request URL: {method} {path}", "type": "invalid_request_error"}
            self._write(404, dumps({"error": {**missing, "param": None, "code": "unknown_url"}}), {})
            return
        model = request.get("model")
        fault = script.fault
        if isinstance(model, str) and model.startswith(PREFIX):
            fault = model.removeprefix(PREFIX)
        if self._upstream._respond is not None:
            script = self._upstream._respond(door, request, number)
        self.streamed = request.get("stream") is True
        events = self.streamed and script.body is None and script.status < 400
        if not fault and not script.delay and not events:
            self._write(script.status, self._body(door, script, request, number), script.headers)
            return
        self._call = call
        self._task = asyncio.get_running_loop().create_task(self._play(door, script, request, number, fault))

    def _body(self, door: Door, script: Script, request: Mapping[str, Any], number: int) -> bytes:
        if script.body is not None:
            return script.body
        if script.status >= 400:
            return _error(door, script)
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
            await self.head("200 OK", content_type="text/event-stream", transfer_encoding="chunked", **script.headers)
            for event in stream(door, script.said, request, number):
                await asyncio.sleep(script.interval)
                await self.send(b"%x\r\n%b\r\n" % (len(event), event))
            await self.send(b"0\r\n\r\n")
        else:
            self._write(script.status, self._body(door, script, request, number), script.headers)
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
            self.authorization = self._call.headers.get("authorization") or self._call.headers.get("x-api-key", "")
        await found(self)

    # -------------------------------------------------------------- the wire, for faults

    async def send(self, data: bytes) -> None:
        """Put bytes on the wire, waiting while the client does not read."""
        self._transport.write(data)
        if not self._writable.is_set():
            await self._writable.wait()

    async def head(self, status: str = "200 OK", **headers: str) -> None:
        """Send a status line and headers; without any, those of the healthy answer's form."""
        if not headers:
            headers = (
                {"content_type": "text/event-stream", "transfer_encoding": "chunked"}
                if self.streamed
                else {"content_type": "application/json", "content_length": str(len(self.whole))}
            )
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


def _headers(head: bytes) -> list[tuple[str, str]]:
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


def _error(door: Door, script: Script) -> bytes:
    text = script.said.text or "It failed"
    if door == "messages":
        return dumps({"type": "error", "error": {"type": "api_error", "message": text}})
    return dumps({"error": {"message": text, "type": "server_error", "param": None, "code": None}})


def _seconds(span: timedelta | float) -> float:
    return span.total_seconds() if isinstance(span, timedelta) else float(span)


def main() -> None:
    """Run alone until interrupted, keeping nothing of what is received."""
    parser = argparse.ArgumentParser(prog="python -m logwright.testing.upstream", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--interval", type=float, default=0.0, help="seconds before each event of a stream")
    parser.add_argument("--text-bytes", type=int, default=0, help="length of the answer's text")
    parser.add_argument("--chunks", type=int, default=0, help="pieces of a stream's text, in place of --text-bytes")
    chosen = parser.parse_args()
    said = Said(text="a" * chosen.text_bytes, chunks=["word "] * chosen.chunks)
    if not chosen.chunks:
        said = Said(text="a" * chosen.text_bytes) if chosen.text_bytes else Said()
    default = Script(said=said, interval=chosen.interval)
    upstream = FakeUpstream(host=chosen.host, port=chosen.port, record=False, default=default)
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(upstream.serve())


if __name__ == "__main__":
    main()
