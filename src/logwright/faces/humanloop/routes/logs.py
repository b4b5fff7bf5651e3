"""Find, show and delete logs."""

from __future__ import annotations

import random
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse, Response

from logwright.clock import to_micros
from logwright.faces.humanloop.access import ReadingDesk, WritingDesk
from logwright.faces.humanloop.answers import HumanloopRoute
from logwright.faces.humanloop.editions import the_edition
from logwright.faces.humanloop.listing import Wanted, page_of, shown_logs, the_log
from logwright.faces.humanloop.requests import Moment
from logwright.faces.humanloop.routes.telling import LogId
from logwright.logs.types import Clause, LogQuery

router: Final = APIRouter(prefix="/logs", route_class=HumanloopRoute)

Page = Annotated[int, Query(ge=1, le=10_000_000, description="Which page; one past the last is empty.")]
Size = Annotated[int, Query(ge=0, le=1000, description="How many on a page.")]


@router.get("", operation_id="humanloopLogsList", summary="List a file's logs")
async def list_logs(
    desk: ReadingDesk,
    file_id: Annotated[str, Query(max_length=100, description="The prompt, tool, flow, evaluator or agent.")],
    page: Page = 1,
    size: Size = 10,
    version_id: Annotated[str | None, Query(max_length=100, description="Only logs of this version.")] = None,
    ids: Annotated[
        list[Annotated[str, Query(max_length=100)]] | None,
        Query(alias="id", max_length=100, description="Parts of ids; a log must have one of them."),
    ] = None,
    search: Annotated[str | None, Query(max_length=1000, description="Text in inputs, messages or output.")] = None,
    metadata_search: Annotated[str | None, Query(max_length=1000, description="Text in the metadata.")] = None,
    start_date: Annotated[Moment | None, Query(description="Not before this moment.")] = None,
    end_date: Annotated[Moment | None, Query(description="Before this moment.")] = None,
    include_parent: Annotated[bool, Query(description="Show what a judgement judges.")] = False,
    in_trace_filter: Annotated[
        list[bool] | None, Query(max_length=2, description="Only logs in traces, or only those in none.")
    ] = None,
    sample: Annotated[int | None, Query(ge=1, le=1000, description="About so many, taken at random.")] = None,
    include_trace_children: Annotated[bool, Query(description="Show the steps of flows and agents.")] = False,
) -> JSONResponse:
    """Return one page, newest first."""
    edition = await the_edition(desk, None, file_id)
    wanted = Wanted(
        file_id=edition.file.id,
        version_id=version_id,
        ids=[part for part in ids or () if part],
        search=search,
        metadata_search=metadata_search,
        start_date=start_date,
        end_date=end_date,
        in_trace=in_trace_filter or (),
        is_implicit=edition.file.is_implicit,
    )
    logs, total = await page_of(desk, wanted, page=page, size=size)
    if sample is not None and len(logs) > sample:
        chosen = set(random.sample(range(len(logs)), sample))
        logs = [log for place, log in enumerate(logs) if place in chosen]
    shown = await shown_logs(desk, logs, with_steps=include_trace_children, with_parents=include_parent)
    return JSONResponse(paged(shown, page=page, size=size, total=total))


@router.get("/{log_id}", operation_id="humanloopLogsGet", summary="Show a log")
async def get_log(desk: ReadingDesk, log_id: LogId) -> JSONResponse:
    """Return a log whole, with the steps of its trace under it."""
    log = await the_log(desk, log_id)
    return JSONResponse((await shown_logs(desk, [log], with_steps=log.trace_id == log.id))[0])


@router.delete("", operation_id="humanloopLogsDelete", summary="Delete logs", status_code=204)
async def delete_logs(
    desk: WritingDesk,
    ids: Annotated[
        list[Annotated[str, Query(max_length=100)]] | None, Query(alias="id", max_length=1000, description="The logs.")
    ] = None,
) -> Response:
    """Delete the logs with these ids for good; those that are not there are passed over."""
    for log_id in dict.fromkeys(ids or ()):
        log = await desk.store.get(desk.project_id, log_id)
        if log is not None:
            clauses = (
                Clause(field="time", operator="=", values=(float(to_micros(log.requested_at)),)),
                Clause(field="id", operator="=", values=(log.id,)),
            )
            await desk.store.delete(desk.project_id, LogQuery(clauses=clauses))
    return Response(status_code=204)


def paged(records: list[dict[str, Any]], *, page: int, size: int, total: int) -> dict[str, Any]:
    """Write a page."""
    return {"records": records, "page": page, "size": size, "total": total}
