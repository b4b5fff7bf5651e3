"""A gateway worker in a thread: real sockets, a real journal, a provider that does as it is told."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import uvloop

from logwright.addresses import AllowList
from logwright.errors import NotFound
from logwright.gateway.house import House
from logwright.gateway.metrics import Metrics
from logwright.gateway.protocol import Connection
from logwright.journal import JournalWriter
from logwright.logs.record import Kind, LogRecord
from logwright.logs.recorder import Recorder
from logwright.models.types import ProviderKind, Target
from logwright.projects.types import Principal, Scope, Secret
from logwright.settings import Settings
from logwright.testing.upstream import FakeUpstream

KEY: Final = "a-key-that-writes"
READ_KEY: Final = "a-key-that-reads"
ADMIN_KEY: Final = "the-admin-key"
UPSTREAM_KEY: Final = "sk-upstream-0123456789"
PATIENCE: Final = 10.0


class Keys:
    """Knows three keys."""

    def find(self, key: str | bytes) -> Principal | None:
        text = key.decode() if isinstance(key, bytes) else key
        return {
            KEY: Principal(key_id="key_1", project_id="prj_1", scope=Scope.WRITE),
            READ_KEY: Principal(key_id="key_2", project_id="prj_1", scope=Scope.READ),
            ADMIN_KEY: Principal(key_id="key_3", project_id=None, scope=Scope.ADMIN),
        }.get(text)


class Models:
    """Sends every model to one provider, except those called `unknown`."""

    def __init__(self) -> None:
        self.kind: ProviderKind = "openai"
        self.base_url = ""
        self._targets: dict[str, Target] = {}

    def resolve(self, project_id: str, model: str, kind: Kind) -> Target:
        if model == "unknown":
            raise NotFound("The model `unknown` does not exist", param="model")
        name = model.removeprefix("openai:")
        key = f"{self.kind} {name} {self.base_url}"
        if key not in self._targets:
            self._targets[key] = Target(
                provider="main",
                provider_id="prv_1",
                kind=self.kind,
                model=name,
                base_url=self.base_url,
                secret=Secret(UPSTREAM_KEY),
                api_version="",
            )
        return self._targets[key]


class Notes(Recorder):
    """A recorder that also remembers what it was given, and can be told to refuse or to fail."""

    def __init__(self, writer: JournalWriter) -> None:
        super().__init__(writer)
        self.records: list[LogRecord] = []
        self.refuses: str | None = None
        self.fails = False
        self._heard = threading.Condition()
        self.refusal = lambda: self.refuses or writer.refusal()

    def record(self, log: LogRecord, done: Callable[[Exception | None], None]) -> None:
        if self.fails:
            done(OSError("the disk is gone"))
            return

        def durable(failure: Exception | None) -> None:
            with self._heard:
                self.records.append(log)
                self._heard.notify_all()
            done(failure)

        super().record(log, durable)

    def only(self) -> LogRecord:
        """Wait for one record, and see that there is no second."""
        with self._heard:
            assert self._heard.wait_for(lambda: self.records, PATIENCE), "no record was written"
        time.sleep(0.02)  # a second one would come with the first
        assert len(self.records) == 1
        return self.records[0]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An application that tells what it was asked, and takes bodies of any size."""
    size, message = 0, await receive()
    while message["type"] == "http.request":
        size += len(message.get("body", b""))
        if not message.get("more_body"):
            break
        message = await receive()
    told = json.dumps({"path": scope["path"], "query": scope["query_string"].decode(), "size": size}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": told[:5], "more_body": True})
    await send({"type": "http.response.body", "body": told[5:]})


class Rig:
    """The worker, its provider and its records."""

    key = KEY
    read_key = READ_KEY
    admin_key = ADMIN_KEY
    upstream_key = UPSTREAM_KEY

    def __init__(self, folder: Path, upstream: FakeUpstream, settings: Settings) -> None:
        self.upstream = upstream
        self.settings = settings
        self.models = Models()
        self.models.base_url = upstream.base_url
        self.application: Any = echo
        self._folder = folder
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.house: House
        self.notes: Notes
        self.port = 0
        self._sockets: list[socket.socket] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    def stop(self) -> None:
        for connection in self._sockets:
            connection.close()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)

    def ask(
        self, body: Any = None, *, path: str = "/v1/chat/completions", key: str = KEY, **headers: str
    ) -> httpx2.Response:
        """Send one call; `body` adds to a small chat request, bytes are sent as they are."""
        content = body if isinstance(body, bytes) else json.dumps(a_request(**(body or {}))).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx2.post(
            self.url + path,
            content=content,
            headers={
                **({"authorization": f"Bearer {key}"} if key else {}),
                "content-type": "application/json",
                **named,
            },
            timeout=PATIENCE,
        )

    @contextmanager
    def streaming(self, **body: Any) -> Iterator[httpx2.Response]:
        """Send one call for a stream."""
        with (
            httpx2.Client(timeout=PATIENCE) as client,
            client.stream(
                "POST",
                self.url + "/v1/chat/completions",
                json=a_request(stream=True, **body),
                headers={"authorization": f"Bearer {KEY}"},
            ) as answer,
        ):
            yield answer

    def raw(self, data: bytes) -> socket.socket:
        """Open a connection and send bytes over it."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.sendall(data)
        self._sockets.append(connection)
        return connection

    def on_loop(self, work: Callable[[], Any]) -> Any:
        """Run something on the worker's thread."""

        async def run() -> Any:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(PATIENCE)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        writer = JournalWriter(self._folder / "journal", "w0", durability="os")
        self.notes = Notes(writer)
        metrics = Metrics(self._folder / "metrics", "w0")
        self.house = House(
            self.settings,
            application=lambda *call: self.application(*call),  # noqa: PLW0108 - tests change it meanwhile
            keys=Keys(),  # type: ignore[arg-type]  # a stand-in with the one method that is asked for
            catalogue=self.models,  # type: ignore[arg-type]  # likewise
            recorder=self.notes,
            metrics=metrics,
            allow=AllowList.parse([f"127.0.0.1:{self.upstream.port}"]),
        )
        server = await self._loop.create_server(lambda: Connection(self.house), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        sweeper = self._loop.create_task(self._sweep())
        self._ready.set()
        await self._stop.wait()
        server.close()
        sweeper.cancel()
        for connection in list(self.house.connections):
            connection.abort()
        self.house.pool.close()
        await asyncio.sleep(0.02)
        writer.close()
        metrics.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(0.02)
            self.house.sweep()


def a_request(**more: Any) -> dict[str, Any]:
    """A small chat request."""
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say hello"}], **more}


@pytest.fixture
def provider() -> Iterator[FakeUpstream]:
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture
def a_rig(tmp_path: Path, provider: FakeUpstream) -> Iterator[Callable[..., Rig]]:
    """Makes a worker with some settings changed."""
    with ExitStack() as running:

        def make(**changes: Any) -> Rig:
            rig = Rig(tmp_path, provider, replace(Settings(data=tmp_path), **changes))
            rig.start()
            running.callback(rig.stop)
            return rig

        yield make


@pytest.fixture
def rig(a_rig: Callable[..., Rig]) -> Rig:
    return a_rig()
