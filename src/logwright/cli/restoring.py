"""The work of `logwright import logwright DIR`: a dump checked first, then read back in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from logwright.cli import output
from logwright.cli.context import Api, Context
from logwright.cli.resuming import Progress
from logwright.errors import InvalidRequest, RateLimited, TooLarge, Unavailable, UpstreamTimeout, UpstreamUnreachable
from logwright.logs.dump import files
from logwright.logs.dump.files import Manifest

_DUMP: Final = "/api/manage/dump"
_LINES: Final = 1000
_BYTES: Final = 8 << 20
_TRIES: Final = 6


class Restored(msgspec.Struct, kw_only=True):
    """How far a restoring got, and what became of what it read."""

    tables: bool = False
    done: list[str] = msgspec.field(default_factory=list)
    """The files that were read."""
    rows: int = 0
    logs: int = 0
    there: int = 0
    """Logs that were there already."""
    renamed: dict[str, str] = msgspec.field(default_factory=dict)


class Restorer:
    """One run of reading a dump back."""

    def __init__(
        self,
        api: Api,
        folder: Path,
        manifest: Manifest,
        progress: Progress[Restored],
        *,
        advance: Callable[[float], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare; nothing is read yet."""
        self._api = api
        self._folder = folder
        self._manifest = manifest
        self._progress = progress
        self._advance = advance
        self._sleep = sleep
        self.state = progress.load() or Restored()

    def run(self) -> Restored:
        """Check every file, then read: tables, media, and of each project the oldest logs first.

        Raises:
            InvalidRequest: when a file is not what the manifest says; nothing was read then.
        """
        for name, kept in self._manifest.files.items():
            files.check(self._folder, name, kept)
        if not self.state.tables:
            self._tables()
        for name in self._manifest.files:
            if name.startswith("blobs/") and name not in self.state.done:
                self._blob(name)
        for part in self._manifest.projects.values():
            for name in reversed(files.names_of(part.files)):
                if name not in self.state.done:
                    self._logs(name)
        self._progress.clear()
        return self.state

    def _tables(self) -> None:
        names = [f"tables/{table}.jsonl" for table in self._manifest.tables]
        data = b"".join(files.inside(self._folder, name).read_bytes() for name in _in_order(names))
        put = self._send(f"{_DUMP}/tables", data)
        self.state.tables = True
        self.state.rows, self.state.renamed = put["inserted"], put["renamed"]
        self._progress.save(self.state)

    def _blob(self, name: str) -> None:
        data = files.inside(self._folder, name).read_bytes()
        try:
            self._send(f"{_DUMP}/blobs/{name.rpartition('/')[2]}", data, kind="application/octet-stream")
        except TooLarge as error:
            raise _told(error) from error
        self._note(name)

    def _logs(self, name: str) -> None:
        taken = there = 0
        for lines in _batches(files.lines_of(self._folder, name)):
            for put in self._put(lines):
                taken += put["taken"]
                there += put["there"]
            self._advance(len(lines))
        self.state.logs += taken
        self.state.there += there
        self._note(name)

    def _put(self, lines: list[bytes]) -> Iterator[Any]:
        """Send some lines, in smaller pieces where the server takes no more at once."""
        try:
            yield self._send(f"{_DUMP}/logs", b"\n".join(lines))
        except TooLarge as error:
            if len(lines) == 1:
                raise _told(error) from error
            half = len(lines) // 2
            yield from self._put(lines[:half])
            yield from self._put(lines[half:])

    def _note(self, name: str) -> None:
        self.state.done.append(name)
        self._progress.save(self.state)

    def _send(self, path: str, data: bytes, *, kind: str = "application/x-ndjson") -> Any:
        """Post a piece; a server that is away for a moment is waited for."""
        for attempt in range(_TRIES):
            try:
                return self._api.send(path, data, kind=kind)
            except (Unavailable, RateLimited, UpstreamUnreachable, UpstreamTimeout) as error:
                if attempt == _TRIES - 1:
                    raise type(error)(f"{error.message}. Run the same command again to go on") from error
                self._sleep(error.retry_after or 2.0**attempt)
        raise AssertionError("the last attempt raises")


def _told(error: TooLarge) -> TooLarge:
    return TooLarge(
        f"{error.message}. For this import start the server with a larger one, such as --max-body-bytes 128MiB, and"
        " run the same command again"
    )


def _in_order(names: Sequence[str]) -> list[str]:
    """Put tables behind those that they refer to: the manifest keeps the order in which they were dumped."""
    from logwright.logs.dump.tables import TABLES

    place = {f"tables/{table}.jsonl": number for number, table in enumerate(TABLES)}
    return sorted(names, key=lambda name: place.get(name, len(place)))


def _batches(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if len(batch) >= _LINES or size >= _BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def restore_dump(context: Context, sources: Sequence[str], *, restart: bool, state: str | None) -> None:
    """Read a dump back and say what became of it."""
    if len(sources) != 1:
        raise click.UsageError("Name one folder that `logwright export --all` wrote.")
    folder = Path(sources[0])
    if not folder.is_dir():
        raise InvalidRequest(f"There is no folder {folder}")
    manifest = files.manifest_of(folder)
    target = f"{context.url or context.settings.data.absolute()} {manifest.made_at} {manifest.until}"
    whole = folder.absolute()
    place = Path(state) if state else whole.with_name(f".{whole.name}.logwright-import")
    progress = Progress(place, Restored, same=target)
    if restart:
        progress.clear()
    total = sum(part.logs for part in manifest.projects.values())
    with (
        context.api(producer="import") as api,
        output.progress("Importing", total=total, unit="logs", quiet=context.json) as advance,
    ):
        found = Restorer(api, folder, manifest, progress, advance=advance).run()
    if context.json:
        output.as_json({"rows": found.rows, "logs": found.logs, "there": found.there, "renamed": found.renamed})
        return
    already = f", {found.there} were there already" if found.there else ""
    click.echo(f"{found.logs} logs taken{already}; {found.rows} rows of projects, prompts, prices and people.")
    for name, given in found.renamed.items():
        output.say(f"The project {name!r} is called {given!r} here, because there is one of that name.")
    if manifest.tables.get("providers") or manifest.tables.get("api_keys"):
        output.say("Keys are in no dump: make new ones, and give the providers theirs.")
