"""The ways in which a provider misbehaves, each by a name that a test or a model name can ask for.

A call to model `fault-NAME` gets fault NAME from any fake upstream, so that a
process which cannot be scripted (a benchmark, a shell) can ask for it as well.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

PREFIX: Final = "fault-"
LONG: Final = 3600.0  # longer than any test waits

HUGE_EVENT: Final = 60 * 1024 * 1024
HUGE_BODY: Final = 120 * 1024 * 1024
BOMB: Final = 100 * 1024 * 1024
MANY_HEADERS: Final = 5000


class Wire(Protocol):
    """What a fault may do to the connection. Sending waits while the client is not reading."""

    authorization: str
    """The key that the client sent, as it sent it."""
    streamed: bool
    """Whether the client asked for a stream."""
    whole: bytes
    """The JSON body of the healthy answer."""
    events: list[bytes]
    """The events of the healthy stream."""

    async def send(self, data: bytes) -> None:
        """Put bytes on the wire."""

    async def head(self, status: str = "200 OK", **headers: str) -> None:
        """Send a status line and headers (underscores for dashes), by default those of the healthy answer's form."""

    def reset(self) -> None:
        """Break the connection so that the client gets ECONNRESET."""

    def close(self) -> None:
        """End the connection in order."""


Fault = Callable[[Wire], Awaitable[None]]


def break_off(transport: asyncio.Transport) -> None:
    """Reset a connection: with lingering off, closing sends RST instead of FIN."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _reset_before_head(wire: Wire) -> None:
    """Resets the connection instead of answering."""
    wire.reset()


async def _close_before_head(wire: Wire) -> None:
    """Closes the connection instead of answering."""
    wire.close()


async def _reset_in_head(wire: Wire) -> None:
    """Resets in the middle of the headers."""
    await wire.send(b"HTTP/1.1 200 OK\r\ncontent-ty")
    await asyncio.sleep(0.02)
    wire.reset()


async def _reset_after_head(wire: Wire) -> None:
    """Resets after the headers."""
    await wire.head()
    await asyncio.sleep(0.02)
    wire.reset()


async def _close_after_head(wire: Wire) -> None:
    """Closes after the headers, the body still owed."""
    await wire.head()
    wire.close()


async def _half(wire: Wire) -> None:
    await wire.head()
    if wire.streamed:
        for event in wire.events[: max(2, len(wire.events) // 2)]:
            await wire.send(_chunk(event))
    else:
        await wire.send(wire.whole[: len(wire.whole) // 2])
    await asyncio.sleep(0.02)


async def _reset_mid_body(wire: Wire) -> None:
    """Resets after half of the answer, streamed or not."""
    await _half(wire)
    wire.reset()


async def _close_mid_body(wire: Wire) -> None:
    """Closes after half of the answer, streamed or not."""
    await _half(wire)
    wire.close()


async def _stall_before_head(wire: Wire) -> None:
    """Takes the request and never answers."""
    del wire
    await asyncio.sleep(LONG)


async def _stall_in_head(wire: Wire) -> None:
    """Sends a status line and half a header, then nothing."""
    await wire.send(b"HTTP/1.1 200 OK\r\ncontent-ty")
    await asyncio.sleep(LONG)


async def _stall_after_head(wire: Wire) -> None:
    """Sends the headers and then nothing: an idle stream."""
    await wire.head()
    await asyncio.sleep(LONG)


async def _stall_mid_body(wire: Wire) -> None:
    """Sends half of the answer, then nothing."""
    await _half(wire)
    await asyncio.sleep(LONG)


async def _drip(wire: Wire) -> None:
    """Sends the answer one byte each 50 ms: bytes flow, content hardly does."""
    await wire.head()
    for at in range(len(wire.whole) if not wire.streamed else 10**6):
        await wire.send(_chunk(b":") if wire.streamed else wire.whole[at : at + 1])
        await asyncio.sleep(0.05)


async def _drip_head(wire: Wire) -> None:
    """Sends an endless header one byte each 50 ms."""
    await wire.send(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _ in range(10**6):
        await wire.send(b"a")
        await asyncio.sleep(0.05)


async def _keep_alive_comments(wire: Wire) -> None:
    """Streams comments each 50 ms and never content."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    while True:
        await wire.send(_chunk(b": keep-alive\n\n"))
        await asyncio.sleep(0.05)


async def _bad_chunk_size(wire: Wire) -> None:
    """Sends a chunk whose size is no number."""
    await wire.head(transfer_encoding="chunked")
    await wire.send(b"zz\r\n" + wire.whole[:10] + b"\r\n")
    await asyncio.sleep(0.05)
    wire.close()


async def _bad_chunk_end(wire: Wire) -> None:
    """Sends a chunk longer than its size says."""
    await wire.head(transfer_encoding="chunked")
    await wire.send(b"4\r\nabcdefgh\r\n0\r\n\r\n")
    await asyncio.sleep(0.05)
    wire.close()


async def _no_last_chunk(wire: Wire) -> None:
    """Sends the whole answer chunked and closes without the last chunk."""
    await wire.head(transfer_encoding="chunked")
    await wire.send(_chunk(b"".join(wire.events) if wire.streamed else wire.whole))
    wire.close()


async def _no_done(wire: Wire) -> None:
    """Ends a stream in order but without its end mark."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    await wire.send(b"".join(map(_chunk, wire.events[:-1])) + b"0\r\n\r\n")


async def _simple(wire: Wire, body: bytes, status: str = "200 OK", **headers: str) -> None:
    await wire.head(status, content_length=str(len(body)), **headers)
    await wire.send(body)


async def _bad_json(wire: Wire) -> None:
    """Answers 200 with JSON that breaks off."""
    await _simple(wire, wire.whole[: len(wire.whole) // 2], content_type="application/json")


async def _not_json(wire: Wire) -> None:
    """Answers 200 with a web page."""
    await _simple(wire, b"<html><body>It works!</body></html>", content_type="text/html")


async def _empty_body(wire: Wire) -> None:
    """Answers 200 with nothing."""
    await _simple(wire, b"", content_type="application/json")


async def _json_array(wire: Wire) -> None:
    """Answers 200 with JSON that is no object."""
    await _simple(wire, b"[1,2,3]", content_type="application/json")


async def _invalid_utf8(wire: Wire) -> None:
    """Answers 200 with JSON whose text is not UTF-8."""
    await _simple(wire, wire.whole.replace(b'"id"', b'"i\xff\xfe"', 1), content_type="application/json")


async def _stream(wire: Wire, *pieces: bytes) -> None:
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    for piece in pieces:
        await wire.send(_chunk(piece))
    await wire.send(b"0\r\n\r\n")


async def _bad_sse(wire: Wire) -> None:
    """Streams lines that are no events between good ones."""
    await _stream(wire, *wire.events[:2], b"this is not an event\n\n{}\n\n", *wire.events[2:])


async def _bad_sse_json(wire: Wire) -> None:
    """Streams an event whose data is broken JSON, between good ones."""
    await _stream(wire, *wire.events[:2], b'data: {"id": "chatcmpl-1", "cho\n\n', *wire.events[2:])


async def _binary_sse(wire: Wire) -> None:
    """Streams bytes that are no text."""
    await _stream(wire, *wire.events[:2], bytes(range(256)) * 16 + b"\n\n", *wire.events[2:])


async def _error_in_stream(wire: Wire) -> None:
    """Streams two events and then an error event, as OpenAI does when it fails late."""
    error = b'data: {"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}\n\n'
    await _stream(wire, *wire.events[:2], error)


async def _json_for_stream(wire: Wire) -> None:
    """Answers a request for a stream with one JSON body."""
    await _simple(wire, wire.whole, content_type="application/json")


async def _huge_event(wire: Wire) -> None:
    """Streams one event of 60 MB."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    await wire.send(_chunk(b'data: {"choices":[{"index":0,"delta":{"content":"'))
    for _ in range(HUGE_EVENT // 65536):
        await wire.send(_chunk(b"a" * 65536))
    await wire.send(_chunk(b'"}}]}\n\n') + b"0\r\n\r\n")


async def _huge_body(wire: Wire) -> None:
    """Answers with 120 MB of JSON, its length told."""
    front, back = b'{"id":"', b'"}'
    await wire.head(content_type="application/json", content_length=str(HUGE_BODY))
    await wire.send(front)
    left = HUGE_BODY - len(front) - len(back)
    while left:
        piece = min(left, 65536)
        await wire.send(b"a" * piece)
        left -= piece
    await wire.send(back)


async def _huge_chunked_body(wire: Wire) -> None:
    """Answers with 120 MB of JSON, its length not told."""
    await wire.head(content_type="application/json", transfer_encoding="chunked")
    await wire.send(_chunk(b'{"id":"'))
    for _ in range(HUGE_BODY // 65536):
        await wire.send(_chunk(b"a" * 65536))
    await wire.send(_chunk(b'"}') + b"0\r\n\r\n")


async def _endless_stream(wire: Wire) -> None:
    """Streams content events without end, as fast as the client reads."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    event = _chunk(wire.events[min(1, len(wire.events) - 1)])
    while True:
        await wire.send(event * 64)
        await asyncio.sleep(0)


async def _slow_endless_stream(wire: Wire) -> None:
    """Streams a content event each 20 ms without end."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    while True:
        await wire.send(_chunk(wire.events[min(1, len(wire.events) - 1)]))
        await asyncio.sleep(0.02)


async def _gzip_body(wire: Wire) -> None:
    """Answers in gzip although nobody asked for it."""
    body = gzip.compress(b"".join(wire.events) if wire.streamed else wire.whole)
    await _simple(wire, body, content_encoding="gzip")


async def _gzip_bomb(wire: Wire) -> None:
    """Answers with 100 KB of gzip that unpack to 100 MB."""
    await _simple(wire, gzip.compress(b'"' + b"a" * BOMB + b'"'), content_encoding="gzip")


async def _many_headers(wire: Wire) -> None:
    """Answers with 5000 headers."""
    await wire.send(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-h%d: v\r\n" % at for at in range(MANY_HEADERS)))
    await wire.send(b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(wire.whole) + wire.whole)


async def _huge_header(wire: Wire) -> None:
    """Answers with one header of 1 MB."""
    await wire.send(b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 1024 * 1024 + b"\r\n")
    await wire.send(b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(wire.whole) + wire.whole)


async def _bad_header(wire: Wire) -> None:
    """Answers with a header line that has no colon."""
    await wire.send(b"HTTP/1.1 200 OK\r\nno colon here\r\ncontent-length: 2\r\n\r\n{}")


async def _bad_status(wire: Wire) -> None:
    """Answers with a status that is no number."""
    await wire.send(b"HTTP/1.1 OK fine\r\ncontent-length: 2\r\n\r\n{}")


async def _not_http(wire: Wire) -> None:
    """Answers in another protocol."""
    await wire.send(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    await asyncio.sleep(0.05)
    wire.close()


async def _redirect(wire: Wire) -> None:
    """Redirects to a cloud's metadata address (302)."""
    await _simple(wire, b"", "302 Found", location="http://169.254.169.254/latest/meta-data/")


async def _redirect_307(wire: Wire) -> None:
    """Redirects with the method and body kept (307)."""
    await _simple(wire, b"", "307 Temporary Redirect", location="http://127.0.0.1:9/v1/chat/completions")


def _error(message: str, kind: str, code: str) -> bytes:
    return f'{{"error":{{"message":"{message}","type":"{kind}","param":null,"code":"{code}"}}}}'.encode()


async def _status_429(wire: Wire) -> None:
    """Answers 429 with Retry-After: 7."""
    body = _error("Rate limit reached", "requests", "rate_limit_exceeded")
    await _simple(wire, body, "429 Too Many Requests", content_type="application/json", retry_after="7")


async def _status_401(wire: Wire) -> None:
    """Answers 401 and repeats the key in its message, as providers do."""
    key = wire.authorization.removeprefix("Bearer ")
    body = _error(f"Incorrect API key provided: {key}", "invalid_request_error", "invalid_api_key")
    await _simple(wire, body, "401 Unauthorized", content_type="application/json")


async def _status_400(wire: Wire) -> None:
    """Answers 400 in OpenAI's form."""
    body = _error("Invalid value for temperature", "invalid_request_error", "invalid_value")
    await _simple(wire, body, "400 Bad Request", content_type="application/json")


async def _content_filter(wire: Wire) -> None:
    """Answers 400 as a provider whose filter refused the prompt."""
    body = _error("The response was filtered by the content policy", "invalid_request_error", "content_filter")
    await _simple(wire, body, "400 Bad Request", content_type="application/json")


async def _status_404(wire: Wire) -> None:
    """Answers 404 for the model."""
    body = _error("The model does not exist", "invalid_request_error", "model_not_found")
    await _simple(wire, body, "404 Not Found", content_type="application/json")


async def _status_500(wire: Wire) -> None:
    """Answers 500 with a web page."""
    body = b"<html><h1>Internal Server Error</h1></html>"
    await _simple(wire, body, "500 Internal Server Error", content_type="text/html")


async def _status_503(wire: Wire) -> None:
    """Answers 503 with an empty body."""
    await _simple(wire, b"", "503 Service Unavailable", retry_after="1")


async def _status_529(wire: Wire) -> None:
    """Answers 529 in Anthropic's form: overloaded."""
    body = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    await _simple(wire, body, "529 Overloaded", content_type="application/json")


async def _short_content_length(wire: Wire) -> None:
    """Sends more bytes than Content-Length says."""
    await wire.head(content_type="application/json", content_length=str(len(wire.whole) - 20))
    await wire.send(wire.whole)


async def _long_content_length(wire: Wire) -> None:
    """Sends fewer bytes than Content-Length says, then closes."""
    await wire.head(content_type="application/json", content_length=str(len(wire.whole) + 20))
    await wire.send(wire.whole)
    await asyncio.sleep(0.02)
    wire.close()


async def _two_content_lengths(wire: Wire) -> None:
    """Sends two different Content-Lengths."""
    await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 4\r\n\r\n{}{}")


async def _length_and_chunked(wire: Wire) -> None:
    """Sends Content-Length together with chunks."""
    await wire.head(content_type="application/json", content_length="5", transfer_encoding="chunked")
    await wire.send(_chunk(wire.whole) + b"0\r\n\r\n")


async def _until_close(wire: Wire) -> None:
    """Answers without any length and closes at the end: old, and allowed."""
    kind = b"text/event-stream" if wire.streamed else b"application/json"
    await wire.send(b"HTTP/1.0 200 OK\r\ncontent-type: " + kind + b"\r\n\r\n")
    await wire.send(b"".join(wire.events) if wire.streamed else wire.whole)
    wire.close()


async def _informational(wire: Wire) -> None:
    """Sends 100 and 103 before a healthy answer: allowed."""
    await wire.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
    await _healthy(wire)


async def _closes_idle(wire: Wire) -> None:
    """Answers well and closes the connection right after, unannounced."""
    await _healthy(wire)
    wire.close()


async def _two_answers(wire: Wire) -> None:
    """Sends a second answer that nobody asked for."""
    await _healthy(wire)
    await _healthy(wire)


async def _healthy(wire: Wire) -> None:
    if wire.streamed:
        await _stream(wire, *wire.events)
    else:
        await _simple(wire, wire.whole, content_type="application/json")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _named() -> dict[str, Fault]:
    """Every fault of this module under its name: `_reset_mid_body` is `reset-mid-body`."""
    helpers = {"_half", "_simple", "_stream", "_healthy"}
    return {
        name.removeprefix("_").replace("_", "-"): found
        for name, found in globals().items()
        if name.startswith("_") and name not in helpers and asyncio.iscoroutinefunction(found)
    }


FAULTS: Final = _named()
"""All faults by name; the docstring of each says what it does. `refuse` is the upstream's own method."""
