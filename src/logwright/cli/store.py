"""`logwright store`: move the logs from one store to another while a server serves them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from logwright.cli import output
from logwright.cli.context import Context, shared
from logwright.errors import InvalidRequest, Unavailable

if TYPE_CHECKING:
    from logwright.logs.store.migrating import Migrated, Move


@click.group("store")
def command() -> None:
    """Move the logs from one store to another."""


@command.command("migrate")
@click.argument("source")
@click.argument("target")
@click.option("--prepare", "only_prepare", is_flag=True, help="Hold this machine's journals and copy nothing yet.")
@shared(project=False)
def migrate(context: Context, source: str, target: str, only_prepare: bool) -> None:
    """Copy all logs from SOURCE to TARGET and compare them; a server may go on with SOURCE meanwhile.

    Each is `embedded`, the store in the data folder, or the URL of a ClickHouse server. Afterwards start the server
    with LOGWRIGHT_STORE=TARGET (without it for `embedded`): it takes what came since from the journals, which are kept
    until then. Cut short, the command goes on where it stopped; run again, it copies only what differs.

    Where several machines write SOURCE, run it with --prepare on each of them first, then without it on each.
    """
    from logwright.logs.store import migrating

    data = _data(context)
    move = migrating.Move(data=data, source=source, target=target, machine=context.settings.machine)
    migrating.prepare(move)
    if only_prepare:
        if context.json:
            output.as_json({"prepared": True})
        else:
            output.say("The journals of this machine are held. Run the command without --prepare next.")
        return
    done = _migrated(move, context)
    if context.json:
        output.as_json(dataclasses.asdict(done))
        return
    output.say(
        f"{done.logs} logs are in the target, {done.copied} of them copied now; {done.caught_up} calls came from the"
        f" journals. {_next(target)}"
    )
    if done.differing:
        output.say(f"{done.differing} logs were being changed meanwhile; run the command once more before that.")


@command.command("release")
@shared(project=False)
def release(context: Context) -> None:
    """Give a migration up: let go of the journals that are held for it. What was copied stays in the target."""
    from logwright.logs.store import migrating

    released = migrating.abandon(_data(context) / "store")
    if context.json:
        output.as_json({"released": released})
    else:
        output.say("The journals are no longer held." if released else "No journals were held.")


def _migrated(move: Move, context: Context) -> Migrated:
    """Run the migration, over a snapshot where a server has the embedded store open."""
    from logwright.blobs.opening import open_blobs
    from logwright.db import Database
    from logwright.logs.store.migrating import migrate as run
    from logwright.models.prices import Pricer

    settings = context.settings
    where = settings.database or move.data / "logwright.db"
    with contextlib.ExitStack() as opened:
        blobs = opened.enter_context(
            contextlib.closing(
                open_blobs(
                    move.data, settings.blobs, durable=settings.durability == "fsync", environment=dict(os.environ)
                )
            )
        )
        database = opened.enter_context(contextlib.closing(Database.open(where, run=move.data / "run")))
        move.snapshot = opened.enter_context(_still(move))
        move.advance = opened.enter_context(_shown(quiet=context.json))
        return run(move, Pricer(database), blobs)


@contextlib.contextmanager
def _still(move: Move) -> Iterator[Path | None]:
    """Give a state of the embedded store that nobody changes: a server's snapshot, or the store that no server has."""
    from logwright.logs.store.client import SOCKET_NAME, StoreClient
    from logwright.logs.store.process import locked

    run = move.data / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if move.source != "embedded":
        yield None
        return
    with asyncio.Runner() as runner, contextlib.ExitStack() as closing:
        if not (run / SOCKET_NAME).exists():
            closing.enter_context(locked(run))
            yield None
            return
        stack = AsyncExitStack()

        async def begin() -> str:
            store = await stack.enter_async_context(StoreClient(move.data))
            return await stack.enter_async_context(store.snapshot())

        try:
            name = runner.run(begin())
        except Unavailable:
            # A server that was killed has left its socket.
            closing.enter_context(locked(run))
            yield None
            return
        closing.callback(lambda: runner.run(stack.aclose()))
        yield move.data / "store" / "snapshots" / name


@contextlib.contextmanager
def _shown(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far it is; the number of logs is known when the first range has been compared."""
    with contextlib.ExitStack() as shown:
        advance: Callable[[float], None] | None = None
        before = 0

        def told(done: int, total: int) -> None:
            nonlocal advance, before
            if advance is None:
                advance = shown.enter_context(output.progress("Copying", total=total, unit="logs", quiet=quiet))
            advance(done - before)
            before = done

        yield told


def _data(context: Context) -> Path:
    if context.url is not None:
        raise InvalidRequest("A store is moved on the machine that has its data folder; leave out --url")
    return context.settings.data.absolute()


def _next(target: str) -> str:
    if target == "embedded":
        return "Start the server without LOGWRIGHT_STORE now."
    return "Start the server with LOGWRIGHT_STORE set to the target now."
