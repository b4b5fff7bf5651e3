"""How far a long command got, kept in a small file beside what it works on, so that running it again goes on."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from logwright.errors import InvalidRequest

T = TypeVar("T", bound=msgspec.Struct)


class Progress(Generic[T]):
    """A file that holds one state, replaced whole at every step; a state of something else is not taken up."""

    def __init__(self, path: Path, kind: type[T], *, same: str) -> None:
        """Name the file; `same` says in a word what the state belongs to, and must agree for it to be taken up."""
        self._path = path
        self._decoder = msgspec.json.Decoder(kind)
        self._same = same

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def load(self) -> T | None:
        """Return the state that was saved last; None where there is none for this."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=dict[str, msgspec.Raw])
            if msgspec.json.decode(kept["of"], type=str) != self._same:
                return None
            return self._decoder.decode(kept["state"])
        except (OSError, KeyError, msgspec.MsgspecError):
            return None

    def save(self, state: T) -> None:
        """Replace the state; after a crash the old or the new one is there whole."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode({"of": self._same, "state": state}))
            fresh.replace(self._path)
        except OSError as error:
            raise InvalidRequest(
                f"How far this got cannot be kept in {self._path} ({error.strerror}); give another place with --state"
            ) from error

    def clear(self) -> None:
        """Forget it: the work is done, or begins anew."""
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
