"""The relational database: SQLite in the data directory, or PostgreSQL by URL, behind the same two doors.

`read()` and `write()` each give a connection inside one transaction. Everything
else (pragmas, locks, file rights, migrations, announcing changes) is settled
here once, so that the rooms' `store.py` hold nothing but statements.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from logwright.db import migrate
from logwright.db.changes import ChangeCounter
from logwright.errors import Misconfigured, MissingExtra, Unavailable

log = logging.getLogger(__name__)

metadata: Final = sa.MetaData()
"""All tables as they are now; rooms add theirs in `store.py`, migrations make them."""

changes: Final = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
)
"""One row, counted up in every transaction that changes something that processes hold in memory."""

_BUSY_MILLISECONDS: Final = 10_000
_POLL_SECONDS: Final = 1.0
_REST_SECONDS: Final = 1.0
_TRY_AGAIN: Final = "The database cannot do this at present; try again"
_READS: Final = "logwright_reads"


class Database:
    """An open database whose schema is current.

    Safe to use from several threads; not to be carried over a fork.
    """

    def __init__(self, engine: sa.Engine, counter: ChangeCounter) -> None:
        self._engine = engine
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = engine.execution_options(**(options if engine.dialect.name == "postgresql" else {_READS: True}))
        self.counter = counter
        self.dialect = engine.dialect.name
        """`sqlite` or `postgresql`."""
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        self._regularly: list[_Regular] = []
        self._seen: int | None = None
        self._unreachable_until = 0.0

    @classmethod
    def open(cls, where: str | Path, *, run: Path | None = None) -> Database:
        """Open a database by path (SQLite) or URL, making it and bringing its schema up to date where needed.

        `run` is the folder of the change counter; by default `run` beside the SQLite file.

        Raises:
            Misconfigured: when the address is none, or the database was made by a newer version.
            MissingExtra: when PostgreSQL is asked for and its driver is not installed.
        """
        url = _parse(where)
        if url.get_backend_name() == "sqlite":
            run = run or Path(url.database or "").parent / "run"
        elif run is None:
            raise Misconfigured("A PostgreSQL database needs the data directory's run folder beside it")
        engine = engine_for(where)
        try:
            migrate.upgrade(engine)
        except sa.exc.DBAPIError as error:
            engine.dispose()
            # The first line says what is wrong; none of the driver's messages hold the password.
            reason = str(error.orig).strip().partition("\n")[0]
            place = url.render_as_string(hide_password=True)
            raise Misconfigured(f"The database {place} cannot be used: {reason}") from error
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, ChangeCounter(run / "changes"))

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection that sees one state of the database throughout.

        Raises:
            Unavailable: when the database cannot be asked at present.
        """
        with self._begin(self._reading) as connection:
            yield connection

    @contextmanager
    def write(self, *, announce: bool = True) -> Iterator[sa.Connection]:
        """Give a connection whose changes are durable, and known to every process, when the block has ended.

        Writers come one after another, so what a block reads stays true until it
        commits. `announce=False` is for what no process holds in memory.

        Raises:
            Unavailable: when the database cannot take this at present; nothing of it was done, unless the connection
                broke amid the commit, which nobody can tell and the watch finds out.
        """
        with self._begin(self._engine) as connection:
            if announce:
                # First, because on PostgreSQL this row's lock is what puts writers in order.
                connection.execute(sa.update(changes).values(version=changes.c.version + 1))
            yield connection
        if announce:
            self.counter.bump()

    def watch(self, regularly: Callable[[], None] | None = None, *, every: float = 60.0) -> None:
        """Look once a second, in a thread, for changes that no counter on this machine announced.

        Such are made by another machine, or by a process that died between its
        commit and the counter. `regularly` is called in that thread `every` so
        many seconds, and by `close` a last time.
        """
        if regularly is not None:
            self._regularly.append(_Regular(regularly, every, time.monotonic() + every))
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._poll, name="database-watch", daemon=True)
            self._watcher.start()

    def version(self) -> int:
        """Return how many announced changes the database has seen."""
        with self.read() as connection:
            return int(connection.execute(sa.select(changes.c.version)).scalar_one())

    def copy_to(self, file: Path) -> None:
        """Write a copy as of now to `file`, which must not exist, while others read and write.

        Raises:
            Misconfigured: on PostgreSQL, which has tools of its own for this.
            FileExistsError: when there is such a file.
        """
        if self.dialect != "sqlite":
            raise Misconfigured("The data folder's database is PostgreSQL: copy it with pg_dump, and restore it first")
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with _plain_faults(), self._engine.connect() as connection:
            # Outside any transaction, as VACUUM must be; it goes through SQLAlchemy's back door for that reason.
            cursor = connection.connection.cursor()
            cursor.execute("PRAGMA query_only = 0")  # the connection may have been a reader's
            cursor.execute("VACUUM INTO ?", (str(file),))

    def close(self) -> None:
        """End the watch and close every connection."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()
        for each in self._regularly:
            each.due = 0.0
        self._call_regularly()
        self._engine.dispose()
        self.counter.close()

    @contextmanager
    def _begin(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        """Begin a transaction; for a while after one could not begin, refuse at once.

        Where packets vanish, each try takes seconds, and some callers stand on an event loop.
        """
        if time.monotonic() < self._unreachable_until:
            raise Unavailable(_TRY_AGAIN, retry_after=_REST_SECONDS)
        with _plain_faults(), ExitStack() as begun:
            try:
                connection = begun.enter_context(engine.begin())
            except sa.exc.OperationalError:
                self._unreachable_until = time.monotonic() + _REST_SECONDS
                raise
            yield connection

    def _poll(self) -> None:
        while not self._stop.wait(_POLL_SECONDS):
            try:
                self._look()
            except Unavailable:
                continue  # it is logged; the process goes on with what it holds, and the next look may succeed
            except Exception:
                # Broad, because without this thread changes by others would never be noticed again.
                log.exception("Looking for changes in the database failed")

    def _look(self) -> None:
        version = self.version()
        if version != self._seen:
            # Also at the first look: something may have changed between the tables' loading and now.
            self.counter.notice()
            self._seen = version
        self._call_regularly()

    def _call_regularly(self) -> None:
        for each in self._regularly:
            if time.monotonic() >= each.due:
                each.due = time.monotonic() + each.every
                try:
                    each.call()
                except Unavailable:
                    log.warning("%s has to wait for the database", each.call.__qualname__)


@dataclass(slots=True)
class _Regular:
    call: Callable[[], None]
    every: float
    due: float


@contextmanager
def _plain_faults() -> Iterator[None]:
    """Turn the driver's "not now" (unreachable, locked, disk full, cut off) into ours."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
        # The driver's words are for the operator, not for a caller; they hold no values (`hide_parameters`).
        log.warning("The database refused: %s", error)
        raise Unavailable(_TRY_AGAIN, retry_after=_REST_SECONDS) from error


def engine_for(where: str | Path) -> sa.Engine:
    """Return an engine for a database whose schema nobody has looked at yet; its transactions may write."""
    url = _parse(where)
    if url.get_backend_name() == "postgresql":
        return _postgres_engine(url)
    _make_private_file(Path(url.database or ""))
    return _sqlite_engine(url)


def _parse(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise Misconfigured("The database address is not a URL such as postgresql://user@host/name") from error
    match url.drivername:
        case "sqlite" if url.database:
            return url
        case "postgresql" | "postgres" | "postgresql+psycopg":
            if importlib.util.find_spec("psycopg") is None:
                raise MissingExtra("PostgreSQL needs its driver. Install it with: pip install 'logwright[postgres]'")
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise Misconfigured(f"The database address begins with {other}://; use postgresql:// or a SQLite file")


def _make_private_file(path: Path) -> None:
    """Make the file before SQLite would, for nobody else to read; its WAL files take the same rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)


def _sqlite_engine(url: URL) -> sa.Engine:
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_MILLISECONDS / 1000})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:  # the driver's own connection class
        connection.isolation_level = None  # we say BEGIN ourselves; the driver would say it late and not for reads
        for pragma, wanted in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            connection.execute(f"PRAGMA {pragma} = {wanted}")
            # A build or a file system without WAL answers with what it does instead, and no error.
            (found,) = connection.execute(f"PRAGMA {pragma}").fetchone()
            if found != wanted:
                raise Misconfigured(f"SQLite has {pragma} at {found} instead of {wanted}; is the data on a local disk?")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A transaction that begins by reading cannot always become a writing one; IMMEDIATE waits its turn at once.
        reads = connection.get_execution_options().get(_READS, False)
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads)}")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: URL) -> sa.Engine:
    return sa.create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            # Short, because a call may wait for it; the second is for a connection that was cut without a word.
            "connect_timeout": 3,
            "tcp_user_timeout": 5_000,
            # What we acknowledge must survive a power cut, whatever the server's default is.
            "options": f"-c synchronous_commit=on -c timezone=UTC -c lock_timeout={_BUSY_MILLISECONDS}",
        },
    )
