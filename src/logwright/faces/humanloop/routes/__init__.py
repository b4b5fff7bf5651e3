"""The HTTP door to Humanloop's API: `/v5`."""

from __future__ import annotations

from fastapi import APIRouter

from logwright.faces.humanloop.answers import HumanloopRoute
from logwright.faces.humanloop.routes import calling, files, folders, logs, telling

router = APIRouter(prefix="/v5", tags=["humanloop"], route_class=HumanloopRoute)
for each in (calling, telling, logs, folders, files):
    router.include_router(each.router)
