"""Providers whose HTTP is wrong or odd; each function is the fault of its name."""

from __future__ import annotations

import asyncio
import gzip
from typing import Final

from logwright.testing.fault_wire import Wire, chunk, send_healthy, send_whole

BOMB: Final = 100 * 1024 * 1024
MANY_HEADERS: Final = 5000


async def gzip_body(wire: Wire) -> None:
    """Answers in gzip although nobody asked for it."""
    body = gzip.compress(b"".join(wire.events) if wire.streamed else wire.whole)
    await send_whole(wire, body, content_encoding="gzip")


async def gzip_bomb(wire: Wire) -> None:
    """Answers with 100 KB of gzip that unpack to 100 MB."""
    filling = gzip.compress(b"a" * 1024 * 1024)  # members of gzip can be put in a row (RFC 1952, section 2.2)
    members = [gzip.compress(b'"'), *[filling] * (BOMB // (1024 * 1024)), gzip.compress(b'"')]
    await send_whole(wire, b"".join(members), content_encoding="gzip")


async def many_headers(wire: Wire) -> None:
    """Answers with 5000 headers."""
    await wire.send(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-h%d: v\r\n" % at for at in range(MANY_HEADERS)))
    await wire.send(b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(wire.whole) + wire.whole)


async def huge_header(wire: Wire) -> None:
    """Answers with one header of 1 MB."""
    await wire.send(b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 1024 * 1024 + b"\r\n")
    await wire.send(b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(wire.whole) + wire.whole)


async def bad_header(wire: Wire) -> None:
    """Answers with a header line that has no colon."""
    await wire.send(b"HTTP/1.1 200 OK\r\nno colon here\r\ncontent-length: 2\r\n\r\n{}")


async def bad_status(wire: Wire) -> None:
    """Answers with a status that is no number."""
    await wire.send(b"HTTP/1.1 OK fine\r\ncontent-length: 2\r\n\r\n{}")


async def not_http(wire: Wire) -> None:
    """Answers in another protocol."""
    await wire.send(b"SSH-2.0-OpenSSH_9.2p1\r\n")
    await asyncio.sleep(0.05)
    wire.close()


async def short_content_length(wire: Wire) -> None:
    """Sends more bytes than Content-Length says."""
    await wire.head(content_type="application/json", content_length=str(len(wire.whole) - 20))
    await wire.send(wire.whole)


async def long_content_length(wire: Wire) -> None:
    """Sends fewer bytes than Content-Length says, then closes."""
    await wire.head(content_type="application/json", content_length=str(len(wire.whole) + 20))
    await wire.send(wire.whole)
    await asyncio.sleep(0.02)
    wire.close()


async def two_content_lengths(wire: Wire) -> None:
    """Sends two different Content-Lengths."""
    await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 4\r\n\r\n{}{}")


async def length_and_chunked(wire: Wire) -> None:
    """Sends Content-Length together with chunks."""
    await wire.head(content_type="application/json", content_length="5", transfer_encoding="chunked")
    await wire.send(chunk(wire.whole) + b"0\r\n\r\n")


async def until_close(wire: Wire) -> None:
    """Answers without any length and closes at the end: old, and allowed."""
    kind = b"text/event-stream" if wire.streamed else b"application/json"
    await wire.send(b"HTTP/1.0 200 OK\r\ncontent-type: " + kind + b"\r\n\r\n")
    await wire.send(b"".join(wire.events) if wire.streamed else wire.whole)
    wire.close()


async def informational(wire: Wire) -> None:
    """Sends 100 and 103 before a healthy answer: allowed."""
    await wire.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")
    await send_healthy(wire)


async def closes_idle(wire: Wire) -> None:
    """Answers well and closes the connection right after, unannounced."""
    await send_healthy(wire)
    wire.close()


async def two_answers(wire: Wire) -> None:
    """Sends a second answer that nobody asked for."""
    await send_healthy(wire)
    await send_healthy(wire)
