"""Call a prompt."""

from __future__ import annotations

from typing import Final, cast

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from logwright.errors import Unauthorized, Unavailable
from logwright.faces.humanloop import requests
from logwright.faces.humanloop.access import WritingDesk
from logwright.faces.humanloop.answers import HumanloopRoute, read, takes
from logwright.faces.humanloop.calling import Refusal, Telephone, call
from logwright.faces.humanloop.routes.telling import InEnvironment, VersionId
from logwright.gateway.within import Within
from logwright.models.catalogue import Catalogue
from logwright.projects.access import presented_key

router: Final = APIRouter(route_class=HumanloopRoute)


@router.post(
    "/prompts/call",
    operation_id="humanloopPromptsCall",
    summary="Call a prompt",
    openapi_extra=takes(requests.PromptCall),
    responses={
        200: {
            "description": "The answers and their log; with `stream`, events of pieces.",
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/event-stream": {"schema": {"type": "string"}},
            },
        }
    },
)
async def call_prompt(
    request: Request, desk: WritingDesk, version_id: VersionId = None, environment: InEnvironment = None
) -> Response:
    """Fill the template, call the model through the gateway, and return its answers; the call is recorded."""
    body = await read(request, requests.PromptCall)
    calls = cast("Within | None", request.app.state.calls)  # starlette's state is untyped
    if calls is None:
        raise Unavailable("This process makes no calls; send them to a server (`logwright serve`)")
    key = presented_key(request.headers)
    if key is None:
        raise Unauthorized("A call is made under a key; show one as X-API-KEY")
    telephone = Telephone(calls, cast("Catalogue", request.app.state.catalogue), key)
    try:
        calling = await call(desk, telephone, body, version_id=version_id, environment=environment)
        if body.stream:
            return StreamingResponse(
                calling.events(), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
            )
        return JSONResponse(await calling.whole())
    except Refusal as refusal:
        return JSONResponse({"detail": refusal.message, "message": refusal.message}, refusal.status)
