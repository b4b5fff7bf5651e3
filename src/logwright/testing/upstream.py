"""A provider to test against: a real HTTP/1.1 server on a socket that answers as it is told.

It speaks OpenAI's chat, completions, embeddings, responses and models, and
Anthropic's messages, streamed or not. In a test it runs in a thread and keeps
what it received; for benchmarks it runs alone: `python -m logwright.testing.upstream --port 9000`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Self

import uvloop

from logwright.testing.answers import Door, Said, ToolCall
from logwright.testing.connection import Call, Cancelled, Connection, Script, read_headers
from logwright.testing.faults import FAULTS

__all__ = ["Call", "Cancelled", "FakeUpstream", "Said", "Script", "ToolCall"]

_LONGEST_WAIT: Final = 10.0


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
        self._open: set[Connection] = set()
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
        self._run(self._stop_listening)

    def accept(self) -> None:
        """Listen again, on the same port."""
        self._run(self._listen)

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

    @property
    def streamed_bytes(self) -> Sequence[int]:
        """How much has been sent over each open connection that carried a stream or a fault."""
        return sorted(connection.sent for connection in list(self._open) if connection.sent)

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
        try:
            listener.bind((self._host, self._port))
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), sock=listener, backlog=4096)

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._open):
            connection.reset()
        await asyncio.sleep(0)

    def _run(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._loop is None:
            raise RuntimeError("The upstream is not running; call start() first")
        asyncio.run_coroutine_threadsafe(work(), self._loop).result(_LONGEST_WAIT)

    # -------------------------------------------------------------- used by the connections

    def opened(self, connection: Connection) -> int:
        """Note a new connection."""
        self._open.add(connection)
        self._connections += 1
        self.most_open = max(self.most_open, len(self._open))
        return self._connections

    def closed(self, connection: Connection) -> None:
        """Note the end of a connection."""
        self._open.discard(connection)

    def received(self, method: str, path: str, head: bytes, body: bytes, connection: int) -> tuple[int, Call | None]:
        """Note a whole request."""
        self._numbers += 1
        if not self._record:
            return self._numbers, None
        call = Call(
            number=self._numbers,
            method=method,
            path=path,
            raw_headers=read_headers(head),
            body=body,
            at=time.monotonic(),
            connection=connection,
        )
        with self._changed:
            self._calls.append(call)
            self._changed.notify_all()
        return call.number, call

    def script(self, door: Door, request: Mapping[str, Any], number: int) -> Script:
        """Say how a call is to be answered: as the responder decides, or as scripted."""
        if self._respond is not None:
            return self._respond(door, request, number)
        with self._changed:
            if not self._scripts:
                return self._default
            return self._scripts.popleft() if len(self._scripts) > 1 else self._scripts[0]

    def left(self, call: Call) -> None:
        """Note that a client left early."""
        with self._changed:
            self._cancelled.append(Cancelled(call=call, at=time.monotonic()))
            self._changed.notify_all()


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
