"""The work of `logwright import`: items in, batches out to the server, what is wrong into a file of its own.

The server takes a line once, however often it is sent. So a run that was ended,
by whatever, is made good by the same command: what is known to be taken is
skipped, and what was under way is sent again and found to be there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, Protocol

import msgspec

from logwright.cli.context import Api
from logwright.cli.resuming import Progress
from logwright.clock import from_micros, to_micros
from logwright.errors import InvalidRequest, RateLimited, TooLarge, Unavailable, UpstreamTimeout, UpstreamUnreachable
from logwright.logs.imports.base import Format, ImportedLog, Item, LineError
from logwright.logs.imports.fields import micros_of
from logwright.logs.imports.pages import Ask

PATH: Final = "/api/manage/logs/import"
_LINES: Final = 1000
_BYTES: Final = 8 << 20
_TRIES: Final = 6
_SHOWN: Final = 100_000
"""Characters of a wrong line that the report of errors repeats."""

_encode: Final = msgspec.json.Encoder().encode
_BREAKS: Final = bytes.maketrans(b"\r\n", b"  ")


class State(msgspec.Struct, kw_only=True):
    """How far an import got."""

    start: Ask | None = None
    """Where the walk through an API is taken up; None for files."""
    done: int = 0
    """Logs and mistakes dealt with since that start."""
    errors_bytes: int = 0
    """How long the report of errors was then."""
    taken: int = 0
    duplicates: int = 0
    errors: int = 0
    skipped: int = 0


class Origin(Protocol):
    """Where items come from: `files.Source` or `fetching.Pages`."""

    @property
    def done(self) -> int:
        """Bytes read so far."""

    def items(self) -> Iterator[Item]:
        """Yield the items."""


class _Waiting(msgspec.Struct):
    number: int
    log: ImportedLog
    line: bytes


class Importer:
    """One run of an import."""

    def __init__(
        self,
        api: Api,
        reader: Format,
        progress: Progress[State] | None,
        *,
        state: State,
        place: Callable[[int], tuple[str, int, int]],
        errors: IO[bytes] | None = None,
        since: datetime | None = None,
        limit: int | None = None,
        dry_run: bool = False,
        advance: Callable[[float], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare the run. `place` says of an item's number its file, its line, and the time of the file."""
        self._api = api
        self._reader = reader
        self._progress = progress
        self.state = state
        self._place = place
        self._errors = errors
        self._since = None if since is None else to_micros(since)
        self._limit = limit
        self._dry_run = dry_run
        self._advance = advance
        self._sleep = sleep
        self._batch: list[_Waiting] = []
        self._batch_bytes = 0
        self._at: int | None = None
        self._shown = 0
        self.examples: list[dict[str, Any]] = []
        """The first mistakes, for the summary."""

    def run(self, origin: Origin) -> State:
        """Read and send everything; return what became of it."""
        raws: dict[int, bytes] = {}

        def kept() -> Iterator[Item]:
            for item in origin.items():
                raws[item.number] = item.raw[:_SHOWN]
                while len(raws) > 2 * _LINES:
                    raws.pop(next(iter(raws)))
                yield item

        skip, start, seen, sent = self.state.done, getattr(origin, "start", None), 0, 0
        for read in self._reader.read(kept()):
            now_at = getattr(origin, "start", None)
            if now_at != start:
                start, seen, skip = now_at, 0, 0
            seen += 1
            if seen <= skip:
                continue
            if isinstance(read.found, LineError):
                self._note(read.number, read.found.message, read.found.path, raws.get(read.number, b""))
            elif self._is_too_old(read.found):
                self.state.skipped += 1
            elif self._limit is not None and sent >= self._limit:
                break
            else:
                sent += 1
                if self._batch and self._at not in (None, self._time_of(read.number, read.found)):
                    self._flush(start, seen - 1)
                self._add(read.number, read.found)
            if len(self._batch) >= _LINES or self._batch_bytes >= _BYTES:
                self._flush(start, seen)
            self._show(origin.done)
        self._flush(start, seen)
        self._show(origin.done)
        return self.state

    def _is_too_old(self, log: ImportedLog) -> bool:
        if self._since is None or log.requested_at is None:
            return False
        return micros_of(log.requested_at) < self._since

    def _time_of(self, number: int, log: ImportedLog) -> int | None:
        """Return the file's time for a log that tells none; the logs of a request share one."""
        return self._place(number)[2] if log.requested_at is None else self._at

    def _add(self, number: int, log: ImportedLog) -> None:
        self._at = self._time_of(number, log)
        line = _encode(log).translate(_BREAKS)  # within JSON a bare line break stands between tokens only
        self._batch.append(_Waiting(number, log, line))
        self._batch_bytes += len(line)

    def _flush(self, start: Ask | None, seen: int) -> None:
        """Send what waits; then note that it is done."""
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        if batch:
            self._send(batch)
        self._at = None
        self.state.start, self.state.done = start, seen
        if self._errors is not None:
            self._errors.flush()
            self.state.errors_bytes = self._errors.tell()
        if self._progress is not None:
            self._progress.save(self.state)

    def _send(self, batch: list[_Waiting]) -> None:
        try:
            answer = self._post(b"\n".join(each.line for each in batch))
        except TooLarge as refusal:
            if len(batch) == 1:
                self._note(batch[0].number, refusal.message, "", batch[0].line)
                return
            half = len(batch) // 2
            self._send(batch[:half])
            self._send(batch[half:])
            return
        self.state.taken += answer["taken"]
        self.state.duplicates += answer["duplicates"]
        for result in answer["lines"]:
            if result["status"] == "error":
                each = batch[result["line"] - 1]
                self._note(each.number, result["message"], result["path"], each.line)

    def _post(self, body: bytes) -> Any:
        """Post a batch; a server that is away for a moment is waited for."""
        params = {
            "origin": self._reader.card.name,
            "at": None if self._at is None else from_micros(self._at).isoformat(),
            "dry_run": self._dry_run or None,
        }
        for attempt in range(_TRIES):
            try:
                return self._api.send(PATH, body, kind="application/x-ndjson", params=params)
            except (Unavailable, RateLimited, UpstreamUnreachable, UpstreamTimeout) as error:
                if attempt == _TRIES - 1:
                    raise type(error)(f"{error.message}. Run the same command again to go on") from error
                self._sleep(error.retry_after or 2.0**attempt)
        raise AssertionError("the last attempt raises")

    def _note(self, number: int, message: str, path: str, raw: bytes) -> None:
        file, line, _ = self._place(number)
        told = {"file": file, "line": line, "message": message, "path": path}
        self.state.errors += 1
        if len(self.examples) < 5:
            self.examples.append(told)
        if self._errors is not None:
            self._errors.write(_encode({**told, "content": raw.decode("utf-8", "replace")}) + b"\n")

    def _show(self, done: int) -> None:
        self._advance(done - self._shown)
        self._shown = done


def open_report(path: str, keep_bytes: int) -> IO[bytes]:
    """Open the report of errors, for nobody else to read, with what a run that is taken up had written."""
    try:
        descriptor = os.open(Path(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.truncate(descriptor, min(keep_bytes, os.fstat(descriptor).st_size))
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error.strerror}") from error
    file = os.fdopen(descriptor, "r+b")
    file.seek(0, os.SEEK_END)
    return file
