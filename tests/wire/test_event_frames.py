"""Binary frames are cut whatever the pieces they come in, and damage is seen."""

from __future__ import annotations

import struct
import zlib

import pytest

from logwright.wire.event_frames import FrameCutter, frame
from logwright.wire.stream import Event, EventTooLarge

STREAM = frame("messageStart", b'{"role":"assistant"}') + frame("throttled", b"{}", message_type="exception")


@pytest.mark.parametrize("size", [1, 3, 16, 1000])
def test_frames_are_cut_from_pieces_of_any_size(size: int) -> None:
    cutter = FrameCutter()
    found = [event for start in range(0, len(STREAM), size) for event in cutter.feed(STREAM[start : start + size])]

    assert found == [Event("messageStart", b'{"role":"assistant"}'), Event("throttled", b"{}")]


def test_a_frame_of_an_error_has_its_words_in_the_headers() -> None:
    headers = b"".join(
        struct.pack(">B", len(name)) + name + b"\x07" + struct.pack(">H", len(value)) + value
        for name, value in ((b":message-type", b"error"), (b":error-code", b"500"), (b":error-message", b"It broke"))
    )
    # A header of each other sort, none of which is text.
    headers += b"\x01a\x00" + b"\x01b\x02\x01" + b"\x01c\x04\x00\x00\x00\x01" + b"\x01d\x06\x00\x02hi"
    prelude = struct.pack(">II", 16 + len(headers), len(headers))
    framed = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers
    framed += struct.pack(">I", zlib.crc32(framed))

    assert FrameCutter().feed(framed) == [Event("error", b"It broke")]


@pytest.mark.parametrize("at", [0, 5, 9, 20, -5, -1])
def test_damage_is_seen(at: int) -> None:
    damaged = bytearray(frame("messageStart", b"{}"))
    damaged[at] ^= 1

    with pytest.raises(ValueError, match="frame"):
        FrameCutter().feed(bytes(damaged))


def test_text_is_no_frame() -> None:
    with pytest.raises(ValueError, match="not made of"):
        FrameCutter().feed(b'data: {"type":"message_start"}\n\n')


def test_a_frame_over_the_limit_is_refused_before_it_has_come() -> None:
    with pytest.raises(EventTooLarge):
        FrameCutter(limit=100).feed(frame("text", b"a" * 200)[:20])
