"""A provider that only streams: 100 events a call, each written and so to be read by itself."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Final, cast

import uvloop

from bench.gateway.shapes import CHUNKS

_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_LAST: Final = b"0\r\n\r\n"


def _event(delta: dict[str, str], *, finish: str | None = None, usage: bool = False) -> bytes:
    chunk = {
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        "object": "chat.completion.chunk",
        "created": 1_767_225_600,
        "model": "bench-stream",
        "service_tier": "default",
        "system_fingerprint": "fp_fc9f1d7035",
        "choices": [] if usage else [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    if usage:
        chunk["usage"] = {"prompt_tokens": 117, "completion_tokens": CHUNKS, "total_tokens": 117 + CHUNKS}
    return _framed(b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n")


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


_EVENTS: Final = (
    _event({"role": "assistant", "content": ""}),
    *(_event({"content": " word"}) for _ in range(CHUNKS - 2)),
    _event({}, finish="stop"),
)
_USAGE: Final = _event({}, usage=True)
_DONE: Final = _framed(b"data: [DONE]\n\n")


class _Connection(asyncio.Protocol):
    """Answers one request after another."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._held += data
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self._held.lower().find(b"content-length:")
        length = int(self._held[at + 15 : self._held.find(b"\r\n", at)])
        if len(self._held) < end + 4 + length:
            return
        body, self._held = self._held[end + 4 : end + 4 + length], self._held[end + 4 + length :]
        self._transport.write(_HEAD)
        self._loop.call_soon(self._write, 0, b'"include_usage"' in body)

    def _write(self, number: int, with_usage: bool) -> None:
        if self._transport.is_closing():
            return
        if number < len(_EVENTS):
            self._transport.write(_EVENTS[number])
            self._loop.call_soon(self._write, number + 1, with_usage)
            return
        self._transport.write((_USAGE if with_usage else b"") + _DONE + _LAST)


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(loop), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(_serve(parser.parse_args().port))
