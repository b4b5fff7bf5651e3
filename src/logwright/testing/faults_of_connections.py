"""Providers whose connections break, stall or drip; each function is the fault of its name."""

from __future__ import annotations

import asyncio
from typing import Final

from logwright.testing.fault_wire import Wire, chunk

LONG: Final = 3600.0  # longer than any test waits


async def reset_before_head(wire: Wire) -> None:
    """Resets the connection instead of answering."""
    wire.reset()


async def close_before_head(wire: Wire) -> None:
    """Closes the connection instead of answering."""
    wire.close()


async def reset_in_head(wire: Wire) -> None:
    """Resets in the middle of the headers."""
    await wire.send(b"HTTP/1.1 200 OK\r\ncontent-ty")
    await asyncio.sleep(0.02)
    wire.reset()


async def reset_after_head(wire: Wire) -> None:
    """Resets after the headers."""
    await wire.head()
    await asyncio.sleep(0.02)
    wire.reset()


async def close_after_head(wire: Wire) -> None:
    """Closes after the headers, the body still owed."""
    await wire.head()
    wire.close()


async def _half(wire: Wire) -> None:
    await wire.head()
    if wire.streamed:
        for event in wire.events[: max(2, len(wire.events) // 2)]:
            await wire.send(chunk(event))
    else:
        await wire.send(wire.whole[: len(wire.whole) // 2])
    await asyncio.sleep(0.02)


async def reset_mid_body(wire: Wire) -> None:
    """Resets after half of the answer, streamed or not."""
    await _half(wire)
    wire.reset()


async def close_mid_body(wire: Wire) -> None:
    """Closes after half of the answer, streamed or not."""
    await _half(wire)
    wire.close()


async def stall_before_head(wire: Wire) -> None:
    """Takes the request and never answers."""
    del wire
    await asyncio.sleep(LONG)


async def stall_in_head(wire: Wire) -> None:
    """Sends a status line and half a header, then nothing."""
    await wire.send(b"HTTP/1.1 200 OK\r\ncontent-ty")
    await asyncio.sleep(LONG)


async def stall_after_head(wire: Wire) -> None:
    """Sends the headers and then nothing: an idle stream."""
    await wire.head()
    await asyncio.sleep(LONG)


async def stall_mid_body(wire: Wire) -> None:
    """Sends half of the answer, then nothing."""
    await _half(wire)
    await asyncio.sleep(LONG)


async def drip(wire: Wire) -> None:
    """Sends the answer one byte each 50 ms: bytes flow, content hardly does."""
    await wire.head()
    for at in range(len(wire.whole) if not wire.streamed else 10**6):
        await wire.send(chunk(b":") if wire.streamed else wire.whole[at : at + 1])
        await asyncio.sleep(0.05)


async def drip_head(wire: Wire) -> None:
    """Sends an endless header one byte each 50 ms."""
    await wire.send(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _ in range(10**6):
        await wire.send(b"a")
        await asyncio.sleep(0.05)


async def keep_alive_comments(wire: Wire) -> None:
    """Streams comments each 50 ms and never content."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    while True:
        await wire.send(chunk(b": keep-alive\n\n"))
        await asyncio.sleep(0.05)


async def bad_chunk_size(wire: Wire) -> None:
    """Sends a chunk whose size is no number."""
    await wire.head(transfer_encoding="chunked")
    await wire.send(b"zz\r\n" + wire.whole[:10] + b"\r\n")
    await asyncio.sleep(0.05)
    wire.close()


async def bad_chunk_end(wire: Wire) -> None:
    """Sends a chunk longer than its size says."""
    await wire.head(transfer_encoding="chunked")
    await wire.send(b"4\r\nabcdefgh\r\n0\r\n\r\n")
    await asyncio.sleep(0.05)
    wire.close()


async def no_last_chunk(wire: Wire) -> None:
    """Sends the whole answer chunked and closes without the last chunk."""
    await wire.head(transfer_encoding="chunked")
    await wire.send(chunk(b"".join(wire.events) if wire.streamed else wire.whole))
    wire.close()


async def no_done(wire: Wire) -> None:
    """Ends a stream in order but without its end mark."""
    await wire.head(content_type="text/event-stream", transfer_encoding="chunked")
    await wire.send(b"".join(map(chunk, wire.events[:-1])) + b"0\r\n\r\n")
