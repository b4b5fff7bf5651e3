"""Which logs a change means: read as a stream from one state of the store, handed on in pieces of a bounded size.

So a change of millions of logs holds few of their ids at a time, and what it does
to the first of them changes nothing about which the others are.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from logwright.logs.store.changes import IDS_IN_A_CHANGE, Chosen
from logwright.logs.store.reads import IN_ORDER, Statement
from logwright.logs.store.schema import LOGS
from logwright.logs.store.sql import condition, literals
from logwright.logs.types import LogQuery

FORM = "JSONCompactEachRow"
"""The format in which `in_pieces` reads the answer to `matching`."""

_decode = msgspec.json.Decoder(tuple[str, int]).decode_lines


def matching(project_id: str, query: LogQuery) -> Statement:
    """Say how to read id and `requested_at` (microseconds) of all matches, in order of time.

    The order puts logs that lie together into the same change, which then looks at few places.
    """
    where, values = condition(project_id, query)
    return Statement(
        f"SELECT id, toUnixTimestamp64Micro(requested_at) FROM {LOGS} WHERE {where}"
        f" ORDER BY project_id, requested_at, id SETTINGS {IN_ORDER}",
        literals(values),
    )


async def in_pieces(
    project_id: str, lines: AsyncGenerator[bytes, None], *, size: int = IDS_IN_A_CHANGE
) -> AsyncGenerator[Chosen, None]:
    """Yield the logs of a stream of such rows, `size` at a time."""
    waiting: list[tuple[str, int]] = []
    async with aclosing(lines):
        async for data in lines:
            waiting += _decode(data)
            while len(waiting) >= size:
                piece, waiting = waiting[:size], waiting[size:]
                yield _chosen(project_id, piece)
    if waiting:
        yield _chosen(project_id, waiting)


def _chosen(project_id: str, found: list[tuple[str, int]]) -> Chosen:
    moments = [moment for _, moment in found]
    return Chosen(project_id, [log_id for log_id, _ in found], min(moments), max(moments))
