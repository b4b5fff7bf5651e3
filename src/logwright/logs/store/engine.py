"""What the store asks of a ClickHouse engine, be it in this process or a server's.

There are two: `embedded`, chDB in the store's own process, and `clickhouse`, a server
or cluster named by a URL. Both have the same tables and are asked the same SQL; what
differs is told by the three attributes. Methods block: call them on a thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, Protocol

from logwright.errors import Unavailable


class OverBudget(Unavailable):
    """A statement needs more time or memory than it may have."""

    def __init__(self, message: str) -> None:
        """`message` is the engine's own."""
        super().__init__(
            "The query needs more time or memory than one query may have; narrow it, for example by time.",
            retry_after=1.0,
        )
        self.why: Literal["time", "memory"] = "memory" if "MEMORY_LIMIT_EXCEEDED" in message else "time"


class Engine(Protocol):
    """An open database whose tables are current, or will be by the time that it answers. Safe to use from threads."""

    owned: str
    """The table of the logs as UPDATE, DELETE and ALTER name it: on a cluster, the shards' own, and where to send it.

    SELECT and INSERT name `schema.LOGS` everywhere.
    """
    owned_amendments: str
    """The same of `schema.AMENDMENTS`."""
    parts: str
    """Where the parts of all tables are listed: `system.parts`, or that of every shard."""
    machine: str
    """What the names of this machine's producers begin with in a table that several machines write; else empty."""

    def query(self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow") -> bytes:
        """Run a statement and return its whole result in ClickHouse's format `form`.

        Parameters are texts as `sql.literals` writes them, or numbers.

        Raises:
            Unavailable: when it needs more time or memory than one statement may have, or nobody answers.
        """

    def stream(
        self, sql: str, parameters: Mapping[str, object] | None = None, *, form: str = "JSONEachRow"
    ) -> Iterator[bytes]:
        """Run a statement and yield its result in pieces of whole rows as they are made, from one state of the tables.

        The statement lives as long as its reader takes.
        """

    def insert(
        self, table: str, columns: tuple[str, ...], data: bytes, *, indexed: bool = True, token: str = ""
    ) -> None:
        """Insert rows in the RowBinary format as one block (one part for each partition).

        Without `indexed`, the indexes over the bodies are left to the merges. Of several inserts with the same
        `token`, the first that arrives is kept, where the engine can be reached by two.

        Raises:
            RuntimeError: when the engine could not insert, for example because the disk is full.
            Unavailable: when nobody answers; whether the rows are there is then unknown.
        """

    def index_bodies(self) -> None:
        """Begin to build, in the background, the indexes over the bodies where inserts left them out."""

    def apply_patches(self) -> None:
        """Begin to write changes of tags into the parts that they belong to, in the background."""

    def export(self, sql: str, parameters: Mapping[str, object], path: Path, form: str) -> None:
        """Write a statement's result to a new file."""

    @property
    def version(self) -> str:
        """The engine's version, such as `26.9.2.1`."""

    def close(self) -> None:
        """Let go of everything."""
