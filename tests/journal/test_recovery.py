"""Opening after damage: every kind of byte surgery, and the journal starts alone, loses no more than was damaged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from logwright.journal import JournalWriter, Missing, read
from logwright.journal.frames import FRAME_HEAD_BYTES, HEAD_BYTES
from logwright.journal.segments import segments, sound_frames

SEGMENT = 16 << 10
RECORDS = [b"%03d " % number + b"r" * 1000 for number in range(40)]  # 16 KiB hold 15 of them: three segments


def journal_of(root: Path, records: list[bytes], *, after_each: Callable[[], None] = lambda: None) -> None:
    """Record one after the other, one frame each, and stop in order."""

    async def scenario() -> None:
        writer = JournalWriter(root, "w0", segment_bytes=SEGMENT)
        for record in records:
            await writer.record(record)
            after_each()
        writer.close()

    asyncio.run(scenario())


def journal_cut_off(root: Path, records: list[bytes]) -> None:
    """Record one after the other and die: the reserved room stays, nothing is closed."""

    async def scenario() -> None:
        writer = JournalWriter(root, "w0", segment_bytes=SEGMENT)
        for record in records:
            await writer.record(record)
        copy = {path: path.read_bytes() for path in (root / "w0").iterdir()}
        writer.close()
        for path in (root / "w0").iterdir():
            path.unlink()
        for path, data in copy.items():
            path.write_bytes(data)

    asyncio.run(scenario())


def found_in(root: Path) -> tuple[dict[int, bytes], list[Missing]]:
    """Read everything; no sequence may come twice or out of order."""
    found: dict[int, bytes] = {}
    missing: list[Missing] = []
    position, last = None, 0
    while True:
        batch = read(root, "w0", position)
        for entry in batch.entries:
            assert entry.sequence > last
            last = entry.sequence
            found[entry.sequence] = entry.payload
        missing += batch.missing
        if not batch.entries:
            return found, missing
        position = batch.next


def frames_of(path: Path) -> list[tuple[int, int, int]]:
    """List a segment's frames as (begin, end, first sequence)."""
    with path.open("rb") as file:
        mark = file.read(28)[20:28]
        return [(at, at + each.end, each.first) for at, each in sound_frames(file.fileno(), mark, path.stat().st_size)]


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)


Damage = Callable[[Path], set[int]]
"""Does something to the producer's folder; returns the sequences that may be lost."""


def newest(folder: Path) -> Path:
    return max(folder.glob("*.journal"))


def middle(folder: Path) -> Path:
    return sorted(folder.glob("*.journal"))[1]


def truncate(folder: Path) -> set[int]:
    path = newest(folder)
    begin, end, first = frames_of(path)[-1]
    path.write_bytes(path.read_bytes()[: (begin + end) // 2])
    return {first}


def zero_tail(folder: Path) -> set[int]:
    path = newest(folder)
    begin, end, first = frames_of(path)[-1]
    data = bytearray(path.read_bytes())
    data[begin + 300 : end] = bytes(end - begin - 300)
    path.write_bytes(data)
    return {first}


def flip_in(where: Callable[[Path], Path], offset: int) -> Damage:
    def damage(folder: Path) -> set[int]:
        path = where(folder)
        begin, _, first = frames_of(path)[2]
        flip(path, begin + offset)
        return {first}

    return damage


def append_garbage(folder: Path) -> set[int]:
    path = newest(folder)
    path.write_bytes(path.read_bytes().rstrip(b"\0") + b"\x89garbage" * 77)
    return set()


def remove_middle(folder: Path) -> set[int]:
    path = middle(folder)
    lost = {first for _, _, first in frames_of(path)}
    path.unlink()
    return lost


def remove_newest(folder: Path) -> set[int]:
    path = newest(folder)
    lost = {first for _, _, first in frames_of(path)}
    path.unlink()
    return lost


def empty_newest(folder: Path) -> set[int]:
    path = newest(folder)
    lost = {first for _, _, first in frames_of(path)}
    path.write_bytes(b"")
    return lost


def add_empty(folder: Path) -> set[int]:
    (folder / f"{len(RECORDS) + 1:020}.journal").write_bytes(b"")
    return set()


def duplicate_tail(folder: Path) -> set[int]:
    path = newest(folder)
    frames = frames_of(path)
    data = path.read_bytes()[: frames[-1][1]]
    path.write_bytes(data + data[frames[-3][0] :])
    return set()


def lose_heads(folder: Path) -> set[int]:
    for path in folder.glob("*.journal"):
        data = path.read_bytes()
        path.write_bytes(bytes(HEAD_BYTES) + data[HEAD_BYTES:])
    return set()


def lose_start(folder: Path) -> set[int]:
    """Zero the first disk sector of a segment: its head and the head of its first frame."""
    path = middle(folder)
    first = frames_of(path)[0][2]
    data = path.read_bytes()
    path.write_bytes(bytes(512) + data[512:])
    return {first}


def rot_the_published_end(folder: Path) -> set[int]:
    (folder / "head").write_bytes(b"\xff" * 4096)
    return set()


DAMAGES: dict[str, Damage] = {
    "truncated": truncate,
    "tail of zeros": zero_tail,
    "bit in a frame's mark": flip_in(newest, 3),
    "bit in a frame's length": flip_in(newest, 9),
    "bit in a frame's first sequence": flip_in(newest, 18),
    "bit in a checksum": flip_in(newest, 25),
    "bit in a record": flip_in(newest, FRAME_HEAD_BYTES + 400),
    "bit in a sealed frame's length": flip_in(middle, 9),
    "bit in a sealed record": flip_in(middle, FRAME_HEAD_BYTES + 400),
    "garbage appended": append_garbage,
    "missing segment": remove_middle,
    "missing newest segment": remove_newest,
    "emptied segment": empty_newest,
    "empty segment added": add_empty,
    "duplicated tail": duplicate_tail,
    "heads gone": lose_heads,
    "first sector gone": lose_start,
    "published end rotten": rot_the_published_end,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("make", [journal_of, journal_cut_off], ids=["closed", "killed"])
def test_after_damage_it_starts_alone_and_says_what_is_lost(
    tmp_path: Path, make: Callable[[Path, list[bytes]], None], damage: Damage
) -> None:
    """No altered content, no more lost than damaged, and new records survive the next damage-free restart."""
    make(tmp_path, RECORDS)
    lost = damage(tmp_path / "w0")

    journal_cut_off(tmp_path, [b"new one", b"new two"])
    journal_of(tmp_path, [b"newest"])

    found, missing = found_in(tmp_path)
    old = {sequence: payload for sequence, payload in found.items() if sequence <= len(RECORDS)}
    new = {sequence: payload for sequence, payload in found.items() if sequence > len(RECORDS)}
    assert all(payload == RECORDS[sequence - 1] for sequence, payload in old.items())
    assert set(range(1, len(RECORDS) + 1)) - set(old) == lost
    assert list(new.values()) == [b"new one", b"new two", b"newest"]
    assert {sequence for gap in missing for sequence in range(gap.first, gap.last + 1)} == lost


def test_a_torn_frame_is_cut_at_every_length(tmp_path: Path) -> None:
    """The frame that was being written may be on the disk up to any byte; all before it stays."""
    journal_of(tmp_path / "whole", [b"one", b"two", b"three"])
    path = newest(tmp_path / "whole" / "w0")
    data = path.read_bytes()
    begin, end, _ = frames_of(path)[-1]
    for torn in range(begin, end):
        root = tmp_path / str(torn)
        (root / "w0").mkdir(parents=True)
        (root / "w0" / path.name).write_bytes(data[:torn] + bytes(100))
        journal_of(root, [b"new"])
        found, missing = found_in(root)
        assert found == {1: b"one", 2: b"two", 3: b"new"}
        assert missing == []


def test_an_empty_segment_gives_way_to_one_of_the_same_name(tmp_path: Path) -> None:
    for _ in range(5):
        journal_of(tmp_path, [])
    assert segments(tmp_path / "w0") == [1]


def test_sequences_are_not_used_again_when_the_tail_rots(tmp_path: Path) -> None:
    """The store may have taken the lost record already and would take its successor for a repetition."""
    journal_of(tmp_path, [b"one", b"two", b"three"])
    truncate(tmp_path / "w0")
    journal_of(tmp_path, [b"new"])
    assert found_in(tmp_path) == ({1: b"one", 2: b"two", 4: b"new"}, [Missing(3, 3)])


def test_all_segments_dropped_but_an_empty_one_still_say_where_to_go_on(tmp_path: Path) -> None:
    journal_of(tmp_path, [b"one", b"two"])
    journal_of(tmp_path, [])
    (tmp_path / "w0" / "head").unlink()
    segment = min((tmp_path / "w0").glob("*.journal"))
    segment.unlink()
    journal_of(tmp_path, [b"three"])
    assert found_in(tmp_path)[0] == {3: b"three"}
