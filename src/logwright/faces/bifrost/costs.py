"""Fill in costs that are missing: of calls whose price was not known when they were made, and is now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec
from fastapi.concurrency import run_in_threadpool

from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, Log, LogQuery
from logwright.models.prices import Price
from logwright.wire.strict import JSON
from logwright.wire.usage import Usage, usage_of

USUAL: Final = 200
MOST: Final = 1000
"""Logs that one call looks at."""

LONGEST_SECONDS: Final = 20.0
"""What one call takes at most: clients and proxies give up after half a minute."""

Pricing = Callable[[Log, Usage, str], Price | None]
"""Gives the price of a log with its usage; the text is the model that the answer names."""

_MISSING: Final = Clause(field="cost", operator="missing")


async def recalculate(
    store: LogStore,
    project_id: str,
    query: LogQuery,
    pricing: Pricing,
    *,
    limit: int,
    by: str,
    seconds: float = LONGEST_SECONDS,
) -> dict[str, JSON]:
    """Price the newest matches that have no cost, `limit` of them at most, for so many seconds at most.

    Each is amended for itself and durably, its history with it; `by` is kept as who did. What is told as remaining is
    for another call.
    """
    missing = replace(query, clauses=(*query.clauses, _MISSING))
    matched = (await store.stats(project_id, missing)).count
    updated = skipped = 0
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    async for batch in store.iterate(project_id, missing, limit=limit):
        for log in batch:
            if loop.time() >= until:
                break
            price = await run_in_threadpool(_price, log, pricing)
            if price is None:
                skipped += 1
                continue
            changes = {
                "cost": price.cost,
                "input_cost": price.input,
                "output_cost": price.output,
                "price_version": price.version,
            }
            await store.amend(project_id, log.id, changes, by=by)
            updated += 1
    return {"total_matched": matched, "updated": updated, "skipped": skipped, "remaining": matched - updated}


def _price(log: Log, pricing: Pricing) -> Price | None:
    """Return what a log costs; None where its tokens or its price are not known."""
    try:
        answer = msgspec.json.decode(log.response) if log.response else None
    except (msgspec.DecodeError, RecursionError):
        answer = None
    usage = _usage(log, answer)
    if usage is None:
        return None
    named = answer.get("model") if isinstance(answer, dict) else None
    return pricing(log, usage, named if isinstance(named, str) else "")


def _usage(log: Log, answer: JSON) -> Usage | None:
    """Return the tokens of a log: those of its answer, unless somebody has since told others."""
    counted = usage_of(log.kind, answer)
    columns = (log.input_tokens, log.output_tokens)
    if counted is not None and columns in {(None, None), (counted.input_tokens, counted.output_tokens)}:
        return counted
    if columns == (None, None):
        return None
    return Usage(
        input_tokens=log.input_tokens or 0,
        output_tokens=log.output_tokens or 0,
        cached_tokens=log.cached_tokens or 0,
        reasoning_tokens=log.reasoning_tokens or 0,
    )
