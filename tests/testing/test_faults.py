"""Every fault can be asked for by name, and does what its sentence says."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator

import pytest

from logwright.testing.faults import FAULTS
from logwright.testing.upstream import FakeUpstream

ENDLESS = {
    "drip",
    "drip-head",
    "endless-stream",
    "huge-body",
    "huge-chunked-body",
    "huge-event",
    "keep-alive-comments",
    "slow-endless-stream",
    "stall-after-head",
    "stall-before-head",
    "stall-in-head",
    "stall-mid-body",
}
"""Faults that go on, or on for long; read for a moment only."""


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeUpstream]:
    with FakeUpstream() as running:
        yield running


def seen(provider: FakeUpstream, fault: str, *, stream: bool = False, seconds: float = 10.0) -> tuple[bytes, str]:
    """Return what a client reads until the end, and how it ended: closed, reset or open."""
    body = json.dumps({"model": f"fault-{fault}", "stream": stream}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer sk-me\r\nContent-Length: {len(body)}\r\n\r\n"
    received = b""
    deadline = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", provider.port), timeout=seconds) as connection:
        connection.sendall(head.encode() + body)
        while time.monotonic() < deadline and len(received) < 4_000_000:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                piece = connection.recv(1 << 20)
            except ConnectionResetError:
                return received, "reset"
            except TimeoutError:
                break
            if not piece:
                return received, "closed"
            received += piece
    return received, "open"


def test_every_fault_has_a_sentence_and_a_good_name() -> None:
    assert len(FAULTS) > 50
    for name, fault in FAULTS.items():
        assert re.fullmatch(r"[a-z0-9-]+", name)
        assert fault.__doc__


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        ("reset-before-head", "reset"),
        ("close-before-head", "closed"),
        ("reset-in-head", "reset"),
        ("reset-after-head", "reset"),
        ("close-after-head", "closed"),
        ("reset-mid-body", "reset"),
        ("close-mid-body", "closed"),
        ("no-last-chunk", "closed"),
        ("long-content-length", "closed"),
        ("until-close", "closed"),
        ("closes-idle", "closed"),
        ("not-http", "closed"),
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_connection_ends_as_the_fault_says(provider: FakeUpstream, fault: str, ending: str, stream: bool) -> None:
    assert seen(provider, fault, stream=stream)[1] == ending


@pytest.mark.parametrize("fault", sorted(ENDLESS))
def test_what_goes_on_goes_on_until_the_client_leaves(provider: FakeUpstream, fault: str) -> None:
    provider.clear()
    received, ending = seen(provider, fault, stream=True, seconds=0.25)
    assert ending == "open"
    assert (received == b"") == (fault == "stall-before-head")
    assert provider.wait_for_cancelled()[0].call.json["model"] == f"fault-{fault}"


@pytest.mark.parametrize(
    ("fault", "shows"),
    [
        ("status-400", b"HTTP/1.1 400 Bad Request"),
        ("status-401", b"Incorrect API key provided: sk-me"),
        ("status-404", b"model_not_found"),
        ("status-429", b"retry-after: 7"),
        ("status-500", b"<h1>Internal Server Error</h1>"),
        ("status-503", b"retry-after: 1"),
        ("status-529", b"overloaded_error"),
        ("content-filter", b"content_filter"),
        ("redirect", b"location: http://169.254.169.254/"),
        ("redirect-307", b"HTTP/1.1 307 "),
        ("empty-body", b"content-length: 0"),
        ("json-array", b"[1,2,3]"),
        ("not-json", b"<html>"),
        ("invalid-utf8", b'"i\xff\xfe"'),
        ("gzip-body", b"\x1f\x8b"),
        ("gzip-bomb", b"\x1f\x8b"),
        ("bad-chunk-size", b"\r\nzz\r\n"),
        ("bad-chunk-end", b"4\r\nabcdefgh\r\n"),
        ("bad-header", b"\r\nno colon here\r\n"),
        ("bad-status", b"HTTP/1.1 OK fine"),
        ("two-content-lengths", b"content-length: 2\r\ncontent-length: 4"),
        ("length-and-chunked", b"content-length: 5\r\ntransfer-encoding: chunked"),
        ("informational", b"HTTP/1.1 103 Early Hints"),
        ("many-headers", b"x-h4999: v\r\n"),
        ("huge-header", b"a" * 1024 * 1024),
        ("bad-json", b'"object"'),
        ("short-content-length", b'"fp_test"}'),
    ],
)
def test_an_answer_is_as_bad_as_the_fault_says(provider: FakeUpstream, fault: str, shows: bytes) -> None:
    assert shows in seen(provider, fault, seconds=1.0 if fault == "gzip-bomb" else 0.3)[0]


@pytest.mark.parametrize(
    ("fault", "shows"),
    [
        ("no-done", b'"finish_reason":"stop"'),
        ("bad-sse", b"this is not an event"),
        ("bad-sse-json", b'"cho\n\n'),
        ("binary-sse", bytes(range(256))),
        ("error-in-stream", b"The server had an error"),
        ("json-for-stream", b'"object":"chat.completion"'),
        ("two-answers", b"0\r\n\r\nHTTP/1.1 200 OK"),
    ],
)
def test_a_stream_is_as_bad_as_the_fault_says(provider: FakeUpstream, fault: str, shows: bytes) -> None:
    received, _ = seen(provider, fault, stream=True, seconds=0.3)
    assert shows in received
    assert (b"[DONE]" in received) == (fault not in {"no-done", "error-in-stream", "json-for-stream"})


def test_a_script_can_ask_for_a_fault_whatever_the_model(provider: FakeUpstream) -> None:
    with FakeUpstream() as scripted:
        scripted.fails("close-before-head")
        with socket.create_connection(("127.0.0.1", scripted.port), timeout=5) as connection:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
            assert connection.recv(10) == b""


def test_a_model_named_after_no_fault_is_told_so(provider: FakeUpstream) -> None:
    assert b"There is no fault" in seen(provider, "nonsense", seconds=0.3)[0]
