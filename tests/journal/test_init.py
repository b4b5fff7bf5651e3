"""The promise of the journal as a whole, against a model: acknowledged is found, once, in order, whatever happens."""

from __future__ import annotations

import asyncio
import errno
import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from logwright.journal import JournalWriter, Position, drop_before, read
from logwright.testing.disk import FaultyDisk

SEGMENT = 8 << 10
sizes_of_records = st.lists(st.integers(0, 3000), min_size=1, max_size=12)


class JournalMachine(RuleBasedStateMachine):
    """A writer, a follower that keeps what it read, faults, crashes with and without the page cache."""

    @initialize()
    def start(self) -> None:
        """Begin with nothing."""
        self.home = Path(tempfile.mkdtemp())
        self.lives = 0
        self.root = self.home / "0"
        self.loop = asyncio.new_event_loop()
        self.written = 0
        self.acknowledged: list[bytes] = []
        self.followed: dict[int, bytes] = {}
        self.position: Position | None = None
        self.open()

    def open(self) -> None:
        """Begin to write in the present root."""
        self.disk = FaultyDisk()
        self.opened = getattr(self, "opened", 0) + 1
        self.writer = JournalWriter(
            self.root,
            "w0",
            segment_bytes=SEGMENT,
            loop=self.loop,
            disk=self.disk,
            loop_waits=10.0 * (self.opened % 2),  # commits on the loop and on the thread, turn by turn
        )

    def record(self, sizes: list[int]) -> list[bytes]:
        """Record that many bytes each, all at once; return what was acknowledged."""
        records = []
        for size in sizes:
            self.written += 1
            records.append(b"%08d" % self.written + b"." * size)

        async def all_of_them() -> list[int | BaseException]:
            return await asyncio.gather(*map(self.writer.record, records), return_exceptions=True)

        ended = self.loop.run_until_complete(all_of_them())
        return [each for each, result in zip(records, ended, strict=True) if isinstance(result, int)]

    @rule(sizes=sizes_of_records)
    def records(self, sizes: list[int]) -> None:
        """With a sound disk everything is acknowledged."""
        got = self.record(sizes)
        assert len(got) == len(sizes)
        self.acknowledged += got

    @rule(sizes=sizes_of_records, call=st.sampled_from(["write", "sync", "rename", "sync_folder"]), cuts=st.booleans())
    def fails_and_mends(self, sizes: list[int], call: str, cuts: bool) -> None:
        """The disk fails for a while; what was not acknowledged may be found or not."""
        self.disk.fails = {call: errno.EIO} | ({} if cuts else {"cut": errno.EIO})
        self.acknowledged += self.record(sizes)  # a name is only needed, and can only fail, at a rotation
        self.disk.fails = {}

        async def mended() -> None:
            while self.writer.refusal() is not None:  # noqa: ASYNC110 - another thread mends
                await asyncio.sleep(0.002)

        self.loop.run_until_complete(asyncio.wait_for(mended(), 10))

    @rule()
    def restarts(self) -> None:
        """Stop in order and begin again."""
        self.writer.close()
        self.open()

    @rule(sizes=sizes_of_records, seed=st.integers(0, 2**32), keeps_end=st.booleans())
    def loses_power_amid_a_commit(self, sizes: list[int], seed: int, keeps_end: bool) -> None:
        """The frame was written and its sync never returned: any of its sectors may be on the disk."""
        self.disk.fails = dict.fromkeys(["sync", "cut", "create"], errno.EIO)
        self.acknowledged += self.record(sizes)
        chance = random.Random(seed)  # noqa: S311 - a replayable choice of sectors, no secret
        share = chance.random()
        self.move(
            lambda target: self.disk.after_power_cut(
                self.root, target, survives=lambda _: chance.random() < share, keeps_end=keeps_end
            )
        )

    @rule()
    def is_killed(self) -> None:
        """The page cache survives, and with it all that was written."""
        self.move(lambda target: shutil.copytree(self.root, target, ignore=shutil.ignore_patterns("spare-*")))

    def move(self, copy: object) -> None:
        """Die, and come to life again in a copy of what the disk holds."""
        assert callable(copy)
        self.lives += 1
        target = self.home / str(self.lives)
        copy(target)
        self.disk.fails = dict.fromkeys(["sync", "cut", "create", "write", "rename"], errno.EIO)
        self.writer.close()
        self.root = target
        self.open()

    @rule(max_bytes=st.sampled_from([1, 4000, 1 << 20]))
    def follows(self, max_bytes: int) -> None:
        """Read on from where the follower stands, as the store does."""
        while True:
            batch = read(self.root, "w0", self.position, max_bytes=max_bytes)
            assert not batch.missing
            self.position = batch.next
            for sequence, payload in batch.entries:
                assert sequence not in self.followed
                self.followed[sequence] = payload
            if not batch.entries:
                break
        assert set(self.acknowledged) <= set(self.followed.values())

    @rule()
    def drops_what_was_followed(self) -> None:
        """Delete what the follower needs no more."""
        if self.position is not None:
            drop_before(self.root, "w0", self.position)

    @invariant()
    def what_was_acknowledged_is_there_once_and_in_order(self) -> None:
        """Journal and follower together hold all sequences, each once, in the order of appending."""
        found: dict[int, bytes] = {}
        position = None
        while True:
            batch = read(self.root, "w0", position)
            assert not batch.missing
            for sequence, payload in batch.entries:
                assert sequence > max(found, default=0)
                assert self.followed.get(sequence, payload) == payload
                found[sequence] = payload
            if not batch.entries:
                break
            position = batch.next
        both = self.followed | found
        numbers = [payload[:8] for _, payload in sorted(both.items())]
        assert sorted(both) == list(range(1, len(both) + 1))
        assert numbers == sorted(set(numbers))
        assert set(self.acknowledged) <= set(both.values())

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "writer"):
            self.disk.fails = {}
            self.writer.close()
            self.loop.run_until_complete(asyncio.sleep(0))
            self.loop.close()
            shutil.rmtree(self.home)


TestJournal = JournalMachine.TestCase
TestJournal.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
