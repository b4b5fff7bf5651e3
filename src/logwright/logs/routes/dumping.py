"""Routes that give out everything of an installation, and take it in again; for its operator alone."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from logwright.blobs.types import BlobStore, is_digest
from logwright.db import Database
from logwright.errors import InvalidRequest, NotFound, TooLarge
from logwright.logs.dump import rows, tables
from logwright.logs.dump.restoring import restore
from logwright.logs.imports.take import MOST_LINES
from logwright.logs.recorder import Recorder
from logwright.logs.routes.forms import Shown
from logwright.logs.routes.selecting import store_of
from logwright.logs.seam import LogStore
from logwright.logs.types import Clause, Log, LogQuery
from logwright.projects import audit
from logwright.projects.access import Admin, AdminAccess, ProjectAdmin

router: Final = APIRouter(tags=["installation"], prefix="/dump")

_LINES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "JSON lines.", "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
}


_MEDIA: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
_MEDIA_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
Digest = Annotated[str, Path(max_length=64, description="The SHA-256 of the bytes, in hexadecimal.")]


class BlobPut(Shown):
    """A media file that was kept."""

    digest: str
    bytes: int


class TablesPut(Shown):
    """What became of the rows of small tables."""

    inserted: int
    there: int
    """Rows that were there already."""
    renamed: dict[str, str]
    """Projects whose name was taken, with their new one."""


class LogsCounted(Shown):
    """How many logs a dump of a project holds."""

    logs: int


class LogsPut(Shown):
    """What became of the logs of a dump."""

    taken: int
    there: int
    """Logs that were there already, by their id."""


@router.get("/tables", response_class=StreamingResponse, summary="Dump the small tables", responses=_LINES)
async def dump_tables(request: Request, access: Admin) -> Response:
    """Stream projects, prompts, prices, retention rules, people and what is shown of keys and providers; no secrets."""
    database = cast("Database", request.app.state.database)  # starlette's state is untyped
    await run_in_threadpool(_note, database, access, "installation.dump")
    return StreamingResponse(tables.lines(database), media_type="application/x-ndjson")


@router.post("/tables", summary="Read the small tables of a dump", openapi_extra=_BODY)
async def put_tables(request: Request, access: Admin) -> TablesPut:
    """Insert the rows that are not there, all of a request or none. Keys are not among them, providers lack theirs."""
    database = cast("Database", request.app.state.database)  # as above
    body = await request.body()
    put = await run_in_threadpool(tables.put, database, _lines(body))
    await run_in_threadpool(_note, database, access, "installation.restore")
    return TablesPut(inserted=put.inserted, there=put.there, renamed=put.renamed)


@router.get("/logs", response_class=StreamingResponse, summary="Dump logs", responses=_LINES)
async def dump_logs(
    request: Request,
    access: ProjectAdmin,
    until: Annotated[int, Query(ge=0, le=2**63 - 1, description="The latest moment, in microseconds since 1970.")],
    before: Annotated[
        str | None, Query(max_length=200, description="The id of the log to go on after, the last of the slice before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100_000, description="How many logs at most.")] = 20_000,
    limit_bytes: Annotated[int, Query(ge=1, le=1 << 30, description="The slice ends with the log that reaches it.")] = (
        64 << 20
    ),
) -> Response:
    """Stream a slice of a project's logs, newest first, every column of each with what it was amended from.

    `until` is where the slice begins; with `before`, it is that log's own time. An empty slice is the end.
    """
    pieces = _slice(store_of(request), access.project.id, until, before, limit, limit_bytes)
    first = await anext(pieces, b"")  # so that a store that cannot be asked is a proper refusal

    async def whole() -> AsyncIterator[bytes]:
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    return StreamingResponse(whole(), media_type="application/x-ndjson")


@router.get("/logs/count", summary="Count the logs of a dump")
async def count_logs(
    request: Request,
    access: ProjectAdmin,
    until: Annotated[int, Query(ge=0, le=2**63 - 1, description="The latest moment, in microseconds since 1970.")],
) -> LogsCounted:
    """Count a project's logs of calls up to a moment, to hold the slices against."""
    query = LogQuery(clauses=(Clause(field="time", operator="<=", values=(until,)),))
    return LogsCounted(logs=(await store_of(request).stats(access.project.id, query)).count)


@router.post("/logs", summary="Read the logs of a dump", openapi_extra=_BODY)
async def put_logs(request: Request, access: Admin) -> LogsPut:  # noqa: ARG001 - the parameter is the check
    """Take up to 1,000 lines, each as the very log that it was; what is there already stays as it is. Durable."""
    body = await request.body()
    found = [line for line in body.splitlines() if line.strip()]
    if len(found) > MOST_LINES:
        raise TooLarge(f"{len(found)} lines are more than the {MOST_LINES} that one request takes; send fewer")
    dumped = await run_in_threadpool(lambda: [rows.read(line) for line in found])
    database = cast("Database", request.app.state.database)  # starlette's state is untyped
    recorder = cast("Recorder", request.app.state.recorder)  # as above
    await run_in_threadpool(_check_projects, database, {each.record.project_id for each in dumped})
    taken = await restore(store_of(request), recorder, dumped)
    return LogsPut(taken=taken, there=len(dumped) - taken)


@router.get("/blobs/{digest}", response_class=Response, summary="Dump one media file", responses=_MEDIA)
async def dump_blob(request: Request, access: Admin, digest: Digest) -> Response:  # noqa: ARG001 - it is the check
    """Return the bytes that logs refer to by their SHA-256."""
    blobs = cast("BlobStore", request.app.state.blobs)  # starlette's state is untyped
    if not is_digest(digest):
        raise NotFound(f"There is no blob sha256:{digest}")
    data = await run_in_threadpool(blobs.get, digest)
    return Response(data, media_type="application/octet-stream", headers={"x-content-type-options": "nosniff"})


@router.post("/blobs/{digest}", summary="Read one media file of a dump", openapi_extra=_MEDIA_BODY)
async def put_blob(request: Request, access: Admin, digest: Digest) -> BlobPut:  # noqa: ARG001 - it is the check
    """Keep bytes under their SHA-256, which must be the one named."""
    blobs = cast("BlobStore", request.app.state.blobs)  # as above
    data = await request.body()
    if hashlib.sha256(data).hexdigest() != digest:
        raise InvalidRequest("These are not the bytes that this SHA-256 names", param="digest")
    return BlobPut(digest=await run_in_threadpool(blobs.put, data), bytes=len(data))


async def _slice(
    store: LogStore, project_id: str, until: int, before: str | None, limit: int, limit_bytes: int
) -> AsyncGenerator[bytes]:
    """Yield the lines of a slice: the rest of the moment at which the one before ended, then what is older."""
    older = LogQuery(clauses=(Clause(field="time", operator="<=" if before is None else "<", values=(until,)),))
    queries = [older]
    if before is not None:
        rest = (
            Clause(field="time", operator="=", values=(until,)),
            Clause(field="id", operator="<", values=(before,)),
        )
        queries.insert(0, LogQuery(clauses=rest))
    for query in queries:
        async for batch in store.iterate(project_id, query, limit=limit):
            for log in batch:
                line = await _line(store, log)
                yield line
                limit -= 1
                limit_bytes -= len(line)
                if limit <= 0 or limit_bytes <= 0:
                    return


async def _line(store: LogStore, log: Log) -> bytes:
    history = await store.amendments(log.project_id, log.id) if log.amended_at is not None else ()
    return rows.line(log, history)


def _lines(body: bytes) -> Iterator[bytes]:
    return (line for line in body.splitlines() if line.strip())


def _check_projects(database: Database, wanted: set[str]) -> None:
    missing = wanted - tables.project_ids(database)
    if missing:
        raise InvalidRequest(f"There is no project {min(missing)} here; read the dump's tables first")


def _note(database: Database, access: AdminAccess, action: str) -> None:
    with database.write() as connection:
        audit.record(connection, access.actor, action, "installation", result="done")
