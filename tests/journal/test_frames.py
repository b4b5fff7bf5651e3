"""The bytes of a segment, by the offsets of the format's description; no damaged frame passes for a sound one."""

from __future__ import annotations

import struct
import zlib

from hypothesis import given
from hypothesis import strategies as st

from logwright.journal.frames import (
    FRAME_HEAD_BYTES,
    HEAD_BYTES,
    announced,
    frame,
    frame_at,
    head,
    new_mark,
    read_head,
    records,
)

MARK = b"\x01\x02\x03\x04\x05\x06\x07\x89"


def test_a_head_is_written_as_described_and_twice() -> None:
    data = head(77, MARK)
    assert data[:8] == b"\x89LWJ\r\n\x1a\n"
    assert struct.unpack_from("<IQ", data, 8) == (1, 77)
    assert data[20:28] == MARK
    assert struct.unpack_from("<I", data, 28) == (zlib.crc32(data[:28]),)
    assert data[32:] == data[:32]
    assert len(data) == HEAD_BYTES


def test_a_frame_is_written_as_described() -> None:
    buffers, length = frame(MARK, 9, [b"one", b"", b"three"])
    data = b"".join(buffers)
    body = struct.pack("<III", 3, 0, 5) + b"onethree"
    start = MARK + struct.pack("<IIQI", len(body), 3, 9, zlib.crc32(body))
    assert data == start + struct.pack("<I", zlib.crc32(start)) + body
    assert length == len(data)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=20), st.integers(1, 2**63), st.binary(max_size=40))
def test_a_frame_is_read_back_wherever_it_stands(payloads: list[bytes], first: int, before: bytes) -> None:
    buffers, length = frame(MARK, first, payloads)
    data = before + b"".join(buffers) + b"behind"
    found = frame_at(data, len(before), MARK)
    assert found is not None
    assert (found.first, found.rows, found.end) == (first, len(payloads), len(before) + length)
    assert list(records(data, found)) == payloads


@given(st.data())
def test_no_flipped_bit_goes_unnoticed(data: st.DataObject) -> None:
    whole = bytearray(b"".join(frame(MARK, 5, [b"some record", b"another"])[0]))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    assert frame_at(bytes(whole), 0, MARK) is None


@given(st.data())
def test_one_copy_of_the_head_is_enough(data: st.DataObject) -> None:
    whole = bytearray(head(12, MARK))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    assert read_head(bytes(whole)) == (12, MARK)


def test_a_torn_frame_is_announced_and_not_found() -> None:
    data = b"".join(frame(MARK, 5, [b"x" * 100])[0])
    for length in range(len(data)):
        assert frame_at(data[:length], 0, MARK) is None
        expected = len(data) if length >= FRAME_HEAD_BYTES else None
        assert announced(data[:length], 0, MARK) == expected


def test_nothing_reads_as_no_head() -> None:
    assert read_head(b"") is None
    assert read_head(bytes(HEAD_BYTES)) is None
    assert read_head(head(1, MARK).replace(b"\x01\0\0\0", b"\x02\0\0\0", 1)[:32]) is None


def test_marks_are_never_zeros() -> None:
    assert len({new_mark() for _ in range(100)}) == 100
    assert all(len(mark) == 8 and mark[-1] == 0x89 for mark in (new_mark() for _ in range(100)))
