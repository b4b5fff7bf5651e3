"""Bifrost's log API under /api/logs: search whole logs, figures over them, menus, deletion, costs; /ws is `live.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from logwright import clock
from logwright.clock import to_micros
from logwright.errors import InvalidRequest, NotFound
from logwright.faces.bifrost import costs, figures, histograms, live, media, names, schemas
from logwright.faces.bifrost.filters import FILTERS, METADATA, PAGING, read_filters, whole_number
from logwright.faces.bifrost.log import shown
from logwright.faces.bifrost.refusals import BifrostRoute
from logwright.faces.bifrost.state import blobs_of, database_of, managing, note_deletion, store_of
from logwright.faces.bifrost.written import written
from logwright.gateway.beside import beside
from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, Direction, Log, LogQuery, LogSummary, Order, SortKey
from logwright.models.prices import Price, Pricer
from logwright.projects.access import Access, Reader, Writer
from logwright.wire import strict
from logwright.wire.strict import JSON
from logwright.wire.usage import Usage

_logs = APIRouter(prefix="/api/logs", tags=["bifrost"], route_class=BifrostRoute)

PAGE_BYTES: Final = 32 << 20
"""Bodies that one page holds; of logs beyond, the page has everything but the bodies."""

_MOST_DELETED: Final = 10_000
_EVERYTHING: Final = LogQuery()
_SORT_KEYS: Final[Mapping[str, SortKey]] = {
    "timestamp": "time",
    "latency": "latency",
    "tokens": "tokens",
    "cost": "cost",
}


# ------------------------------------------------------------------ what is asked


def _given(request: Request) -> dict[str, str]:
    """Return the query parameters but `project`; a list may come in several, any other only once."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name == "project" or not value:
            continue
        if name in given and (name in _KNOWN or name.startswith(METADATA)):
            if name not in _LISTS:
                raise InvalidRequest(f"{name} is given more than once", param=name)
            value = f"{given[name]},{value}"
        given[name] = value
    return given


_KNOWN: Final = frozenset({*FILTERS, *PAGING})
_LISTS: Final = frozenset(
    {"providers", "models", "aliases", "status", "objects", "selected_key_ids", "virtual_key_ids"}
    | {"cache_hit_types", "stop_reasons"}
)


async def _filters(request: Request) -> LogQuery:
    return read_filters(_given(request), clock.now(), lenient=True)


Filtered = Annotated[LogQuery, Depends(_filters)]


class _Paging:
    """Which part of a list is asked for."""

    def __init__(self, request: Request) -> None:
        given = _given(request)
        self.query = read_filters(given, clock.now(), lenient=True)
        self.limit = _between("limit", given.get("limit", "50"), 1, 1000)
        self.offset = _between("offset", given.get("offset", "0"), 0, 10**15)
        self.sort_by = given.get("sort_by", "timestamp")
        if self.sort_by not in _SORT_KEYS:
            raise InvalidRequest(f"sort_by is one of {', '.join(_SORT_KEYS)}, not {self.sort_by!r}", param="sort_by")
        self.direction = given.get("order", "desc")
        if self.direction not in {"asc", "desc"}:
            raise InvalidRequest(f"order is asc or desc, not {self.direction!r}", param="order")

    @property
    def order(self) -> Order:
        """The order of the list."""
        return Order(key=_SORT_KEYS[self.sort_by], direction=cast("Direction", self.direction))  # checked above


def _between(name: str, value: JSON, least: int, most: int) -> int:
    number = whole_number(name, value)
    if not least <= number <= most:
        raise InvalidRequest(f"{name} must be from {least} to {most}, not {number}", param=name)
    return number


# ------------------------------------------------------------------ logs


@_logs.get(
    "",
    operation_id="bifrostSearchLogs",
    summary="Search and filter logs",
    responses=schemas.answers(schemas.SEARCH),
    openapi_extra={"parameters": [*schemas.FILTERS, *schemas.PAGE]},
)
async def search(request: Request, access: Reader) -> Response:
    """Return whole logs, and figures over all matches. All filters must hold; items of a list are alternatives."""
    asked = _Paging(request)
    store, project_id = store_of(request), access.project.id
    page, stats, keys = await asyncio.gather(
        store.search(project_id, asked.query, order=asked.order, after=None, limit=asked.limit, offset=asked.offset),
        store.stats(project_id, asked.query),
        _key_names(request, access),
    )
    has_logs = stats.count > 0 or await _has_logs(store, project_id)
    whole = {log.id: log for log in await store.whole(project_id, page.items, most_bytes=PAGE_BYTES)}
    logs: list[LogSummary] = [whole.get(log.id, log) for log in page.items]
    size = sum(len(log.request) + len(log.response) for log in whole.values())
    pagination = {
        "limit": asked.limit,
        "offset": asked.offset,
        "sort_by": asked.sort_by,
        "order": asked.direction,
        "total_count": stats.count,
    }
    return await beside(
        size,
        lambda: _answer(
            {
                "logs": [shown(log, keys) for log in logs],
                "pagination": pagination,
                "stats": figures.five(stats),
                "has_logs": has_logs,
            }
        ),
    )


@_logs.delete(
    "",
    operation_id="bifrostDeleteLogs",
    summary="Delete logs by id",
    responses=schemas.answers(schemas.DONE),
    openapi_extra=schemas.takes(schemas.DELETION),
)
async def delete(request: Request, access: Writer) -> Response:
    """Delete logs for good. Ids that do not exist are no error."""
    told = await _body(request, {"ids"})
    ids = told.get("ids")
    if not isinstance(ids, list) or not ids or not all(isinstance(each, str) for each in ids):
        raise InvalidRequest("ids must be a list of at least one id", param="ids")
    if len(ids) > _MOST_DELETED:
        raise InvalidRequest(f"ids may name at most {_MOST_DELETED:,} logs in one request", param="ids")
    query = LogQuery(clauses=(Clause(field="id", operator="=", values=tuple(ids)),))
    deleted = await store_of(request).delete(access.project.id, query)
    await run_in_threadpool(note_deletion, request, access, ids, deleted)
    return _answer({"message": f"{deleted} of {len(set(ids))} logs deleted"})


# ------------------------------------------------------------------ figures


@_logs.get(
    "/stats",
    operation_id="bifrostLogStats",
    summary="Figures over all logs that match",
    responses=schemas.answers(schemas.STATS),
    openapi_extra={"parameters": schemas.FILTERS},
)
async def stats(request: Request, access: Reader, query: Filtered) -> Response:
    """Return the five figures of the list alone."""
    return _answer(figures.five(await store_of(request).stats(access.project.id, query)))


_Histogram = Callable[[LogStore, str, LogQuery], Awaitable[dict[str, JSON]]]


def _histogram(path: str, name: str, summary: str, of: _Histogram, schema: schemas.Schema) -> None:
    @_logs.get(
        path,
        operation_id=f"bifrost{name}Histogram",
        summary=summary,
        responses=schemas.answers(schema),
        openapi_extra={"parameters": schemas.FILTERS},
    )
    async def histogram(request: Request, access: Reader, query: Filtered) -> Response:
        """Return buckets whose size follows from the range: a minute below two hours, up to 30 days beyond a year.

        Without a range they are of an hour. Empty ones are there when both ends of the range are given.
        """
        return _answer(await of(store_of(request), access.project.id, query))


_histogram("/histogram", "", "Requests over time", histograms.counts, schemas.COUNTS)
_histogram("/histogram/tokens", "Token", "Tokens over time", histograms.tokens, schemas.TOKENS)
_histogram("/histogram/cost", "Cost", "Costs over time", histograms.costs, schemas.COSTS)
_histogram("/histogram/models", "Model", "Models over time", histograms.models, schemas.MODELS)
_histogram("/histogram/latency", "Latency", "Latencies over time", histograms.latencies, schemas.LATENCIES)


@_logs.get(
    "/rankings",
    operation_id="bifrostRankings",
    summary="Models by their use",
    responses=schemas.answers(schemas.RANKINGS),
    openapi_extra={"parameters": schemas.FILTERS},
)
async def rankings(request: Request, access: Reader, query: Filtered) -> Response:
    """Return the hundred most used models, with their change against as long a time before."""
    return _answer(await figures.rankings(store_of(request), access.project.id, query))


# ------------------------------------------------------------------ menus and upkeep


@_logs.get(
    "/filterdata",
    operation_id="bifrostFilterData",
    summary="Values to offer in filter menus",
    responses=schemas.answers(schemas.FILTER_DATA),
)
async def filter_data(request: Request, access: Reader) -> Response:
    """Return what occurs, the most frequent first; of tags, what the 30 days before the newest log have."""
    keys = await _key_names(request, access)
    providers = await run_in_threadpool(names.provider_names, managing(request), access.project.id)
    return _answer(await names.filter_data(store_of(request), access.project.id, keys, providers))


@_logs.get(
    "/dropped",
    operation_id="bifrostDropped",
    summary="Calls that were answered and whose logs are lost",
    responses=schemas.answers(schemas.DROPPED),
)
async def dropped(request: Request, _access: Reader) -> Response:
    """Return how many logs of the installation were recorded and could not be read back, as from a broken disk.

    None is dropped for want of room: a call that cannot be recorded is refused before a provider is asked.
    """
    return _answer({"dropped_requests": (await store_of(request).health()).lost})


@_logs.post(
    "/recalculate-cost",
    operation_id="bifrostRecalculateCost",
    summary="Fill in missing costs",
    responses=schemas.answers(schemas.RECALCULATED),
    openapi_extra=schemas.takes(schemas.RECALCULATION),
)
async def recalculate_cost(request: Request, access: Writer) -> Response:
    """Price the newest logs that have no cost by the prices known now. Costs that are there stay."""
    told = await _body(request, {"filters", "limit"})
    filters = told.get("filters")
    if filters is not None and not isinstance(filters, dict):
        raise InvalidRequest("filters must be an object", param="filters")
    limit = _between("limit", costs.USUAL if told.get("limit") is None else told["limit"], 1, costs.MOST)
    query = read_filters(filters or {}, clock.now())
    pricer = Pricer(database_of(request))

    def price(log: Log, usage: Usage, named: str) -> Price | None:
        models = (log.upstream_model, named, log.model)
        return pricer.price(
            access.project.id, log.provider, log.provider_kind, models, usage, to_micros(log.requested_at)
        )

    by = access.actor.key_id
    return _answer(await costs.recalculate(store_of(request), access.project.id, query, price, limit=limit, by=by))


@_logs.get(
    "/{id}",
    operation_id="bifrostGetLog",
    summary="One log with everything stored",
    responses=schemas.answers(schemas.LOG),
)
async def get(request: Request, access: Reader, id: str) -> Response:  # noqa: A002 - the published name
    """Return a log whole: sound and pictures where they stood, and the bodies as recorded under `raw_...`."""
    log = await store_of(request).get(access.project.id, id)
    if log is None:
        raise NotFound(f"There is no log {id!r}", param="id")
    keys = await _key_names(request, access)
    whole = await run_in_threadpool(media.put_back, log, blobs_of(request)) if log.blobs else log
    return await beside(len(whole.request) + len(whole.response), lambda: _answer(shown(whole, keys, raw=log)))


router = APIRouter()
router.include_router(_logs)
router.include_router(live.router)


# ------------------------------------------------------------------ private


async def _has_logs(store: LogStore, project_id: str) -> bool:
    return bool((await store.search(project_id, _EVERYTHING, order=Order(), after=None, limit=1)).items)


async def _key_names(request: Request, access: Access) -> Mapping[str, str]:
    return await run_in_threadpool(names.key_names, managing(request), access.project.id)


async def _body(request: Request, known: set[str]) -> dict[str, JSON]:
    """Read a body that must be a JSON object of known fields."""
    body = await request.body()
    told = await beside(len(body), lambda: strict.check(body))
    if not isinstance(told, dict):
        raise InvalidRequest("The body must be a JSON object")
    for name in told:
        if name not in known:
            raise InvalidRequest(f"There is no field {name!r}; there are {', '.join(sorted(known))}", param=name)
    return told


def _answer(value: Any) -> Response:
    return Response(written(value), media_type="application/json")
