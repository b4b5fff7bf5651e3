"""The embedded ClickHouse (chDB): sessions, statements, streams, inserts.

One process may open a data directory, and a session runs one statement at a time,
while several sessions run side by side (measured: two equal queries on two sessions
take as long as one; a second query on the same session waits for the first). So
statements borrow a session from a small pool, and a stream keeps one of its own.

Memory is bounded where it is used: by statement, by cache, and over all.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from logwright.logs.store.engine import OverBudget
from logwright.logs.store.schema import AMENDMENTS, BODY_INDEXES, DATABASE, LOGS
from logwright.logs.store.upgrade import bring_up_to_date

MIB: Final = 1 << 20

_SERVER_SETTINGS: Final[Mapping[str, int]] = {
    # Held against the resident memory of the whole process, ours included; by default the engine adds a guess at its
    # growth, and statements failed for memory that nobody had asked for.
    "max_server_memory_usage": 1300 * MIB,
    "memory_worker_rss_speculative_reserve_ratio": 0,
    # The gateway's workers share the control group, and what they take is not the store's.
    "memory_worker_use_cgroup": 0,
    "memory_worker_dynamic_hard_limit": 0,
    "mark_cache_size": 48 * MIB,
    "index_mark_cache_size": 32 * MIB,
    "primary_index_cache_size": 48 * MIB,
    "text_index_tokens_cache_size": 32 * MIB,
    "text_index_header_cache_size": 48 * MIB,
    "text_index_postings_cache_size": 32 * MIB,
    "query_condition_cache_size": 16 * MIB,
    "compiled_expression_cache_size": 16 * MIB,
    "parquet_metadata_cache_size": 1 * MIB,
    "vector_similarity_index_cache_size": 1 * MIB,
}
_SESSION_SETTINGS: Final[Mapping[str, int | str]] = {
    "max_threads": 2,
    # By default a second thread needs 1 GiB free below the server's limit, which we never have: all would run on one.
    "max_threads_min_free_memory_per_thread": 0,
    # Whole granules of bodies are read into a block where no index helps; the default of 65,409 rows took 250 MiB each.
    "max_block_size": 8192,
    "max_memory_usage": 500 * MIB,
    "max_execution_time": 60,
    "max_query_size": 32 * MIB,
    "max_ast_elements": 1_000_000,
    "max_expanded_ast_elements": 2_000_000,
    "max_bytes_before_external_sort": 150 * MIB,
    "max_bytes_before_external_group_by": 150 * MIB,
    "output_format_parquet_row_group_size": 10_000,
    "output_format_parquet_row_group_size_bytes": 32 * MIB,
    "output_format_parquet_parallel_encoding": 0,
    "max_partitions_per_insert_block": 0,
    "date_time_output_format": "iso",
    "output_format_json_quote_64bit_integers": 0,
    "lightweight_delete_mode": "lightweight_update",
    "session_timezone": "UTC",
    "check_query_single_value_result": 1,
    "log_queries": 0,
}
_TOO_MUCH: Final = ("MEMORY_LIMIT_EXCEEDED", "TIMEOUT_EXCEEDED", "TOO_SLOW")


class EmbeddedEngine:
    """The open database. Its methods block; call them on a thread. Safe to use from several."""

    owned = LOGS
    owned_amendments = AMENDMENTS
    parts = "system.parts"
    machine = ""

    def __init__(self, path: Path, *, sessions: int = 4) -> None:
        """Open the database at `path`, making it or bringing it to the present schema.

        Raises:
            Misconfigured: when a newer release made it.
        """
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        options = "&".join(f"{name}={value}" for name, value in _SERVER_SETTINGS.items())
        self._address = f"{path}?{options}"
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()
        self._all: list[Any] = []
        self._guard = threading.Lock()
        for _ in range(sessions):
            self._idle.put(self._connect())
        with self._session() as session:
            session.query(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
        for session in self._all:
            session.query(f"USE {DATABASE}")
        bring_up_to_date(self)

    def query(self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow") -> bytes:
        """Run a statement and return its whole result in ClickHouse's format `form`.

        Raises:
            Unavailable: when it needs more time or memory than one statement may have.
        """
        with self._session() as session:
            try:
                return bytes(session.query(sql, form, params=dict(parameters) if parameters else None).bytes())
            except RuntimeError as error:
                raise _told(error) from error

    def stream(
        self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow"
    ) -> Iterator[bytes]:
        """Run a statement and yield its result in pieces of whole rows as they are made, from one state of the tables.

        The statement lives as long as its reader takes, in a session of its own.
        """
        session = self._connect()
        try:
            try:
                session.query(f"USE {DATABASE}")
                session.query("SET max_execution_time = 0")
                result = session.send_query(sql, form, params=dict(parameters) if parameters else None)
                with result:
                    for piece in result:
                        data = bytes(piece.bytes())
                        if data:
                            yield data
            except RuntimeError as error:
                raise _told(error) from error
        finally:
            self._disconnect(session)

    def insert(
        self,
        table: str,
        columns: tuple[str, ...],
        data: bytes,
        *,
        indexed: bool = True,
        token: str = "",  # noqa: ARG002  see below
    ) -> None:
        """Insert rows in the RowBinary format as one block (one part for each partition).

        Without `indexed`, the indexes over the bodies are left to the merges, which makes the insert twice as fast
        and searches of these rows slow until then. The `token` is for engines that another machine's insert may reach
        late; here an insert has happened or not when this returns.

        The rows go in as a file in memory. chDB 4.4 has a call for the purpose
        (`send_insert`) and it must not be used: with the disk full it inserts
        nothing, raises nothing and reports all rows as written.

        Raises:
            RuntimeError: when the engine could not insert, for example because the disk is full.
        """
        descriptor = os.memfd_create("rows", os.MFD_CLOEXEC)
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(data)
            named = ", ".join(columns)
            # A slow disk must not end an insert that would only be begun anew.
            settings = "max_execution_time = 0"
            if not indexed:
                settings += f", exclude_materialize_skip_indexes_on_insert = '{BODY_INDEXES}'"
            rows = f"'/proc/self/fd/{descriptor}' SETTINGS {settings} FORMAT RowBinary"
            self.query(f"INSERT INTO {table} ({named}) FROM INFILE {rows}")
        finally:
            os.close(descriptor)

    def index_bodies(self) -> None:
        """Begin to build, in the background, the indexes over the bodies where inserts left them out."""
        for index in BODY_INDEXES.split(", "):
            self.query(f"ALTER TABLE {LOGS} MATERIALIZE INDEX {index} SETTINGS mutations_sync = 0")

    def apply_patches(self) -> None:
        """Begin to write changes of tags into the parts that they belong to, in the background.

        Until then searches of the bodies of such a part cannot use its index (measured: 2.8 s instead of 0.2 s of
        processor time at a million logs), and a large part may wait long for a merge that would do it.
        """
        self.query(f"ALTER TABLE {LOGS} APPLY PATCHES SETTINGS mutations_sync = 0")

    def export(self, sql: str, parameters: Mapping[str, object], path: Path, form: str) -> None:
        """Let the engine write a statement's result to a new file."""
        target = str(path).replace("\\", "\\\\").replace("'", "\\'")
        text, settings, rest = sql.partition(" SETTINGS ")
        self.query(f"{text} INTO OUTFILE '{target}' FORMAT {form}{settings}{rest}", parameters)

    @property
    def version(self) -> str:
        """The engine's version, such as `26.9.2.1`."""
        return self.query("SELECT version()", form="TSVRaw").decode().strip()

    def close(self) -> None:
        """End all sessions."""
        with self._guard:
            for session in self._all:
                session.close()
            self._all.clear()

    @contextlib.contextmanager
    def _session(self) -> Iterator[Any]:
        session = self._idle.get()
        try:
            yield session
        finally:
            self._idle.put(session)

    def _connect(self) -> Any:
        from chdb.session import Session  # loading it takes half a second and 250 MiB: only the store process does

        session: Any = Session(self._address)  # type: ignore[no-untyped-call]  # it has no annotations
        settings = ", ".join(
            f"{name} = '{value}'" if isinstance(value, str) else f"{name} = {value}"
            for name, value in _SESSION_SETTINGS.items()
        )
        session.query(f"SET {settings}")
        with self._guard:
            self._all.append(session)
        return session

    def _disconnect(self, session: Any) -> None:
        with self._guard:
            if session in self._all:
                self._all.remove(session)
        session.close()


def _told(error: RuntimeError) -> Exception:
    """Tell a statement that was too big for its budget from one that is wrong."""
    if any(word in str(error) for word in _TOO_MUCH):
        return OverBudget(str(error))
    return error
