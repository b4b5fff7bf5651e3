"""Callers who read slowly hold their providers back; nothing piles up in between, and nobody else waits (R-11)."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

import pytest

from logwright.testing.processes import forget_peak, peak_bytes, resident_bytes, workers
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

READERS: Final = 20
GROWTH: Final = 100 * 1024 * 1024
CALLS: Final = 10
MODEL: Final = "fault-endless-stream"


@pytest.fixture
def readers(server: Server, upstream: FakeUpstream) -> Iterator[list[socket.socket]]:
    """Twenty callers of an endless stream, each of whom has read its first bytes and then no more."""
    body = json.dumps({"model": MODEL, "messages": [], "stream": True}).encode()
    with ExitStack() as opened:
        connections = []
        for _ in range(READERS):
            connection = opened.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(30)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer %b\r\n"
                b"content-length: %d\r\n\r\n%b" % (server.key.encode(), len(body), body)
            )
            connections.append(connection)
        for connection in connections:
            assert connection.recv(16).startswith(b"HTTP/1.1 200")
        yield connections


def call(server: Server) -> float:
    """Make an ordinary call and return the seconds it took."""
    began = time.monotonic()
    with server.http() as web:
        answer = web.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": []})
    assert answer.status_code == 200
    return time.monotonic() - began


def until_held(upstream: FakeUpstream) -> Sequence[int]:
    """Wait until no provider sends any more; return how much each has sent."""
    deadline = time.monotonic() + 30
    seen: list[Sequence[int]] = []
    while len(seen) < 10 or any(each != seen[-1] for each in seen[-10:]):
        assert time.monotonic() < deadline, "the providers go on sending"
        seen.append(upstream.streamed_bytes)
        time.sleep(0.05)
    return seen[-1]


@pytest.fixture
def worker(server: Server) -> int:
    """Return the worker's process, warm: what its first calls load is no growth."""
    for _ in range(CALLS):
        call(server)
    (pid,) = workers(server.pid)
    forget_peak(pid)
    return pid


def test_twenty_slow_readers_cost_no_memory_and_nobody_elses_time(
    server: Server, upstream: FakeUpstream, worker: int, request: pytest.FixtureRequest
) -> None:
    before = resident_bytes(worker)
    readers: list[socket.socket] = request.getfixturevalue("readers")

    sent = until_held(upstream)
    took = [call(server) for _ in range(CALLS)]
    still = upstream.streamed_bytes

    assert max(took) < 1
    assert still == sent, "the providers were not held"
    assert max(sent) < 40 * 1024 * 1024
    assert peak_bytes(worker) - before < GROWTH
    for reader in readers:
        reader.close()
    upstream.wait_for_cancelled(READERS)
