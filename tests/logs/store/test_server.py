"""The socket answers what it understands, drops what it does not, and goes on for the others."""

from __future__ import annotations

import asyncio
from pathlib import Path

from logwright.logs.store import protocol as wire
from logwright.logs.store.client import SOCKET_NAME, connect
from logwright.logs.types import LogQuery
from logwright.testing.store import EVERYTHING, RunningStore, a_record


def test_a_client_that_talks_nonsense_is_dropped_alone(tmp_path: Path) -> None:
    async def talk(data: Path) -> bytes:
        reader, writer = await connect(data / "run" / SOCKET_NAME)
        writer.write(wire.LENGTH.pack(4) + b"\xc1\xc1\xc1\xc1")
        answer = await reader.read()
        writer.close()
        return answer

    with RunningStore(tmp_path / "data") as store:
        store.record(a_record())
        assert len(store.listed("project")) == 1
        assert store.ask(talk(store.data)) == b""
        assert len(store.listed("project")) == 1


def test_a_client_that_goes_amid_its_stream_frees_it(tmp_path: Path) -> None:
    async def begin_and_go(data: Path) -> None:
        _, writer = await connect(data / "run" / SOCKET_NAME)
        asked = wire.Iterate(project_id="project", query=LogQuery(), limit=None)
        writer.write(wire.frame(wire.Request(1, asked)) + wire.frame(wire.Request(1, wire.Credit(1))))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def count(store: RunningStore) -> int:
        return sum([len(batch) async for batch in store.logs.iterate("project", EVERYTHING)])

    with RunningStore(tmp_path / "data") as store:
        store.record(*[a_record() for _ in range(3)])
        assert len(store.listed("project")) == 3
        for _ in range(10):
            store.ask(begin_and_go(store.data))
        assert store.ask(count(store)) == 3


def test_the_socket_is_for_its_owner_alone(tmp_path: Path) -> None:
    with RunningStore(tmp_path / "data") as store:
        store.ask(store.logs.health())
        assert (store.data / "run" / SOCKET_NAME).stat().st_mode & 0o777 == 0o600


def test_cancelling_a_question_leaves_the_connection_usable(tmp_path: Path) -> None:
    async def cancel(store: RunningStore) -> int:
        for _ in range(5):
            task = asyncio.create_task(store.logs.stats("project", EVERYTHING))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return (await store.logs.stats("project", EVERYTHING)).count

    with RunningStore(tmp_path / "data") as store:
        store.record(a_record())
        assert store.ask(cancel(store)) == 1
