"""Everything that serving a data directory needs, opened in order and closed in the reverse of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from logwright.db import Database
    from logwright.journal import JournalWriter
    from logwright.logs.recorder import Recorder
    from logwright.logs.types import LogStore
    from logwright.models.catalogue import Catalogue
    from logwright.projects.keyring import KeyTable
    from logwright.projects.vault import Vault
    from logwright.settings import Settings

DATABASE: Final = "logwright.db"
JOURNAL: Final = "journal"
RUN: Final = "run"
STORE_SOCKET: Final = "store.sock"


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
    journal: JournalWriter
    local_admin: str | None = None
    """A random key that acts as the instance's admin, for a command that runs the application in its own process."""


@asynccontextmanager
async def open_services(settings: Settings, *, producer: str) -> AsyncIterator[Services]:
    """Open a data directory for one process, which writes its log records as `producer`.

    The store is reached by its socket, which need not be there yet: calls are
    recorded without it, and reading logs answers 503 until it is.

    Raises:
        Misconfigured: when the directory, the database or the master key cannot be used.
    """
    from logwright.db import Database
    from logwright.journal import JournalWriter
    from logwright.logs.recorder import Recorder
    from logwright.logs.store.client import StoreClient
    from logwright.models.catalogue import Catalogue
    from logwright.projects.keyring import KeyTable
    from logwright.projects.vault import Vault

    data = settings.data
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    run = data / RUN
    run.mkdir(mode=0o700, exist_ok=True)
    async with AsyncExitStack() as opened:
        database = Database.open(settings.database or data / DATABASE, run=run)
        opened.callback(database.close)
        vault = Vault.open(settings)
        keys = KeyTable(database, vault)
        catalogue = Catalogue(database, vault, database.counter)
        journal = JournalWriter(data / JOURNAL, producer, durability=settings.durability)
        opened.callback(journal.close)
        store = StoreClient(store_socket(data))
        opened.push_async_callback(store.close)
        yield Services(
            settings=settings,
            database=database,
            keys=keys,
            vault=vault,
            catalogue=catalogue,
            store=store,
            recorder=Recorder(journal),
            journal=journal,
        )


def store_socket(data: Path) -> Path:
    """Return where the store process of a data directory listens."""
    return data / RUN / STORE_SOCKET
