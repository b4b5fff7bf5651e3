"""Routes for whoever runs the installation: the proof that no record is missing, and the backup."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Final, cast

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from logwright import clock
from logwright.db import Database
from logwright.logs import backup
from logwright.logs.routes.forms import Shown
from logwright.logs.routes.selecting import store_of
from logwright.logs.store.client import StoreClient
from logwright.logs.types import Gap, ProducerAudit
from logwright.projects.access import Admin
from logwright.settings import Settings

router: Final = APIRouter(tags=["installation"])


class ProducerAuditOut(Shown):
    """What became of one producer's records."""

    producer: str
    first_sequence: int
    last_sequence: int
    stored: int
    """Records taken into the store, those since deleted included."""
    duplicates: int
    """Records that repeated an idempotency key and were not stored again."""
    unreadable: int
    """Records whose content could not be read; they are set aside in the journal's folder `rejected`."""
    waiting: int
    """Records in the journal that the store has yet to take."""


class GapOut(Shown):
    """Sequences that are neither in the store nor in a journal, both ends included."""

    producer: str
    first: int
    last: int


class AuditOut(Shown):
    """Every sequence accounted for, or the gaps."""

    complete: bool
    """True when no record is missing and the store holds what it should."""
    stored: int
    """Records ever taken into the store."""
    deleted: int
    """Of these, deleted on request or by retention."""
    present: int
    """Logs that the store holds now."""
    blobs: int
    """Media that are kept."""
    blobs_missing: int
    """Media that logs refer to and that are not there."""
    blobs_unreferred: int
    """Media that no log refers to: those of the last day, and those that the next sweep deletes."""
    gaps: Sequence[GapOut]
    producers: Sequence[ProducerAuditOut]


@router.get("/audit", summary="Prove that no record is missing")
async def audit(request: Request, access: Admin) -> AuditOut:  # noqa: ARG001 - the parameter is the check
    """Hold the sequences of all journals against the store, for the whole installation."""
    found = await store_of(request).audit()
    return AuditOut(
        complete=found.complete,
        stored=found.stored,
        deleted=found.deleted,
        present=found.present,
        blobs=found.blobs,
        blobs_missing=found.blobs_missing,
        blobs_unreferred=found.blobs_unreferred,
        gaps=[_gap(gap) for gap in found.gaps],
        producers=[_producer(each) for each in found.producers],
    )


@router.get(
    "/backup",
    response_class=StreamingResponse,
    summary="Make a backup",
    responses={
        200: {
            "description": "A file for `logwright restore`.",
            "content": {"application/x-tar": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def make_backup(request: Request, access: Admin) -> Response:  # noqa: ARG001 - the parameter is the check
    """Stream everything of the installation as of one moment after the call began, except the master key.

    A PostgreSQL database is not in it; back that up with its own tools.
    """
    state = request.app.state
    settings = cast("Settings", state.settings)  # starlette's state is untyped
    database = cast("Database", state.database)  # as above
    store = cast("StoreClient", state.store)  # as above; other stores have backups of their own
    pieces = backup.stream(settings.data, store, database if database.dialect == "sqlite" else None)
    # The first piece before the head of the answer, so that a store that cannot be asked is a proper refusal.
    first = await anext(pieces)
    name = f"logwright-{clock.now():%Y-%m-%d-%H%M}.backup"

    async def whole() -> AsyncIterator[bytes]:
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    return StreamingResponse(
        whole(),
        media_type="application/x-tar",
        headers={"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"},
    )


def _gap(gap: Gap) -> GapOut:
    return GapOut(producer=gap.producer, first=gap.first, last=gap.last)


def _producer(each: ProducerAudit) -> ProducerAuditOut:
    return ProducerAuditOut(
        producer=each.producer,
        first_sequence=each.first_sequence,
        last_sequence=each.last_sequence,
        stored=each.stored,
        duplicates=each.duplicates,
        unreadable=each.unreadable,
        waiting=each.waiting,
    )
