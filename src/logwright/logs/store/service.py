"""The store as the process that owns the engine offers it: catch up with the journals first, then ask or change."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from logwright.blobs.folder import FolderBlobs
from logwright.blobs.opening import FOLDER, KeptBlobs
from logwright.clock import now, to_micros
from logwright.errors import Unavailable
from logwright.journal import JournalWriter
from logwright.logs.amending import lifted, outcome
from logwright.logs.groups import GroupedBy, LogGroup
from logwright.logs.media.sweeping import tally
from logwright.logs.normalise import Pricing
from logwright.logs.row import LogRow
from logwright.logs.store import (
    amendments,
    audit,
    bounded,
    changes,
    choosing,
    counting,
    groups,
    reads,
    referring,
    snapshots,
)
from logwright.logs.store.amendments import LogAmended
from logwright.logs.store.budget import Budget
from logwright.logs.store.ingest import Ingest
from logwright.logs.store.intake import Intake
from logwright.logs.store.opening import ENGINE, open_store
from logwright.logs.store.retention import partitions_before
from logwright.logs.store.tails import Tail
from logwright.logs.types import Amendment, Audit, Bars, Clause, Facet, LogQuery, LogStats, Order, StoreHealth
from logwright.paging import Page
from logwright.prompts.types import Counted

T = TypeVar("T")

ExportFormat = Literal["parquet", "csv"]

_QUERIES_AT_ONCE: Final = 4
_STREAMS_AT_ONCE: Final = 8
_CHANGES_AT_ONCE: Final = 4
_PATIENCE_SECONDS: Final = 5.0
_STREAM_PIECES_AHEAD: Final = 2
_PIECE_BYTES: Final = 1 << 20


class Store:
    """One data directory's store; made and used on one event loop."""

    def __init__(
        self,
        data: Path,
        pricing: Pricing,
        *,
        durability: Literal["fsync", "os"] = "fsync",
        budget: Budget = Budget(),  # noqa: B008  it is frozen
        address: str = "",
        machine: str = "",
        blobs: KeptBlobs | None = None,
    ) -> None:
        """Open the store of a data directory and begin to take in its journals. `budget` is that of each question.

        With `address` the logs are a ClickHouse server's, where this machine writes as `machine`, or by a name that
        the data directory keeps. The server need not be there yet.

        Raises:
            Misconfigured: when a newer release made it, another process has it open, or the address is none.
            MissingExtra: when a server is named and its client is not installed.
        """
        self._journals = data / "journal"
        self._run = data / "run"
        self._folder = folder = data / "store"
        for path in (self._journals, self._run, folder):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._blobs = blobs or FolderBlobs(data / FOLDER, durable=durability == "fsync")
        self._blobs.recover()
        self._loop = asyncio.get_running_loop()
        self._writer = JournalWriter(self._journals, changes.PRODUCER, durability=durability)
        snapshots.let_all_go(folder)
        self._tails: set[Tail] = set()
        opened = open_store(data, address, machine, sessions=_QUERIES_AT_ONCE + 2)
        self._engine = opened.engine
        intake = Intake(
            self._engine,
            self._journals,
            opened.checkpoints.saved,
            pricing=pricing,
            keeper=self._blobs,
            publish=self._publish,
            intents=opened.intents,
            inherited=opened.inherited,
            beforehand=opened.beforehand,
        )
        self._ingest = Ingest(intake, opened.checkpoints, patience=_PATIENCE_SECONDS if address else None)
        self._threads = ThreadPoolExecutor(_QUERIES_AT_ONCE, thread_name_prefix="store-query")
        self._streams = ThreadPoolExecutor(_STREAMS_AT_ONCE, thread_name_prefix="store-stream")
        self._streaming = 0
        self._budget = budget
        self._choices = ThreadPoolExecutor(_CHANGES_AT_ONCE, thread_name_prefix="store-choose")
        self._changing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ingest.start()

    async def close(self) -> None:
        """Finish what is under way, make a checkpoint and close."""
        for tail in list(self._tails):
            tail.end()
        await asyncio.to_thread(self._ingest.stop)
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._streams.shutdown(wait=True, cancel_futures=True)
        self._choices.shutdown(wait=True, cancel_futures=True)
        self._writer.close()
        self._engine.close()

    # ------------------------------------------------------------------ questions

    async def get(self, project_id: str, log_id: str) -> bytes:
        """Return one log as a JSON line, empty when there is none."""
        return await self._ask(reads.get, project_id, log_id)

    async def search(
        self, project_id: str, query: LogQuery, order: Order, after: str | None, limit: int, offset: int = 0
    ) -> bounded.Lines:
        """Return a page as JSON lines."""
        return await self._ask(bounded.search, self._budget, project_id, query, order, after, limit, offset)

    async def whole(self, project_id: str, places: Sequence[tuple[str, int]], most_bytes: int) -> bytes:
        """Return the logs of a page as JSON lines."""
        return await self._ask(reads.whole, project_id, places, most_bytes)

    async def stats(self, project_id: str, query: LogQuery) -> LogStats:
        """Return figures over all matches."""
        return await self._ask(bounded.stats, self._budget, project_id, query)

    async def histogram(self, project_id: str, query: LogQuery, seconds: int, group: str | None) -> Bars:
        """Return bars in order of time."""
        return await self._ask(bounded.histogram, self._budget, project_id, query, seconds, group)

    async def facets(self, project_id: str, query: LogQuery, fields: Sequence[str], limit: int) -> list[Facet]:
        """Return the most frequent values of each field."""
        return await self._ask(bounded.count_values, self._budget, project_id, query, fields, limit)

    async def count_by_version(self, project_id: str, prompt_ids: Sequence[str] | None) -> list[Counted]:
        """Count the logs of every version of these prompts."""
        return await self._ask(counting.count_by_version, project_id, prompt_ids)

    async def groups(
        self, project_id: str, query: LogQuery, by: GroupedBy, after: str | None, limit: int
    ) -> Page[LogGroup]:
        """Return one page of the traces or sessions that have a match."""
        return await self._ask(groups.groups, project_id, query, by, after, limit)

    async def iterate(self, project_id: str, query: LogQuery, limit: int | None) -> AsyncGenerator[bytes, None]:
        """Yield all matches as JSON lines, newest first, from one state of the store."""
        statement = reads.everything(project_id, query, limit)
        await self._ingest.caught_up()
        pieces = self._engine.stream(statement.sql, statement.parameters)
        async for piece in self._streamed(pieces):
            yield piece

    async def export(
        self, project_id: str, query: LogQuery, form: ExportFormat, columns: Sequence[str]
    ) -> AsyncGenerator[bytes, None]:
        """Yield all matches as one file that the engine writes."""
        statement = reads.exported(project_id, query, columns)
        await self._ingest.caught_up()
        async for piece in self._streamed(self._export_file(statement, form)):
            yield piece

    async def tail(self, project_id: str, query: LogQuery) -> AsyncGenerator[list[LogRow], None]:
        """Yield matches as they are taken in, from now on, until the store closes.

        Raises:
            Unavailable: when the reader fell too far behind.
        """
        await self._ingest.caught_up()
        tail = Tail(project_id, query)
        self._tails.add(tail)
        try:
            while rows := await tail.next():
                yield rows
        finally:
            self._tails.discard(tail)

    async def health(self) -> StoreHealth:
        """Return sizes and lag. It does not wait for the journals, so it answers when taking them in fails."""
        found = await self._in_thread(reads.sizes)
        waiting = audit.waiting_bytes(self._journals, self._ingest.account)
        return StoreHealth(
            logs=sum(found.projects.values()),
            bytes_on_disk=found.bytes_on_disk,
            journal_bytes=waiting,
            behind_seconds=self._ingest.behind_seconds,
            version=self._engine.version,
            projects=found.projects,
            lost=self._ingest.account.lost,
        )

    async def audit(self) -> Audit:
        """Hold the journals against the store."""
        found = await self._ingest.at_rest(lambda account: audit.audit(self._engine, self._journals, account))
        media = await tally(self, self._blobs)
        return replace(
            found,
            complete=found.complete and not media.missing,
            blobs=media.kept,
            blobs_missing=media.missing,
            blobs_unreferred=media.unreferred,
        )

    async def refers_to(self, project_id: str, digest: str) -> bool:
        """Say whether a log of the project has taken in the medium of that digest."""
        return await self._ask(referring.refers_to, project_id, digest)

    async def referred_blobs(self, beginning: str) -> set[str]:
        """Return the digests that begin so and that logs of any project refer to."""
        return await self._ask(referring.referred_blobs, beginning)

    def is_being_copied(self) -> bool:
        """Say whether a snapshot is held, for a backup that goes on to copy the blobs of its logs."""
        return snapshots.are_held(self._folder)

    async def take_snapshot(self) -> str:
        """Keep this moment's state in a folder below `store/snapshots`; return its name."""
        engine = None if self._engine.machine else self._folder / ENGINE
        return await self._ingest.at_rest(
            lambda account: snapshots.take(self._engine, engine, self._folder, self._journals, account)
        )

    async def let_snapshot_go(self, name: str) -> None:
        """Delete a snapshot."""
        await asyncio.to_thread(snapshots.let_go, self._folder, name)

    # ------------------------------------------------------------------ changes

    async def set_tags(self, project_id: str, query: LogQuery, tags: Mapping[str, str | None]) -> int:
        """Set or remove tags on all matches; return how many there were."""
        values = {name: value for name, value in tags.items() if value is not None}
        removed = [name for name, value in tags.items() if value is None]
        count = 0
        async with self._changing[project_id]:
            async for chosen in self._chosen(project_id, query):
                count += len(chosen.ids)
                if tags:
                    await self._change(changes.TagsSet(chosen, values, removed))
        return count

    async def amend(self, project_id: str, log_id: str, told: Mapping[str, Any], by: str) -> bytes:
        """Set columns of one log; return it as a JSON line, empty when there is none."""
        async with self._changing[project_id]:
            line = await self._ask(reads.get, project_id, log_id)
            if not line:
                return b""
            log = reads.decode_logs(line)[0]
            values, before = outcome(log, told)
            if not values:
                return line
            values, before = await asyncio.to_thread(lifted, log, values, before, self._blobs)
            at = to_micros(now())
            place = to_micros(log.requested_at)
            await self._change(
                LogAmended(project_id, log.id, place, {**values, "amended_at": at}, before, at, by),
            )
        return await self._ask(reads.get, project_id, log_id)

    async def amendments(self, project_id: str, log_id: str) -> list[Amendment]:
        """Return the amendments of a log, oldest first."""
        return await self._ask(amendments.of_log, project_id, log_id)

    async def restore_amendments(self, project_id: str, log_id: str, found: Sequence[Amendment]) -> None:
        """Put amendments of another store into a log's history."""
        rows = [(to_micros(each.at), each.by, dict(each.before), dict(each.after)) for each in found]
        async with self._changing[project_id]:
            await self._change(amendments.AmendmentsRestored(project_id, log_id, rows))

    async def delete(self, project_id: str, query: LogQuery) -> int:
        """Delete all matches; return how many there were."""
        async with self._changing[project_id]:
            return await self._delete(project_id, query)

    async def retain(self, project_id: str, query: LogQuery, before: datetime) -> int:
        """Delete matches older than `before`; return how many there were."""
        dropped = 0
        async with self._changing[project_id]:
            if not query.clauses and not self._engine.machine:
                # A partition of a shared store may get a row of another machine between the look and the drop.
                await self._ingest.caught_up()
                levels = self._ingest.account.levels
                for partition, rows in await self._in_thread(partitions_before, project_id, before, levels):
                    await self._change(changes.PartitionDropped(partition, levels, rows))
                    dropped += rows
            older = Clause(field="time", operator="<", values=(to_micros(before),))
            return dropped + await self._delete(project_id, LogQuery(clauses=(*query.clauses, older)))

    async def _delete(self, project_id: str, query: LogQuery) -> int:
        count = 0
        async for chosen in self._chosen(project_id, query):
            await self._change(changes.LogsDeleted(chosen))
            count += len(chosen.ids)
        return count

    async def _chosen(self, project_id: str, query: LogQuery) -> AsyncGenerator[changes.Chosen, None]:
        """Yield the matches in pieces, from one state of the store; a change may be made between the pieces."""
        statement = choosing.matching(project_id, query)
        await self._ingest.caught_up()
        rows = self._pulled(self._engine.stream(statement.sql, statement.parameters, form=choosing.FORM), self._choices)
        async with contextlib.aclosing(choosing.in_pieces(project_id, rows)) as pieces:
            async for chosen in pieces:
                yield chosen

    async def _change(self, change: changes.Change) -> None:
        """Make a change durable, then wait until it is applied."""
        refusal = self._writer.refusal()
        if refusal is not None:
            raise Unavailable(refusal)
        await self._writer.record(changes.encode(change))
        await self._ingest.caught_up()

    # ------------------------------------------------------------------ threads

    async def _ask(self, question: Callable[..., T], *arguments: object) -> T:
        await self._ingest.caught_up()
        return await self._in_thread(question, *arguments)

    async def _in_thread(self, question: Callable[..., T], *arguments: object) -> T:
        return await self._loop.run_in_executor(self._threads, question, self._engine, *arguments)

    async def _streamed(self, pieces: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
        """Pull from a blocking iterator, a piece at a time and only as fast as the reader takes them."""
        if self._streaming >= _STREAMS_AT_ONCE:
            raise Unavailable("Too many exports run at once; try again when one has ended.", retry_after=5.0)
        self._streaming += 1
        try:
            async for piece in self._pulled(pieces, self._streams):
                yield piece
        finally:
            self._streaming -= 1

    async def _pulled(self, pieces: Iterator[bytes], threads: ThreadPoolExecutor) -> AsyncGenerator[bytes, None]:
        try:
            while (piece := await self._loop.run_in_executor(threads, next, pieces, None)) is not None:
                yield piece
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                with contextlib.suppress(RuntimeError):
                    threads.submit(close)

    def _export_file(self, statement: reads.Statement, form: ExportFormat) -> Iterator[bytes]:
        """Let the engine write the file into `run/`, since a Parquet file is complete only at its end; then read it."""
        with tempfile.TemporaryDirectory(dir=self._run, prefix="export-") as folder:
            path = Path(folder) / f"logs.{form}"
            self._engine.export(
                statement.sql, statement.parameters, path, "Parquet" if form == "parquet" else "CSVWithNames"
            )
            with path.open("rb") as file:
                path.unlink()
                while piece := file.read(_PIECE_BYTES):
                    yield piece

    def _publish(self, rows: Sequence[LogRow]) -> None:
        """Hand new rows to the tails; called by the ingest thread."""
        if self._tails:
            self._loop.call_soon_threadsafe(self._offer, rows)

    def _offer(self, rows: Sequence[LogRow]) -> None:
        for tail in self._tails:
            tail.offer(rows)
