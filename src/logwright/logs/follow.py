"""Follow logs as they come: a live tail that says when it is merely quiet, and that can be taken up again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final

from logwright.clock import to_micros
from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, LogQuery, LogSummary, Order

_LONGEST_CALL: Final = timedelta(minutes=15)  # beyond the ten minutes that a call may take, with room for slow clocks
_PAGE: Final = 1000
_MOST_MISSED: Final = 10_000


async def follow(
    store: LogStore, project_id: str, query: LogQuery, *, after: str | None, quiet_seconds: float
) -> AsyncGenerator[Sequence[LogSummary]]:
    """Yield matches as they arrive, without end; an empty batch each time that nothing came for `quiet_seconds`.

    The first batch is empty too, and says that from here on nothing is missed. `after` is the id of the last log that
    the reader has seen: those whose calls ended since come first. One may come twice, none is left out, unless more
    than 10,000 were missed: then the newest of them come.
    """
    arriving = store.tail(project_id, query)
    waiting: asyncio.Future[Sequence[LogSummary]] | None = None
    try:
        waiting = asyncio.ensure_future(anext(arriving))
        # The store begins a tail in the order of its questions: once it has answered one that was asked later, the tail
        # is under way. The pause lets the tail's question leave first.
        await asyncio.sleep(0)
        missed = await _missed(store, project_id, query, after)
        yield ()
        if missed:
            yield missed
        while True:
            done, _ = await asyncio.wait([waiting], timeout=quiet_seconds)
            if not done:
                yield ()
                continue
            try:
                batch = waiting.result()
            except StopAsyncIteration:
                return
            waiting = asyncio.ensure_future(anext(arriving))
            yield batch
    finally:
        if waiting is not None:
            waiting.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await waiting
        if isinstance(arriving, AsyncGenerator):
            await arriving.aclose()


async def _missed(store: LogStore, project_id: str, query: LogQuery, after: str | None) -> Sequence[LogSummary]:
    """Return the matches that ended after the log `after` did, in the order of their ends.

    A log is known by when its call began and arrives when it ends, so those of calls that began somewhat earlier count.
    """
    last = await store.get(project_id, after or "")
    if last is None:
        return ()
    seen_until = last.received_at or last.requested_at
    since = Clause(field="time", operator=">=", values=(to_micros(last.requested_at - _LONGEST_CALL),))
    narrowed = replace(query, clauses=(*query.clauses, since))
    found: list[LogSummary] = []
    place: str | None = None
    while len(found) < _MOST_MISSED:
        page = await store.search(project_id, narrowed, order=Order(), after=place, limit=_PAGE)
        found += [one for one in page.items if (one.received_at or one.requested_at) >= seen_until and one.id != after]
        place = page.next
        if place is None:
            break
    return sorted(found, key=lambda one: (one.received_at or one.requested_at, one.id))
