"""A ClickHouse server or cluster as the store's engine, through its HTTP interface.

Nothing is opened beforehand: each statement connects where there is no connection, and
the first brings the tables up to date. So a server that is away at the start is the
same as one that goes away later: calls are recorded in the journals, questions are
answered with `Unavailable`, and once it is back the journals drain.

Where packets vanish every try costs seconds, so after a failed one all others are
refused at once for a moment.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from logwright.errors import LogwrightError, MissingExtra, Unavailable
from logwright.logs.store.address import ServerAddress, parse_address
from logwright.logs.store.engine import OverBudget
from logwright.logs.store.layout import Layout
from logwright.logs.store.machines import TABLES
from logwright.logs.store.schema import AMENDMENTS, BODY_INDEXES, LOGS, VERSION
from logwright.logs.store.upgrade import bring_up_to_date

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_CONNECT_SECONDS: Final = 3
_REST_SECONDS: Final = 1.0
_SILENCE_SECONDS: Final = 1.0
_CONNECTIONS: Final = 24
_PIECE: Final = 1 << 20
_EXCEPTION: Final = b"__exception__"
_SETTINGS: Final[Mapping[str, int | str]] = {
    "max_execution_time": 60,
    "max_query_size": 32 << 20,
    "max_ast_elements": 1_000_000,
    "max_expanded_ast_elements": 2_000_000,
    "max_partitions_per_insert_block": 0,
    "max_insert_block_size": 1 << 20,
    "async_insert": 0,
    "date_time_output_format": "iso",
    "output_format_json_quote_64bit_integers": 0,
    "output_format_parquet_row_group_size": 10_000,
    "lightweight_delete_mode": "lightweight_update",
    "session_timezone": "UTC",
    "http_write_exception_in_output_format": 0,
}
_ON_CLUSTER: Final[Mapping[str, int | str]] = {
    # An insert is acknowledged when the shards have it, not when it waits in a folder of the server asked.
    "distributed_foreground_insert": 1,
    "load_balancing": "in_order",
    "distributed_ddl_task_timeout": 60,
}
_ON_REPLICAS: Final[Mapping[str, int | str]] = {"insert_quorum": "auto"}

_TOO_MUCH: Final = frozenset({"MEMORY_LIMIT_EXCEEDED", "TIMEOUT_EXCEEDED", "TOO_SLOW", "QUERY_WAS_CANCELLED"})
_NOT_NOW: Final = frozenset(
    {
        "TOO_MANY_SIMULTANEOUS_QUERIES",
        "TOO_MANY_PARTS",
        "NETWORK_ERROR",
        "SOCKET_TIMEOUT",
        "ALL_CONNECTION_TRIES_FAILED",
        "KEEPER_EXCEPTION",
        "TABLE_IS_READ_ONLY",
        "NOT_ENOUGH_SPACE",
        "TOO_FEW_LIVE_REPLICAS",
        "UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE",
        "UNKNOWN_STATUS_OF_INSERT",
        "SERVER_OVERLOADED",
        "ABORTED",
    }
)


class _Written:
    """A parameter already in the form in which the server reads it; the client would escape a `str` once more."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


class ClickHouseEngine:
    """The database at an address."""

    def __init__(self, address: ServerAddress, *, machine: str) -> None:
        """Name the database; nothing is opened yet.

        Raises:
            MissingExtra: when the client library is not installed.
        """
        try:
            import clickhouse_connect  # noqa: F401  it is an extra, and loaded by the store's process alone
        except ImportError as error:
            raise MissingExtra(
                "A ClickHouse server as log store needs its client."
                " Install it with: pip install 'logwright[clickhouse]'"
            ) from error
        self.address = address
        self._layout = Layout(address)
        self.owned = self._layout.owned(LOGS)
        self.owned_amendments = self._layout.owned(AMENDMENTS)
        self.parts = self._layout.parts
        self.machine = f"{machine}."
        self._guard = threading.Lock()
        self._client: Client | None = None
        self._away_until = 0.0
        self._why_away = ""
        self._heard_at = 0.0

    def query(self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow") -> bytes:
        """See `Engine`."""
        return self._query(self._connected(), sql, parameters, form)

    def stream(
        self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow"
    ) -> Iterator[bytes]:
        """See `Engine`; for forms whose rows are lines."""
        with self._answer(sql, parameters, form) as answer:
            left = b""
            while piece := answer.read(_PIECE):
                whole, end, left = (left + piece).rpartition(b"\n")
                if b"\r\n" in whole[-(1 << 15) :] + end or left.startswith(b"\r"):
                    # No row holds a bare carriage return: here the server says why it stops.
                    rows, mark, told = (whole + end + left + answer.read()).partition(b"\r\n" + _EXCEPTION)
                    if mark:
                        raise _refused(told.decode(errors="replace"))
                    left = rows
                    continue
                if end:
                    yield whole + end
            if left:
                yield left

    def insert(
        self, table: str, columns: tuple[str, ...], data: bytes, *, indexed: bool = True, token: str = ""
    ) -> None:
        """See `Engine`."""
        # No limit there: one that a slow disk holds up goes on after we have given it up, and is then found.
        settings: dict[str, Any] = {"max_execution_time": 0}
        if not indexed:
            settings["exclude_materialize_skip_indexes_on_insert"] = BODY_INDEXES
        if token:
            settings["insert_deduplication_token"] = token
            settings["insert_deduplicate"] = 1
        client = self._connected()
        with self._told():
            client.raw_insert(table, list(columns), data, settings=settings, fmt="RowBinary")

    def index_bodies(self) -> None:
        """See `Engine`."""
        for index in BODY_INDEXES.split(", "):
            self.query(f"ALTER TABLE {self.owned} MATERIALIZE INDEX {index} SETTINGS mutations_sync = 0")

    def apply_patches(self) -> None:
        """See `Engine`."""
        self.query(f"ALTER TABLE {self.owned} APPLY PATCHES SETTINGS mutations_sync = 0")

    def export(self, sql: str, parameters: Mapping[str, object], path: Path, form: str) -> None:
        """See `Engine`."""
        with self._answer(sql, parameters, form) as answer, path.open("xb") as file:
            tag = answer.headers.get("X-ClickHouse-Exception-Tag", "").encode()
            last = b""
            while piece := answer.read(_PIECE):
                file.write(piece)
                last = (last + piece)[-(1 << 15) :]
        told = last.partition(_EXCEPTION + b"\r\n" + tag)[2] if tag else b""
        if told:
            raise _refused(told.decode(errors="replace"))

    @property
    def version(self) -> str:
        """See `Engine`."""
        return self.query("SELECT version()", form="TSVRaw").decode().strip()

    def close(self) -> None:
        """See `Engine`."""
        with self._guard:
            client, self._client = self._client, None
        if client is not None:
            _close(client)

    def reach(self) -> str:
        """Sign in and return the server's version, without making any table."""
        with self._told():
            client = self._open("")
        _close(client)
        return str(client.server_version)

    # ------------------------------------------------------------------ connecting

    def _connected(self) -> Client:
        """Give the client, made and its tables current.

        Raises:
            Unavailable: when the server does not answer, or did not a moment ago.
            Misconfigured: when a newer release made the tables.
        """
        client = self._client
        now = time.monotonic()
        if now < self._away_until:
            raise Unavailable(self._why_away, retry_after=_REST_SECONDS)
        if client is None:
            with self._guard:
                client = self._client
                if client is None:
                    client = self._client = self._connect()
        elif now - self._heard_at > _SILENCE_SECONDS and not client.ping(_CONNECT_SECONDS):
            # A statement may take a minute: waiting for its answer would not find out a server that hangs.
            raise self._away(TimeoutError(f"no answer to a ping within {_CONNECT_SECONDS} seconds"))
        self._heard_at = time.monotonic()
        return client

    def _connect(self) -> Client:
        """Connect, and make the tables or bring them up to date where they are not: only that needs the right to."""
        try:
            with self._told():
                client = self._open(self.address.database)
        except RuntimeError as error:
            if "UNKNOWN_DATABASE" not in str(error):
                raise
            self._make_database()
            with self._told():
                client = self._open(self.address.database)
        through = _Through(self, client)
        try:
            if not self._is_current(through):
                for table in TABLES:
                    for statement in self._layout.laid_out(table):
                        through.query(statement)
                bring_up_to_date(through, self._layout.laid_out, self._layout.gathered)
        except BaseException:
            _close(client)
            raise
        return client

    def _make_database(self) -> None:
        with self._told():
            first = self._open("")
        try:
            self._query(first, self._layout.database, None, "")
        finally:
            _close(first)

    def _is_current(self, through: _Through) -> bool:
        try:
            return int(through.query("SELECT max(number) FROM migrations", form="TSV")) == VERSION
        except RuntimeError as error:
            if "UNKNOWN_TABLE" not in str(error):
                raise
            return False

    def _open(self, database: str) -> Client:
        from clickhouse_connect import get_client
        from clickhouse_connect.driver.httputil import get_pool_manager

        address = self.address
        where = {**(_ON_CLUSTER if address.cluster else {}), **(_ON_REPLICAS if address.replicated else {})}
        trust = {} if address.ca is None else {"ca_cert": str(address.ca)}
        verifying: dict[str, Any] = {"verify": address.verify, **trust} if address.secure else {}
        pool = get_pool_manager(maxsize=_CONNECTIONS, **verifying)
        try:
            return get_client(
                host=address.host,
                port=address.port,
                username=address.user,
                password=address.password,
                database=database or "default",
                secure=address.secure,
                interface="https" if address.secure else "http",
                connect_timeout=_CONNECT_SECONDS,
                send_receive_timeout=int(address.timeout) + 5,
                query_retries=0,
                query_limit=0,
                compress=False,
                client_name="logwright",
                settings={**_SETTINGS, **where},
                autogenerate_session_id=False,  # sessions would run one statement at a time
                pool_mgr=pool,
                show_clickhouse_errors=True,
            )
        except BaseException:
            pool.clear()
            raise

    # ------------------------------------------------------------------ asking

    def _query(self, client: Client, sql: str, parameters: Mapping[str, object] | None, form: str) -> bytes:
        with self._told():
            return bytes(client.raw_query(sql, _bound(parameters), fmt=form if _has_rows(sql) else None))

    @contextmanager
    def _answer(self, sql: str, parameters: Mapping[str, object] | None, form: str) -> Iterator[Any]:
        """Give the server's answer as it comes; what the server has not sent when the block ends, it need not send."""
        client = self._connected()
        with self._told():
            answer: Any = client.raw_stream(sql, _bound(parameters), settings={"max_execution_time": 0}, fmt=form)
            try:
                yield answer
            finally:
                answer.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the client's errors into ours, and note when nobody answers."""
        from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError
        from urllib3.exceptions import HTTPError

        try:
            yield
        except LogwrightError:
            raise
        except DatabaseError as error:
            if error.code is None and error.name is None:
                raise self._away(error) from error
            raise _refused(str(error), error.name) from error
        except (ClickHouseError, HTTPError, OSError) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> Unavailable:
        cause = error.__cause__ or error
        reason = _reason(cause)
        if time.monotonic() >= self._away_until:
            _log.warning("The log store %s does not answer: %s", self.address.shown, reason)
        self._why_away = f"The log store {self.address.shown} does not answer ({reason}); try again."
        self._away_until = time.monotonic() + _REST_SECONDS
        return Unavailable(self._why_away, retry_after=_REST_SECONDS)


def reach(url: str) -> str:
    """Sign in at an address and say what answers.

    Raises:
        Misconfigured: when the address is none.
        Unavailable: when nobody answers.
        RuntimeError: when the server refuses.
    """
    address = parse_address(url)
    return f"{address.shown} answers; it is ClickHouse {ClickHouseEngine(address, machine='').reach()}"


class _Through:
    """Asks by a client that is not the engine's yet."""

    def __init__(self, engine: ClickHouseEngine, client: Client) -> None:
        self._engine = engine
        self._client = client

    def query(self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow") -> bytes:
        return self._engine._query(self._client, sql, parameters, form)


def _bound(parameters: Mapping[str, object] | None) -> dict[str, Any] | None:
    """Give parameters as the client passes them on unchanged; none at all would be None."""
    if not parameters:
        return None
    return {name: _Written(value) if isinstance(value, str) else value for name, value in parameters.items()}


def _has_rows(sql: str) -> bool:
    return sql.lstrip()[:6].upper() in {"SELECT", "WITH A", "CHECK "}


def _close(client: Client) -> None:
    """Close a client, and the connections that it leaves to whoever gave it their pool."""
    client.close_connections()
    client.close()


def _refused(message: str, name: str | None = None) -> Exception:
    """Tell a statement too big for its budget, and a server that cannot now, from a statement that is wrong."""
    words = {name} if name else {word for word in (*_TOO_MUCH, *_NOT_NOW) if word in message}
    if words & _TOO_MUCH:
        return OverBudget(" ".join(words))
    if words & _NOT_NOW:
        return Unavailable(f"The log store cannot do this at present: {message[:300]}", retry_after=_REST_SECONDS)
    return RuntimeError(message)


def _reason(error: BaseException) -> str:
    """Say in few words why there was no answer; urllib3 wraps the cause in its own and repeats the URL."""
    inner = getattr(error, "reason", None)
    cause = inner if isinstance(inner, BaseException) else error
    words = str(cause).rpartition(": ")[2].strip() or type(cause).__name__
    return words[:200]


_log = logging.getLogger(__name__)
