"""Following the logs as they are taken in: what each reader has yet to take, and how far it may fall behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from logwright.errors import Unavailable
from logwright.logs.matching import matches
from logwright.logs.row import LogRow
from logwright.logs.types import LogQuery

ROWS_AHEAD: Final = 5000


class Tail:
    """What one reader of the tail has yet to take."""

    def __init__(self, project_id: str, query: LogQuery) -> None:
        self._project_id = project_id
        self._query = query
        self._rows: list[LogRow] = []
        self._new = asyncio.Event()
        self._ended = False
        self._overrun = False

    def offer(self, rows: Sequence[LogRow]) -> None:
        """Keep those of the rows that match; of a reader who is too far behind, none any more."""
        fit = [row for row in rows if row.project_id == self._project_id and matches(row, self._query)]
        if not fit:
            return
        if self._rows and len(self._rows) + len(fit) > ROWS_AHEAD:
            self._overrun = True
        else:
            self._rows += fit
        self._new.set()

    def end(self) -> None:
        """Let the reader have what is there, and then nothing."""
        self._ended = True
        self._new.set()

    async def next(self) -> list[LogRow]:
        """Wait for rows; none at the end."""
        while not self._rows and not self._ended:
            if self._overrun:
                raise Unavailable("The reader of the tail is too slow; begin again, or narrow the query.")
            self._new.clear()
            await self._new.wait()
        rows, self._rows = self._rows, []
        return rows
