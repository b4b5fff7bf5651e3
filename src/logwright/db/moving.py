"""Copy a whole database into another, such as SQLite's into PostgreSQL: all of it or nothing, and compared.

Both are brought to the present schema first. The copy is of one state of the source,
whose writers wait meanwhile; the target must hold nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from logwright.db import migrate
from logwright.db.database import changes, engine_for
from logwright.errors import Conflict, Misconfigured

_BATCH: Final = 1000
_OWN: Final = frozenset({"migrations", "changes"})


def move(source: str | Path, target: str | Path) -> Mapping[str, int]:
    """Copy every row; return how many each table has.

    Raises:
        Misconfigured: when one of them cannot be used, or both are the same.
        Conflict: when the target holds rows already, or does not have afterwards what the source has.
    """
    if str(source) == str(target):
        raise Misconfigured("The source and the target are the same database")
    if isinstance(source, Path) and not source.exists():
        raise Misconfigured(f"There is no database at {source}")
    old, new = engine_for(source), engine_for(target)
    try:
        for engine in (old, new):
            _upgrade(engine)
        with old.begin() as reading, new.begin() as writing:
            return _copy(reading, writing)
    finally:
        old.dispose()
        new.dispose()


def _upgrade(engine: sa.Engine) -> None:
    try:
        migrate.upgrade(engine)
    except sa.exc.DBAPIError as error:
        place = engine.url.render_as_string(hide_password=True)
        raise Misconfigured(f"The database {place} cannot be used: {str(error.orig).partition(chr(10))[0]}") from error


def _copy(reading: sa.Connection, writing: sa.Connection) -> Mapping[str, int]:
    """Copy within two transactions: where anything is wrong, the target's is taken back."""
    there, here = sa.MetaData(), sa.MetaData()
    there.reflect(reading)
    here.reflect(writing)
    tables = [table for table in here.sorted_tables if table.name not in _OWN]
    for table in tables:
        if writing.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise Conflict(f"The target holds rows already, in `{table.name}`; give an empty database")
    counts = {}
    for table in tables:
        counts[table.name] = 0
        for rows in _batches(reading, there.tables[table.name]):
            writing.execute(sa.insert(table), [dict(row) for row in rows])
            counts[table.name] += len(rows)
    for table in tables:
        _compare(reading, writing, there.tables[table.name], table)
    # Processes that hold things in memory compare this number, and the target's may have been seen before.
    seen = max(connection.execute(sa.select(changes.c.version)).scalar_one() for connection in (reading, writing))
    writing.execute(sa.update(changes).values(version=seen + 1))
    return counts


def _batches(connection: sa.Connection, table: sa.Table) -> Iterator[Sequence[Mapping[str, Any]]]:
    found = connection.execute(sa.select(table).execution_options(yield_per=_BATCH))
    for rows in found.mappings().partitions(_BATCH):
        yield [{**row} for row in rows]


def _compare(reading: sa.Connection, writing: sa.Connection, source: sa.Table, target: sa.Table) -> None:
    """Walk both tables and compare row by row, in an order that is the same in both kinds of database."""
    columns = sorted(column.name for column in target.columns)

    def walk(connection: sa.Connection, table: sa.Table) -> list[tuple[str, ...]]:
        rows = connection.execute(sa.select(*(table.c[name] for name in columns)))
        return sorted(tuple(map(_plain, row)) for row in rows)

    for ours, theirs in zip_longest(walk(reading, source), walk(writing, target)):
        if ours != theirs:
            raise Conflict(f"`{target.name}` differs after the copy; nothing was kept in the target")


def _plain(value: object) -> str:
    """Write a value so that both drivers' ways of giving it come out the same."""
    match value:
        case bool():
            return str(int(value))
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case _:
            return repr(value)
