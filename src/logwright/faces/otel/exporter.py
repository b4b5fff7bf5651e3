"""Sends a span for each call of the gateway to a collector, beside everything else and never in its way.

It follows the store's tail, so a call is long over when its span is made. What a
collector that is slow or gone cannot take waits in a queue of bounded length; what
does not fit is dropped and counted, and the logs themselves are all in the store.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from logwright.addresses import AllowList, CheckedUrl, check_url
from logwright.errors import LogwrightError, Misconfigured
from logwright.faces.otel.outgoing import export_request
from logwright.gateway.metrics import SpansSent
from logwright.gateway.post import Answered, post
from logwright.logs.types import Clause, LogQuery, LogSummary

QUEUE: Final = 10_000
"""How many spans may wait."""
BATCH: Final = 512
"""How many go out at once, which is what OpenTelemetry's own exporters send."""
LINGER_SECONDS: Final = 2.0
SEND_SECONDS: Final = 10.0
FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
LOOK_SECONDS: Final = 1.0
"""How often new projects are looked for."""

_AGAIN: Final = frozenset({429, 502, 503, 504})
"""What OTLP says may be sent again."""
_CALLS: Final = LogQuery(clauses=(Clause(field="source", operator="=", values=("gateway",)),))

_logger = logging.getLogger(__name__)


class Tailing(Protocol):
    """The part of a log store that is followed."""

    def tail(self, project_id: str, query: LogQuery) -> AsyncIterator[Sequence[LogSummary]]:
        """Yield matches as they arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """Where spans go."""

    url: CheckedUrl
    headers: Mapping[str, str]
    allow: AllowList


def collector(endpoint: str, headers: Sequence[str]) -> Collector:
    """Read the settings `otlp_endpoint` and `otlp_headers`.

    The operator names the endpoint, so its own address may be private (S-5); nobody else can name one.

    Raises:
        Misconfigured: saying which of the two is wrong.
    """
    try:
        anywhere = check_url(endpoint, AllowList(everything=True))
    except LogwrightError as error:
        raise Misconfigured(f"otlp_endpoint: {error.message}", param="otlp_endpoint") from error
    allow = AllowList(hosts=frozenset({(anywhere.host, anywhere.port)}))
    url = check_url(endpoint, allow)
    if not url.path:
        raise Misconfigured(f"otlp_endpoint: name the path too, such as {url.origin}/v1/traces", param="otlp_endpoint")
    made: dict[str, str] = {}
    for header in headers:
        name, equals, value = header.partition("=")
        if not equals or not name.strip() or not (name + value).isascii() or not (name + value).isprintable():
            raise Misconfigured("otlp_headers: write NAME=VALUE in printable ASCII", param="otlp_headers")
        made[name.strip().lower()] = value.strip()
    return Collector(url=url, headers=made, allow=allow)


class Exporter:
    """Follows the projects' calls and sends their spans."""

    def __init__(
        self,
        store: Tailing,
        projects: Callable[[], Sequence[str]],
        to: Collector,
        counts: SpansSent,
        *,
        wait: float = FIRST_WAIT,
    ) -> None:
        """Take whose calls are followed: `projects` names them anew each time that it is asked.

        `wait` is how many seconds pass before a batch is sent a second time; the pauses after it double.
        """
        self._store = store
        self._projects = projects
        self._to = to
        self._counts = counts
        self._wait = wait
        self._waiting: deque[LogSummary] = deque()
        self._some = asyncio.Event()
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._tls = ssl.create_default_context()

    async def run(self) -> None:
        """Follow and send until cancelled; then send what waits, once."""
        sending = asyncio.create_task(self._send_for_ever())
        try:
            while True:
                self._follow_new(await asyncio.to_thread(self._projects))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            for task in (sending, *self._tails.values()):
                task.cancel()
            await asyncio.gather(sending, *self._tails.values(), return_exceptions=True)
            with suppress(LogwrightError):
                while self._waiting:
                    await self._send(self._taken())

    def _follow_new(self, projects: Sequence[str]) -> None:
        for project_id in projects:
            task = self._tails.get(project_id)
            if task is None or task.done():
                self._tails[project_id] = asyncio.create_task(self._follow(project_id))
        for project_id in self._tails.keys() - set(projects):
            self._tails.pop(project_id).cancel()

    async def _follow(self, project_id: str) -> None:
        try:
            async for logs in self._store.tail(project_id, _CALLS):
                self.offer(logs)
        except LogwrightError as error:  # the store is away, or went on without us: begun again at the next look
            _logger.warning("the calls of a project are not followed for a moment: %s", error.message)

    def offer(self, logs: Sequence[LogSummary]) -> None:
        """Queue logs; those that find no room are dropped and counted."""
        room = QUEUE - len(self._waiting)
        self._waiting.extend(logs[: max(room, 0)])
        if len(logs) > room:
            self._counts.dropped(len(logs) - max(room, 0))
        self._counts.queued(len(self._waiting))
        self._some.set()

    async def _send_for_ever(self) -> None:
        while True:
            await self._some.wait()
            if len(self._waiting) < BATCH:
                await asyncio.sleep(LINGER_SECONDS)
            await self._send_until_taken(self._taken())
            if not self._waiting:
                self._some.clear()

    def _taken(self) -> list[LogSummary]:
        batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        self._counts.queued(len(self._waiting))
        return batch

    async def _send_until_taken(self, batch: list[LogSummary]) -> None:
        """Send a batch, again and again while the collector may yet take it."""
        wait = self._wait
        try:
            while (words := await self._refusal(batch)) is not None:
                _logger.warning("the collector of spans takes nothing at present: %s", words)
                await asyncio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
        except asyncio.CancelledError:
            self._waiting.extendleft(reversed(batch))
            raise

    async def _refusal(self, batch: list[LogSummary]) -> str | None:
        """Send a batch; return why it should be sent again, or None when there is no more to be done about it."""
        try:
            answered = await self._send(batch)
        except LogwrightError as error:
            return error.message
        return f"it answered {answered.status}" if answered.status in _AGAIN else None

    async def _send(self, batch: list[LogSummary]) -> Answered:
        headers = {"content-type": "application/x-protobuf", **self._to.headers}
        answered = await post(
            self._to.url, export_request(batch), headers, allow=self._to.allow, tls=self._tls, seconds=SEND_SECONDS
        )
        if 200 <= answered.status < 300:
            self._counts.sent(len(batch))
        elif answered.status not in _AGAIN:
            self._counts.dropped(len(batch))
            _logger.error("the collector of spans refused %d of them with %d", len(batch), answered.status)
        return answered
