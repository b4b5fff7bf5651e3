"""The bytes of an answer."""

from __future__ import annotations

import json

from logwright.errors import RateLimited
from logwright.gateway import reply
from logwright.http.cors import answer_headers


def test_a_plain_answer_says_its_length() -> None:
    assert reply.head(200, [reply.JSON_TYPE], length=2, keep_alive=True) == (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + reply.GUARDS + b"content-length: 2\r\n\r\n"
    )


def test_every_answer_is_kept_out_of_caches_and_may_be_read_by_scripts_that_hold_a_key() -> None:
    guards = dict(line.split(": ", 1) for line in reply.GUARDS.decode().split("\r\n") if line)

    assert guards == {"cache-control": "no-store", "x-content-type-options": "nosniff", **answer_headers()}


def test_an_answer_of_unknown_length_comes_in_chunks_and_may_close() -> None:
    head = reply.head(529, [], length=None, keep_alive=False)

    assert head.startswith(b"HTTP/1.1 529 Status\r\n")
    assert b"transfer-encoding: chunked\r\n" in head
    assert b"connection: close\r\n" in head


def test_a_chunk_says_its_length_in_hexadecimal() -> None:
    assert reply.chunk(b"a" * 26) == b"1a\r\n" + b"a" * 26 + b"\r\n"


def test_a_refusal_says_when_to_come_again() -> None:
    lines, body = reply.refusal(RateLimited("too many", retry_after=0.2))

    assert b"retry-after: 1\r\n" in lines
    assert json.loads(body)["code"] == "TOO_MANY_REQUESTS"
