"""Taking in: from the journals to the table exactly once, and the changes after them.

Every row carries its producer and sequence. The ledger says how far each journal is
in the store for certain; at start, and after a failed insert, the rows beyond the
ledger are looked up, and while their journals are read again those are skipped. So a
batch that was inserted in full, in part (an insert makes one part for each month) or
not at all comes out the same, whatever ended the process.

Changes are applied in the order of their journal. At start all calls are taken in
before any change is replayed, and a change names its logs by id: whatever it meant is
there again when its turn comes, and what came later is not touched.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from logwright.journal import Batch, Entry, Position, Watch, ends, producers, read
from logwright.logs import record as records
from logwright.logs.media.lifting import Keeper
from logwright.logs.normalise import Pricing, normalise
from logwright.logs.row import COLUMNS, LogRow
from logwright.logs.store import changes, ledger, rows
from logwright.logs.store.engine import Engine
from logwright.logs.store.intents import Intents
from logwright.logs.store.machines import DELETIONS
from logwright.logs.store.rejected import set_aside
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import quoted

BATCH_BYTES: Final = 12 << 20
_log = logging.getLogger(__name__)

Publish = Callable[[Sequence[LogRow]], None]


class Intake:
    """What is taken in and how far; used by one thread."""

    def __init__(
        self,
        engine: Engine,
        journals: Path,
        account: ledger.Ledger,
        *,
        pricing: Pricing,
        keeper: Keeper | None = None,
        publish: Publish = lambda _: None,
        batch_bytes: int = BATCH_BYTES,
        intents: Intents | None = None,
        inherited: Mapping[str, int] | None = None,
        beforehand: Callable[[], None] = lambda: None,
    ) -> None:
        """Go on from `account`, the ledger of the last checkpoint.

        `intents` are for an engine whose inserts may arrive after we have given them up. Of each journal, the records
        up to `inherited` may be in the table under another machine's name. `beforehand` is called before it is looked
        what is there, and before an insert.
        """
        self._engine = engine
        self._journals = journals
        self._pricing = pricing
        self._keeper = keeper
        self._publish = publish
        self._batch_bytes = batch_bytes
        self._intents = intents
        self._inherited = inherited or {}
        self._beforehand = beforehand
        self._watch = Watch(journals)
        self._present: dict[str, set[int]] = {}
        self._unsure = True
        self._until: Mapping[str, int] = {}
        """How far the journals reached when this began, while that is not yet taken in."""
        self.ledger = ledger.copy(account)
        self.leaves_unindexed = False
        """True when some rows have no index over their bodies yet, unless a merge came by."""
        self.leaves_patches = False
        """True when changes may still lie beside the rows they belong to."""
        self.unsaved_changes = False
        """True when changes were made to a store that others change too: a replay would undo what they did since."""
        self.bytes_taken = 0
        """Bytes written to the engine so far."""

    def distrust(self) -> None:
        """Look before the next insert what is there: an insert failed and may have left a part of its rows."""
        self._unsure = True

    def step(self) -> int:
        """Take in one batch, and the changes unless calls that may come before them are still waiting.

        Return how many bytes of records there were; 0 when the journals hold nothing more.
        """
        if self._unsure:
            self._beforehand()
            # Journals are read through here, as the published ends may be stale after a power cut.
            self._until = ends(self._journals)
            self._look_for_present()
            self._unsure = False
        took = self._take()
        if took and self._is_recovering():
            return took
        self._until = {}
        self._apply_changes()
        return took

    def catch_up(self) -> None:
        """Take in everything that the journals hold now."""
        targets = self.targets()
        while self.step() and not self.reached(targets):
            pass

    def catch_up_on_calls(self) -> None:
        """Take in the calls that the journals hold now, and leave the changes for the next one that opens the store."""
        targets = {name: last for name, last in ends(self._journals).items() if name != changes.PRODUCER}
        self._look_for_present()
        while self._take() and any(self.ledger.of(name).last < last for name, last in targets.items()):
            pass

    def tidy(self) -> None:
        """Have the indexes built that a flood left out, and changes written into their parts; for when it is calm."""
        if self.leaves_unindexed:
            self._engine.index_bodies()
            self.leaves_unindexed = False
        if self.leaves_patches:
            self._engine.apply_patches()
            self.leaves_patches = False

    def targets(self) -> Mapping[str, int]:
        """Note how far each journal reaches at this moment."""
        return self._watch.ends()

    def reached(self, targets: Mapping[str, int]) -> bool:
        """Say whether all that was there when `targets` were noted is in the store, the changes too."""
        return not self._until and all(self.ledger.of(name).last >= last for name, last in targets.items())

    def _is_recovering(self) -> bool:
        return any(self.ledger.of(name).last < last for name, last in self._until.items() if name != changes.PRODUCER)

    def close(self) -> None:
        """Let go of the journals."""
        self._watch.close()

    def _look_for_present(self) -> None:
        """Find the rows that the table has beyond the ledger, and in a shared store those that others deleted."""
        machine = self._engine.machine
        known = {machine + name: taken.last for name, taken in self.ledger.producers.items()}
        beyond = " OR ".join(
            f"(producer = {quoted(name)} AND sequence > {last})"
            for name, last in known.items()
            if name != machine + changes.PRODUCER
        )
        others = ", ".join(quoted(name) for name in known)
        condition = f"({beyond or '0'}) OR producer NOT IN ({others})" if others else "1"
        tables = [LOGS]
        if machine:
            condition = f"startsWith(producer, {quoted(machine)}) AND ({condition})"
            tables.append(DELETIONS)
        self._present = defaultdict(set)
        for table in tables:
            data = self._engine.query(f"SELECT producer, sequence FROM {table} WHERE {condition}", form="TSV")
            for line in data.splitlines():
                name, _, sequence = line.partition(b"\t")
                self._present[name.decode().removeprefix(machine)].add(int(sequence))

    def _take(self) -> int:
        """Take in one batch of all producers; return its size, 0 when there was none."""
        room = self._batch_bytes
        batches: list[tuple[str, Batch]] = []
        limits, token = (None, "") if self._intents is None else self._intents.limits(self.ledger.levels)
        for producer in producers(self._journals):
            if producer == changes.PRODUCER or (limits is not None and producer not in limits):
                continue
            taken = self.ledger.of(producer)
            batch = read(self._journals, producer, taken.position, max_bytes=max(room, 1 << 16))
            if limits is not None:
                batch = _up_to(batch, limits[producer], taken.position)
            if batch.entries or batch.missing or batch.next != taken.position:
                batches.append((producer, batch))
                room -= sum(len(entry.payload) for entry in batch.entries)
            if room <= 0:
                break
        if not batches:
            if limits is not None and self._intents is not None:
                # What was to be inserted has been dealt with; there may be more beyond it.
                self._intents.done()
                return 1
            return 0
        outcome = _Outcome()
        for producer, batch in batches:
            for entry in batch.entries:
                self._read_entry(producer, entry, outcome)
        self._drop_inherited(outcome)
        self._drop_repeated(outcome)
        if outcome.fresh:
            self._beforehand()
            data = b"".join([encoded for _, encoded in outcome.fresh])
            # A full batch means a flood: more is waiting. Else there is time for the indexes, and without them every
            # search would read these rows' bodies until a merge comes by.
            indexed = room > 0
            if self._intents is not None and not token:
                token = self._intents.begin(self._spans(batches))
            self._engine.insert(LOGS, COLUMNS, data, indexed=indexed, token=token)
            if self._intents is not None:
                self._intents.done()
            self.leaves_unindexed |= not indexed
            self.bytes_taken += len(data)
        for producer, batch in batches:
            taken = self.ledger.of(producer)
            if batch.entries:
                taken.last = batch.entries[-1].sequence
                taken.first = batch.entries[0].sequence if taken.first is None else taken.first
            taken.last = max(taken.last, *(lost.last for lost in batch.missing), 0)
            taken.missing += [(lost.first, lost.last) for lost in batch.missing]
            taken.position = batch.next
            taken.stored += outcome.stored[producer]
            taken.duplicates += outcome.duplicates[producer]
            taken.unreadable += outcome.unreadable[producer]
            self._forget_present(producer, taken.last)
        if outcome.fresh:
            self._publish([row for row, _ in outcome.fresh])
        return max(self._batch_bytes - room, 1)

    def _spans(self, batches: Sequence[tuple[str, Batch]]) -> Mapping[str, tuple[int, int]]:
        """Say which records a batch holds."""
        return {
            producer: (self.ledger.of(producer).last, batch.entries[-1].sequence)
            for producer, batch in batches
            if batch.entries
        }

    def _read_entry(self, producer: str, entry: Entry, outcome: _Outcome) -> None:
        """Turn one record into a row, or put it where unreadable ones go."""
        if entry.sequence in self._present.get(producer, ()):
            outcome.stored[producer] += 1
            return
        try:
            record = records.decode(entry.payload)
            name = self._engine.machine + producer
            row = normalise(record, self._pricing, producer=name, sequence=entry.sequence, keeper=self._keeper)
            outcome.fresh.append((row, rows.encode(row)))
        except OSError:
            raise  # nothing is wrong with the record: the disk did not take its media, and it is tried again
        except Exception as error:  # noqa: BLE001  one record must not stop the others, whatever is wrong with it
            if not isinstance(error, ValueError | msgspec.MsgspecError):
                _log.exception("Record %s of %s could not be read; it was set aside.", entry.sequence, producer)
            set_aside(self._journals, producer, entry, error)
            outcome.unreadable[producer] += 1
        else:
            outcome.stored[producer] += 1

    def _drop_inherited(self, outcome: _Outcome) -> None:
        """Leave out the records that another machine stored before this data directory was copied from its own."""
        machine = self._engine.machine
        doubtful = {
            row.id
            for row, _ in outcome.fresh
            if row.sequence <= self._inherited.get(row.producer.removeprefix(machine), 0)
        }
        if not doubtful:
            return
        wanted = ", ".join(map(quoted, doubtful))
        found = self._engine.query(
            f"SELECT DISTINCT project_id, id FROM {LOGS} WHERE id IN ({wanted})", form="JSONCompactEachRow"
        )
        stored = set(msgspec.json.Decoder(tuple[str, str]).decode_lines(found))
        for row, _ in outcome.fresh:
            if row.id in doubtful and (row.project_id, row.id) in stored:
                producer = row.producer.removeprefix(machine)
                outcome.stored[producer] -= 1
                outcome.duplicates[producer] += 1
        outcome.fresh = [each for each in outcome.fresh if (each[0].project_id, each[0].id) not in stored]

    def _drop_repeated(self, outcome: _Outcome) -> None:
        """Leave out the records whose idempotency key was there before."""
        keyed = {row.idempotency_key for row, _ in outcome.fresh if row.idempotency_key}
        if not keyed:
            return
        wanted = ", ".join(quoted(key) for key in keyed)
        found = self._engine.query(
            f"SELECT DISTINCT project_id, idempotency_key FROM {LOGS} WHERE idempotency_key IN ({wanted})",
            form="JSONCompactEachRow",
        )
        seen = {(project, key) for project, key in msgspec.json.Decoder(tuple[str, str]).decode_lines(found)}
        kept = []
        for row, data in outcome.fresh:
            name = (row.project_id, row.idempotency_key)
            if row.idempotency_key and name in seen:
                producer = row.producer.removeprefix(self._engine.machine)
                outcome.stored[producer] -= 1
                outcome.duplicates[producer] += 1
                continue
            seen.add(name)
            kept.append((row, data))
        outcome.fresh = kept

    def _forget_present(self, producer: str, last: int) -> None:
        left = self._present.get(producer)
        if left and max(left) <= last:
            del self._present[producer]

    def _apply_changes(self) -> None:
        taken = self.ledger.of(changes.PRODUCER)
        while True:
            batch = read(self._journals, changes.PRODUCER, taken.position, max_bytes=4 << 20)
            for entry in batch.entries:
                change = changes.decode(entry.payload)
                changes.apply(self._engine, change)
                self.leaves_patches = True
                self.unsaved_changes |= bool(self._engine.machine)
                self.ledger.deleted += changes.deleted_by(change)
                taken.last = entry.sequence
            taken.missing += [(lost.first, lost.last) for lost in batch.missing]
            taken.position = batch.next
            if not batch.entries:
                return


def _up_to(batch: Batch, last: int, position: Position | None) -> Batch:
    """Leave out what comes after a sequence; the place to go on is then reached by skipping, not by its offset."""
    if batch.next.sequence <= last + 1:
        return batch
    start = position or Position(0, 0, 0)
    return Batch(
        entries=[entry for entry in batch.entries if entry.sequence <= last],
        missing=[lost for lost in batch.missing if lost.last <= last],
        next=Position(start.segment, start.offset, max(last + 1, start.sequence)),
    )


class _Outcome:
    """What became of the records of one batch."""

    def __init__(self) -> None:
        self.fresh: list[tuple[LogRow, bytes]] = []
        self.stored: defaultdict[str, int] = defaultdict(int)
        self.duplicates: defaultdict[str, int] = defaultdict(int)
        self.unreadable: defaultdict[str, int] = defaultdict(int)
