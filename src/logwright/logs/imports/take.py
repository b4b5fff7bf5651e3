"""Take imported logs in: read, made into records, held against what is there, and durable when this returns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from logwright.errors import Unavailable
from logwright.logs.imports.base import Format, ImportedLog, Item, LineError, Refused
from logwright.logs.imports.build import record
from logwright.logs.record import LogRecord
from logwright.logs.recorder import Recorder
from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, LogQuery, Order

MOST_LINES: Final = 1000
"""Lines of one request: as many as one question to the store can hold against what is there."""

_ANY: Final = Order()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one line."""

    line: int
    status: Literal["taken", "duplicate", "error"]
    id: str = ""
    """The log's id here; empty for a line that is none."""
    message: str = ""
    path: str = ""
    """The JSON path of what is wrong."""


def prepare(
    reader: Format, items: Sequence[Item], *, form: str, project_id: str, key_id: str, at: int
) -> list[tuple[int, LogRecord | LineError]]:
    """Read items into records, whose ids belong to `form`. Large ones take a while: do it beside the event loop."""
    made: list[tuple[int, LogRecord | LineError]] = []
    for read in reader.read(items):
        if isinstance(read.found, ImportedLog):
            try:
                made.append((read.number, record(read.found, form=form, project_id=project_id, key_id=key_id, at=at)))
            except Refused as refusal:
                made.append((read.number, refusal.error))
        else:
            made.append((read.number, read.found))
    return made


async def take(
    store: LogStore,
    recorder: Recorder,
    project_id: str,
    made: Sequence[tuple[int, LogRecord | LineError]],
    *,
    dry_run: bool = False,
) -> list[Result]:
    """Record what is not there yet; all that is `taken` is durable when this returns.

    Raises:
        Unavailable: when nothing can be recorded, or the store cannot be asked, at present; some of the lines may
            have been taken, and are duplicates when they are sent again.
    """
    refusal = None if dry_run else recorder.refusal()
    if refusal is not None:
        raise Unavailable(refusal)
    there = await known(store, project_id, [each for _, each in made if isinstance(each, LogRecord)])
    fresh: list[LogRecord] = []
    results: list[Result] = []
    for number, each in made:
        if isinstance(each, LineError):
            results.append(Result(line=number, status="error", message=each.message, path=each.path))
        elif each.id in there:
            results.append(Result(line=number, status="duplicate", id=each.id))
        else:
            there.add(each.id)
            fresh.append(each)
            results.append(Result(line=number, status="taken", id=each.id))
    if not dry_run:
        await asyncio.gather(*[recorder.keep(log) for log in fresh])
    return results


async def known(store: LogStore, project_id: str, records: Sequence[LogRecord]) -> set[str]:
    """Find which of the records are logs already. The ids are made of where a log comes from, so they are equal."""
    found: set[str] = set()
    in_order = sorted({each.id: each.requested_at for each in records}.items(), key=lambda each: each[1])
    for start in range(0, len(in_order), MOST_LINES):  # a line may hold many calls, a trace for example
        piece = in_order[start : start + MOST_LINES]
        # The range of time leads to the rows; the ids alone would have the whole table's index looked through.
        span = Clause(field="time", operator="..", values=(piece[0][1], piece[-1][1]))
        ids = Clause(field="id", operator="=", values=tuple(each for each, _ in piece))
        query = LogQuery(clauses=(span, ids))
        page = await store.search(project_id, query, order=_ANY, after=None, limit=MOST_LINES)
        found |= {log.id for log in page.items}
    return found
