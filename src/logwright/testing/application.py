"""The web application in this process, over a data directory of its own and a real store process.

For tests of routes: everything is real but the socket, so a call costs a
millisecond and what fails shows its traceback. `server.Server` is the whole
product instead.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2

from logwright.http.app import build_app
from logwright.http.services import Services, open_services
from logwright.logs.store.process import ensure_store
from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.manage import Managing
from logwright.projects.types import Scope
from logwright.settings import Settings

T = TypeVar("T")

_MASTER_KEY = "00" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TestProject:
    """A project and keys to it."""

    __test__ = False  # its name is no test's

    id: str
    name: str
    key: str = field(repr=False)
    """May write."""
    read_key: str = field(repr=False)


class Application:
    """The application on a loop in a thread; use it as a context manager or call `start` and `stop`.

    `change` may put other services in the place of the opened ones before the application is built on them.
    """

    def __init__(self, data: Path, *, change: Callable[[Services], Services] | None = None, **settings: Any) -> None:
        self.settings = Settings(**{"data": data, "master_key": _MASTER_KEY, "durability": "os", **settings})
        self._change = change or (lambda services: services)
        self._ready: Future[Services] = Future()
        self._numbers = count(1)
        self._thread = threading.Thread(target=self._run, name="test-application", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._client: httpx2.AsyncClient
        self.services: Services
        self.admin_key = secrets.token_urlsafe(32)

    def start(self) -> Self:
        """Open the data directory and the store, and build the application."""
        self._thread.start()
        self.services = self._ready.result()
        return self

    def stop(self) -> None:
        """Close everything."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def project(self) -> TestProject:
        """Make a project that nobody else uses."""
        to = Managing(database=self.services.database, vault=self.services.vault)
        project, key = manage.create_project(to, SYSTEM, f"project {next(self._numbers)}")
        reading = manage.create_key(to, SYSTEM, project.id, Scope.READ)
        return TestProject(id=project.id, name=project.name, key=key.secret.reveal(), read_key=reading.secret.reveal())

    def call(self, method: str, path: str, *, key: str | None = None, **request: Any) -> httpx2.Response:
        """Send one request; `request` takes what `httpx2.Client.request` does."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        headers.update(request.pop("headers", {}))
        return self.run(self._client.request(method, path, headers=headers, **request))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the application's loop, for what only works there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        async with self._open() as services:
            self._ready.set_result(services)
            await self._stop.wait()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Services]:
        async with open_services(self.settings, producer="test") as opened, ensure_store(self.settings.data):
            services = self._change(replace(opened, local_admin=self.admin_key))
            transport = httpx2.ASGITransport(build_app(services))
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as self._client:
                yield services
