"""The seam of the log room: what every store of logs can be asked, wherever it keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

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
from logwright.prompts.types import VersionCounter


class LogStore(VersionCounter, Protocol):
    """Where logs are found again. Every call names its project first; unknown and foreign ids answer alike (None, 0).

    Implementations: the embedded engine behind the store process's socket
    (`client.StoreClient`); tests hold each against the same suite
    (`tests/contracts/test_log_store.py`). What a journal acknowledged before a
    call began is visible to that call.

    Raises:
        Unavailable: when the store cannot be asked at present.
    """

    async def get(self, project_id: str, log_id: str) -> Log | None:
        """Return one log whole."""

    async def search(
        self, project_id: str, query: LogQuery, *, order: Order, after: str | None, limit: int, offset: int = 0
    ) -> Page[LogSummary]:
        """Return one page without bodies. `after` is the `next` of the page before; InvalidRequest if it is not one.

        `offset` leaves out so many logs first; the further, the slower, which `after` is not.
        """

    async def whole(self, project_id: str, logs: Sequence[LogSummary], *, most_bytes: int) -> Sequence[Log]:
        """Return the logs of a page with their bodies, newest first, in one question.

        Those deleted since are missing, and so are the oldest once about `most_bytes` have been read.
        """

    async def stats(self, project_id: str, query: LogQuery) -> LogStats:
        """Return figures over all matches."""

    async def histogram(self, project_id: str, query: LogQuery, *, seconds: int, group: str | None) -> Bars:
        """Return bars of `seconds` each in order of time, empty ones left out, at most 5,000."""

    async def facets(self, project_id: str, query: LogQuery, fields: Sequence[str], *, limit: int) -> Sequence[Facet]:
        """Return the most frequent values of each field."""

    async def set_tags(self, project_id: str, query: LogQuery, tags: Mapping[str, str | None]) -> int:
        """Set (text) or remove (None) tags on all matches; return how many matched, changed or not. Durable."""

    async def amend(self, project_id: str, log_id: str, changes: Mapping[str, Any], *, by: str) -> Log | None:
        """Set columns of one log and return it whole as it is then; None when there is none of that id. Durable.

        What `changes` leaves out is kept, None clears; `amending.AMENDABLE` says which columns and values there are,
        and what follows from them is set too. What stood there before is kept: see `amendments`.

        Raises:
            InvalidRequest: naming a column that cannot be set, or not to that value; then nothing is set.
        """

    async def amendments(self, project_id: str, log_id: str) -> Sequence[Amendment]:
        """Return the amendments of a log, oldest first."""

    async def restore_amendments(self, project_id: str, log_id: str, found: Sequence[Amendment]) -> None:
        """Put amendments that a dump tells of into a log's history; those that are there are left alone. Durable."""

    async def delete(self, project_id: str, query: LogQuery) -> int:
        """Delete all matches for good; return how many. Durable."""

    def iterate(self, project_id: str, query: LogQuery, *, limit: int | None = None) -> AsyncIterator[Sequence[Log]]:
        """Yield all matches whole, newest first, in batches, from one state of the store and in bounded memory."""

    def tail(self, project_id: str, query: LogQuery) -> AsyncIterator[Sequence[LogSummary]]:
        """Yield matches as they arrive, from now on, without end."""

    async def retain(self, project_id: str, query: LogQuery, before: datetime) -> int:
        """Delete matches older than `before`, whole partitions at once where possible; return how many."""

    async def health(self) -> StoreHealth:
        """Return sizes and lag."""

    async def audit(self) -> Audit:
        """Hold the sequences of all producers against store and journals."""
