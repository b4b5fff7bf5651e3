"""Rows of tables as plain values, out and in again, for a dump; which tables and columns is said by the caller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from logwright.db.database import metadata


def names() -> Sequence[str]:
    """Return all tables, each after those that it refers to."""
    return [table.name for table in metadata.sorted_tables]


def columns(table: str) -> Sequence[str]:
    """Return the columns of a table."""
    return [column.name for column in metadata.tables[table].columns]


def rows(connection: sa.Connection, table: str, wanted: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table in order of their key, as the named columns."""
    found = metadata.tables[table]
    chosen = [found.c[name] for name in wanted]
    for row in connection.execute(sa.select(*chosen).order_by(*found.primary_key.columns)):
        yield dict(zip(wanted, row, strict=True))


def put(connection: sa.Connection, table: str, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one with its key, or with another value that must be unique, is there; say whether.

    Raises:
        sqlalchemy.exc.IntegrityError: when it refers to a row that is not there.
    """
    found = metadata.tables[table]
    for key in [list(found.primary_key.columns), *_unique(found)]:
        if all(row.get(column.name) is not None for column in key):
            same = sa.and_(*[column == row[column.name] for column in key])
            if connection.execute(sa.select(sa.literal(1)).select_from(found).where(same)).first() is not None:
                return False
    connection.execute(sa.insert(found).values(**row))
    return True


def _unique(table: sa.Table) -> list[list[sa.Column[Any]]]:
    found: list[list[sa.Column[Any]]] = [[column] for column in table.columns if column.unique]
    found += [list(each.columns) for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
    return found
