"""The bytes of a journal segment.

A segment file is a head and frames, all integers little-endian. The head is
there twice, so that no single damage makes the segment unreadable:

    offset  size  head (at 0, and again at 32)
         0     8  magic, 89 4C 57 4A 0D 0A 1A 0A
         8     4  version of this format, 1
        12     8  sequence of the segment's first record, as in the file's name
        20     8  mark: random bytes that open every frame of this segment
        28     4  CRC-32 (zlib) of the 28 bytes before

    offset  size  frame (the first at 64, each right behind the one before)
         0     8  mark
         8     4  length of the body in bytes, L
        12     4  number of records, N
        16     8  sequence of the first record; the others follow without gaps
        24     4  CRC-32 of the body
        28     4  CRC-32 of the 28 bytes before
        32   4*N  length of each record
    32+4*N     …  the records, one after the other; ends at 32 + L

One frame is one group commit: whole or absent. Because the mark is random and
never leaves the file, a caller cannot plant bytes in a record that pass for a
frame, and a reader that meets damage finds the next frame by looking for it.
Behind the last frame there may be zeros (space reserved ahead) or the torn rest
of a frame that was being written when the machine stopped.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Sequence
from struct import Struct
from typing import Final, NamedTuple
from zlib import crc32

MAGIC: Final = b"\x89LWJ\r\n\x1a\n"
VERSION: Final = 1
HEAD_BYTES: Final = 64
MARK_BYTES: Final = 8
FRAME_HEAD_BYTES: Final = 32

_HEAD = Struct("<8sIQ8s")
_FRAME = Struct("<8sIIQI")
_CHECKSUM = Struct("<I")
_HALF_HEAD: Final = HEAD_BYTES // 2
_CHECKED: Final = 28


class Head(NamedTuple):
    """What the beginning of a segment says."""

    first: int
    mark: bytes


class Frame(NamedTuple):
    """One whole frame found in a buffer."""

    first: int
    rows: int
    body: int
    """Where the body begins, counted from the buffer's start."""
    end: int
    """Where the next frame begins."""


def new_mark() -> bytes:
    """Make the mark of a new segment; never zeros, which fill reserved space."""
    return os.urandom(MARK_BYTES - 1) + b"\x89"


def head(first: int, mark: bytes) -> bytes:
    """Give the head of a segment."""
    half = _HEAD.pack(MAGIC, VERSION, first, mark)
    return (half + _CHECKSUM.pack(crc32(half))) * 2


def read_head(data: bytes) -> Head | None:
    """Read a segment's head from its first 64 bytes; None when neither copy is sound or the version is unknown."""
    for start in (0, _HALF_HEAD):
        half = data[start : start + _CHECKED]
        stated = data[start + _CHECKED : start + _HALF_HEAD]
        if len(stated) == _CHECKSUM.size and crc32(half) == _CHECKSUM.unpack(stated)[0]:
            magic, version, first, mark = _HEAD.unpack(half)
            if magic == MAGIC and version == VERSION:
                return Head(first, mark)
    return None


def frame(mark: bytes, first: int, payloads: Sequence[bytes]) -> tuple[list[bytes], int]:
    """Give a frame as buffers to be written in a row, and their length in all; the records are not copied."""
    table = array("I", map(len, payloads)).tobytes()
    checksum = crc32(table)
    length = len(table)
    for payload in payloads:
        checksum = crc32(payload, checksum)
        length += len(payload)
    start = _FRAME.pack(mark, length, len(payloads), first, checksum)
    return [start + _CHECKSUM.pack(crc32(start)) + table, *payloads], FRAME_HEAD_BYTES + length


def announced(data: bytes, offset: int, mark: bytes) -> int | None:
    """Give the whole length of the frame whose head stands at `offset`; None when no sound head stands there."""
    start = data[offset : offset + _CHECKED]
    stated = data[offset + _CHECKED : offset + FRAME_HEAD_BYTES]
    if len(stated) < _CHECKSUM.size or start[:MARK_BYTES] != mark or crc32(start) != _CHECKSUM.unpack(stated)[0]:
        return None
    return FRAME_HEAD_BYTES + int(_FRAME.unpack(start)[1])


def frame_at(data: bytes, offset: int, mark: bytes) -> Frame | None:
    """Return the frame that stands whole and sound at `offset` of `data`, or None."""
    length = announced(data, offset, mark)
    if length is None or offset + length > len(data):
        return None
    _, _, rows, first, checksum = _FRAME.unpack_from(data, offset)
    body = offset + FRAME_HEAD_BYTES
    end = offset + length
    if crc32(memoryview(data)[body:end]) != checksum:
        return None
    return Frame(first, rows, body, end)


def records(data: bytes, found: Frame) -> Iterator[bytes]:
    """Yield the records of a frame."""
    table = array("I")
    start = found.body + 4 * found.rows
    table.frombytes(data[found.body : start])
    for length in table:
        yield data[start : start + length]
        start += length
