"""What a caller may send is bounded in size, shape and time, at both doors of the server (S-12, R-19).

The doors are the hot path, which we parse ourselves, and the web application
behind it. Everything goes over bare sockets: no client library would send it.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx2
import pytest

from logwright.settings import Settings
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

DOORS: Final = {
    "hot path": ("/v1/chat/completions", '{"model":"gpt-4o","messages":[],"x":%s}'),
    "application": ("/api/v1/report", '{"reqPayload":{"model":"gpt-4o","messages":[]},"x":%s}'),
}
"""Of each the path, and a body with room for one more value."""

MAX_BODY: Final = Settings().max_body_bytes
MAX_HEAD: Final = Settings().max_head_bytes

HASTY: Final = ("--head-timeout", "1500ms", "--body-timeout", "2s")
HEAD_SECONDS: Final = 1.5
BODY_SECONDS: Final = 2.0

SMALL: Final = ("--max-answer-bytes", "64KiB", "--max-event-bytes", "16KiB", "--max-captured-bytes", "4KiB")


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def server(upstream: FakeUpstream) -> Iterator[Server]:
    with Server(upstream=upstream) as server:
        yield server


@pytest.fixture(scope="module")
def hasty(upstream: FakeUpstream) -> Iterator[Server]:
    """A server with little patience and little room."""
    with Server(upstream=upstream, settings=(*HASTY, *SMALL)) as server:
        yield server


def head(server: Server, door: str, *lines: str) -> bytes:
    """Return the head of a request that shows the key and closes after the answer, without its last blank line."""
    usual = ("host: localhost", f"authorization: Bearer {server.key}", "connection: close")
    return "\r\n".join((f"POST {DOORS[door][0]} HTTP/1.1", *usual, *lines, "")).encode()


def a_post(server: Server, door: str, body: bytes, *lines: str) -> bytes:
    return head(server, door, "content-type: application/json", f"content-length: {len(body)}", *lines) + b"\r\n" + body


def a_body(door: str, value: str) -> bytes:
    return (DOORS[door][1] % value).encode("utf-8", "surrogateescape")


def a_body_of(door: str, size: int) -> bytes:
    return a_body(door, '"' + "a" * (size - len(a_body(door, '""'))) + '"')


def answer(server: Server, request: bytes) -> tuple[int, bytes]:
    """Send, and read until the server closes; return status and body."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        with contextlib.suppress(ConnectionError):  # it may have answered before it had everything
            connection.sendall(request)
        told = b""
        while data := connection.recv(65536):
            told += data
    return int(told.split(b" ", 2)[1]), told.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("value", "status"),
    [
        pytest.param("[" * 99 + "]" * 99, 200, id="100 levels"),
        pytest.param("[" * 100 + "]" * 100, 400, id="101 levels"),
        pytest.param("[" * 100_000, 400, id="100,000 levels"),
        pytest.param(json.dumps({f"k{number}": 0 for number in range(20_000)}), 200, id="20,000 keys"),
        pytest.param(json.dumps({f"k{number}": 0 for number in range(20_001)}), 400, id="20,001 keys"),
        pytest.param(str(2**64 - 1), 200, id="64 bits"),
        pytest.param(str(2**64), 400, id="65 bits"),
        pytest.param("9" * 5000, 400, id="5,000 digits"),
        pytest.param("1e308", 200, id="largest double"),
        pytest.param("1e309", 400, id="beyond doubles"),
        pytest.param("NaN", 400, id="NaN"),
        pytest.param("-Infinity", 400, id="Infinity"),
        pytest.param('"\\u0000"', 400, id="NUL"),
        pytest.param('"\\ud83d\\ude00"', 200, id="surrogate pair"),
        pytest.param('"\\ud83d"', 400, id="lone surrogate"),
        pytest.param('{"a":1,"a":2}', 400, id="duplicate key"),
        pytest.param('"\udcff"', 400, id="not UTF-8"),
        pytest.param("tru", 400, id="no JSON"),
    ],
)
def test_json_is_taken_up_to_its_limits_and_refused_beyond(server: Server, door: str, value: str, status: int) -> None:
    told, body = answer(server, a_post(server, door, a_body(door, value)))

    assert told == status, body
    if status != 200:
        assert json.loads(body)["message"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(lambda server, door: a_post(server, door, a_body_of(door, MAX_BODY)), 200, id="10 MiB"),
        pytest.param(lambda server, door: a_post(server, door, a_body_of(door, MAX_BODY + 1)), 413, id="a byte more"),
        pytest.param(
            lambda server, door: (
                head(server, door, "transfer-encoding: chunked")
                + b"\r\n%x\r\n%b\r\n0\r\n\r\n" % (MAX_BODY + 1, a_body_of(door, MAX_BODY + 1))
            ),
            413,
            id="a byte more, untold",
        ),
        pytest.param(
            lambda server, door: a_post(server, door, a_body(door, "1"), "content-encoding: gzip"), 415, id="compressed"
        ),
        pytest.param(
            lambda server, door: a_post(server, door, a_body(door, "1"), *[f"x-{n}: 1" for n in range(95)]),
            200,
            id="100 headers",
        ),
        pytest.param(
            lambda server, door: a_post(server, door, a_body(door, "1"), *[f"x-{n}: 1" for n in range(96)]),
            431,
            id="101 headers",
        ),
        pytest.param(
            lambda server, door: a_post(server, door, a_body(door, "1"), "x: " + "a" * (MAX_HEAD - 400)),
            200,
            id="nearly 32 KiB of head",
        ),
        pytest.param(
            lambda server, door: a_post(server, door, a_body(door, "1"), "x: " + "a" * MAX_HEAD),
            431,
            id="over 32 KiB of head",
        ),
        pytest.param(
            lambda server, door: a_post(server, door, b"", "transfer-encoding: chunked"), 400, id="length and chunked"
        ),
    ],
)
def test_a_request_is_taken_up_to_its_size_and_refused_beyond(
    server: Server, door: str, request_: Callable[[Server, str], bytes], status: int
) -> None:
    told, body = answer(server, request_(server, door))

    assert told == status, body[:500]


def drip(server: Server, begin: bytes) -> tuple[bytes, float]:
    """Send the beginning of a request, then a byte each tenth of a second; return the answer and when it ended."""
    began = time.monotonic()
    told = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(begin)
        while time.monotonic() - began < 60:
            if select.select([connection], [], [], 0.1)[0]:
                data = connection.recv(65536)
                if not data:
                    break
                told += data
            elif not told:
                connection.send(b"a")
    return told, time.monotonic() - began


@pytest.mark.parametrize("door", DOORS)
def test_a_head_that_drips_is_given_up_within_twice_its_time(hasty: Server, door: str) -> None:
    told, took = drip(hasty, head(hasty, door) + b"x: ")

    assert told.startswith(b"HTTP/1.1 408 ")
    assert HEAD_SECONDS <= took < 2 * HEAD_SECONDS


@pytest.mark.parametrize("door", DOORS)
def test_a_body_that_drips_is_given_up_within_twice_its_time(hasty: Server, door: str) -> None:
    told, took = drip(hasty, head(hasty, door, "content-length: 100000") + b"\r\n{")

    assert told.startswith(b"HTTP/1.1 408 ")
    assert BODY_SECONDS <= took < 2 * BODY_SECONDS


def test_an_answer_beyond_its_limit_is_a_502_and_marked(hasty: Server, upstream: FakeUpstream) -> None:
    upstream.clear()
    upstream.answers(text="a" * 70_000)

    with hasty.http() as web:
        told = web.post("/v1/chat/completions", json={"model": "plain", "messages": []})
        (log,) = web.get("/api/manage/logs", params={"q": "model:plain"}).json()["data"]

    assert told.status_code == 502
    assert log["error_kind"] == "upstream_too_large"


def test_an_event_beyond_its_limit_ends_the_stream_and_is_marked(hasty: Server, upstream: FakeUpstream) -> None:
    upstream.clear()
    upstream.answers(chunks=["short", "a" * 20_000])

    with hasty.http() as web:
        with pytest.raises(httpx2.RemoteProtocolError):  # cut: the end of the body never comes
            web.post("/v1/chat/completions", json={"model": "event", "messages": [], "stream": True})
        (log,) = web.get("/api/manage/logs", params={"q": "model:event"}).json()["data"]

    assert log["error_kind"] == "upstream_too_large"


def test_a_stream_longer_than_the_log_keeps_passes_whole_and_is_marked(hasty: Server, upstream: FakeUpstream) -> None:
    upstream.clear()
    upstream.answers(chunks=["a" * 100] * 100)

    with hasty.http() as web:
        told = web.post("/v1/chat/completions", json={"model": "long", "messages": [], "stream": True})
        (log,) = web.get("/api/manage/logs", params={"q": "model:long"}).json()["data"]

    assert told.text.count("a" * 100) == 100
    assert told.text.endswith("data: [DONE]\n\n")
    assert (log["error_kind"], log["truncated"]) == ("", True)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("piece", "last"),
    [("[],", "[]"), ("[],", "\0"), ('{"a" : 1},', "\0"), ('"\\u00e9",', "\0")],
    ids=["lists taken", "lists", "objects", "escapes"],
)
def test_six_large_bodies_at_once_keep_nobody_else_waiting(server: Server, door: str, piece: str, last: str) -> None:
    """The bodies are of the shapes that take longest to check; most are refused at their last byte."""
    room = MAX_BODY - len(a_body(door, "[]")) - 20
    body = a_body(door, "[" + piece * (room // len(piece) - 1) + last + "]")
    body = body.replace(b"gpt-4o", b"openpipe:nowhere/m", 1)  # the fake provider is too slow for what is not refused
    status = 400 if last == "\0" else 404 if door == "hot path" else 200
    request = a_post(server, door, body)
    small = a_post(server, "application", a_body("application", "1"))
    answer(server, small)

    took = []
    with ThreadPoolExecutor(6) as senders:
        sent = [senders.submit(answer, server, request) for _ in range(6)]
        while not all(each.done() for each in sent):
            began = time.monotonic()
            assert answer(server, small)[0] == 200
            took.append(time.monotonic() - began)

    assert [each.result()[0] for each in sent] == [status] * 6
    assert max(took) < 1
