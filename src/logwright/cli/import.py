# ruff: noqa: N999 - a noun of the command line is named as it is typed
"""`logwright import`: take in the logs of another product, or of another Logwright."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from logwright.cli import output
from logwright.cli.context import Context, shared
from logwright.errors import InvalidRequest
from logwright.logs.imports.registry import formats

if TYPE_CHECKING:
    from logwright.cli.importing import Importer, State
    from logwright.cli.resuming import Progress
    from logwright.logs.imports.base import Format
    from logwright.logs.imports.files import Source

_NAMES: Final = tuple(formats())
_OURS: Final = "logwright"
_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_PRODUCER: Final = "import"


@click.command("import")
@click.argument("what", nargs=-1, required=True, metavar=f"[{'|'.join((*_NAMES, _OURS))}] FILE_OR_URL...")
@click.option("--source-key", metavar="KEY", help="The key of the other product's API; by default from its variable.")
@click.option("--errors", "report", metavar="FILE", help="Write every line that is no log there, and why, as JSONL.")
@click.option("--since", type=click.DateTime(), metavar="DATE", help="Leave out calls before this moment (UTC).")
@click.option("--limit", type=click.IntRange(min=1), metavar="NUMBER", help="Take this many logs at most.")
@click.option("--dry-run", is_flag=True, help="Say what would become of each line, and take none.")
@click.option("--restart", is_flag=True, help="Begin anew instead of where an earlier run ended.")
@click.option("--state", metavar="FILE", help="Where to keep how far this got. [default: beside the file]")
@shared()
def command(
    context: Context,
    what: tuple[str, ...],
    source_key: str | None,
    report: str | None,
    since: datetime | None,
    limit: int | None,
    dry_run: bool,
    restart: bool,
    state: str | None,
) -> None:
    """Import logs from files (JSONL, JSON, CSV, Parquet; plain, gzip, zstd or zip), folders, pipes (-) or an API.

    A log that was imported before is not taken twice, and a run that was broken
    off goes on when the same command is given again. The status is 3 when lines
    were no logs; the others are taken.
    """
    form, sources = _told(what)
    if form == _OURS:
        from logwright.cli.restoring import restore_dump

        restore_dump(context, sources, restart=restart, state=state)
        return
    run = _Run(
        context=context,
        reader=formats()[form],
        sources=sources,
        key=source_key,
        report=report,
        since=None if since is None else since.replace(tzinfo=UTC),
        limit=limit,
        dry_run=dry_run,
        restart=restart,
        state=state,
    )
    importer, found = run.go()
    _summary(context, importer, found, dry_run=dry_run, report=report)
    if found.errors:
        click.get_current_context().exit(3)


def _told(what: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the format and the sources; a folder that we exported tells its format itself."""
    if what[0] in (*_NAMES, _OURS):
        if len(what) == 1:
            raise click.UsageError(f"What is to be imported? Give a file, a folder or an address after {what[0]}.")
        return what[0], what[1:]
    if len(what) == 1 and (Path(what[0]) / "manifest.json").is_file():
        return _OURS, what
    raise click.UsageError(f"Name a format before the files: {', '.join((*_NAMES, _OURS))}.")


class _Run:
    """What the options say, turned into an importer and something to read from."""

    def __init__(
        self,
        *,
        context: Context,
        reader: Format,
        sources: tuple[str, ...],
        key: str | None,
        report: str | None,
        since: datetime | None,
        limit: int | None,
        dry_run: bool,
        restart: bool,
        state: str | None,
    ) -> None:
        self._context = context
        self._reader = reader
        self._sources = sources
        self._key = key or os.environ.get(reader.card.key or "-")
        self._report = report
        self._since = since
        self._limit = limit
        self._dry_run = dry_run
        self._restart = restart
        self._state = state

    def go(self) -> tuple[Importer, State]:
        """Run to the end."""
        from logwright.cli.importing import Importer, State, open_report
        from logwright.logs.imports.files import Source

        addresses = [source for source in self._sources if _URL.match(source)]
        if addresses and len(self._sources) > 1:
            raise click.UsageError("Give one address, or files; not both in one run.")
        files = None if addresses else Source(self._sources, pattern=self._reader.card.within)
        progress = self._progress(files)
        if progress is not None and self._restart:
            progress.clear()
        state = (None if progress is None else progress.load()) or State()
        if progress is not None and state.done:
            output.say(f"Going on where the run before ended; --restart begins anew ({progress.path}).")
        with ExitStack() as stack:
            errors = None
            if self._report is not None:
                errors = stack.enter_context(open_report(self._report, state.errors_bytes))
            api = stack.enter_context(self._context.api(producer=None if self._dry_run else _PRODUCER))
            total = None if files is None else files.total
            advance = stack.enter_context(
                output.progress(
                    f"Importing {self._reader.card.label}", total=total, unit="bytes", quiet=self._context.json
                )
            )
            importer = Importer(
                api,
                self._reader,
                progress,
                state=state,
                place=_places(files, addresses),
                errors=errors,
                since=self._since,
                limit=self._limit,
                dry_run=self._dry_run,
                advance=advance,
            )
            if files is None:
                with self._pages(addresses[0], state) as pages:
                    found = importer.run(pages)
            else:
                found = importer.run(files)
        if progress is not None:
            progress.clear()
        return importer, found

    def _progress(self, files: Source | None) -> Progress[State] | None:
        """Find the file of how far this got; none where there is nothing to take up: a pipe, a trial."""
        from logwright.cli.importing import State
        from logwright.cli.resuming import Progress

        if self._dry_run or self._limit is not None or (files is not None and files.total is None):
            return None
        target = f"{self._context.url or self._context.settings.data.absolute()} {self._context.project or ''}"
        named = [*self._sources] if files is None else [_fingerprint(path) for path in files.paths]
        same = hashlib.sha256(
            "\n".join([self._reader.card.name, target, str(self._since), *named]).encode()
        ).hexdigest()
        if self._state is not None:
            place = Path(self._state)
        elif files is None:
            place = Path(f"logwright-import-{same[:12]}.state")
        else:
            first = Path(self._sources[0]).absolute()
            place = first.with_name(f".{first.name}.logwright-import")
        return Progress(place, State, same=same)

    @contextmanager
    def _pages(self, url: str, state: State) -> Iterator[Any]:
        import httpx2

        from logwright.cli.fetching import Pages

        pager = self._reader.pager
        if pager is None:
            raise InvalidRequest(f"{self._reader.card.label} is read from files, not from an address")
        since = "" if self._since is None else self._since.isoformat().replace("+00:00", "Z")
        start = state.start or pager.first(url, since)
        # No proxies, no .netrc and no redirects: the key goes where the person said and nowhere else.
        with httpx2.Client(timeout=httpx2.Timeout(20.0, read=300.0), trust_env=False) as client:
            yield Pages(pager, start, key=self._key, client=client)


def _fingerprint(path: Path) -> str:
    found = path.stat()
    return f"{path.absolute()} {found.st_size} {found.st_mtime_ns}"


def _places(files: Source | None, addresses: list[str]) -> Callable[[int], tuple[str, int, int]]:
    """Say of an item where it stands, and of when that is."""
    begun = time.time_ns() // 1000

    def place(number: int) -> tuple[str, int, int]:
        if files is None:
            return addresses[0], number, begun
        path, line = files.place(number)
        return str(path), line, path.stat().st_mtime_ns // 1000 if path.is_file() else begun

    return place


def _summary(context: Context, importer: Importer, found: State, *, dry_run: bool, report: str | None) -> None:
    counts = {
        "taken": found.taken,
        "duplicates": found.duplicates,
        "skipped": found.skipped,
        "errors": found.errors,
    }
    if context.json:
        output.as_json({**counts, "dry_run": dry_run, "examples": importer.examples})
        return
    would = "would be " if dry_run else ""
    parts = [f"{found.taken} logs {would}taken"]
    if found.duplicates:
        parts.append(f"{found.duplicates} were there already")
    if found.skipped:
        parts.append(f"{found.skipped} are older than asked for")
    if found.errors:
        parts.append(f"{found.errors} lines are no logs")
    click.echo(", ".join(parts) + ".")
    for each in importer.examples:
        where = f" at {each['path']}" if each["path"] else ""
        output.say(f"  {each['file']}, line {each['line']}: {each['message']}{where}")
    if found.errors > len(importer.examples):
        output.say(
            f"  and {found.errors - len(importer.examples)} more" + ("" if report else "; see all with --errors FILE")
        )
