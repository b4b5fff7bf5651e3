"""The door through which every finished call goes into this process's journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from logwright.errors import Unavailable
from logwright.logs.record import LogRecord, encode

Done = Callable[[Exception | None], None]


class Writer(Protocol):
    """The part of `journal.JournalWriter` that recording needs."""

    def append(self, payload: bytes, done: Done) -> int:
        """Queue a record; `done` is told on the event loop when it is durable, or why it is not."""

    async def record(self, payload: bytes) -> int:
        """Append a record and wait until it is durable."""

    def refusal(self) -> str | None:
        """Say why no record can be taken at present; None when one can."""


class Recorder:
    """Records calls. Made and used on the event loop of its writer."""

    __slots__ = ("_append", "_writer", "refusal")

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._append = writer.append
        self.refusal: Callable[[], str | None] = writer.refusal
        """Say in a sentence why nothing can be recorded at present, or None. Ask before calling a provider."""

    def record(self, log: LogRecord, done: Done) -> None:
        """Append a record; `done` is called on the event loop with None once it is durable, or with the failure."""
        self._append(encode(log), done)

    async def keep(self, log: LogRecord) -> None:
        """Append a record and wait until it is durable.

        Raises:
            Unavailable: when the journal can take nothing at present.
        """
        refusal = self.refusal()
        if refusal is not None:
            raise Unavailable(refusal)
        await self._writer.record(encode(log))
