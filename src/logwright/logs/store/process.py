"""The store's process: one for each data directory, ended by SIGTERM or with its parent."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import fcntl
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from logwright.blobs.opening import KeptBlobs
from logwright.errors import Misconfigured, Unavailable
from logwright.logs.normalise import Pricing
from logwright.logs.store.budget import Budget
from logwright.logs.store.client import SOCKET_NAME, StoreClient, connect

if TYPE_CHECKING:
    from logwright.logs.store.service import Store

_LOCK_NAME: Final = "store.lock"
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 60.0
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)


async def serve(
    data: Path,
    pricing: Pricing,
    *,
    durability: Literal["fsync", "os"] = "fsync",
    with_parent: bool = False,
    budget: Budget | None = None,
    address: str = "",
    machine: str = "",
    blobs: KeptBlobs | None = None,
    beside: Callable[[Store], Coroutine[None, None, None]] | None = None,
) -> None:
    """Open the store of `data` and answer on its socket until SIGTERM or SIGINT.

    `address` and `machine` are those of `Store`, `budget` is what one question may cost. With `with_parent`, the
    death of the process that started this one counts as SIGTERM. `beside` is work on the open store that has no end
    of its own, such as retention.

    Raises:
        Misconfigured: when another process serves this store.
    """
    from logwright.logs.store.server import Connection  # together with the engine: only this process loads it
    from logwright.logs.store.service import Store

    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if with_parent and not _tie_to_parent():
        return
    run = data / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(run):
        store = Store(
            data,
            pricing,
            durability=durability,
            address=address,
            machine=machine,
            budget=budget or Budget(),
            blobs=blobs,
        )
        connections: set[asyncio.Task[None]] = set()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                connections.add(task)
                task.add_done_callback(connections.discard)
            with contextlib.suppress(asyncio.CancelledError):  # asyncio's streams log a cancelled callback as a fault
                await Connection(store, reader, writer).serve()

        try:
            server = await _listen(run, accept)
            work = None if beside is None else asyncio.create_task(beside(store))
            try:
                await stop.wait()
            finally:
                if work is not None:
                    work.cancel()
                    await asyncio.gather(work, return_exceptions=True)
                (run / SOCKET_NAME).unlink(missing_ok=True)
                server.close()
                for task in list(connections):
                    task.cancel()
                await asyncio.gather(*connections, return_exceptions=True)
        finally:
            await store.close()


@contextlib.asynccontextmanager
async def ensure_store(data: Path, variables: Mapping[str, str] | None = None) -> AsyncIterator[StoreClient]:
    """Give a client of the data directory's store, starting its process for the length of the block if none runs.

    `variables` are given to the process beside those of this one.

    Raises:
        Unavailable: when the process does not start; the message has its last words.
    """
    socket = data / "run" / SOCKET_NAME
    with contextlib.suppress(OSError):
        _, writer = await connect(socket)
        writer.close()
        async with StoreClient(data) as client:
            yield client
        return
    process = await asyncio.create_subprocess_exec(
        *command(data),
        "--with-parent",
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(variables or {})},
        start_new_session=True,  # Ctrl-C is meant for the command that asks; it then ends this process in order
    )
    words = asyncio.create_task(_last_words(process.stderr))
    try:
        await _until_it_answers(socket, process, words)
        async with StoreClient(data) as client:
            yield client
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        await words


def command(data: Path) -> list[str]:
    """Give the command line of the store's process."""
    return [sys.executable, "-m", "logwright.logs.store", "--data", str(data)]


async def _until_it_answers(socket: Path, process: asyncio.subprocess.Process, words: asyncio.Task[str]) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + _START_SECONDS
    while True:
        with contextlib.suppress(OSError):
            _, writer = await connect(socket)
            writer.close()
            return  # ours, or that of a server which was quicker: then ours has ended by itself
        if process.returncode not in {None, 0, 2} or (process.returncode is not None and loop.time() >= until):
            raise Unavailable(f"The log store's process did not start: {await words}")
        if loop.time() >= until:
            raise Unavailable(f"The log store's process did not answer within {_START_SECONDS:.0f} seconds.")
        await asyncio.sleep(0.02)


async def _last_words(stream: asyncio.StreamReader | None) -> str:
    """Read a process's error output to its end and keep the last of it."""
    kept = b""
    while stream is not None and (piece := await stream.read(1 << 16)):
        kept = (kept + piece)[-2000:]
    return kept.decode(errors="replace").strip()


@contextlib.contextmanager
def locked(run: Path) -> Iterator[None]:
    """Be the one process that serves the store of the data directory whose `run` this is.

    Raises:
        Misconfigured: when another process is.
    """
    descriptor = os.open(run / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Misconfigured(f"Another process already serves the log store of {run.parent}.") from error
        yield
    finally:
        os.close(descriptor)


async def _listen(run: Path, accept: object) -> asyncio.Server:
    """Open the socket under its final name at once complete: readers either find nothing or somebody who answers."""
    folder = os.open(run, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    before = os.umask(0o177)
    try:
        (run / SOCKET_NAME).unlink(missing_ok=True)
        return await asyncio.start_unix_server(accept, f"/proc/self/fd/{folder}/{SOCKET_NAME}", limit=1 << 20)  # type: ignore[arg-type]
    finally:
        os.umask(before)
        os.close(folder)


def _tie_to_parent() -> bool:
    """Ask the kernel for SIGTERM when the parent dies; false when it is dead already."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return os.getppid() == parent and parent != 1
