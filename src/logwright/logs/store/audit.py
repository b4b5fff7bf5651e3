"""The proof of completeness: every sequence of every producer is stored, a repetition, set aside, or still waiting."""

from __future__ import annotations

from pathlib import Path

from logwright.journal import Position, ends, head, producers
from logwright.logs.store import changes
from logwright.logs.store.engine import Engine
from logwright.logs.store.ledger import Ledger, Taken
from logwright.logs.store.machines import DELETIONS
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import quoted
from logwright.logs.types import Audit, Gap, ProducerAudit


def audit(engine: Engine, journals: Path, account: Ledger) -> Audit:
    """Hold the account of the store against its rows and against the journals."""
    reached = ends(journals)
    found = []
    gaps = []
    consistent = True
    for producer in sorted({*account.producers, *reached}):
        taken = account.producers.get(producer, Taken())
        gaps += [Gap(producer=producer, first=first, last=last) for first, last in taken.missing]
        if producer == changes.PRODUCER:
            continue
        last = max(reached.get(producer, 0), taken.last)
        first = taken.first if taken.first is not None else last + 1
        waiting = max(0, last - taken.last)
        lost = sum(end - start + 1 for start, end in taken.missing if start >= first)
        dealt = taken.stored + taken.duplicates + taken.unreadable + taken.elsewhere + lost
        consistent &= taken.first is None or dealt == taken.last - first + 1
        found.append(
            ProducerAudit(
                producer=producer,
                first_sequence=first,
                last_sequence=last,
                stored=taken.stored,
                duplicates=taken.duplicates,
                unreadable=taken.unreadable,
                waiting=waiting,
            )
        )
    present, deleted = _counted(engine, account)
    return Audit(
        complete=consistent and not gaps and present == account.stored + account.brought - deleted,
        producers=found,
        gaps=gaps,
        stored=account.stored,
        deleted=deleted,
        present=present,
    )


def _counted(engine: Engine, account: Ledger) -> tuple[int, int]:
    """Count the rows that are there and those that are gone; in a shared store, of this machine's alone."""
    if not engine.machine:
        return int(engine.query(f"SELECT count() FROM {LOGS}", form="TSV")), account.deleted
    ours = (
        " OR ".join(
            f"(producer = {quoted(engine.machine + name)} AND sequence BETWEEN {taken.first} AND {taken.last})"
            for name, taken in account.producers.items()
            if taken.first is not None
        )
        or "0"
    )
    present, deleted = (
        int(engine.query(f"SELECT uniqExact(producer, sequence) FROM {table} WHERE {ours}", form="TSV"))
        for table in (LOGS, DELETIONS)
    )
    return present, deleted


def waiting_bytes(journals: Path, account: Ledger) -> int:
    """Measure what the journals hold beyond the account."""
    waiting = 0
    for producer in producers(journals):
        folder = journals / producer
        position = account.producers.get(producer, Taken()).position or Position(0, 0, 0)
        end = head.load(folder)
        if end is None:
            continue
        for path in folder.glob("*.journal"):
            first = int(path.stem)
            if first < position.segment or first > end.segment:
                continue
            start = position.offset if first == position.segment else 0
            waiting += (end.offset if first == end.segment else _size(path)) - start
    return max(waiting, 0)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0  # dropped meanwhile
