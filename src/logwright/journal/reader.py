"""Reading journals: in order, beside a writer at work, past damage, and never what may yet be taken back."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from logwright.journal import head
from logwright.journal.disk import Disk, RealDisk
from logwright.journal.frames import FRAME_HEAD_BYTES, HEAD_BYTES, announced, frame_at, records
from logwright.journal.segments import find_frame, find_mark, read_at, segment_path, segments, sound_frames
from logwright.journal.types import Batch, Entry, Missing, Position, Size

_LEAST_READ: Final = 64 << 10


def read(root: Path, producer: str, position: Position | None, *, max_bytes: int = 4 << 20) -> Batch:
    """Read what one producer recorded from `position` on (None: from the oldest that is there).

    At least one frame is given when there is one, else about `max_bytes` of
    records. What the writer has not yet made durable is not given while it
    lives: it could be lost, and its sequences used again. An empty batch means
    that there is nothing more at present; `next` may have moved all the same.
    """
    folder = root / producer
    end = head.load(folder)  # before the listing: a segment made between the two is then simply not looked at yet
    known = segments(folder)
    if not known:
        return Batch(entries=[], next=position or Position(0, 0, 0))
    if position is None:
        position = Position(known[0], HEAD_BYTES, known[0])
    missing: list[Missing] = []
    while True:
        current = next((first for first in known if first >= position.segment), None)
        if current is None:
            return Batch(entries=[], next=position, missing=missing)
        if current != position.segment:
            position = _enter(current, position, missing)
        following = next((first for first in known if first > current), None)
        entries, position = _read_segment(folder, position, known, following, end, max_bytes, missing)
        if entries or following is None:
            return Batch(entries=entries, next=position, missing=missing)
        position = _enter(following, position, missing)


def producers(root: Path) -> list[str]:
    """List the producers that have a journal."""
    try:
        with os.scandir(root) as found:
            return sorted(entry.name for entry in found if entry.is_dir() and segments(root / entry.name))
    except FileNotFoundError:
        return []


def ends(root: Path) -> Mapping[str, int]:
    """Give the last durable sequence of each producer; 0 for one that never recorded anything."""
    return {producer: _end(root / producer) for producer in producers(root)}


def sizes(root: Path) -> Mapping[str, Size]:
    """Give how much each producer's journal takes on the disk."""
    found = {}
    for producer in producers(root):
        taken = 0
        known = segments(root / producer)
        for first in known:
            try:
                taken += segment_path(root / producer, first).stat().st_blocks * 512
            except FileNotFoundError:
                continue  # dropped since the listing
        found[producer] = Size(segments=len(known), bytes=taken)
    return found


def drop_before(root: Path, producer: str, position: Position, *, disk: Disk | None = None) -> int:
    """Delete the segments that lie wholly before `position`; return how many. The one it points into stays."""
    disk = disk or RealDisk()
    folder = root / producer
    known = segments(folder)
    gone = [first for first in known[:-1] if first < position.segment]
    for first in gone:
        disk.remove(segment_path(folder, first))
    if gone:
        disk.sync_folder(folder)
    return len(gone)


def _enter(segment: int, position: Position, missing: list[Missing]) -> Position:
    """Step to the beginning of a later segment, noting what should have come before it."""
    if 0 < position.sequence < segment:  # 0 is the position of a journal that was not there yet
        missing.append(Missing(position.sequence, segment - 1))
    return Position(segment, HEAD_BYTES, max(segment, position.sequence))


def _read_segment(
    folder: Path,
    position: Position,
    known: list[int],
    following: int | None,
    end: head.End | None,
    max_bytes: int,
    missing: list[Missing],
) -> tuple[list[Entry], Position]:
    """Read on in the segment that `position` points into."""
    segment, offset, expected = position
    try:
        descriptor = os.open(segment_path(folder, segment), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return [], position  # dropped since the listing; the next call starts behind it
    try:
        size = os.fstat(descriptor).st_size
        mark = find_mark(descriptor, folder, segment, known)
        if mark is None:
            return [], position
        stop, promised = size, 0
        if following is None:
            stop, promised = _durable(descriptor, folder, position, mark, end, size)
        below = following if following is not None else 1 << 64
        entries: list[Entry] = []
        want = max(max_bytes, _LEAST_READ)
        data = read_at(descriptor, max(0, min(want, stop - offset)), offset)
        at = 0
        while offset + at < stop:
            found = frame_at(data, at, mark)
            if found is None:
                if entries:
                    break  # what is wrong here, if anything, is the next call's business
                length = announced(data, at, mark)
                if length is not None and length > len(data) - at and offset + at + length <= stop:
                    data, offset, at = read_at(descriptor, max(length, want), offset + at), offset + at, 0
                    if frame_at(data, 0, mark) is not None:
                        continue
                sound = find_frame(descriptor, mark, offset + at, stop)
                if sound is None:
                    at = stop - offset if following is not None or promised >= expected else at
                    break
                data, offset, at = read_at(descriptor, min(want, stop - sound), sound), sound, 0
                continue
            if found.first > expected and found.first < below:
                missing.append(Missing(expected, found.first - 1))
                expected = found.first
            for sequence, payload in enumerate(records(data, found), found.first):
                if expected <= sequence < below:
                    entries.append(Entry(sequence, payload))
                    expected = sequence + 1
            at = found.end
        if not entries and following is None and promised >= expected:
            missing.append(Missing(expected, promised))
            expected = promised + 1
        return entries, Position(segment, offset + at, expected)
    finally:
        os.close(descriptor)


def _durable(
    descriptor: int, folder: Path, position: Position, mark: bytes, end: head.End | None, size: int
) -> tuple[int, int]:
    """Say up to which offset the newest segment may be read, and the last sequence that must be in it."""
    published, promised = HEAD_BYTES, 0
    if end is not None and end.segment == position.segment:
        published, promised = min(end.offset, size), end.sequence
    beyond = max(position.offset, published)
    if announced(read_at(descriptor, FRAME_HEAD_BYTES, beyond), 0, mark) is None or has_writer(folder):
        return published, promised
    # The writer died between the sync and the publishing, or before the sync: made durable here, the frame can be
    # handed out, because the next writer will find and keep it.
    os.fdatasync(descriptor)
    return size, promised


def has_writer(folder: Path) -> bool:
    """Say whether a writer holds the producer's folder at present."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _end(folder: Path) -> int:
    """Find the last durable sequence of a producer."""
    end = head.load(folder)
    if end is not None and has_writer(folder):
        return end.sequence
    known = segments(folder)
    last = known[-1] - 1
    descriptor = os.open(segment_path(folder, known[-1]), os.O_RDONLY | os.O_CLOEXEC)
    try:
        mark = find_mark(descriptor, folder, known[-1], known)
        if mark is not None:
            for _, found in sound_frames(descriptor, mark, os.fstat(descriptor).st_size):
                last = max(last, found.first + found.rows - 1)
    finally:
        os.close(descriptor)
    return max(last, end.sequence if end is not None else 0)
