"""What faults are made with: the connection they act on, and the healthy answers they spoil."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Protocol


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


def break_off(transport: asyncio.Transport) -> None:
    """Reset a connection: with lingering off, closing sends RST instead of FIN."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def send_whole(wire: Wire, body: bytes, status: str = "200 OK", **headers: str) -> None:
    """Answer with one body and its length."""
    await wire.head(status, content_length=str(len(body)), **headers)
    await wire.send(body)


async def send_stream(wire: Wire, *pieces: bytes) -> None:
    """Answer with pieces, each a chunk."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    for piece in pieces:
        await wire.send(chunk(piece))
    await wire.send(b"0\r\n\r\n")


async def send_healthy(wire: Wire) -> None:
    """Answer as asked, well."""
    if wire.streamed:
        await send_stream(wire, *wire.events)
    else:
        await send_whole(wire, wire.whole, content_type="application/json")


def chunk(data: bytes) -> bytes:
    """Frame bytes as one chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)
