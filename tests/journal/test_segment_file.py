"""A segment being written: its room is taken first, its name comes with its sequence."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from logwright.journal.frames import HEAD_BYTES, frame, read_head
from logwright.journal.segment_file import SegmentFile
from logwright.journal.segments import segment_path
from logwright.testing.disk import FaultyDisk

MARK = b"\x01\x02\x03\x04\x05\x06\x07\x89"


def test_a_segment_holds_its_room_until_it_is_closed(tmp_path: Path) -> None:
    segment = SegmentFile(FaultyDisk(), tmp_path, 1 << 20, 0)
    assert segment.path.stat().st_blocks * 512 >= 1 << 20
    while segment.fill():
        pass
    segment.begin(5, MARK)
    buffers, length = frame(MARK, 5, [b"a"])
    segment.append(buffers, length, sync=True)
    assert segment.room == (1 << 20) - HEAD_BYTES - length
    segment.close()
    data = segment_path(tmp_path, 5).read_bytes()
    assert read_head(data) == (5, MARK)
    assert data[HEAD_BYTES:] == b"".join(buffers)


def test_more_buffers_than_one_call_takes_are_written_in_several(tmp_path: Path) -> None:
    segment = SegmentFile(FaultyDisk(), tmp_path, 1 << 20, 0)
    segment.begin(1, MARK)
    buffers, length = frame(MARK, 1, [b"%04d" % number for number in range(5000)])
    segment.append(buffers, length, sync=True)
    segment.close()
    assert segment_path(tmp_path, 1).read_bytes()[HEAD_BYTES:] == b"".join(buffers)


def test_a_segment_that_cannot_have_its_room_leaves_nothing_behind(tmp_path: Path) -> None:
    disk = FaultyDisk()
    disk.fails = {"sync": errno.EIO}
    with pytest.raises(OSError, match="Input/output"):
        SegmentFile(disk, tmp_path, 1 << 20, 0)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_without_an_error_is_an_error(tmp_path: Path) -> None:
    disk = FaultyDisk()
    segment = SegmentFile(disk, tmp_path, 1 << 20, 0)
    disk.most_per_write = 0
    with pytest.raises(OSError, match="took no bytes"):
        segment.begin(1, MARK)
    segment.discard()
