"""Routes that tag and delete logs."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from logwright.errors import InvalidRequest
from logwright.logs.query.openpipe import as_text
from logwright.logs.routes.forms import Deleted, Matched, TagsIn
from logwright.logs.routes.selecting import Filters, decoded_filters, note, query_of, store_of
from logwright.logs.types import Clause, LogQuery
from logwright.projects.access import Writer

router: Final = APIRouter(tags=["logs"])


@router.post("/logs/tags", summary="Tag logs that match")
async def set_tags(request: Request, access: Writer, told: TagsIn) -> Matched:
    """Set and remove tags on all matches. The change is durable, and seen by the next request."""
    query = _meant(told.q, told.filters, told.ids, everything=told.all)
    for name in told.tags:
        if not name or len(name) > 200:
            raise InvalidRequest("The name of a tag has 1 to 200 characters", param="tags")
    tags = {name: None if value is None else as_text(value) for name, value in told.tags.items()}
    return Matched(matched=await store_of(request).set_tags(access.project.id, query, tags))


@router.delete("/logs", summary="Delete logs that match")
async def delete(
    request: Request,
    access: Writer,
    q: Annotated[str | None, Query(max_length=20_000, description="A query.")] = None,
    filters: Filters = None,
    ids: Annotated[
        list[str] | None, Query(alias="id", max_length=1000, description="A log's id; may be given several times.")
    ] = None,
    everything: Annotated[
        bool, Query(alias="all", description="Must be true when the query is empty, which means every log.")
    ] = False,
) -> Deleted:
    """Delete all matches for good. Exactly one of `q`, `filters` and `id` says which."""
    query = _meant(q, decoded_filters(filters), ids, everything=everything)
    deleted = await store_of(request).delete(access.project.id, query)
    await run_in_threadpool(note, request, access, "logs.delete", query, result=f"deleted {deleted}")
    return Deleted(deleted=deleted)


def _meant(q: str | None, filters: list[Any] | None, ids: list[str] | None, *, everything: bool) -> LogQuery:
    """Return the logs that a change is for; never all of them by an omission."""
    given = [name for name, value in (("q", q), ("filters", filters), ("ids", ids)) if value is not None]
    if len(given) > 1 or not (given or everything):
        raise InvalidRequest(f"Give exactly one of q, filters and ids, not {' and '.join(given) or 'none'}", param="q")
    if ids is not None:
        return LogQuery(clauses=(Clause(field="id", operator="=", values=tuple(ids)),))
    query = query_of(q or "", filters)
    if not query.clauses and not everything:
        raise InvalidRequest("This means every log of the project; say so with all=true", param="all")
    return query
