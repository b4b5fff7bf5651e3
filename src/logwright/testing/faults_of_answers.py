"""Providers whose HTTP is fine and whose answer is not; each function is the fault of its name."""

from __future__ import annotations

import asyncio
from typing import Final

from logwright.testing.fault_wire import Wire, chunk, send_stream, send_whole

HUGE_EVENT: Final = 60 * 1024 * 1024
HUGE_BODY: Final = 120 * 1024 * 1024


async def bad_json(wire: Wire) -> None:
    """Answers 200 with JSON that breaks off."""
    await send_whole(wire, wire.whole[: len(wire.whole) // 2], content_type="application/json")


async def not_json(wire: Wire) -> None:
    """Answers 200 with a web page."""
    await send_whole(wire, b"<html><body>It works!</body></html>", content_type="text/html")


async def empty_body(wire: Wire) -> None:
    """Answers 200 with nothing."""
    await send_whole(wire, b"", content_type="application/json")


async def json_array(wire: Wire) -> None:
    """Answers 200 with JSON that is no object."""
    await send_whole(wire, b"[1,2,3]", content_type="application/json")


async def invalid_utf8(wire: Wire) -> None:
    """Answers 200 with JSON whose text is not UTF-8."""
    await send_whole(wire, wire.whole.replace(b'"id"', b'"i\xff\xfe"', 1), content_type="application/json")


async def bad_sse(wire: Wire) -> None:
    """Streams lines that are no events between good ones."""
    await send_stream(wire, *wire.events[:2], b"this is not an event\n\n{}\n\n", *wire.events[2:])


async def bad_sse_json(wire: Wire) -> None:
    """Streams an event whose data is broken JSON, between good ones."""
    await send_stream(wire, *wire.events[:2], b'data: {"id": "chatcmpl-1", "cho\n\n', *wire.events[2:])


async def binary_sse(wire: Wire) -> None:
    """Streams bytes that are no text."""
    await send_stream(wire, *wire.events[:2], bytes(range(256)) * 16 + b"\n\n", *wire.events[2:])


async def error_in_stream(wire: Wire) -> None:
    """Streams two events and then an error event, as OpenAI does when it fails late."""
    error = b'data: {"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}\n\n'
    await send_stream(wire, *wire.events[:2], error)


async def json_for_stream(wire: Wire) -> None:
    """Answers a request for a stream with one JSON body."""
    await send_whole(wire, wire.whole, content_type="application/json")


async def huge_event(wire: Wire) -> None:
    """Streams one event of 60 MB."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    await wire.send(chunk(b'data: {"choices":[{"index":0,"delta":{"content":"'))
    for _ in range(HUGE_EVENT // 65536):
        await wire.send(chunk(b"a" * 65536))
    await wire.send(chunk(b'"}}]}\n\n') + b"0\r\n\r\n")


async def huge_body(wire: Wire) -> None:
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


async def huge_chunked_body(wire: Wire) -> None:
    """Answers with 120 MB of JSON, its length not told."""
    await wire.head(content_type="application/json", transfer_encoding="chunked")
    await wire.send(chunk(b'{"id":"'))
    for _ in range(HUGE_BODY // 65536):
        await wire.send(chunk(b"a" * 65536))
    await wire.send(chunk(b'"}') + b"0\r\n\r\n")


async def endless_stream(wire: Wire) -> None:
    """Streams content events without end, as fast as the client reads."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    event = chunk(wire.events[min(1, len(wire.events) - 1)])
    while True:
        await wire.send(event * 64)
        await asyncio.sleep(0)


async def slow_endless_stream(wire: Wire) -> None:
    """Streams a content event each 20 ms without end."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    while True:
        await wire.send(chunk(wire.events[min(1, len(wire.events) - 1)]))
        await asyncio.sleep(0.02)


async def redirect(wire: Wire) -> None:
    """Redirects to a cloud's metadata address (302)."""
    await send_whole(wire, b"", "302 Found", location="http://169.254.169.254/latest/meta-data/")


async def redirect_307(wire: Wire) -> None:
    """Redirects with the method and body kept (307)."""
    await send_whole(wire, b"", "307 Temporary Redirect", location="http://127.0.0.1:9/v1/chat/completions")


def _error(message: str, kind: str, code: str) -> bytes:
    return f'{{"error":{{"message":"{message}","type":"{kind}","param":null,"code":"{code}"}}}}'.encode()


async def status_429(wire: Wire) -> None:
    """Answers 429 with Retry-After: 7."""
    body = _error("Rate limit reached", "requests", "rate_limit_exceeded")
    await send_whole(wire, body, "429 Too Many Requests", content_type="application/json", retry_after="7")


async def status_401(wire: Wire) -> None:
    """Answers 401 and repeats the key in its message, as providers do."""
    key = wire.authorization.removeprefix("Bearer ")
    body = _error(f"Incorrect API key provided: {key}", "invalid_request_error", "invalid_api_key")
    await send_whole(wire, body, "401 Unauthorized", content_type="application/json")


async def status_400(wire: Wire) -> None:
    """Answers 400 in OpenAI's form."""
    body = _error("Invalid value for temperature", "invalid_request_error", "invalid_value")
    await send_whole(wire, body, "400 Bad Request", content_type="application/json")


async def content_filter(wire: Wire) -> None:
    """Answers 400 as a provider whose filter refused the prompt."""
    body = _error("The response was filtered by the content policy", "invalid_request_error", "content_filter")
    await send_whole(wire, body, "400 Bad Request", content_type="application/json")


async def status_404(wire: Wire) -> None:
    """Answers 404 for the model."""
    body = _error("The model does not exist", "invalid_request_error", "model_not_found")
    await send_whole(wire, body, "404 Not Found", content_type="application/json")


async def status_500(wire: Wire) -> None:
    """Answers 500 with a web page."""
    body = b"<html><h1>Internal Server Error</h1></html>"
    await send_whole(wire, body, "500 Internal Server Error", content_type="text/html")


async def status_503(wire: Wire) -> None:
    """Answers 503 with an empty body."""
    await send_whole(wire, b"", "503 Service Unavailable", retry_after="1")


async def status_529(wire: Wire) -> None:
    """Answers 529 in Anthropic's form: overloaded."""
    body = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    await send_whole(wire, body, "529 Overloaded", content_type="application/json")
