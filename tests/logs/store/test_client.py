"""The client asks over a socket, from any loop, and outlives the process that answers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from logwright.errors import InvalidRequest, Unavailable
from logwright.logs.store.client import StoreClient
from logwright.logs.types import Clause, LogQuery, Order
from logwright.testing.store import EVERYTHING, RunningStore, a_record


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStore]:
    """Return a store of 7,000 logs (seven pieces of a walk), in a folder deeper than a socket's address is long."""
    deep = tmp_path_factory.mktemp("store") / ("deep" * 20) / ("deeper" * 10)
    with RunningStore(deep / "data") as running:
        running.record(*[a_record(id=f"log-{number}") for number in range(7000)])
        yield running


def test_nobody_there_is_told_as_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        asyncio.run(StoreClient(tmp_path, patience=0.1).stats("project", EVERYTHING))


def test_many_questions_at_once_share_a_connection(store: RunningStore) -> None:
    async def ask() -> list[int]:
        return [
            figures.count
            for figures in await asyncio.gather(*[store.logs.stats("project", EVERYTHING) for _ in range(30)])
        ]

    assert store.ask(ask()) == [7000] * 30


def test_each_loop_has_a_connection_of_its_own(store: RunningStore) -> None:
    client = StoreClient(store.data)
    counts: list[int] = []

    async def count() -> None:
        async with contextlib.AsyncExitStack() as closing:
            closing.push_async_callback(client.close)
            counts.append((await client.stats("project", EVERYTHING)).count)

    threads = [threading.Thread(target=lambda: asyncio.run(count())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [7000] * 4


def test_an_error_comes_across_as_what_it_is(store: RunningStore) -> None:
    with pytest.raises(InvalidRequest) as refused:
        store.ask(store.logs.search("project", EVERYTHING, order=Order(), after="?", limit=1))
    assert refused.value.param == "after"


def test_an_inner_fault_is_not_shown_and_ends_nothing(store: RunningStore) -> None:
    """What cannot be right here: a comparison that the engine refuses."""
    wrong = LogQuery(clauses=(Clause(field="status", operator="~", values=(1.0,)),))
    with pytest.raises(Unavailable, match="failed on this request"):
        store.ask(store.logs.stats("project", wrong))
    assert store.ask(store.logs.stats("project", EVERYTHING)).count == 7000


def test_a_walk_that_is_left_leaves_the_store_free(store: RunningStore) -> None:
    """More of them than may run at once, each left after its first batch."""

    async def peek() -> int:
        async with contextlib.aclosing(store.logs.iterate("project", EVERYTHING)) as batches:
            async for batch in batches:
                return len(batch)
        return 0

    for _ in range(20):
        assert store.ask(peek()) > 0


def test_an_export_is_the_engines_own_file(store: RunningStore) -> None:
    async def export() -> bytes:
        return b"".join([piece async for piece in store.logs.export("project", EVERYTHING, columns=["id", "model"])])

    file = store.ask(export())
    assert (file[:4], file[-4:]) == (b"PAR1", b"PAR1")
    assert not [path for path in (store.data / "run").iterdir() if path.name.startswith("export")]


def test_a_column_that_is_none_cannot_be_exported(store: RunningStore) -> None:
    async def export() -> None:
        async for _ in store.logs.export("project", EVERYTHING, columns=["id FROM logs --"]):
            pass

    with pytest.raises(InvalidRequest, match="has no"):
        store.ask(export())


def test_the_tail_gives_what_comes_and_nothing_before(tmp_path: Path) -> None:
    with RunningStore(tmp_path / "data") as running:
        running.record(a_record(id="before"))
        query = LogQuery(clauses=(Clause(field="model", operator="=", values=("new",)),))
        seen: list[str] = []

        async def follow() -> None:
            async for logs in running.logs.tail("project", query):
                seen.extend(log.id for log in logs)
                if "last" in seen:
                    return

        async def both() -> None:
            following = asyncio.create_task(follow())
            number = 0
            while not following.done():
                writer_logs = [a_record(id=f"new-{number}", model="new"), a_record(id=f"other-{number}")]
                await running.keep(*writer_logs, a_record(id="last" if seen else f"x-{number}", model="new"))
                number += 1
                await asyncio.sleep(0.05)

        running.ask(both())
        assert seen[0].startswith(("new-", "x-"))
        assert "before" not in seen
        assert not [log_id for log_id in seen if log_id.startswith("other")]


def test_a_restart_is_waited_for(tmp_path: Path) -> None:
    with RunningStore(tmp_path / "data") as running:
        running.record(a_record())
        assert len(running.listed("project")) == 1
        running.kill()
        running.start()
        assert len(running.listed("project")) == 1
        running.stop()
        with pytest.raises(Unavailable):
            running.ask(StoreClient(running.data, patience=0.1).stats("project", EVERYTHING))
