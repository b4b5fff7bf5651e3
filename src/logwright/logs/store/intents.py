"""What is about to be inserted, written down first: so that an insert whose answer never came is made again alike.

A server may carry an insert out after its client has given up, and after the client has
looked and found nothing. So the next try names the same records by the same token,
which the server's tables know, even when it is made by another process after a crash.
An embedded engine needs none of this: it has inserted or not by the time it is asked.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

NAME: Final = "intent.json"


class Intent(msgspec.Struct, frozen=True):
    """One insert."""

    token: str
    spans: dict[str, tuple[int, int]]
    """Of each producer, the last sequence dealt with before the insert, and the last one in it."""


class Intents:
    """The intent that is under way, if any; used by one thread."""

    def __init__(self, folder: Path) -> None:
        """`folder` is that of the ledger."""
        self._path = folder / NAME
        try:
            self.current: Intent | None = msgspec.json.decode(self._path.read_bytes(), type=Intent)
        except (FileNotFoundError, msgspec.MsgspecError):
            # A file cut short by a power cut was not yet synced, and nothing was inserted under it.
            self.current = None
        """What may have been inserted or may yet be."""

    def limits(self, last: Mapping[str, int]) -> tuple[Mapping[str, int] | None, str]:
        """Say up to where each producer may be taken in now, and by which token; None: as far as there is.

        `last` is where each producer stands. A ledger may be behind the intent; then that comes first.
        """
        intent = self.current
        if intent is None:
            return None, ""
        behind = {name: after for name, (after, _) in intent.spans.items() if last.get(name, 0) < after}
        if behind:
            return behind, ""
        return {name: until for name, (_, until) in intent.spans.items()}, intent.token

    def begin(self, spans: Mapping[str, tuple[int, int]]) -> str:
        """Write down what will be inserted now; return its token."""
        self.current = Intent(secrets.token_hex(16), dict(spans))
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(self.current))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self._path)
        return self.current.token

    def done(self) -> None:
        """Note that the server has acknowledged it. The file may stay: what it names is then found in the table."""
        self.current = None
