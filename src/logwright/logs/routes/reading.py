"""Routes that find logs and count them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from logwright import clock
from logwright.errors import InvalidRequest, NotFound
from logwright.logs.follow import follow
from logwright.logs.histogram import histogram
from logwright.logs.media.inlining import with_media
from logwright.logs.query.fields import FIELDS
from logwright.logs.query.parse import SHORTHANDS, field_named, suggest
from logwright.logs.routes.forms import FacetList, FieldList, HistogramOut, LogOut, LogPage, MediaForm, StatsOut
from logwright.logs.routes.media import blobs_of
from logwright.logs.routes.selecting import Selected, store_of
from logwright.logs.seam import LogStore
from logwright.logs.types import Direction, Log, LogQuery, Order, SortKey
from logwright.projects.access import Anyone, Reader

router: Final = APIRouter(tags=["logs"])
by_id: Final = APIRouter(tags=["logs"])

_encode: Final = msgspec.json.Encoder().encode
_QUIET_SECONDS: Final = 15.0  # half of the 30 seconds after which impatient proxies close a silent connection

Group = Annotated[
    str | None,
    Query(max_length=200, description="A field to group by, such as `model`, `status` or `tag.env`."),
]


@router.get("/logs", response_model=LogPage, summary="List logs that match")
async def search(
    request: Request,
    access: Reader,
    query: Selected,
    sort: Annotated[SortKey, Query(description="What to sort by; logs that lack it come last.")] = "time",
    order: Annotated[Direction, Query(description="Largest and newest first (`desc`), or the reverse.")] = "desc",
    after: Annotated[str | None, Query(max_length=1000, description="The `next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many logs on the page.")] = 50,
) -> Response:
    """Return one page without bodies. Pages are walked by cursor, so logs that arrive meanwhile shift nothing."""
    page = await store_of(request).search(
        access.project.id, query, order=Order(key=sort, direction=order), after=after, limit=limit
    )
    return _json({"data": page.items, "next": page.next, "narrowed": page.narrowed})


@router.get("/logs/stats", response_model=StatsOut, summary="Sum up logs that match")
async def stats(request: Request, access: Reader, query: Selected) -> Response:
    """Return counts, percentiles of latency, tokens and cost."""
    return _json(await store_of(request).stats(access.project.id, query))


@router.get("/logs/histogram", response_model=HistogramOut, summary="Count logs over time")
async def bars(
    request: Request,
    access: Reader,
    query: Selected,
    bucket: Annotated[
        int | None, Query(ge=1, le=366 * 86_400, description="Seconds of a bar; chosen to suit the range when absent.")
    ] = None,
    group: Group = None,
) -> Response:
    """Return bars from the beginning to the end of the time that the query means, empty ones as zeros.

    Where the query says nothing of time, they go from the first match to the last.
    """
    if group is not None:
        group = _countable(group, "group")
    found = await histogram(store_of(request), access.project.id, query, seconds=bucket, group=group, now=clock.now())
    return _json(
        {"seconds": found.seconds, "data": found.bars, "truncated": found.truncated, "narrowed": found.narrowed}
    )


@router.get("/logs/facets", response_model=FacetList, summary="Count the values of fields")
async def facets(
    request: Request,
    access: Reader,
    query: Selected,
    field: Annotated[
        list[str],
        Query(
            min_length=1,
            max_length=20,
            description="A field such as `model`; `tag.NAME` for a tag's values, `tag` for the names of tags. "
            "May be given several times.",
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=1000, description="How many values of each field.")] = 20,
) -> Response:
    """Return the most frequent values of each field among the logs that match."""
    fields = [_countable(name, "field") for name in field]
    found = await store_of(request).facets(access.project.id, query, fields, limit=limit)
    data = [
        {
            "field": facet.field,
            "values": [{"value": value, "count": count} for value, count in facet.values],
            "truncated": facet.truncated,
        }
        for facet in found
    ]
    return _json({"data": data, "narrowed": found[0].narrowed if found else None})


@router.get("/logs/fields", response_model=FieldList, summary="Describe the query language's fields")
async def fields(_: Anyone) -> Response:
    """Return every field with a sentence and an example, for documentation and completion."""
    data: list[dict[str, Any]] = [
        {
            "name": info.name,
            "kind": info.kind,
            "sentence": info.sentence,
            "example": info.example,
            "choices": info.choices,
            "facet": info.facet,
        }
        for info in FIELDS.values()
    ]
    data += [
        {
            "name": name,
            "kind": "shorthand",
            "sentence": shorthand.sentence,
            "example": shorthand.example,
            "choices": shorthand.choices,
            "facet": False,
        }
        for name, shorthand in SHORTHANDS.items()
    ]
    return _json({"data": data})


@router.get(
    "/logs/tail",
    response_class=StreamingResponse,
    summary="Follow logs as they arrive",
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events `log`."}},
)
async def tail(
    request: Request,
    access: Reader,
    query: Selected,
    after: Annotated[
        str | None, Query(max_length=100, description="The id of the last log seen: those since come first.")
    ] = None,
    last_event_id: Annotated[
        str | None, Header(max_length=100, description="The same, as browsers send it when they connect again.")
    ] = None,
) -> Response:
    """Send each match as a server-sent event `log`, whose data is the log without bodies and whose id is the log's.

    The comment `open` says that from there on nothing is missed; one every 15 seconds, that the connection lives.
    """
    events = _events(store_of(request), access.project.id, query, last_event_id or after)
    return StreamingResponse(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


@by_id.get("/logs/{log_id}", response_model=LogOut, summary="Show one log")
async def get(
    request: Request,
    access: Reader,
    log_id: Annotated[str, Path(max_length=100, description="The log's id.")],
    media: MediaForm = "refer",
) -> Response:
    """Return a log with its request and response."""
    log = await store_of(request).get(access.project.id, log_id)
    if log is not None and media == "inline":
        log = await run_in_threadpool(with_media, log, blobs_of(request))
    return whole(log)


def whole(log: Log | None) -> Response:
    """Render a log with its bodies; NotFound when there is none."""
    if log is None:
        raise NotFound("There is no such log")
    shown = msgspec.to_builtins(log)
    for body in ("request", "response", "details"):
        shown[body] = msgspec.Raw((getattr(log, body) or "null").encode())
    return _json(shown)


async def _events(store: LogStore, project_id: str, query: LogQuery, after: str | None) -> AsyncIterator[bytes]:
    opening = b": open\nretry: 2000\n\n"
    async with aclosing(follow(store, project_id, query, after=after, quiet_seconds=_QUIET_SECONDS)) as batches:
        async for batch in batches:
            if batch:
                yield b"".join(b"id: %b\nevent: log\ndata: %b\n\n" % (log.id.encode(), _encode(log)) for log in batch)
            else:
                yield opening or b": quiet\n\n"
                opening = b""


def _countable(name: str, param: str) -> str:
    """Return the field's own name, when its values can be counted."""
    for prefix in ("tags.", "metadata."):
        if name.startswith(prefix):
            name = "tag." + name.removeprefix(prefix)
    if name.startswith("tag.") and name != "tag.":
        return name
    info = field_named(name)
    if info is not None and info.facet:
        return info.name
    countable = [known.name for known in FIELDS.values() if known.facet]
    hint = suggest(name, countable) or f"; there are {', '.join(countable)} and tag.NAME"
    raise InvalidRequest(f"{name!r} has no values to count{hint}", param=param)


def _json(content: Any) -> Response:
    """Render an answer; the response model describes it and is not run, for pages are large and often asked for."""
    return Response(_encode(content), media_type="application/json")
