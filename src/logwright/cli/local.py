"""The HTTP API without a server: the same application, in this process, over a data folder.

`httpx2.ASGITransport` gathers an answer before it hands it over (2.16), which an
export of any size and a live tail cannot bear; `InProcess` passes pieces on as
the application sends them and lets it run at most a few pieces ahead.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final

import httpx2

from logwright.settings import Settings, environment

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message

_PIECES_AHEAD: Final = 8
"""How many pieces of an answer may wait for the command to read them."""

_MOST_BYTES: Final = 1 << 30

_END: Final = b""
"""Ends an answer in the queue of pieces; empty pieces are never queued otherwise."""


@contextmanager
def open_local(settings: Settings, *, producer: str | None = None) -> Iterator[tuple[InProcess, str]]:
    """Open the application over the data folder; yields the transport to it and the key that it trusts.

    It records into the journal of `producer`, or refuses to where that is None.

    The folder is made when it is not there; the admin key and the project
    `default` of a first start are not, so that the server's start shows them. The log store's process is that of
    the server that runs over the folder; else one is started when it is first
    asked, and ends with the block.
    """
    # The limit guards a server against strangers, and here is only the operator's own command.
    most = max(settings.max_body_bytes, _MOST_BYTES)
    settings = dataclasses.replace(settings, data=settings.data.absolute(), max_body_bytes=most)
    key = secrets.token_urlsafe(32)  # lives as long as this process and is accepted nowhere else

    @asynccontextmanager
    async def assemble() -> AsyncIterator[ASGIApp]:
        from logwright.http.app import build_app
        from logwright.http.services import open_services

        async with AsyncExitStack() as opened:
            starting = asyncio.Lock()
            started = False

            async def start_store() -> None:
                from logwright.logs.store.process import ensure_store

                nonlocal started
                async with starting:
                    if not started:
                        await opened.enter_async_context(ensure_store(settings.data, environment(settings)))
                        started = True

            services = await opened.enter_async_context(
                open_services(settings, producer=producer, before_store=start_store)
            )
            yield build_app(dataclasses.replace(services, local_admin=key))

    with in_process(assemble) as transport:
        yield transport, key


@contextmanager
def in_process(assemble: Callable[[], AbstractAsyncContextManager[ASGIApp]]) -> Iterator[InProcess]:
    """Run an ASGI application on a loop in a thread of its own, for the length of a `with` block.

    `assemble` is entered and left on that loop, so what it opens may belong to the loop.

    Raises:
        Exception: whatever kept the application from starting, as it was raised there.
    """
    transport = InProcess(assemble)
    transport.start()
    try:
        yield transport
    finally:
        transport.stop()


class InProcess(httpx2.BaseTransport):
    """Carries the requests of a synchronous client to an application on another thread's loop."""

    # A client enters and closes its transport; several may use this one, so only `start` and `stop` do anything.

    def __init__(self, assemble: Callable[[], AbstractAsyncContextManager[ASGIApp]]) -> None:
        self._assemble = assemble
        self._ready: Future[ASGIApp] = Future()
        self._thread = threading.Thread(target=self._run, name="logwright-local", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    def start(self) -> None:
        """Start the application and wait until it can be called."""
        self._thread.start()
        self._app = self._ready.result()

    def stop(self) -> None:
        """Close the application and wait until it is closed."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; the answer's body is read from the application as it comes."""
        call: _Call = self._wait(lambda: self._begin(request))
        try:
            status, headers = self._wait(call.head)
        except BaseException:
            self._wait(call.close)
            raise
        return httpx2.Response(status, headers=headers, stream=_Pieces(self._wait, call), request=request)

    async def _begin(self, request: httpx2.Request) -> _Call:
        return _Call(self._app, request)

    def _wait(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run a coroutine on the loop and wait for it here; an interrupt ends it there too.

        It is also made there: an interrupt may fall between any two steps of this thread, and would leave behind a
        coroutine that nobody awaits.
        """
        outcome: Future[Any] = Future()
        begun: list[asyncio.Task[Any]] = []

        def begin() -> None:
            begun.append(self._loop.create_task(work()))
            begun[0].add_done_callback(lambda task: _pass_on(task, outcome))

        def end() -> None:
            for task in begun:
                task.cancel()

        try:
            self._loop.call_soon_threadsafe(begin)
            return outcome.result()
        except BaseException:
            self._loop.call_soon_threadsafe(end)
            raise

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            else:
                raise

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with self._assemble() as app:
            self._ready.set_result(app)
            await self._stop.wait()


def _pass_on(task: asyncio.Task[Any], outcome: Future[Any]) -> None:
    """Tell the waiting thread how a task ended."""
    if task.cancelled():
        outcome.set_exception(CancelledError())
    elif (error := task.exception()) is not None:
        outcome.set_exception(error)
    else:
        outcome.set_result(task.result())


class _Call:
    """One request on its way through the application; lives on the loop."""

    def __init__(self, app: ASGIApp, request: httpx2.Request) -> None:
        self._body: bytes | None = request.read()
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue(_PIECES_AHEAD)
        self._head: asyncio.Future[tuple[int, list[tuple[bytes, bytes]]]] = asyncio.get_running_loop().create_future()
        self._gone = asyncio.Event()
        self._ended = False
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 0),
            "root_path": "",
            "state": {},
        }
        self._task = asyncio.create_task(self._run(app, scope))

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Wait for the status and the headers."""
        return await self._head

    async def piece(self) -> bytes:
        """Wait for the next piece of the body; empty when it has ended.

        Raises:
            Exception: what the application raised amid its answer.
        """
        if self._ended:
            return _END
        found = await self._pieces.get()
        if found == _END:
            self._ended = True
            await self._task
        return found

    async def close(self) -> None:
        """Tell the application that nobody listens any more, and see it end."""
        self._gone.set()
        if not self._task.done():
            self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):  # it had its say in `head` or `piece`
            await self._task

    async def _run(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._send)
        except Exception as error:
            if self._head.done():
                raise
            self._head.set_exception(error)
        finally:
            if not self._gone.is_set():
                await self._pieces.put(_END)

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head.set_result((message["status"], list(message.get("headers", ()))))
        elif message["type"] == "http.response.body" and message.get("body"):
            await self._pieces.put(bytes(message["body"]))


class _Pieces(httpx2.SyncByteStream):
    """The body of an answer, for the synchronous side."""

    def __init__(self, wait: Callable[[Any], Any], call: _Call) -> None:
        self._wait = wait
        self._call = call

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._wait(self._call.piece):
            yield piece

    def close(self) -> None:
        with contextlib.suppress(CancelledError):
            self._wait(self._call.close)
