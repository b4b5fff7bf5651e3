"""One request through the outbound door."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading

import pytest

from logwright.addresses import AllowList, check_url
from logwright.errors import LogwrightError, UpstreamTimeout, UpstreamUnreachable
from logwright.gateway.post import MOST_BYTES, Answered, post

TLS = ssl.create_default_context()


def sent_to(answer: bytes | None, *, seconds: float = 5.0, allowed: bool = True) -> tuple[Answered, bytes]:
    """Send a request to a server that says `answer` and closes, or with None says nothing; return what both got."""
    got = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while not got.endswith(b"body"):
                    part = connection.recv(65536)
                    if not part:
                        return
                    got.extend(part)
                if answer is None:
                    connection.recv(1)
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        own = AllowList(hosts=frozenset({("127.0.0.1", port)}))
        url = check_url(f"http://127.0.0.1:{port}/v1/traces", own)
        allow = own if allowed else AllowList()
        answered = asyncio.run(post(url, b"body", {"x-key": "k"}, allow=allow, tls=TLS, seconds=seconds))
        thread.join()
        return answered, bytes(got)


def test_the_request_goes_to_the_urls_own_path_with_its_headers() -> None:
    answered, got = sent_to(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nok")

    assert answered == (200, {"content-length": "2", "x-a": "b"}, b"ok")
    assert got.startswith(b"POST /v1/traces HTTP/1.1\r\n")
    assert b"x-key: k\r\n" in got
    assert b"content-length: 4\r\n" in got


def test_a_long_answer_is_kept_up_to_a_limit() -> None:
    size = MOST_BYTES * 3
    answered, _ = sent_to(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)

    assert len(answered.body) == MOST_BYTES


@pytest.mark.parametrize(
    ("answer", "raised"),
    [(b"rubbish\r\n\r\n", UpstreamUnreachable), (b"", UpstreamUnreachable), (None, UpstreamTimeout)],
)
def test_what_is_no_answer_is_said_so(answer: bytes | None, raised: type[LogwrightError]) -> None:
    with pytest.raises(raised):
        sent_to(answer, seconds=0.3 if answer is None else 5.0)


def test_an_address_that_is_not_allowed_is_not_dialled() -> None:
    allowed_to_read = AllowList(hosts=frozenset({("127.0.0.1", 9)}))
    url = check_url("http://127.0.0.1:9/x", allowed_to_read)

    with pytest.raises(UpstreamUnreachable):
        asyncio.run(post(url, b"", {}, allow=AllowList(), tls=TLS, seconds=1.0))
