"""Routes that amend one log and tell how it was amended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Path, Request, Response
from pydantic import AwareDatetime, ConfigDict, Field

from logwright.clock import to_micros
from logwright.errors import NotFound
from logwright.logs.query.openpipe import as_text
from logwright.logs.routes.forms import LogOut, Shown, Told
from logwright.logs.routes.reading import whole
from logwright.logs.routes.selecting import store_of
from logwright.projects.access import Reader, Writer

router: Final = APIRouter(tags=["logs"])

LogId = Annotated[str, Path(max_length=100, description="The log's id.")]
Count = Annotated[int | None, Field(ge=0, le=2**32 - 1)]
Amount = Annotated[float | None, Field(ge=0, allow_inf_nan=False)]


class AmendIn(Told):
    """What to set; what is left out is kept, and null clears."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    request: Any = None
    """The request, any JSON value."""
    response: Any = None
    """The answer, any JSON value; a person's correction, for example."""
    details: dict[str, Any] | None = None
    """Keys to set among the details; a null removes one."""
    tags: dict[str, str | int | float | bool] | None = None
    """All tags of the log from now on."""
    model: str | None = None
    status: Annotated[int | None, Field(ge=100, le=599)] = None
    error_message: str | None = None
    requested_at: AwareDatetime | None = None
    received_at: AwareDatetime | None = None
    latency: Amount = None
    """Seconds."""
    ttft: Amount = None
    """Seconds."""
    input_tokens: Count = None
    output_tokens: Count = None
    cached_tokens: Count = None
    reasoning_tokens: Count = None
    total_tokens: Count = None
    cost: Amount = None
    """US dollars; a cost that was told is never computed anew."""
    input_cost: Amount = None
    output_cost: Amount = None
    session_id: str | None = None
    trace_id: str | None = None


class AmendmentOut(Shown):
    """One change of a log after the fact."""

    at: datetime
    by: str
    """The id of the key that it was made with."""
    before: dict[str, Any]
    """What stood in the fields that it changed; moments are microseconds since 1970, bodies JSON text."""
    after: dict[str, Any]


class AmendmentList(Shown):
    """The amendments of a log, oldest first."""

    data: list[AmendmentOut]


@router.patch("/logs/{log_id}", response_model=LogOut, summary="Amend a log")
async def amend(request: Request, access: Writer, log_id: LogId, told: AmendIn) -> Response:
    """Set fields of one log; what is left out is kept, null clears. What stood there before is kept beside it.

    `total_tokens`, `cost` and `latency` follow from their parts where they are not given.
    """
    changes = _columns(told)
    log = await store_of(request).amend(access.project.id, log_id, changes, by=access.principal.key_id)
    return whole(log)


@router.get("/logs/{log_id}/amendments", summary="List the amendments of a log")
async def amendments(request: Request, access: Reader, log_id: LogId) -> AmendmentList:
    """Return how a log was changed after the fact, oldest first."""
    store = store_of(request)
    if await store.get(access.project.id, log_id) is None:
        raise NotFound("There is no such log")
    found = await store.amendments(access.project.id, log_id)
    return AmendmentList(
        data=[AmendmentOut(at=one.at, by=one.by, before=dict(one.before), after=dict(one.after)) for one in found]
    )


def _columns(told: AmendIn) -> dict[str, Any]:
    """Give what was told as the store takes it: bodies as JSON text, moments as microseconds, tags as texts."""
    changes: dict[str, Any] = {}
    for name in told.model_fields_set:
        value = getattr(told, name)
        if value is None:
            changes[name] = None
        elif name in {"request", "response"}:
            changes[name] = msgspec.json.encode(value).decode()
        elif isinstance(value, datetime):
            changes[name] = to_micros(value)
        elif name == "tags":
            changes[name] = {tag: as_text(one) for tag, one in value.items()}
        else:
            changes[name] = value
    return changes
