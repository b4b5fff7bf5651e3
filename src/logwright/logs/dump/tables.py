"""The small tables in a dump: which columns leave the installation, and which tables are read back.

Columns are named one by one, so that a new one stays inside until somebody decides. Secrets
never leave: of keys and of providers only what people are shown, of people no password.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from logwright.db import Connection, Database, tables
from logwright.errors import InvalidRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a dump."""

    columns: tuple[str, ...]
    restored: bool = True
    """False for what can be read in a dump and has no place in another installation."""
    filled: Mapping[str, Any] = field(default_factory=dict)
    """What stands in the columns that were left behind when it is read back."""


TABLES: Final[Mapping[str, Table]] = {
    "projects": Table(columns=("id", "name", "created_at")),
    "api_keys": Table(
        columns=(
            *("id", "project_id", "name", "scope", "hint", "created_at", "expires_at", "revoked_at", "last_used_at"),
        ),
        restored=False,  # a key cannot be made again of its hint
    ),
    "providers": Table(
        columns=(
            *("id", "project_id", "slug", "kind", "base_url", "models", "api_version", "key_hint"),
            *("created_at", "updated_at"),
        ),
        filled={"secret": None, "key_hint": ""},
    ),
    "prices": Table(
        columns=(
            *("project_id", "model", "input", "output", "cached_input", "cache_write", "input_audio", "output_audio"),
            "updated_at",
        )
    ),
    "retention": Table(columns=("project_id", "place", "query", "days", "updated_at")),
    "prompt_files": Table(
        columns=(
            *("id", "project_id", "type", "path", "description", "readme", "tags", "implicit"),
            *("created_at", "updated_at", "deleted_at"),
        )
    ),
    "prompt_versions": Table(
        columns=("id", "project_id", "file_id", "kernel", "name", "description", "created_at", "created_by")
    ),
    "prompt_environments": Table(columns=("id", "project_id", "name", "is_default", "created_at")),
    "prompt_deployments": Table(columns=("file_id", "environment_id", "version_id", "deployed_at")),
    "people": Table(
        columns=(
            *("id", "email", "name", "must_change_password", "is_admin", "subject"),
            *("created_at", "last_seen_at", "disabled_at"),
        ),
        filled={"password": ""},
    ),
    "members": Table(columns=("project_id", "person_id", "role", "since")),
    "audit": Table(
        columns=(
            *("sequence", "at", "actor", "action", "project_id", "object", "before", "after", "result"),
            *("address", "request_id", "previous", "hash"),
        ),
        restored=False,  # the trail of one installation is no other's
    ),
}
"""In the order in which they can be read back: each after those that it refers to."""

LEFT_OUT: Final = frozenset({"changes", "invitations", "sessions", "sign_in_tries"})
"""Tables that hold nothing but secrets and the state of the moment."""

_encode: Final = msgspec.json.Encoder().encode


def lines(database: Database) -> Iterator[bytes]:
    """Yield every row as a line `{"table": ..., "row": {...}}`, all from one state of the database."""
    there = set(tables.names())
    with database.read() as connection:
        for name, table in TABLES.items():
            if name in there:
                for row in tables.rows(connection, name, table.columns):
                    yield _encode({"table": name, "row": row}) + b"\n"


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    table: str
    row: dict[str, Any]


_decode: Final = msgspec.json.Decoder(_Line).decode


@dataclass(slots=True, kw_only=True)
class Put:
    """What became of the rows of a dump."""

    inserted: int = 0
    there: int = 0
    """Rows that were there already, under the same key."""
    renamed: dict[str, str] = field(default_factory=dict)
    """Projects whose name another one has here, with the name that they were given."""


def put(database: Database, texts: Iterator[bytes]) -> Put:
    """Insert the rows that are not there, all or none.

    Raises:
        InvalidRequest: when a line is none of a dump.
    """
    outcome = Put()
    there = set(tables.names())
    with database.write() as connection:
        for text in texts:
            try:
                told = _decode(text)
            except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
                raise InvalidRequest(f"This is no line of a dump: {error}") from error
            table = TABLES.get(told.table)
            if table is None or told.table not in there:
                raise InvalidRequest(f"There is no table {told.table!r} here; a later release made the dump")
            if not table.restored:
                continue
            unknown = set(told.row) - set(table.columns)
            if unknown:
                raise InvalidRequest(f"The table {told.table} has no column {min(unknown)!r} here")
            row = {**told.row, **table.filled}
            if told.table == "projects":
                _rename(connection, row, outcome)
            if tables.put(connection, told.table, row):
                outcome.inserted += 1
            else:
                outcome.there += 1
    return outcome


def project_ids(database: Database) -> set[str]:
    """Return the ids of all projects."""
    with database.read() as connection:
        return {row["id"] for row in tables.rows(connection, "projects", ("id",))}


def _rename(connection: Connection, row: dict[str, Any], outcome: Put) -> None:
    """Give a project that is not here another name where its own is taken, such as `default` on a new server."""
    taken = {each["name"]: each["id"] for each in tables.rows(connection, "projects", ("id", "name"))}
    if row["id"] in taken.values() or row["name"] not in taken:
        return
    name, number = f"{row['name']} (imported)", 2
    while name in taken:
        name, number = f"{row['name']} (imported {number})", number + 1
    outcome.renamed[row["name"]] = name
    row["name"] = name
