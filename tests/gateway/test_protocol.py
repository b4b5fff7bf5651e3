"""A caller's connection: strict about form, patient for a while, and never without bound."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig

    RigMaker = Callable[..., Rig]


def answer_of(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    told = b""
    while data := connection.recv(65536):
        told += data
    return told


def status_of(told: bytes) -> int:
    return int(told.split(b" ", 2)[1])


def a_post(rig: Rig, body: bytes = b'{"model":"gpt-4o","messages":[]}', *, extra: bytes = b"") -> bytes:
    return (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %b\r\n%bcontent-length: %d\r\n\r\n%b"
        % (rig.key.encode(), extra, len(body), body)
    )


def test_calls_sent_at_once_are_answered_in_order(rig: Rig) -> None:
    calls = [a_post(rig, json.dumps({"model": f"m{n}", "messages": []}).encode()) for n in range(5)]
    connection = rig.raw(b"".join(calls) + b"GET /last HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")

    told = answer_of(connection)

    assert told.count(b"HTTP/1.1 200 OK") == 6
    places = [told.index(b'"model":"m%d"' % n) for n in range(5)]
    assert places == sorted(places)
    assert told.index(b"/last") > places[-1]


def test_a_request_that_comes_byte_by_byte_is_understood(rig: Rig) -> None:
    request = a_post(rig, extra=b"connection: close\r\n")
    connection = rig.raw(request[:1])
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for position in range(1, len(request)):
        connection.sendall(request[position : position + 1])

    assert status_of(answer_of(connection)) == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        pytest.param(b"nonsense\r\n\r\n", 400, id="nonsense"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no host"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400, id="two hosts"),
        pytest.param(
            b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            id="smuggling",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n", 400, id="lengths"
        ),
        pytest.param(b"GET / HTTP/1.1\r\nhost: a\r\nx: %b\r\n\r\n" % (b"a" * 40_000), 431, id="large header"),
        pytest.param(b"GET /%b HTTP/1.1\r\nhost: a\r\n\r\n" % (b"a" * 40_000), 431, id="large target"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 200 + b"\r\n", 431, id="many headers"),
        pytest.param(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\n",
            415,
            id="compressed",
        ),
        pytest.param(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 999999999\r\n\r\n",
            413,
            id="told too large",
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", 400, id="upgrade"
        ),
    ],
)
def test_what_is_wrong_in_form_is_refused_in_words_and_closed(rig: Rig, request_: bytes, status: int) -> None:
    told = answer_of(rig.raw(request_))

    assert status_of(told) == status
    assert json.loads(told.partition(b"\r\n\r\n")[2])["error"]["message"]


def test_a_body_whose_length_was_not_told_is_counted_as_it_comes(a_rig: RigMaker) -> None:
    rig = a_rig(max_body_bytes=1024)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"

    told = answer_of(rig.raw(head + b"400\r\n" + b"a" * 1024 + b"\r\n1\r\na\r\n"))

    assert status_of(told) == 413


def test_a_head_that_drips_is_given_up(a_rig: RigMaker) -> None:
    rig = a_rig(head_timeout=0.3)
    connection = rig.raw(b"GET / HTTP/1.1\r\nho")
    began = time.monotonic()

    told = answer_of(connection)

    assert status_of(told) == 408
    assert time.monotonic() - began < 2


def test_a_connection_that_says_nothing_is_closed(a_rig: RigMaker) -> None:
    rig = a_rig(head_timeout=0.3)

    assert answer_of(rig.raw(b"")) == b""


def test_a_body_that_stalls_is_given_up(a_rig: RigMaker) -> None:
    rig = a_rig(body_timeout=0.3)
    connection = rig.raw(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{")

    assert status_of(answer_of(connection)) == 408


def test_a_connection_rests_only_so_long(a_rig: RigMaker) -> None:
    rig = a_rig(keepalive_timeout=0.2)
    connection = rig.raw(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    began = time.monotonic()

    assert status_of(answer_of(connection)) == 200
    assert 0.1 < time.monotonic() - began < 2


def test_a_sender_who_waits_for_leave_is_told_to_go_on(rig: Rig) -> None:
    body = b'{"model":"gpt-4o","messages":[]}'
    request = a_post(rig, body, extra=b"expect: 100-continue\r\nconnection: close\r\n")
    connection = rig.raw(request[: -len(body)])
    assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"

    connection.sendall(body)

    assert status_of(answer_of(connection)) == 200


def test_an_old_client_gets_a_stream_it_understands(rig: Rig) -> None:
    request = a_post(rig, b'{"model":"gpt-4o","messages":[],"stream":true}').replace(b"HTTP/1.1", b"HTTP/1.0", 1)

    told = answer_of(rig.raw(request))

    assert b"transfer-encoding" not in told
    assert told.endswith(b"data: [DONE]\n\n")


def test_a_slow_reader_holds_the_provider_back(rig: Rig) -> None:
    """The provider streams without end; what nobody reads must not pile up here."""
    body = b'{"model":"fault-endless-stream","messages":[],"stream":true}'
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", rig.port))
    connection.sendall(a_post(rig, body))
    connection.recv(100)

    def held() -> int:
        return max(each.transport.get_write_buffer_size() for each in rig.house.connections if each.transport)

    sizes = []
    for _ in range(10):
        time.sleep(0.05)
        sizes.append(rig.on_loop(held))

    assert max(sizes) < 2 * 1024 * 1024
    assert rig.ask().status_code == 200
    connection.close()
    rig.upstream.wait_for_cancelled()


def test_a_fault_of_ours_is_a_500_that_tells_nothing(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    detail = " ".join(["secret", "detail"])

    def broken(*_: object) -> None:
        raise ZeroDivisionError(detail)

    rig.models.resolve = broken  # type: ignore[method-assign, assignment]  # the fault to be told

    answer = rig.ask()

    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "secret detail" not in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_a_call_under_way_is_answered_while_the_server_stops(rig: Rig) -> None:
    """The answer is whole and says that the connection ends with it."""
    rig.upstream.answers(delay=0.2)
    connection = rig.raw(a_post(rig))
    rig.upstream.wait_for_calls(1)

    rig.on_loop(lambda: setattr(rig.house, "draining", True))

    told = answer_of(connection)
    assert status_of(told) == 200
    assert b"connection: close" in told
