"""What all connections of one worker share."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from logwright.gateway.secrets import Tokens
from logwright.gateway.upstream import Pool
from logwright.providers.registry import providers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from logwright.addresses import AllowList
    from logwright.gateway.metrics import Metrics
    from logwright.gateway.protocol import Connection
    from logwright.logs.recorder import Recorder
    from logwright.models.catalogue import Catalogue
    from logwright.projects.keyring import KeyTable
    from logwright.settings import Settings

    Application = Callable[
        [dict[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
    ]


class House:
    """The worker's shared state; touched by the event loop's thread only."""

    def __init__(
        self,
        settings: Settings,
        *,
        application: Application,
        keys: KeyTable,
        catalogue: Catalogue,
        recorder: Recorder,
        metrics: Metrics,
        allow: AllowList,
    ) -> None:
        self.settings = settings
        self.application = application
        self.keys = keys
        self.catalogue = catalogue
        self.recorder = recorder
        self.metrics = metrics
        self.providers = providers()
        self.connections: set[Connection] = set()
        self.in_flight: dict[str, int] = {}
        """Calls under way, by project."""
        self.draining = False
        self.now = asyncio.get_running_loop().time
        self.pool = Pool(self, allow=allow, connect_timeout=settings.upstream_connect_timeout)
        self.tokens = Tokens(self)
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside; the loop itself keeps only weak references to its tasks."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def release(self, project_id: str) -> None:
        """Give a project's slot back."""
        left = self.in_flight.get(project_id, 1) - 1
        if left > 0:
            self.in_flight[project_id] = left
        else:
            self.in_flight.pop(project_id, None)

    def sweep(self) -> None:
        """Act on every deadline that has passed; called a few times a second.

        One look at all connections costs less than a timer for each call, which would be set and cancelled a
        thousand times for each time it fires.
        """
        now = self.now()
        for connection in [each for each in self.connections if each.deadline <= now]:
            connection.overdue(now)
        self.pool.sweep(now)
