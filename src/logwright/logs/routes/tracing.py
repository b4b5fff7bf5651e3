"""Routes that show traces and sessions: lists of them, and the logs of one as a tree."""

from __future__ import annotations

from typing import Annotated, Any, Final, cast

import msgspec
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from logwright.errors import NotFound
from logwright.logs.groups import GroupedBy, Groups
from logwright.logs.routes.selecting import Selected, store_of
from logwright.logs.routes.tracing_forms import GroupPage, TreeOut
from logwright.logs.tree import tree_of
from logwright.logs.types import Clause, LogQuery
from logwright.projects.access import Access, Reader

router: Final = APIRouter(tags=["traces"])

_encode: Final = msgspec.json.Encoder().encode

After = Annotated[str | None, Query(max_length=2000, description="The `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many on the page.")]


@router.get("/traces", response_model=GroupPage, summary="List traces")
async def traces(request: Request, access: Reader, query: Selected, after: After = None, limit: Limit = 50) -> Response:
    """Return the traces that have a log that matches, those that began last first; figures are over the matches."""
    return await _groups(request, access, query, "trace", after, limit)


@router.get("/sessions", response_model=GroupPage, summary="List sessions")
async def sessions(
    request: Request, access: Reader, query: Selected, after: After = None, limit: Limit = 50
) -> Response:
    """Return the sessions that have a log that matches, those that began last first; figures are over the matches."""
    return await _groups(request, access, query, "session", after, limit)


@router.get("/traces/{trace_id}", response_model=TreeOut, summary="Show a trace as a tree")
async def trace(
    request: Request, access: Reader, trace_id: Annotated[str, Path(max_length=300, description="The trace's id.")]
) -> Response:
    """Return the logs of a trace, parents before their children, with their depths and times."""
    return await _tree(request, access, "trace", trace_id)


@router.get("/sessions/{session_id}", response_model=TreeOut, summary="Show a session as a tree")
async def session(
    request: Request,
    access: Reader,
    session_id: Annotated[str, Path(max_length=300, description="The session's id.")],
) -> Response:
    """Return the logs of a session, parents before their children, with their depths and times."""
    return await _tree(request, access, "session", session_id)


async def _groups(
    request: Request, access: Access, query: LogQuery, by: GroupedBy, after: str | None, limit: int
) -> Response:
    store = cast("Groups", store_of(request))  # every store of ours has both parts
    page = await store.groups(access.project.id, query, by, after=after, limit=limit)
    return _json({"data": page.items, "next": page.next})


async def _tree(request: Request, access: Access, by: GroupedBy, name: str) -> Response:
    query = LogQuery(clauses=(Clause(field=by, operator="=", values=(name,)),))
    found = await tree_of(store_of(request), access.project.id, query)
    if found is None:
        raise NotFound(f"There is no such {by}")
    return _json({"id": name, **msgspec.to_builtins(found)})


def _json(content: Any) -> Response:
    return Response(_encode(content), media_type="application/json")
