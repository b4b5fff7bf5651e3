"""How the journal and the store stand, as metrics: what waits, how old it is, and what there is."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from logwright.errors import LogwrightError
from logwright.gateway.metrics import family

if TYPE_CHECKING:
    from collections.abc import Callable

    from logwright.logs.recorder import Recorder
    from logwright.logs.seam import LogStore
    from logwright.logs.types import StoreHealth

PATIENCE_SECONDS: Final = 2.0
REMEMBERED_SECONDS: Final = 1.0
"""For which a finding is reused: the route is public, and asking goes to another process."""


class UpkeepMetrics:
    """Asks the journal and the store; remembers the answer for a second."""

    def __init__(self, store: LogStore, recorder: Recorder, now: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._recorder = recorder
        self._now = now
        self._asking = asyncio.Lock()
        self._found: tuple[float, StoreHealth | None] | None = None

    async def render(self) -> str:
        """Return the figures in Prometheus' text format; those of a store that does not answer are left out."""
        async with self._asking:
            if self._found is None or self._now() - self._found[0] >= REMEMBERED_SECONDS:
                self._found = (self._now(), await self._ask())
        health = self._found[1]
        takes, answers = self._recorder.refusal() is None, health is not None
        lines = [
            *family("logwright_journal_up", "gauge", "1 while records can be taken, else 0.", {"": takes}),
            *family("logwright_store_up", "gauge", "1 while the store answers, else 0.", {"": answers}),
        ]
        if health is not None:
            for name, sentence, value in (
                ("logwright_store_logs", "Logs that the store holds.", health.logs),
                ("logwright_store_bytes", "Bytes that the store takes on the disk.", health.bytes_on_disk),
                ("logwright_journal_waiting_bytes", "Bytes recorded and not yet in the store.", health.journal_bytes),
                (
                    "logwright_store_lag_seconds",
                    "Age of the oldest record that is not yet in the store; 0 when all are.",
                    health.behind_seconds,
                ),
            ):
                lines += family(name, "gauge", sentence, {"": value})
        return "\n".join(lines) + "\n"

    async def _ask(self) -> StoreHealth | None:
        try:
            return await asyncio.wait_for(self._store.health(), PATIENCE_SECONDS)
        except (LogwrightError, TimeoutError):
            return None
