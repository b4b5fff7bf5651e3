"""The HTTP door to logs: `/api/manage/logs...` and `/api/manage/retention`."""

from __future__ import annotations

from fastapi import APIRouter

from logwright.logs.routes import (
    amending,
    changing,
    dumping,
    exporting,
    importing,
    keeping,
    media,
    reading,
    tracing,
    upkeep,
)

router = APIRouter(prefix="/api/manage")
router.include_router(reading.router)
router.include_router(exporting.router)
router.include_router(media.router)
router.include_router(importing.router)
router.include_router(changing.router)
router.include_router(dumping.router)
router.include_router(amending.router)
router.include_router(keeping.router)
router.include_router(upkeep.router)
router.include_router(tracing.router)
# Last, because its path fits every name that the others have.
router.include_router(reading.by_id)
