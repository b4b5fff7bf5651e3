"""Starts, watches and stops the processes of a server: the store, and the gateway's workers.

The supervisor owns the listening sockets (one for each worker, sharing the port by
SO_REUSEPORT) and never closes them while it lives: a worker that dies or is replaced
leaves its queue of connections to its successor. SIGHUP replaces the workers one by
one; SIGTERM and SIGINT stop everything in order, workers before the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from logwright import settings as declared
from logwright.errors import Misconfigured
from logwright.journal import boot_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from logwright.settings import Durability, Settings

BACKLOG: Final = 2048
START_SECONDS: Final = 30.0
"""How long a process may take until it says that it is ready."""
STABLE_SECONDS: Final = 10.0
"""A process that lived this long is restarted at once when it dies; one that did not waits longer each time."""
LONGEST_WAIT: Final = 10.0
STORE_STOP_SECONDS: Final = 30.0

_logger = logging.getLogger(__name__)


def listeners(settings: Settings) -> list[socket.socket]:
    """Bind one listening socket for each worker.

    Raises:
        Misconfigured: when the address cannot be had; the message says why.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        # Sockets that share a port may be bound beside those of another server: this one would not be, and tells.
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
        port = settings.port
        bound: list[socket.socket] = []
        for _ in range(settings.workers):
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind((settings.host, port))
            listener.listen(BACKLOG)
            port = listener.getsockname()[1]
            bound.append(listener)
    except OSError as error:
        raise Misconfigured(
            f"{settings.host}:{settings.port} cannot be listened on: {error.strerror or error}; choose another --port"
        ) from error
    return bound


def producer_name(slot: int, generation: int, durability: Durability) -> str:
    """Return the name of the journal that a worker writes.

    Where durability is the operating system's, a power cut may take back records that the store has already seen.
    Their sequences must never be given again, or the store would take new records for old ones; so each boot of the
    machine begins journals of its own.
    """
    name = f"w{slot}" if generation % 2 == 0 else f"w{slot}b"
    return name if durability == "fsync" else f"{name}-{boot_id()[:8]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A further process that lives as long as the server: the parts of a demonstration."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that it gets beside ours."""
    port: int | None = None
    """Where it listens on 127.0.0.1, if it does; the server is not called ready before."""


@dataclass(slots=True)
class Child:
    """One process that we keep running."""

    name: str
    command: Callable[[int], list[str]]
    """Given the descriptor to say `ready` on, the command line."""
    descriptors: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0
    wait: float = 0.0
    wanted: bool = True
    watcher: asyncio.Task[None] | None = field(default=None, repr=False)


class Supervisor:
    """The processes of one server."""

    def __init__(self, settings: Settings, sockets: list[socket.socket], *, beside: Sequence[Beside] = ()) -> None:
        self._settings = settings
        self._sockets = sockets
        self._environment = {**os.environ, **declared.environment(settings)}
        self._stopping = asyncio.Event()
        self._generation = 0
        self._store = Child(
            "store", lambda _: [*_python("logwright.logs.store"), "--data", str(settings.data), "--with-parent"]
        )
        self._workers: list[Child] = []
        if settings.otlp_endpoint:
            from logwright.faces.otel.exporter import collector  # only who sends spans needs it

            collector(settings.otlp_endpoint, settings.otlp_headers)  # what is wrong with them is said now, and once
            beside = (*beside, Beside(name="telemetry", command=tuple(_python("logwright.http.telemetry"))))
        self._ports_beside = [each.port for each in beside if each.port is not None]
        self._beside = [
            Child(each.name, functools.partial(_fixed, each.command), environment=each.environment) for each in beside
        ]

    async def run(self, started: Callable[[], Awaitable[None]]) -> None:
        """Start everything, call `started` once calls are taken, and keep it running until told to stop.

        Raises:
            Misconfigured: when a process cannot be started at all.
        """
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: loop.create_task(self._replace_workers()))
        try:
            await self._start(self._store, expect_ready=False)
            self._workers = [self._worker(slot) for slot in range(len(self._sockets))]
            await asyncio.gather(*(self._start(worker) for worker in self._workers))
            for child in self._beside:
                await self._start(child, expect_ready=False)
            for port in self._ports_beside:
                await _until_listening(port)
            await started()
            await self._stopping.wait()
        finally:
            await self._stop_all()

    def _worker(self, slot: int) -> Child:
        """Return the worker of a slot; successors write a journal of another name while the old one still drains."""
        producer = producer_name(slot, self._generation, self._settings.durability)
        descriptor = self._sockets[slot].fileno()
        return Child(
            f"worker {slot}",
            lambda ready: [
                *_python("logwright.http.worker"),
                *("--producer", producer, "--listen", str(descriptor), "--ready", str(ready)),
            ],
            descriptors=(descriptor,),
        )

    async def _start(self, child: Child, *, expect_ready: bool = True) -> None:
        """Start a process, wait until it is ready, and watch it from then on."""
        loop = asyncio.get_running_loop()
        reading, writing = os.pipe()
        try:
            child.process = await asyncio.create_subprocess_exec(
                *child.command(writing),
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=(*child.descriptors, writing),
                env={**self._environment, **child.environment},
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the others in order
            )
        finally:
            os.close(writing)
        child.started_at = loop.time()
        try:
            if expect_ready:
                await self._until_ready(child, reading)
        finally:
            os.close(reading)
        child.watcher = loop.create_task(self._watch(child))

    async def _until_ready(self, child: Child, descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        heard: asyncio.Future[bytes] = loop.create_future()

        def listen() -> None:
            loop.remove_reader(descriptor)
            if not heard.done():
                heard.set_result(os.read(descriptor, 64))

        loop.add_reader(descriptor, listen)
        try:
            said = await asyncio.wait_for(heard, START_SECONDS)
        except TimeoutError:
            said = b""
        finally:
            loop.remove_reader(descriptor)
        if not said:
            await _end(child, 1.0)
            raise Misconfigured(f"the {child.name} did not start; its reason stands above")

    async def _watch(self, child: Child) -> None:
        """Start a process again when it ends though it should not."""
        process = child.process
        assert process is not None  # noqa: S101 - watched from the moment it was started
        status = await process.wait()
        if not child.wanted or self._stopping.is_set():
            return
        lived = asyncio.get_running_loop().time() - child.started_at
        child.wait = 0.0 if lived >= STABLE_SECONDS else min(max(2 * child.wait, 0.25), LONGEST_WAIT)
        _logger.error("the %s ended with status %s; it is started again in %.2f s", child.name, status, child.wait)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), child.wait)
                return
            try:
                await self._start(child, expect_ready=child in self._workers)
            except (OSError, Misconfigured):
                child.wait = min(max(2 * child.wait, 0.25), LONGEST_WAIT)
                _logger.exception("the %s could not be started; trying again in %.2f s", child.name, child.wait)
            else:
                return

    async def _replace_workers(self) -> None:
        """Start a successor for each worker, and stop the old one once it takes calls (SIGHUP)."""
        self._generation += 1
        for slot, old in enumerate(self._workers):
            new = self._worker(slot)
            try:
                await self._start(new)
            except (OSError, Misconfigured):
                _logger.exception("worker %d could not be replaced; the old one goes on", slot)
                continue
            self._workers[slot] = new
            old.wanted = False
            await _end(old, self._settings.drain_timeout + 5.0)
        _logger.info("all workers have been replaced")

    async def _stop_all(self) -> None:
        self._stopping.set()
        for child in (*self._beside, *self._workers, self._store):
            child.wanted = False
        for child in self._beside:
            await _end(child, 1.0)
        await asyncio.gather(*(_end(worker, self._settings.drain_timeout + 5.0) for worker in self._workers))
        await _end(self._store, STORE_STOP_SECONDS)
        for watcher in [child.watcher for child in (*self._beside, *self._workers, self._store) if child.watcher]:
            watcher.cancel()
        for listener in self._sockets:
            listener.close()


async def _until_listening(port: int) -> None:
    """Wait until somebody listens on a port of this machine, at most as long as a process may take to start."""
    loop = asyncio.get_running_loop()
    until = loop.time() + START_SECONDS
    while loop.time() < until:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


async def _end(child: Child, seconds: float) -> None:
    """Ask a process to stop, and kill it when it has not after so many seconds."""
    process = child.process
    if process is None or process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        _logger.warning("the %s did not stop within %g seconds and was killed", child.name, seconds)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _fixed(command: tuple[str, ...], _ready: int) -> list[str]:
    """Return the command line of a process that does not say when it is ready."""
    return list(command)


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]
