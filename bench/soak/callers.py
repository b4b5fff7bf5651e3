"""Callers over bare sockets, cheap enough that thousands fit in one process."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The server under measurement."""

    port: int
    key: str
    worker: int
    """The process id of its only gateway worker."""

    def request(self, path: str, body: object) -> bytes:
        """Return a whole request that closes its connection afterwards."""
        data = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {self.key}\r\n"
            f"content-type: application/json\r\nconnection: close\r\ncontent-length: {len(data)}\r\n\r\n"
        )
        return head.encode() + data

    def chat(self, model: str, *, stream: bool = False) -> bytes:
        """Return a request for a chat completion."""
        messages = [{"role": "system", "content": "You triage."}, {"role": "user", "content": "It fails. " * 80}]
        return self.request("/v1/chat/completions", {"model": model, "messages": messages, "stream": stream})


class Waiting(asyncio.Protocol):
    """A caller who sends one request and keeps what comes until the server closes, or until they have left."""

    def __init__(self, request: bytes, *, leave_at: bytes = b"") -> None:
        self._request = request
        self._leave_at = leave_at
        self.began = asyncio.Event()
        """Set when the first event of a stream has come."""
        self.ended = asyncio.Event()
        self.told = b""
        self.transport: asyncio.Transport

    async def connect(self, port: int) -> None:
        """Connect, and send as soon as the connection stands."""
        await asyncio.get_running_loop().create_connection(lambda: self, "127.0.0.1", port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's transport is no subclass of asyncio's
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Keep what comes."""
        self.told += data
        if b"data:" in self.told:
            self.began.set()
        if self._leave_at and self._leave_at in self.told:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Learn that it is over."""
        del exc
        self.began.set()
        self.ended.set()

    @property
    def status(self) -> int:
        """The answer's status; 0 when there was none."""
        return int(self.told.split(b" ", 2)[1]) if self.told.startswith(b"HTTP/1.1 ") else 0


async def call(target: Target, request: bytes, *, leave_at: bytes = b"") -> tuple[Waiting, float]:
    """Make a call; return the caller and the seconds it took."""
    began = time.perf_counter()
    caller = Waiting(request, leave_at=leave_at)
    await caller.connect(target.port)
    await caller.ended.wait()
    return caller, time.perf_counter() - began
