"""Everything that serving a data directory needs, opened in order and closed in the reverse of it."""

from __future__ import annotations

import asyncio
import ipaddress
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from logwright.blobs.opening import open_blobs
from logwright.blobs.types import BlobStore
from logwright.db import Database
from logwright.errors import Misconfigured, Unavailable
from logwright.journal import JournalWriter
from logwright.logs.recorder import Done, Recorder
from logwright.logs.seam import LogStore
from logwright.logs.store.client import StoreClient
from logwright.models.catalogue import Catalogue
from logwright.people.directory import Added, first_admin, has_one_time_admin, list_people
from logwright.people.passwords import Passwords
from logwright.people.sessions import Sessions
from logwright.people.sign_in import SigningIn
from logwright.projects.keyring import KeyTable
from logwright.projects.manage import Managing
from logwright.projects.master import VARIABLE
from logwright.projects.start import FirstStart, first_start, open_vault, prepare_directory
from logwright.projects.vault import Vault
from logwright.settings import Settings

DATABASE: Final = "logwright.db"
JOURNAL: Final = "journal"
RUN: Final = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the application and the gateway stand on; one of each for a process."""

    settings: Settings
    database: Database
    keys: KeyTable
    vault: Vault
    catalogue: Catalogue
    store: LogStore
    recorder: Recorder
    blobs: BlobStore
    """Where the media of logs are."""
    journal: JournalWriter | None = None
    """None in a process that records nothing."""
    local_admin: str | None = None
    """A random key that acts as the instance's admin, for a command that runs the application in its own process."""


@asynccontextmanager
async def open_services(
    settings: Settings, *, producer: str | None, before_store: Callable[[], Awaitable[object]] | None = None
) -> AsyncIterator[Services]:
    """Open a data directory for one process, which writes its log records as `producer`, or None: then it writes none.

    The store is reached by its socket, which need not be there yet: calls are
    recorded without it, and reading logs answers 503 until it is. `before_store`
    is awaited before the first question to it, and may start it.

    Raises:
        Misconfigured: when the directory, the database or the master key cannot be used.
    """
    data = settings.data
    prepare_directory(data)
    run = data / RUN
    run.mkdir(mode=0o700, exist_ok=True)
    async with AsyncExitStack() as opened:
        database = Database.open(settings.database or data / DATABASE, run=run)
        opened.callback(database.close)
        vault = open_master_vault(settings, database)
        journal = None
        if producer is not None:
            journal = JournalWriter(data / JOURNAL, producer, durability=settings.durability)
            opened.callback(journal.close)
        blobs = open_blobs(data, settings.blobs, durable=settings.durability == "fsync", environment=dict(os.environ))
        opened.callback(blobs.close)
        store = StoreClient(data, beforehand=before_store)
        opened.push_async_callback(store.close)
        yield Services(
            settings=settings,
            database=database,
            keys=KeyTable(database, vault),
            vault=vault,
            catalogue=Catalogue(database, vault, database.counter),
            store=store,
            recorder=Recorder(journal or _NoJournal()),
            blobs=blobs,
            journal=journal,
        )


class _NoJournal:
    """The journal of a process that records nothing: it refuses."""

    _WHY = "This process records no calls; send them to a server (`logwright serve`)."

    def append(self, payload: bytes, done: Done) -> int:  # noqa: ARG002 - what is not kept is not looked at
        asyncio.get_running_loop().call_soon(done, Unavailable(self._WHY))
        return 0

    async def record(self, payload: bytes) -> int:  # noqa: ARG002 - as above
        raise Unavailable(self._WHY)

    def refusal(self) -> str | None:
        return self._WHY


@contextmanager
def open_managing(settings: Settings) -> Iterator[Managing]:
    """Open what managing a data directory needs, which is made when it is not there yet.

    Raises:
        Misconfigured: when the directory, the database or the master key cannot be used.
    """
    prepare_directory(settings.data)
    run = settings.data / RUN
    run.mkdir(mode=0o700, exist_ok=True)
    database = Database.open(settings.database or settings.data / DATABASE, run=run)
    try:
        yield Managing(database=database, vault=open_master_vault(settings, database))
    finally:
        database.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a start has to show, once."""

    keys: FirstStart | None
    """None when this was not the first start."""
    admin: Added | None
    """The first admin with a one-time password, made at a first start that nobody else can reach."""
    has_people: bool


def begin(settings: Settings) -> Beginning:
    """Make what a first start makes.

    Raises:
        Misconfigured: when others can reach the server while an admin's one-time password is yet to be changed (S-19).
    """
    with open_managing(settings) as to:
        keys = first_start(to.database, to.vault)
        people = signing_in(to.database, to.vault)
        admin = first_admin(people) if keys is not None and is_loopback(settings.host) else None
        if not is_loopback(settings.host) and has_one_time_admin(people):
            raise Misconfigured(
                f"Listening on {settings.host} opens the server to others, and an admin has not changed the one-time"
                " password: sign in on 127.0.0.1 and change it, or shut that admin out with `logwright people disable`"
            )
        return Beginning(keys=keys, admin=admin, has_people=bool(list_people(people)))


def signing_in(database: Database, vault: Vault) -> SigningIn:
    """Give what the people room works with."""
    return SigningIn(database=database, sessions=Sessions(database, vault), passwords=Passwords())


def open_master_vault(settings: Settings, database: Database) -> Vault:
    """Return the vault with the master keys that the settings name.

    A master key is made at the first start, but only for a server that nobody
    else can reach: one that is open to others needs a key that its operator
    knows of and keeps (S-19).

    Raises:
        Misconfigured: when there is no master key, or not the one that the database needs.
    """
    file = settings.master_key_file or default_master_key_file(os.environ)
    return open_vault(database, {VARIABLE: settings.master_key}, file, may_generate=is_loopback(settings.host))


def default_master_key_file(environment: Mapping[str, str]) -> Path:
    """Return where the master key lies unless settings say otherwise: in the user's configuration folder."""
    configuration = environment.get("XDG_CONFIG_HOME")
    folder = Path(configuration) if configuration else Path.home() / ".config"
    return folder / "logwright" / "master.key"


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach a server that listens on `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
