"""The doors that need no key: the front page, whether we are alive, and whether we can do our work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

import logwright
from logwright.errors import Unavailable, body

if TYPE_CHECKING:
    from logwright.http.health import Readiness

router = APIRouter(tags=["server"])


@router.get("/", summary="Say what this is")
async def front() -> dict[str, str]:
    """Name the product and where to go on."""
    return {
        "name": "Logwright",
        "version": logwright.__version__,
        "openapi": "/openapi.json",
        "health": "/healthz",
        "readiness": "/readyz",
    }


@router.head("/healthz", include_in_schema=False)  # monitors like to ask for the head alone
@router.get("/healthz", summary="Is the process alive?")
async def alive() -> dict[str, str]:
    """Answer as long as the process can; a supervisor restarts it when it does not."""
    return {"status": "ok"}


@router.head("/readyz", include_in_schema=False)
@router.get(
    "/readyz",
    summary="Can calls be taken and stored?",
    responses={503: {"description": "No; `reasons` says why, a sentence each."}},
)
async def ready(request: Request) -> JSONResponse:
    """Ask the journal, the database and the store; a balancer sends calls elsewhere while this is 503."""
    reasons = await cast("Readiness", request.app.state.readiness).reasons()
    if not reasons:
        return JSONResponse({"status": "ok", "reasons": []})
    shown: dict[str, Any] = body(Unavailable(reasons[0]))
    return JSONResponse({"status": "unavailable", "reasons": list(reasons), **shown}, status_code=503)
