"""AWS's binary event streams, cut into events as their bytes arrive.

A frame is: its length and that of its headers (32 bits each, big-endian), a checksum
of the two; headers; payload; a checksum of all before it. Checksums are CRC-32 (as in
RFC 1952). A header is the length of its name (8 bits), the name, a type (8 bits) and a
value. Source: AWS, Smithy 2.0 specification, Amazon event stream (read 2026).
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from logwright.wire.stream import MAX_EVENT_BYTES, Event, EventTooLarge

_PRELUDE: Final = struct.Struct(">III")
_TAIL_BYTES: Final = 4
_STRING: Final = 7
_SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's value by its type; bytes (6) and text (7) say their length themselves."""

ERROR: Final = "error"
"""The type of a frame that says in its headers what went wrong."""


class FrameCutter:
    """Cuts a stream into events: the name is the event's type, or that of the exception that ended it."""

    __slots__ = ("_limit", "_rest")

    def __init__(self, *, limit: int = MAX_EVENT_BYTES) -> None:
        self._rest = b""
        self._limit = limit

    def feed(self, piece: bytes) -> list[Event]:
        """Take the next bytes of the stream and return the events they complete.

        Raises:
            EventTooLarge: one event exceeds the limit.
            ValueError: the bytes are no frame, or one that was damaged on its way.
        """
        held = self._rest + piece if self._rest else piece
        found: list[Event] = []
        start = 0
        while len(held) - start >= _PRELUDE.size:
            length, _, checksum = _PRELUDE.unpack_from(held, start)
            if zlib.crc32(held[start : start + 8]) != checksum or length < _PRELUDE.size + _TAIL_BYTES:
                raise ValueError("the stream is not made of AWS's event frames")
            if length > self._limit:
                raise EventTooLarge(f"An event of the stream is larger than {self._limit} bytes")
            if len(held) - start < length:
                break
            found.append(_read(held[start : start + length]))
            start += length
        self._rest = held[start:]
        return found


def frame(name: str, payload: bytes, *, message_type: str = "event") -> bytes:
    """Write one event; for `message_type` exception the name is that of the exception."""
    kind = ":exception-type" if message_type == "exception" else ":event-type"
    headers = b"".join(
        _header(each, value)
        for each, value in ((kind, name), (":content-type", "application/json"), (":message-type", message_type))
    )
    prelude = struct.pack(">II", _PRELUDE.size + len(headers) + len(payload) + _TAIL_BYTES, len(headers))
    framed = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return framed + struct.pack(">I", zlib.crc32(framed))


def _header(name: str, value: str) -> bytes:
    return struct.pack(">B", len(name)) + name.encode() + struct.pack(">BH", _STRING, len(value)) + value.encode()


def _read(whole: bytes) -> Event:
    if zlib.crc32(whole[:-_TAIL_BYTES]) != struct.unpack(">I", whole[-_TAIL_BYTES:])[0]:
        raise ValueError("an event frame was damaged on its way")
    end = _PRELUDE.size + _PRELUDE.unpack_from(whole)[1]
    headers = _headers(whole[_PRELUDE.size : end])
    if headers.get(":message-type") == ERROR:
        return Event(ERROR, (headers.get(":error-message") or headers.get(":error-code") or "").encode())
    return Event(headers.get(":event-type") or headers.get(":exception-type") or "", whole[end:-_TAIL_BYTES])


def _headers(data: bytes) -> dict[str, str]:
    """Read the headers that are text."""
    found: dict[str, str] = {}
    at = 0
    try:
        while at < len(data):
            size = data[at]
            name = data[at + 1 : at + 1 + size].decode()
            kind = data[at + 1 + size]
            at += size + 2
            if kind in (6, _STRING):
                (length,) = struct.unpack_from(">H", data, at)
                at += 2
                if kind == _STRING:
                    found[name] = data[at : at + length].decode()
            else:
                length = _SIZES[kind]
            at += length
    except (LookupError, struct.error) as error:
        raise ValueError("the headers of an event frame cannot be read") from error
    return found
