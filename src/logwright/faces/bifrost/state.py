"""The parts of the application that the routes work with, out of starlette's untyped state."""

from __future__ import annotations

from typing import cast

from starlette.requests import HTTPConnection

from logwright.blobs.types import BlobStore
from logwright.db import Database
from logwright.logs.seam import LogStore
from logwright.projects import audit
from logwright.projects.access import Access
from logwright.projects.manage import Managing


def store_of(connection: HTTPConnection) -> LogStore:
    """Return the logs."""
    return cast("LogStore", connection.app.state.store)


def blobs_of(connection: HTTPConnection) -> BlobStore:
    """Return the media."""
    return cast("BlobStore", connection.app.state.blobs)


def database_of(connection: HTTPConnection) -> Database:
    """Return the database of prices, and of what follows."""
    return cast("Database", connection.app.state.database)


def managing(connection: HTTPConnection) -> Managing:
    """Return what the verbs on keys and providers work with."""
    return Managing(database=database_of(connection), vault=connection.app.state.vault)


def note_deletion(connection: HTTPConnection, access: Access, ids: list[str], deleted: int) -> None:
    """Keep in the audit trail who deleted which logs; it blocks."""
    with database_of(connection).write() as writing:
        audit.record(
            writing,
            access.actor,
            "logs.delete",
            access.project.id,
            project_id=access.project.id,
            before={"ids": ids},
            result=f"deleted {deleted}",
        )
