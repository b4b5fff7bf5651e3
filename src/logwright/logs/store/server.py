"""The store's socket: many questions at once on each connection, streams against credit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final, assert_never

import msgspec

from logwright.errors import LogwrightError
from logwright.logs.store import protocol as wire
from logwright.logs.store.service import Store

_UNSENT_BYTES: Final = 8 << 20
_log = logging.getLogger(__name__)


class Connection:
    """One client. Its questions run side by side; when it goes, they end."""

    def __init__(self, store: Store, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._store = store
        self._reader = reader
        self._writer = writer
        self._writer.transport.set_write_buffer_limits(high=_UNSENT_BYTES)
        self._sending = asyncio.Lock()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._credit: dict[int, asyncio.Semaphore] = {}

    async def serve(self) -> None:
        """Answer until the client goes."""
        try:
            while (data := await wire.receive(self._reader)) is not None:
                try:
                    self._begin(wire.read_request(data))
                except msgspec.MsgspecError:
                    _log.warning("A client of the store sent what is no request; its connection was closed.")
                    return
        finally:
            for task in self._tasks.values():
                task.cancel()
            self._writer.close()

    def _begin(self, request: wire.Request) -> None:
        number, asked = request.number, request.asked
        match asked:
            case wire.Credit(items=items):
                credit = self._credit.get(number)
                if credit is not None:
                    for _ in range(items):
                        credit.release()
                return
            case wire.Cancel():
                task = self._tasks.get(number)
                if task is not None:
                    task.cancel()
                return
            case wire.Iterate() | wire.Export() | wire.Tail():
                self._credit[number] = asyncio.Semaphore(0)
                work = self._stream(number, asked)
            case _:
                work = self._answer(number, asked)
        task = asyncio.create_task(work)
        self._tasks[number] = task
        task.add_done_callback(lambda _: (self._tasks.pop(number, None), self._credit.pop(number, None)))

    async def _answer(self, number: int, asked: wire.Question) -> None:
        try:
            await self._send(number, "result", await self._ask(asked))
        except Exception as error:  # noqa: BLE001  whatever it is, the asker must hear of it
            await self._fail(number, error)

    async def _stream(self, number: int, asked: wire.Stream) -> None:
        credit = self._credit[number]
        try:
            async with aclosing(self._items(asked)) as items:
                await credit.acquire()
                async for item in items:
                    await self._send(number, "item", item)
                    await credit.acquire()
            await self._send(number, "end", None)
        except Exception as error:  # noqa: BLE001  whatever it is, the asker must hear of it
            await self._fail(number, error)

    async def _ask(self, asked: wire.Question) -> Any:
        store = self._store
        match asked:
            case wire.Get():
                return await store.get(asked.project_id, asked.log_id)
            case wire.Search():
                page = await store.search(
                    asked.project_id, asked.query, asked.order, asked.after, asked.limit, asked.offset
                )
                return wire.Page(page.data, page.next, page.narrowed)
            case wire.Whole():
                return await store.whole(asked.project_id, asked.places, asked.most_bytes)
            case wire.Stats():
                return await store.stats(asked.project_id, asked.query)
            case wire.Histogram():
                bars = await store.histogram(asked.project_id, asked.query, asked.seconds, asked.group)
                return wire.Bars(bars, bars.narrowed)
            case wire.Facets():
                return await store.facets(asked.project_id, asked.query, asked.fields, asked.limit)
            case wire.RefersTo():
                return await store.refers_to(asked.project_id, asked.digest)
            case wire.CountByVersion():
                return await store.count_by_version(asked.project_id, asked.prompt_ids)
            case wire.Groups():
                found = await store.groups(asked.project_id, asked.query, asked.by, asked.after, asked.limit)
                return found.items, found.next
            case wire.SetTags():
                return await store.set_tags(asked.project_id, asked.query, asked.tags)
            case wire.Amend():
                return await store.amend(asked.project_id, asked.log_id, asked.changes, asked.by)
            case wire.Amendments():
                return await store.amendments(asked.project_id, asked.log_id)
            case wire.RestoreAmendments():
                return await store.restore_amendments(asked.project_id, asked.log_id, asked.found)
            case wire.Delete():
                return await store.delete(asked.project_id, asked.query)
            case wire.Retain():
                return await store.retain(asked.project_id, asked.query, asked.before)
            case wire.Health():
                return await store.health()
            case wire.AuditAll():
                return await store.audit()
            case wire.TakeSnapshot():
                return await store.take_snapshot()
            case wire.LetSnapshotGo():
                return await store.let_snapshot_go(asked.name)
            case _ as never:
                assert_never(never)

    def _items(self, asked: wire.Stream) -> AsyncGenerator[Any, None]:
        match asked:
            case wire.Iterate():
                return self._store.iterate(asked.project_id, asked.query, asked.limit)
            case wire.Export():
                return self._store.export(asked.project_id, asked.query, asked.form, asked.columns)
            case wire.Tail():
                return self._store.tail(asked.project_id, asked.query)
            case _ as never:
                assert_never(never)

    async def _fail(self, number: int, error: Exception) -> None:
        if not isinstance(error, LogwrightError | ConnectionError):
            _log.error("A request to the store failed.", exc_info=error)
        await self._send(number, "error", wire.failure(error))

    async def _send(self, number: int, kind: Any, body: object) -> None:
        data = wire.frame(wire.Answer(number, kind, msgspec.Raw(wire.encode(body))))
        async with self._sending:
            self._writer.write(data)
            await self._writer.drain()
