"""The questions that people ask of a million logs, each with what we demand of it."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.store.corpus import COMMON, INSIDE, PROJECT, RARE
from logwright.logs.query.parse import parse
from logwright.logs.store.client import StoreClient
from logwright.logs.types import LogQuery, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How long a question took."""

    name: str
    demand: float
    """Milliseconds."""
    median: float
    worst: float
    processor: float
    """Milliseconds of the store's processor time, which other work on the machine does not stretch."""
    found: int


async def ask_all(store: StoreClient, until: int, processor: Callable[[], float], *, rounds: int = 7) -> list[Answer]:
    """Ask every question `rounds` times, after one time that does not count, and return the figures.

    `processor` gives the seconds of processor time that the store's process has used.
    """
    now = datetime.fromtimestamp(until / 1e6, UTC)

    def q(text: str) -> LogQuery:
        return parse(text, now)

    async def page(text: str, order: Order = Order(), after: str | None = None) -> int:  # noqa: B008  it is frozen
        return len((await store.search(PROJECT, q(text), order=order, after=after, limit=50)).items)

    async def count(text: str) -> int:
        return (await store.stats(PROJECT, q(text))).count

    async def both(text: str) -> int:
        _, found = await asyncio.gather(page(text), count(text))
        return found

    async def bars(text: str, group: str) -> int:
        return len(await store.histogram(PROJECT, q(text), seconds=3600, group=group))

    async def facets() -> int:
        return len(await store.facets(PROJECT, LogQuery(), ["model", "status", "tag", "tag.prompt_id"], limit=20))

    async def bifrost(text: str) -> int:
        """Ask what Bifrost's list asks: a page of 50 with its bodies, and five figures over all matches."""
        found, figures = await asyncio.gather(
            store.search(PROJECT, q(text), order=Order(), after=None, limit=50), store.stats(PROJECT, q(text))
        )
        whole = await store.whole(PROJECT, found.items, most_bytes=32 << 20)
        assert len(whole) == len(found.items)
        return figures.count

    deep = await _cursor(store, 100_000)
    some = (await store.search(PROJECT, LogQuery(), order=Order(), after=deep, limit=1)).items[0].id

    async def one() -> int:
        return int(await store.get(PROJECT, some) is not None)

    costly = Order(key="cost")
    questions: list[tuple[str, float, Callable[[], Awaitable[int]]]] = [
        ("newest 50", 100, lambda: page("")),
        ("model and 7 days, by cost", 100, lambda: page("model:gpt-4o last:7d", costly)),
        ("a user's logs (rare tag), page and count", 100, lambda: both("tag.user=user-777")),
        ("body: rare word, page and count", 300, lambda: both(RARE)),
        ("body: inside a word, page and count", 300, lambda: both(INSIDE)),
        ("body: common word, page and count", 300, lambda: both(COMMON)),
        ("statistics over a body search and 7 days", 300, lambda: count(f"{COMMON} last:7d")),
        ("statistics over everything", 100, lambda: count("")),
        ("histogram, 24 hours by hour and model", 100, lambda: bars("last:24h", "model")),
        ("facets of model, status and tags", 100, facets),
        ("page behind 100,000 others", 100, lambda: page("", after=deep)),
        ("one log by id", 100, one),
        ("errors of a prompt, page and count", 100, lambda: both("has:error tag.prompt_id=triage")),
        ("slow calls, page and count", 100, lambda: both("latency:>20s")),
        ("Bifrost's list of everything with its stats", 100, lambda: bifrost("")),
        ("Bifrost's list of a model and 7 days", 100, lambda: bifrost("model:gpt-4o last:7d")),
        ("Bifrost's list by a rare word", 300, lambda: bifrost(RARE)),
    ]
    answers = []
    for name, demand, question in questions:
        found = await question()
        times = []
        before = processor()
        for _ in range(rounds):
            began = time.perf_counter()
            await question()
            times.append((time.perf_counter() - began) * 1000)
        used = (processor() - before) * 1000 / rounds
        answers.append(
            Answer(
                name=name,
                demand=demand,
                median=statistics.median(times),
                worst=max(times),
                processor=used,
                found=found,
            )
        )
    return answers


async def _cursor(store: StoreClient, behind: int) -> str | None:
    """Walk to the cursor behind so many logs, in large steps."""
    after: str | None = None
    for _ in range(behind // 5000):
        page = await store.search(PROJECT, LogQuery(), order=Order(), after=after, limit=5000)
        if page.next is None:
            break
        after = page.next
    return after
