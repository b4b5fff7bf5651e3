"""The fake provider's own HTTP: requests in pieces, in a row, chunked, and answers in kind."""

from __future__ import annotations

import socket

from logwright.testing.connection import read_headers
from logwright.testing.upstream import FakeUpstream

BODY = b'{"model": "m"}'
REQUEST = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


def exchange(upstream: FakeUpstream, *pieces: bytes, answers: int = 1) -> bytes:
    with socket.create_connection(("127.0.0.1", upstream.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while received.count(b"chat.completion") < answers:
            piece = connection.recv(65536)
            assert piece, received
            received += piece
        return received


def test_a_request_may_come_byte_by_byte(upstream: FakeUpstream) -> None:
    reply = exchange(upstream, *(REQUEST[at : at + 1] for at in range(len(REQUEST))))
    assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
    assert upstream.calls[0].body == BODY


def test_requests_in_a_row_are_answered_in_order_on_one_connection(upstream: FakeUpstream) -> None:
    upstream.answers(text="first", delay=0.05).answers(text="second")
    reply = exchange(upstream, REQUEST + REQUEST, answers=2)
    assert reply.index(b"first") < reply.index(b"second")
    assert [call.connection for call in upstream.calls] == [1, 1]


def test_a_chunked_request_is_put_together(upstream: FakeUpstream) -> None:
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    exchange(upstream, head, b"5\r\n" + BODY[:5], b"\r\n%x;ext=1\r\n%b\r\n0\r\n" % (len(BODY) - 5, BODY[5:]), b"\r\n")
    assert upstream.calls[0].body == BODY


def test_a_client_that_waits_for_the_word_is_told_to_continue(upstream: FakeUpstream) -> None:
    head, _, body = REQUEST.partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", upstream.port), timeout=10) as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_headers_keep_their_order_and_repeats() -> None:
    head = b"GET / HTTP/1.1\r\nB: 1\r\nA:2\r\nb: 3"
    assert read_headers(head) == [("b", "1"), ("a", "2"), ("b", "3")]
