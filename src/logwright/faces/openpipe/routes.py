"""OpenPipe's log API under /api/v1: report calls that others made, tag logs.

The key is looked at before the body is read, and every answer is JSON; the
published clients depend on the latter.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, cast

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse

from logwright import clock
from logwright.errors import InvalidRequest, NotFound, Unavailable
from logwright.faces.openpipe import shapes
from logwright.faces.openpipe.access import Caller, reader, writer
from logwright.faces.openpipe.report import Reporter
from logwright.faces.openpipe.shape import VALIDATION_FAILED, Fields, read
from logwright.faces.openpipe.tags import changed_tags
from logwright.gateway.beside import beside
from logwright.logs.query.openpipe import from_filters
from logwright.logs.record import LogRecord
from logwright.logs.recorder import Recorder
from logwright.logs.seam import LogStore
from logwright.logs.types import Log, LogQuery, Order
from logwright.wire import strict
from logwright.wire.strict import JSON

router = APIRouter(prefix="/api/v1", tags=["openpipe"])

_Writer = Annotated[Caller, Depends(writer)]
_Reader = Annotated[Caller, Depends(reader)]

_IDEMPOTENCY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Of several reports of a project with the same key, the first is kept.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
}
_LOG_ID: Final = "x-logwright-log-id"


def _takes(shape: Fields, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Describe a body that the route reads itself."""
    content = {"application/json": {"schema": shape.schema()}}
    return {"requestBody": {"required": True, "content": content}, "parameters": list(parameters)}


@router.post(
    "/report",
    operation_id="report",
    summary="Record a call that was made elsewhere",
    openapi_extra=_takes(shapes.REPORT, _IDEMPOTENCY),
)
async def report(request: Request, caller: _Writer) -> JSONResponse:
    """Keep a request and its answer, any JSON. The record is durable when this answers."""
    body, given = await _body(request, shapes.REPORT)
    return await _keep(request, _reporter(request, caller).openai(body, given))


@router.post(
    "/report-anthropic",
    operation_id="reportAnthropic",
    summary="Record a call that was made to Anthropic",
    openapi_extra=_takes(shapes.REPORT_ANTHROPIC, _IDEMPOTENCY),
)
async def report_anthropic(request: Request, caller: _Writer) -> JSONResponse:
    """Keep a request and a message in Anthropic's form, converted to OpenAI's. Durable when this answers."""
    _, given = await _body(request, shapes.REPORT_ANTHROPIC)
    return await _keep(request, _reporter(request, caller).anthropic(given))


@router.post(
    "/logs/update-metadata",
    operation_id="updateLogMetadata",
    summary="Set and delete tags of logs",
    openapi_extra=_takes(shapes.UPDATE_METADATA),
)
async def update_metadata(request: Request, caller: _Writer) -> JSONResponse:
    """Change the tags of every log that all filters describe; without filters, of every log of the project."""
    _, given = await _body(request, shapes.UPDATE_METADATA)
    return await _change(request, caller, given["filters"], given["metadata"])


@router.post(
    "/logs/update-tags",
    operation_id="updateLogTags",
    summary="Set and delete tags of logs (old form)",
    deprecated=True,
    openapi_extra=_takes(shapes.UPDATE_TAGS),
)
async def update_tags(request: Request, caller: _Writer) -> JSONResponse:
    """Do what update-metadata does, for clients that call metadata tags."""
    _, given = await _body(request, shapes.UPDATE_TAGS)
    return await _change(request, caller, given["filters"], given["tags"])


@router.post(
    "/check-cache",
    operation_id="checkCache",
    summary="Ask a cache that is always empty",
    deprecated=True,
    dependencies=[Depends(reader)],
)
async def check_cache() -> JSONResponse:
    """Answer as the original did in its last years: nothing is ever found here."""
    return JSONResponse({"respPayload": None})


@router.get(
    "/local-testing-only-get-latest-logged-call",
    operation_id="localTestingOnlyGetLatestLoggedCall",
    summary="Return the newest log, for the clients' own tests",
    include_in_schema=False,
)
async def latest(request: Request, caller: _Reader) -> JSONResponse:
    """Return the newest log by the time of its request, or null; only where the setting `testing_routes` is on."""
    if not request.app.state.settings.testing_routes:
        raise NotFound("Not found")
    store = cast("LogStore", request.app.state.store)
    page = await store.search(caller.project_id, LogQuery(), order=Order(), after=None, limit=1)
    found = await store.get(caller.project_id, page.items[0].id) if page.items else None
    return JSONResponse(None if found is None else _shown(found))


async def _body(request: Request, shape: Fields) -> tuple[bytes, Mapping[str, JSON]]:
    """Read the body strictly and by its shape; the bytes as well, for what must stay as it came."""
    body = await request.body()
    return body, await beside(len(body), lambda: read(shape, strict.check(body)))


def _reporter(request: Request, caller: Caller) -> Reporter:
    return Reporter(
        project_id=caller.project_id,
        key_id=caller.key_id,
        idempotency_key=request.headers.get("idempotency-key"),
        now=lambda: clock.to_micros(clock.now()),
    )


async def _keep(request: Request, record: LogRecord) -> JSONResponse:
    """Record durably, then say so; never the other way round."""
    recorder = cast("Recorder", request.app.state.recorder)
    refusal = recorder.refusal()
    if refusal is not None:
        raise Unavailable(refusal, retry_after=1)
    await recorder.keep(record)
    return JSONResponse({"status": "ok"}, headers={_LOG_ID: record.id})


async def _change(request: Request, caller: Caller, filters: list[JSON], changes: Mapping[str, JSON]) -> JSONResponse:
    try:
        query = from_filters(filters, clock.now())
    except InvalidRequest as error:
        raise InvalidRequest(VALIDATION_FAILED, issues=[error.message], param=error.param) from error
    store = cast("LogStore", request.app.state.store)
    matched = await store.set_tags(caller.project_id, query, changed_tags(changes))
    return JSONResponse({"matchedLogs": matched})


def _shown(log: Log) -> dict[str, Any]:
    tags = dict(log.tags)
    return {
        "createdAt": _iso(log.requested_at),
        "cacheHit": log.cache == "hit",
        "statusCode": log.status,
        "errorMessage": log.error_message or None,
        "reqPayload": msgspec.json.decode(log.request) if log.request else None,
        "respPayload": msgspec.json.decode(log.response) if log.response else None,
        "tags": tags,
        "metadata": tags,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
