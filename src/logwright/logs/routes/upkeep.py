"""Routes for whoever runs the installation: the proof that no record is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request

from logwright.logs.routes.forms import Shown
from logwright.logs.routes.selecting import store_of
from logwright.logs.types import Gap, ProducerAudit
from logwright.projects.access import Admin

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
        gaps=[_gap(gap) for gap in found.gaps],
        producers=[_producer(each) for each in found.producers],
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
