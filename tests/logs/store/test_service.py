"""The store as its process offers it: questions wait for the journals, changes are durable, tails keep up or end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from logwright.clock import to_micros
from logwright.errors import InvalidRequest, Unavailable
from logwright.journal import JournalWriter
from logwright.logs.record import LogRecord, encode
from logwright.logs.store.reads import decode_logs
from logwright.logs.store.service import Store
from logwright.logs.types import Clause, LogQuery
from logwright.models.prices import Pricer
from logwright.testing.store import EVERYTHING, a_record

Record = Callable[..., Awaitable[None]]


def with_store(data: Path, body: Callable[[Store, Record], Awaitable[None]]) -> None:
    """Run a test's body on a loop with an open store and a way to record."""

    async def run() -> None:
        store = Store(data, Pricer())
        writer = JournalWriter(data / "journal", "w0")

        async def record(*logs: LogRecord) -> None:
            await asyncio.gather(*[writer.record(encode(log)) for log in logs])

        try:
            await body(store, record)
        finally:
            writer.close()
            await store.close()

    asyncio.run(run())


def test_what_was_acknowledged_is_found_by_the_next_question(tmp_path: Path) -> None:
    async def body(store: Store, record: Record) -> None:
        for number in range(5):
            await record(a_record(id=f"log-{number}"))
            assert (await store.stats("project", EVERYTHING)).count == number + 1

    with_store(tmp_path / "data", body)


def test_a_change_of_no_log_writes_nothing(tmp_path: Path) -> None:
    async def body(store: Store, record: Record) -> None:
        assert await store.set_tags("project", EVERYTHING, {"a": "b"}) == 0
        assert await store.delete("project", EVERYTHING) == 0
        await record(a_record())
        assert await store.set_tags("project", EVERYTHING, {}) == 1

    with_store(tmp_path / "data", body)


def test_questions_at_the_same_time_as_changes_see_before_or_after(tmp_path: Path) -> None:
    tagged = LogQuery(clauses=(Clause(field="tag", name="a", operator="=", values=("b",)),))

    async def body(store: Store, record: Record) -> None:
        await record(*[a_record() for _ in range(50)])
        change = asyncio.create_task(store.set_tags("project", EVERYTHING, {"a": "b"}))
        seen = set()
        while not change.done():
            seen.add((await store.stats("project", tagged)).count)
        seen.add((await store.stats("project", tagged)).count)
        assert seen <= {0, 50}
        assert await change == 50

    with_store(tmp_path / "data", body)


def test_a_tail_that_is_not_read_ends_with_a_reason(tmp_path: Path) -> None:
    async def body(store: Store, record: Record) -> None:
        tail = store.tail("project", EVERYTHING)
        first = asyncio.create_task(anext(tail))
        while not first.done():
            await record(a_record(id="first"))
            await store.stats("project", EVERYTHING)
        for _ in range(3):
            await record(*[a_record() for _ in range(3000)])
            await store.stats("project", EVERYTHING)
        with pytest.raises(Unavailable, match="too slow"):
            async for _ in tail:
                pass

    with_store(tmp_path / "data", body)


def test_health_counts_what_is_stored_and_what_waits(tmp_path: Path) -> None:
    async def body(store: Store, record: Record) -> None:
        await record(a_record(), a_record(project_id="other"))
        await store.stats("project", EVERYTHING)
        health = await store.health()
        assert (health.logs, health.projects) == (2, {"project": 1, "other": 1})
        assert health.journal_bytes == 0
        assert health.bytes_on_disk > 0

    with_store(tmp_path / "data", body)


def test_amendments_at_the_same_time_lose_none_of_their_keys(tmp_path: Path) -> None:
    async def body(store: Store, record: Record) -> None:
        await record(a_record(id="log-1"))
        await asyncio.gather(
            *[store.amend("project", "log-1", {"details": {f"key{n}": n}}, f"caller {n}") for n in range(10)]
        )
        log = decode_logs(await store.get("project", "log-1"))[0]
        assert json.loads(log.details) == {f"key{n}": n for n in range(10)}
        assert len(await store.amendments("project", "log-1")) == 10

    with_store(tmp_path / "data", body)


def test_an_amendment_survives_the_store(tmp_path: Path) -> None:
    async def amend(store: Store, record: Record) -> None:
        await record(a_record(id="log-1"), a_record(id="log-2"))
        assert await store.amend("project", "log-1", {"model": "other", "requested_at": 5_000_000}, "me")
        assert await store.amend("another", "log-1", {"model": "stolen"}, "them") == b""
        assert await store.amend("project", "log-3", {"model": "x"}, "me") == b""

    async def look(store: Store, record: Record) -> None:
        log = decode_logs(await store.get("project", "log-1"))[0]
        assert (log.model, to_micros(log.requested_at)) == ("other", 5_000_000)
        assert [one.by for one in await store.amendments("project", "log-1")] == ["me"]
        assert (await store.audit()).complete

    with_store(tmp_path / "data", amend)
    with_store(tmp_path / "data", look)


def test_an_amendment_that_changes_nothing_leaves_no_trace(tmp_path: Path) -> None:
    async def body(store: Store, record: Record) -> None:
        await record(a_record(id="log-1", model="m"))
        line = await store.amend("project", "log-1", {"model": "m"}, "me")
        assert decode_logs(line)[0].amended_at is None
        with pytest.raises(InvalidRequest):
            await store.amend("project", "log-1", {"model": "n", "cost": -1}, "me")
        assert decode_logs(await store.get("project", "log-1"))[0].model == "m"
        assert await store.amendments("project", "log-1") == []

    with_store(tmp_path / "data", body)
