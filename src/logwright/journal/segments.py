"""Segment files: their names, and finding the sound frames in one, whatever else is in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from logwright.journal.frames import (
    FRAME_HEAD_BYTES,
    HEAD_BYTES,
    MARK_BYTES,
    Frame,
    announced,
    frame_at,
    read_head,
)

SUFFIX: Final = ".journal"
DIGITS: Final = 20
_CHUNK: Final = 1 << 20


def segment_path(folder: Path, first: int) -> Path:
    """Name the segment that begins with sequence `first`."""
    return folder / f"{first:0{DIGITS}}{SUFFIX}"


def segments(folder: Path) -> list[int]:
    """List the segments of a producer by their first sequences, ascending; none when there is no such folder."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names are enough, and this is read for every poll
    except FileNotFoundError:
        return []
    return sorted(
        int(name[:DIGITS])
        for name in names
        if name.endswith(SUFFIX) and len(name) == DIGITS + len(SUFFIX) and name[:DIGITS].isdecimal()
    )


def read_at(descriptor: int, length: int, offset: int) -> bytes:
    """Read exactly `length` bytes, or as many as there are."""
    data = os.pread(descriptor, length, offset)
    while 0 < len(data) < length:
        more = os.pread(descriptor, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data


def find_mark(descriptor: int, folder: Path, first: int, known: Sequence[int]) -> bytes | None:
    """Learn the mark of a segment's frames: from its head, its first frame or, with both gone, a neighbour's head.

    All segments of a producer bear the same mark for this reason.
    """
    start = read_at(descriptor, HEAD_BYTES + FRAME_HEAD_BYTES, 0)
    head = read_head(start)
    if head is not None:
        return head.mark
    mark = start[HEAD_BYTES : HEAD_BYTES + MARK_BYTES]
    if len(mark) == MARK_BYTES and announced(start, HEAD_BYTES, mark) is not None:
        return mark
    for other in sorted(known, key=lambda each: abs(each - first)):
        if other != first and (found := mark_of(segment_path(folder, other))) is not None:
            return found
    return None


def mark_of(path: Path) -> bytes | None:
    """Read the mark from the head of a segment; None when it has no sound head."""
    try:
        with path.open("rb") as file:
            head = read_head(file.read(HEAD_BYTES))
    except FileNotFoundError:
        return None
    return None if head is None else head.mark


def whole_frame(descriptor: int, mark: bytes, offset: int, stop: int) -> tuple[bytes, Frame] | None:
    """Read the frame that stands whole at `offset` and ends by `stop`, as its bytes and its description."""
    length = announced(read_at(descriptor, FRAME_HEAD_BYTES, offset), 0, mark)
    if length is None or offset + length > stop:
        return None
    data = read_at(descriptor, length, offset)
    found = frame_at(data, 0, mark)
    return None if found is None else (data, found)


def find_frame(descriptor: int, mark: bytes, offset: int, stop: int) -> int | None:
    """Return where the next sound frame at or behind `offset` begins, passing over damage."""
    while offset < stop:
        data = read_at(descriptor, min(_CHUNK, stop - offset), offset)
        at = data.find(mark)
        while at >= 0:
            if whole_frame(descriptor, mark, offset + at, stop) is not None:
                return offset + at
            at = data.find(mark, at + 1)
        if len(data) < MARK_BYTES:
            return None
        offset += len(data) - MARK_BYTES + 1  # a mark may lie across two chunks
    return None


def sound_frames(descriptor: int, mark: bytes, stop: int) -> Iterator[tuple[int, Frame]]:
    """Yield each sound frame of a segment with the offset at which it begins."""
    offset: int | None = HEAD_BYTES
    while offset is not None:
        found = whole_frame(descriptor, mark, offset, stop)
        if found is None:
            offset = find_frame(descriptor, mark, offset, stop)
        else:
            yield offset, found[1]
            offset += found[1].end
