"""The application in this process behaves as one behind a socket would."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TYPE_CHECKING

import httpx2
import pytest

from logwright.cli.local import InProcess, in_process

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def over(app: ASGIApp) -> AbstractContextManager[InProcess]:
    @asynccontextmanager
    async def assemble() -> AsyncIterator[ASGIApp]:
        yield app

    return in_process(assemble)


async def begin(send: Send, status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"x-kind", b"test")]})


async def piece(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


def test_a_request_arrives_whole_and_its_answer_returns() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        await begin(send, 201)
        shown = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} {message['body'].decode()}"
        await piece(send, shown.encode(), more=False)

    with over(app) as transport, httpx2.Client(transport=transport, base_url="http://localhost") as client:
        reply = client.post("/a%20b", params={"q": "1"}, json={"x": 2})
    assert reply.status_code == 201
    assert reply.headers["x-kind"] == "test"
    assert reply.text == 'POST /a b q=1 {"x":2}'


def test_pieces_arrive_while_the_application_still_works() -> None:
    go_on = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        import asyncio

        await begin(send)
        await piece(send, b"first")
        await asyncio.to_thread(go_on.wait, 10)
        await piece(send, b"second", more=False)

    with (
        over(app) as transport,
        httpx2.Client(transport=transport, base_url="http://localhost") as client,
        client.stream("GET", "/") as reply,
    ):
        pieces = reply.iter_bytes()
        assert next(pieces) == b"first"
        go_on.set()
        assert list(pieces) == [b"second"]


def test_the_application_is_held_back_by_a_slow_reader() -> None:
    sent: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await begin(send)
        for number in range(100):
            await piece(send, b"x" * 10)
            sent.append(number)

    with (
        over(app) as transport,
        httpx2.Client(transport=transport, base_url="http://localhost") as client,
        client.stream("GET", "/") as reply,
    ):
        pieces = reply.iter_bytes()
        next(pieces)
        assert len(sent) < 20
        assert len(list(pieces)) == 99


def test_leaving_an_endless_answer_ends_the_application() -> None:
    ended = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await begin(send)
        try:
            while True:
                await piece(send, b"more")
        finally:
            ended.set()

    with over(app) as transport, httpx2.Client(transport=transport, base_url="http://localhost") as client:
        with client.stream("GET", "/") as reply:
            assert next(reply.iter_bytes()) == b"more"
        assert ended.is_set()


@pytest.mark.parametrize("after_head", [False, True])
def test_what_the_application_raises_reaches_the_caller(after_head: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if after_head:
            await begin(send)
        raise RuntimeError("broken on purpose")

    with (
        over(app) as transport,
        httpx2.Client(transport=transport, base_url="http://localhost") as client,
        pytest.raises(RuntimeError, match="broken on purpose"),
    ):
        client.get("/")


def the_application_of(name: str) -> ASGIApp:
    raise OSError(name)


def test_what_keeps_it_from_starting_is_raised_at_the_door() -> None:
    @asynccontextmanager
    async def assemble() -> AsyncIterator[ASGIApp]:
        yield the_application_of("no such folder")

    with pytest.raises(OSError, match="no such folder"), in_process(assemble):
        pass


INTERRUPTED = """
import asyncio, signal, sys
from contextlib import asynccontextmanager
import httpx2
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it, and so would we
from logwright.cli.local import in_process

async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    print("begun", flush=True)
    await asyncio.Event().wait()

@asynccontextmanager
async def assemble():
    yield app

try:
    with in_process(assemble) as transport, httpx2.Client(transport=transport, base_url="http://localhost") as client:
        client.get("/")
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_an_interrupt_ends_a_waiting_command_without_a_word() -> None:
    with subprocess.Popen(
        [sys.executable, "-X", "dev", "-c", INTERRUPTED], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "")
