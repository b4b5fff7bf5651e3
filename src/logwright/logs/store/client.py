"""The log store as every other process sees it: a `LogStore` that asks the store's process over its socket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec

from logwright.clock import from_micros, to_micros
from logwright.errors import LogwrightError, Unavailable
from logwright.logs.groups import GroupedBy, LogGroup
from logwright.logs.row import SUMMARY_COLUMNS, LogRow
from logwright.logs.store import protocol as wire
from logwright.logs.types import (
    Amendment,
    Audit,
    Bars,
    Facet,
    Log,
    LogQuery,
    LogStats,
    LogSummary,
    Order,
    StoreHealth,
)
from logwright.paging import Page
from logwright.prompts.types import Counted

T = TypeVar("T")

SOCKET_NAME: Final = "store.sock"
_PATIENCE_SECONDS: Final = 3.0
_ITEMS_AHEAD: Final = 4
_END: Final = object()

_decode_logs = msgspec.json.Decoder(Log).decode_lines
_decode_summaries = msgspec.json.Decoder(LogSummary).decode_lines


class StoreClient:
    """Asks the store's process. Usable from several event loops; each has a connection of its own."""

    def __init__(
        self,
        data: Path,
        *,
        patience: float = _PATIENCE_SECONDS,
        beforehand: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """Name the data directory whose store is meant; nothing is opened yet.

        `patience` is how many seconds a question waits for the store's process to come (back) before it fails.
        `beforehand` is awaited before a loop's first connection is made, and may start the process.
        """
        self._beforehand = beforehand
        self._socket = data / "run" / SOCKET_NAME
        self._patience = patience
        self._links: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Link] = weakref.WeakKeyDictionary()

    async def __aenter__(self) -> StoreClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close this loop's connection; questions under way fail."""
        link = self._links.pop(asyncio.get_running_loop(), None)
        if link is not None:
            await link.close()

    async def get(self, project_id: str, log_id: str) -> Log | None:
        """Return one log whole."""
        found = _decode_logs(await self._ask(wire.Get(project_id=project_id, log_id=log_id), bytes))
        return found[0] if found else None

    async def search(
        self, project_id: str, query: LogQuery, *, order: Order, after: str | None, limit: int, offset: int = 0
    ) -> Page[LogSummary]:
        """Return one page without bodies."""
        asked = wire.Search(project_id=project_id, query=query, order=order, after=after, limit=limit, offset=offset)
        page = await self._ask(asked, wire.Page)
        return Page(items=_decode_summaries(page.lines), next=page.next, narrowed=page.narrowed)

    async def whole(self, project_id: str, logs: Sequence[LogSummary], *, most_bytes: int) -> Sequence[Log]:
        """Return the logs of a page with their bodies, newest first."""
        if not logs:
            return ()
        places = [(log.id, to_micros(log.requested_at)) for log in logs]
        asked = wire.Whole(project_id=project_id, places=places, most_bytes=most_bytes)
        return _decode_logs(await self._ask(asked, bytes))

    async def stats(self, project_id: str, query: LogQuery) -> LogStats:
        """Return figures over all matches."""
        return await self._ask(wire.Stats(project_id=project_id, query=query), LogStats)

    async def histogram(self, project_id: str, query: LogQuery, *, seconds: int, group: str | None) -> Bars:
        """Return bars of `seconds` each in order of time."""
        asked = wire.Histogram(project_id=project_id, query=query, seconds=seconds, group=group)
        found = await self._ask(asked, wire.Bars)
        return Bars(found.bars, narrowed=found.narrowed)

    async def facets(self, project_id: str, query: LogQuery, fields: Sequence[str], *, limit: int) -> Sequence[Facet]:
        """Return the most frequent values of each field."""
        asked = wire.Facets(project_id=project_id, query=query, fields=list(fields), limit=limit)
        return await self._ask(asked, list[Facet])

    async def refers_to(self, project_id: str, digest: str) -> bool:
        """Say whether a log of the project has taken in the medium of that digest."""
        return await self._ask(wire.RefersTo(project_id=project_id, digest=digest), bool)

    async def count_by_version(self, project_id: str, prompt_ids: Sequence[str] | None) -> Sequence[Counted]:
        """Count the logs of every version of these prompts, or with None of all."""
        ids = None if prompt_ids is None else list(prompt_ids)
        return await self._ask(wire.CountByVersion(project_id=project_id, prompt_ids=ids), list[Counted])

    async def groups(
        self, project_id: str, query: LogQuery, by: GroupedBy, *, after: str | None, limit: int
    ) -> Page[LogGroup]:
        """Return one page of the traces or sessions that have a match."""
        asked = wire.Groups(project_id=project_id, query=query, by=by, after=after, limit=limit)
        items, place = await self._ask(asked, tuple[list[LogGroup], str | None])
        return Page(items=items, next=place)

    async def set_tags(self, project_id: str, query: LogQuery, tags: Mapping[str, str | None]) -> int:
        """Set or remove tags on all matches; return how many matched."""
        return await self._ask(wire.SetTags(project_id=project_id, query=query, tags=dict(tags)), int)

    async def amend(self, project_id: str, log_id: str, changes: Mapping[str, Any], *, by: str) -> Log | None:
        """Set columns of one log and return it whole as it is then; None when there is none."""
        asked = wire.Amend(project_id=project_id, log_id=log_id, changes=dict(changes), by=by)
        found = _decode_logs(await self._ask(asked, bytes))
        return found[0] if found else None

    async def amendments(self, project_id: str, log_id: str) -> Sequence[Amendment]:
        """Return the amendments of a log, oldest first."""
        return await self._ask(wire.Amendments(project_id=project_id, log_id=log_id), list[Amendment])

    async def restore_amendments(self, project_id: str, log_id: str, found: Sequence[Amendment]) -> None:
        """Put amendments that a dump tells of into a log's history."""
        asked = wire.RestoreAmendments(project_id=project_id, log_id=log_id, found=list(found))
        await self._ask(asked, type(None))

    async def delete(self, project_id: str, query: LogQuery) -> int:
        """Delete all matches for good; return how many."""
        return await self._ask(wire.Delete(project_id=project_id, query=query), int)

    async def retain(self, project_id: str, query: LogQuery, before: datetime) -> int:
        """Delete matches older than `before`; return how many."""
        return await self._ask(wire.Retain(project_id=project_id, query=query, before=before), int)

    async def health(self) -> StoreHealth:
        """Return sizes and lag."""
        return await self._ask(wire.Health(), StoreHealth)

    async def audit(self) -> Audit:
        """Hold the sequences of all producers against store and journals."""
        return await self._ask(wire.AuditAll(), Audit)

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncGenerator[str, None]:
        """Keep one state of store and journals for the length of the block, in `store/snapshots/NAME`."""
        name = await self._ask(wire.TakeSnapshot(), str)
        try:
            yield name
        finally:
            with contextlib.suppress(LogwrightError):  # the store was restarted, which lets all of them go
                await self._ask(wire.LetSnapshotGo(name), type(None))

    async def iterate(
        self, project_id: str, query: LogQuery, *, limit: int | None = None
    ) -> AsyncGenerator[Sequence[Log], None]:
        """Yield all matches whole, newest first, in batches, from one state of the store and in bounded memory."""
        asked = wire.Iterate(project_id=project_id, query=query, limit=limit)
        async with contextlib.aclosing(self._stream(asked, bytes)) as pieces:
            async for piece in pieces:
                yield _decode_logs(piece)

    async def export(
        self,
        project_id: str,
        query: LogQuery,
        *,
        form: Literal["parquet", "csv"] = "parquet",
        columns: Sequence[str] = (),
    ) -> AsyncGenerator[bytes, None]:
        """Yield all matches as one file written by the engine, piece by piece; no columns means all of them."""
        asked = wire.Export(project_id=project_id, query=query, form=form, columns=list(columns))
        async with contextlib.aclosing(self._stream(asked, bytes)) as pieces:
            async for piece in pieces:
                yield piece

    async def tail(self, project_id: str, query: LogQuery) -> AsyncGenerator[Sequence[LogSummary], None]:
        """Yield matches as they arrive, from now on, without end."""
        asked = wire.Tail(project_id=project_id, query=query)
        async with contextlib.aclosing(self._stream(asked, list[LogRow])) as pieces:
            async for rows in pieces:
                yield [summary_of(row) for row in rows]

    async def _ask(self, asked: wire.Question, kind: type[T]) -> T:
        link = await self._link()
        try:
            answer = await link.ask(asked)
        except _Gone:
            # The process was restarted. Asking again changes nothing; whether a change was made is the caller's doubt.
            if isinstance(asked, wire.Change):
                raise
            link = await self._link()
            answer = await link.ask(asked)
        return msgspec.msgpack.decode(answer, type=kind)

    async def _stream(self, asked: wire.Stream, kind: type[T]) -> AsyncGenerator[T, None]:
        link = await self._link()
        decoder = msgspec.msgpack.Decoder(kind)
        async with contextlib.aclosing(link.stream(asked)) as bodies:
            async for body in bodies:
                yield decoder.decode(body)

    async def _link(self) -> _Link:
        loop = asyncio.get_running_loop()
        link = self._links.get(loop)
        if link is None:
            if self._beforehand is not None:
                await self._beforehand()
            link = self._links.get(loop)
        if link is None:
            link = self._links[loop] = _Link(self._socket, self._patience)
        await link.ready()
        return link


def summary_of(row: LogRow) -> LogSummary:
    """Give a row of the ingest as a list shows it."""
    values: dict[str, Any] = {name: getattr(row, name) for name in SUMMARY_COLUMNS}
    values["requested_at"] = from_micros(row.requested_at)
    values["received_at"] = None if row.received_at is None else from_micros(row.received_at)
    values["amended_at"] = None if row.amended_at is None else from_micros(row.amended_at)
    return LogSummary(**values)


class _Link:
    """One connection and what is under way on it."""

    def __init__(self, socket: Path, patience: float) -> None:
        self._socket = socket
        self._patience = patience
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._items: dict[int, asyncio.Queue[Any]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._receiving: asyncio.Task[None] | None = None
        self._connecting = asyncio.Lock()

    async def ready(self) -> None:
        """Connect if need be.

        Raises:
            Unavailable: when nobody answers within the patience.
        """
        async with self._connecting:
            if self._writer is None:
                reader, self._writer = await self._connect()
                self._receiving = asyncio.create_task(self._receive(reader, self._writer))

    async def ask(self, asked: wire.Question) -> msgspec.Raw:
        number = next(self._numbers)
        future: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        self._answers[number] = future
        try:
            await self._send(wire.Request(number, asked))
            return await future
        except asyncio.CancelledError:
            self._tell(wire.Request(number, wire.Cancel()))
            raise
        finally:
            self._answers.pop(number, None)

    async def stream(self, asked: wire.Stream) -> AsyncGenerator[msgspec.Raw, None]:
        number = next(self._numbers)
        items: asyncio.Queue[Any] = asyncio.Queue()
        self._items[number] = items
        over = False
        try:
            await self._send(wire.Request(number, asked))
            await self._send(wire.Request(number, wire.Credit(_ITEMS_AHEAD)))
            while True:
                item = await items.get()
                if item is _END or isinstance(item, Exception):
                    over = True
                if item is _END:
                    return
                if isinstance(item, Exception):
                    raise item
                yield item
                self._tell(wire.Request(number, wire.Credit(1)))
        finally:
            self._items.pop(number, None)
            if not over:
                self._tell(wire.Request(number, wire.Cancel()))

    async def close(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.gather(self._receiving, return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience
        while True:
            try:
                return await connect(self._socket)
            except OSError as error:
                if loop.time() >= until:
                    raise Unavailable(
                        f"The log store does not answer ({error.strerror or error}); is `logwright serve` running?",
                        retry_after=1.0,
                    ) from error
            await asyncio.sleep(0.05)

    async def _send(self, request: wire.Request) -> None:
        if self._writer is None:
            raise _gone()
        self._writer.write(wire.frame(request))
        with contextlib.suppress(ConnectionError):  # the receiving side tells all that wait
            await self._writer.drain()

    def _tell(self, request: wire.Request) -> None:
        """Send what needs no answer, if anybody is there to hear it."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(wire.frame(request))

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (data := await wire.receive(reader)) is not None:
                self._deliver(wire.read_answer(data))
        finally:
            self._writer = None
            writer.close()
            for future in self._answers.values():
                if not future.done():
                    future.set_exception(_gone())
            for items in self._items.values():
                items.put_nowait(_gone())

    def _deliver(self, answer: wire.Answer) -> None:
        future = self._answers.get(answer.number)
        items = self._items.get(answer.number)
        match answer.kind:
            case "result":
                if future is not None and not future.done():
                    future.set_result(answer.body)
            case "item":
                if items is not None:
                    items.put_nowait(answer.body)
            case "end":
                if items is not None:
                    items.put_nowait(_END)
            case "error":
                error = wire.raised(msgspec.msgpack.decode(answer.body, type=wire.Failure))
                if future is not None and not future.done():
                    future.set_exception(error)
                if items is not None:
                    items.put_nowait(error)


async def connect(socket: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to a socket of the file system.

    The path goes through `/proc/self/fd`, as a socket's address holds 107 bytes at most and a data directory may lie
    deeper.
    """
    folder = os.open(socket.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return await asyncio.open_unix_connection(f"/proc/self/fd/{folder}/{socket.name}", limit=1 << 20)
    finally:
        os.close(folder)


class _Gone(Unavailable):
    """The connection ended before the answer came."""


def _gone() -> _Gone:
    return _Gone("The log store's process ended or was restarted amid the request; try again.", retry_after=1.0)
