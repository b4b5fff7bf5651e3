"""How the store's tables lie on a server: on one, on replicas, or over the shards of a cluster.

The steps of `schema` say the tables once, for one engine. On replicas a table's engine
becomes its Replicated twin; on a cluster every statement goes to all its servers
(ON CLUSTER), the tables get the suffix `_local`, and under their plain names stand
Distributed tables, which hold nothing themselves. So questions and inserts read the
same everywhere.

Written after the manual of ClickHouse 26 ("Distributed DDL", "Data replication",
"Distributed table engine"); the tests here hold its text, as no cluster can be run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from logwright.logs.store.address import ServerAddress
from logwright.logs.store.machines import DELETIONS, MACHINES
from logwright.logs.store.schema import AMENDMENTS, LOGS

_SHARDING: Final = {
    AMENDMENTS: "cityHash64(log_id)",
    DELETIONS: "cityHash64(producer, sequence)",
    MACHINES: "cityHash64(machine)",
}
"""The tables that the shards share out, beside the logs, and what chooses the shard of a row."""
_HEAD: Final = re.compile(
    r"\A\s*(CREATE TABLE IF NOT EXISTS|ALTER TABLE|DROP TABLE IF EXISTS|RENAME TABLE)\s+(?:logwright\.)?(\w+)"
)
_ENGINE: Final = re.compile(r"\bENGINE = (\w*MergeTree)\b(\([^)]*\))?")
_DURABLE: Final = "non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1"
_KEEPER: Final = "/clickhouse/tables/{{shard}}/{database}/{table}"


class Layout:
    """The tables of one address."""

    def __init__(self, address: ServerAddress) -> None:
        self._address = address

    def owned(self, table: str) -> str:
        """Name a table as UPDATE, DELETE and ALTER do."""
        return self._local(table) + self._everywhere

    @property
    def parts(self) -> str:
        """Where every part of every shard is listed, once for all replicas."""
        cluster = self._address.cluster
        return f"cluster({_text(cluster)}, system.parts)" if cluster else "system.parts"

    @property
    def database(self) -> str:
        """The statement that makes the database."""
        return f"CREATE DATABASE IF NOT EXISTS {_name(self._address.database)}{self._everywhere}"

    def laid_out(self, statement: str) -> Sequence[str]:
        """Give a statement of a step as this server needs it."""
        head = _HEAD.match(statement)
        if head is None:
            raise ValueError(f"a step of the schema is of no form that a cluster knows: {statement[:60]}")
        table = head[2]
        text = f"{head[1]} {self._local(table)}{self._everywhere}{statement[head.end() :]}"
        if not head[1].startswith("CREATE"):
            return (text,)
        return (_ENGINE.sub(lambda engine: self._engine(table, engine), self._settings(text), count=1),)

    def gathered(self) -> Sequence[str]:
        """Give the statements that put the Distributed tables in place, as wide as the tables below them are now."""
        address = self._address
        if not address.cluster:
            return ()
        made = []
        for table, sharding in {LOGS: address.sharding, **_SHARDING}.items():
            made.append(
                f"CREATE OR REPLACE TABLE {self._named(table)}{self._everywhere} AS {self._local(table)}"
                f" ENGINE = Distributed({_text(address.cluster)}, {_text(address.database)},"
                f" {_text(table + '_local')}, {sharding})"
            )
        return made

    @property
    def _everywhere(self) -> str:
        return f" ON CLUSTER {_name(self._address.cluster)}" if self._address.cluster else ""

    def _named(self, table: str) -> str:
        return f"{_name(self._address.database)}.{_name(table)}"

    def _local(self, table: str) -> str:
        scattered = self._address.cluster and (table == LOGS or table in _SHARDING)
        return self._named(f"{table}_local" if scattered else table)

    def _engine(self, table: str, engine: re.Match[str]) -> str:
        if not self._address.replicated:
            return engine[0]
        path = _KEEPER.format(database=self._address.database, table=table)
        inside = (engine[2] or "()")[1:-1]
        arguments = ", ".join(part for part in (_text(path), "'{replica}'", inside) if part)
        return f"ENGINE = Replicated{engine[1]}({arguments})"

    def _settings(self, text: str) -> str:
        """Add what makes an acknowledged insert durable and a repeated one harmless."""
        before, settings, after = text.partition("\nSETTINGS")
        if not settings:
            return f"{text.rstrip()}\nSETTINGS {_DURABLE}\n"
        kept = [line for line in after.split(",\n") if "fsync_part_directory" not in line]
        return f"{before}{settings} {_DURABLE},{','.join(kept)}"


def _name(text: str) -> str:
    return f"`{text}`"


def _text(text: str) -> str:
    return f"'{text}'"
