"""A real store to test against: its own process on a data directory, journals to record into, and a plain way to ask.

Unlike a `Server` it has no HTTP and no gateway: records go straight into a journal,
so a test decides what was recorded to the microsecond.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from logwright.ids import new_id
from logwright.journal import JournalWriter
from logwright.logs.record import LogRecord, encode
from logwright.logs.store.client import StoreClient
from logwright.logs.store.process import command
from logwright.logs.types import Log, LogQuery, LogSummary, Order

T = TypeVar("T")

_STOP_SECONDS: Final = 30.0
_NEWEST: Final = Order()
EVERYTHING: Final = LogQuery()


class StoreFailed(Exception):
    """The store's process did not do what was asked; the message holds what it printed."""


class RunningStore:
    """A store's process and the ways to it; use it as a context manager, on one thread.

    `logs` is the `LogStore`; wrap its calls in `ask`.
    """

    def __init__(self, data: Path, *, url: str = "", environment: Mapping[str, str] | None = None) -> None:
        """`url` names a ClickHouse server for the logs; by default they lie in the data directory."""
        self.data = data
        self.url = url
        self.logs = StoreClient(data, patience=20)
        self._environment = {**os.environ, "LOGWRIGHT_STORE": url, **(environment or {})}
        self._runner = asyncio.Runner()
        self._writers: dict[str, JournalWriter] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = data / "store.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()
        self._runner.run(self.logs.close())
        self.stop()
        self._runner.close()

    # -------------------------------------------------------------- the process

    def start(self) -> None:
        """Start the process; questions wait for it."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command(self.data), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment
            )

    def stop(self) -> int:
        """Ask the process to end and wait for it; return its status."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            status = self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise StoreFailed(f"The store did not stop:\n{self._log.read_text()}") from None
        self._process = None
        return status

    def kill(self) -> None:
        """Kill the process as `kill -9` does, at this instant."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wait(self, seconds: float) -> int:
        """Wait until the process ends by itself; return its status."""
        if self._process is None:
            raise StoreFailed("The store was not started")
        status = self._process.wait(seconds)
        self._process = None
        return status

    @property
    def pid(self) -> int:
        """The process's number."""
        if self._process is None:
            raise StoreFailed("The store was not started")
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    # -------------------------------------------------------------- recording

    def record(self, *logs: LogRecord, producer: str = "w0") -> None:
        """Record logs and return once they are durable."""
        self.record_bytes(*[encode(log) for log in logs], producer=producer)

    def record_bytes(self, *payloads: bytes, producer: str = "w0") -> None:
        """Record payloads as they are, be they logs or not."""
        self._runner.run(self._keep(payloads, producer))

    async def keep(self, *logs: LogRecord, producer: str = "w0") -> None:
        """Record logs within a question."""
        await self._keep([encode(log) for log in logs], producer)

    async def _keep(self, payloads: Sequence[bytes], producer: str) -> None:
        writer = self._writers.get(producer)
        if writer is None:
            writer = self._writers[producer] = JournalWriter(self.data / "journal", producer)
        await asyncio.gather(*[writer.record(payload) for payload in payloads])

    # -------------------------------------------------------------- asking

    def ask(self, question: Awaitable[T]) -> T:
        """Wait for an answer."""

        async def asked() -> T:
            return await question

        return self._runner.run(asked())

    def all(self, project_id: str, query: LogQuery = EVERYTHING) -> list[Log]:
        """Return all matches whole, newest first."""

        async def gather() -> list[Log]:
            return [log async for batch in self.logs.iterate(project_id, query) for log in batch]

        return self._runner.run(gather())

    def listed(
        self, project_id: str, query: LogQuery = EVERYTHING, *, order: Order = _NEWEST, page: int = 100
    ) -> list[LogSummary]:
        """Return all matches by walking the pages."""

        async def walk() -> list[LogSummary]:
            found: list[LogSummary] = []
            after: str | None = None
            while True:
                answer = await self.logs.search(project_id, query, order=order, after=after, limit=page)
                found += answer.items
                after = answer.next
                if after is None:
                    return found

        return self._runner.run(walk())


def a_record(**fields: Any) -> LogRecord:
    """Make a record of a small successful call, a moment ago; `fields` replace what the test is about."""
    requested_at = fields.pop("requested_at", time.time_ns() // 1000)
    filled = {
        "id": new_id("log", requested_at),
        "project_id": "project",
        "source": "gateway",
        "kind": "chat_completion",
        "requested_at": requested_at,
        "received_at": requested_at + 250_000,
        "provider": "openai",
        "provider_kind": "openai",
        "model": "gpt-4o",
        "upstream_model": "gpt-4o",
        "status": 200,
        "request": b'{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}',
        "response": (
            b'{"id":"chatcmpl-1","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},'
            b'"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}'
        ),
        "response_form": "json",
    }
    return LogRecord(**{**filled, **fields})
