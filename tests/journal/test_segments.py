"""Segment files by name, and finding sound frames among anything."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from logwright.journal.frames import HEAD_BYTES, frame, head
from logwright.journal.segments import find_mark, segment_path, segments, sound_frames

MARK = b"\x01\x02\x03\x04\x05\x06\x07\x89"


def test_only_segments_are_listed_and_in_order(tmp_path: Path) -> None:
    for first in (300, 1, 20):
        segment_path(tmp_path, first).touch()
    for name in ("head", "spare-1", "1.journal", f"{'x' * 20}.journal"):
        (tmp_path / name).touch()
    assert segments(tmp_path) == [1, 20, 300]
    assert segments(tmp_path / "none") == []
    assert segment_path(tmp_path, 20).name == "00000000000000000020.journal"


junk = st.binary(max_size=60) | st.just(MARK) | st.just(MARK * 3) | st.just(bytes(50))


@settings(max_examples=60)
@given(st.lists(st.tuples(junk, st.binary(max_size=50)), max_size=8), junk)
def test_every_sound_frame_is_found_whatever_lies_between(
    tmp_path_factory: object, pieces: list[tuple[bytes, bytes]], end: bytes
) -> None:
    data = head(1, MARK)
    for number, (before, payload) in enumerate(pieces, 1):
        data += before + b"".join(frame(MARK, number, [payload])[0])
    descriptor = os.memfd_create("segment")
    try:
        os.write(descriptor, data + end)
        found = [each.first for _, each in sound_frames(descriptor, MARK, len(data) + len(end))]
    finally:
        os.close(descriptor)
    assert found == list(range(1, len(pieces) + 1))


def test_a_frame_across_two_stretches_of_the_search_is_found() -> None:
    """The search looks at a mebibyte at a time; the mark may begin at the last byte of one."""
    for shift in range(-9, 10):
        filler = bytes((1 << 20) + shift - 1)
        data = head(1, MARK) + b"\1" + filler + b"".join(frame(MARK, 7, [b"payload"])[0])
        descriptor = os.memfd_create("segment")
        try:
            os.write(descriptor, data)
            assert [each.first for _, each in sound_frames(descriptor, MARK, len(data))] == [7]
        finally:
            os.close(descriptor)


def test_the_mark_is_learnt_from_what_is_left(tmp_path: Path) -> None:
    whole = head(1, MARK) + b"".join(frame(MARK, 1, [b"a"])[0])
    segment_path(tmp_path, 1).write_bytes(whole)
    segment_path(tmp_path, 2).write_bytes(bytes(HEAD_BYTES) + whole[HEAD_BYTES:])
    segment_path(tmp_path, 3).write_bytes(bytes(len(whole)))
    for first in (1, 2, 3):
        descriptor = os.open(segment_path(tmp_path, first), os.O_RDONLY)
        try:
            assert find_mark(descriptor, tmp_path, first, [1, 2, 3]) == MARK
        finally:
            os.close(descriptor)
