"""Live updates on /ws: every log as it comes, in the form of the list, to clients that may read the project.

A browser opens a WebSocket for any page and sends its cookies along, so a page of
another origin is refused. The gateway asks a silent client for a sign of life each minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from logwright import clock
from logwright.errors import Forbidden, LogwrightError, Unavailable
from logwright.faces.bifrost import refusals
from logwright.faces.bifrost.filters import read_filters
from logwright.faces.bifrost.log import shown
from logwright.faces.bifrost.names import key_names
from logwright.faces.bifrost.state import managing, store_of
from logwright.faces.bifrost.written import written
from logwright.logs.follow import follow
from logwright.logs.seam import LogStore
from logwright.logs.types import LogQuery, LogSummary
from logwright.projects.access import Access, read_access

router = APIRouter(tags=["bifrost"])

PROTOCOL: Final = "logwright"
"""The subprotocol that is chosen where it is offered: a client that offers any wants one chosen."""
KEY_PROTOCOL: Final = "key."
"""What begins the subprotocol that carries a key, for a browser's script cannot set a header here."""

_BATCH: Final = 50
_BATCH_BYTES: Final = 8 << 20
_LOOK_AGAIN_SECONDS: Final = 60.0
_NOT_ALLOWED: Final = 1008
_TRY_AGAIN: Final = 1013
_MOST_REASON: Final = 120  # bytes: RFC 6455, section 5.5, leaves 123


@router.websocket("/ws")
async def live(websocket: WebSocket) -> None:
    """Send `{"type": "log", "operation": "create", "payload": LOG}` for each log that the filters describe."""
    try:
        _check_origin(websocket)
        asked = _with_key(websocket)
        access = await read_access(asked, asked.query_params.get("project"))
        # What comes is as recent as can be, and a period would end now.
        given = {name: value for name, value in asked.query_params.items() if name not in {"project", "period"}}
        query = read_filters(given, clock.now(), lenient=True)
    except LogwrightError as error:
        await websocket.send_denial_response(refusals.answer(error))
        return
    sending = asyncio.create_task(_send(websocket, asked, access, query))
    leaving = asyncio.create_task(_left(websocket))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()  # raises what nobody foresaw
    finally:
        for task in (sending, leaving):
            task.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)


async def _send(websocket: WebSocket, asked: HTTPConnection, access: Access, query: LogQuery) -> None:
    """Accept once nothing is missed any more, and send until the client leaves or may no longer listen."""
    store = store_of(websocket)
    project_id = access.project.id
    names = await _names(websocket, project_id)
    try:
        async with aclosing(_batches(store, project_id, query)) as batches:
            await anext(batches)
            offered = websocket.scope.get("subprotocols", [])
            await websocket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
            async for batch in batches:
                await read_access(asked, project_id)  # a key may be revoked, a person leave, at any time
                if any(log.key_id and log.key_id not in names for log in batch):
                    names = await _names(websocket, project_id)
                for log in await _whole(store, project_id, batch):
                    update = {"type": "log", "operation": "create", "payload": shown(log, names)}
                    await websocket.send_text(written(update).decode())
    except Unavailable as error:
        await _close(websocket, _TRY_AGAIN, error)
    except LogwrightError as error:
        await _close(websocket, _NOT_ALLOWED, error)


async def _batches(store: LogStore, project_id: str, query: LogQuery) -> AsyncGenerator[Sequence[LogSummary]]:
    """Yield logs as they come, so few at a time that their bodies fit; an empty batch at first and when it is quiet."""
    following = follow(store, project_id, query, after=None, quiet_seconds=_LOOK_AGAIN_SECONDS)
    async with aclosing(following):
        async for logs in following:
            if not logs:
                yield ()
            for start in range(0, len(logs), _BATCH):
                yield logs[start : start + _BATCH]


async def _whole(store: LogStore, project_id: str, logs: Sequence[LogSummary]) -> Sequence[LogSummary]:
    """Return logs with their bodies, where these have room, in the order in which they came."""
    whole = {log.id: log for log in await store.whole(project_id, logs, most_bytes=_BATCH_BYTES)}
    return [whole.get(log.id, log) for log in logs]


async def _left(websocket: WebSocket) -> None:
    """Wait until the client leaves; what it says meanwhile means nothing."""
    try:
        while (await websocket.receive())["type"] != "websocket.disconnect":
            pass
    except WebSocketDisconnect:
        pass


async def _close(websocket: WebSocket, code: int, error: LogwrightError) -> None:
    reason = error.message.encode()[:_MOST_REASON].decode("utf-8", "ignore")
    await websocket.close(code, reason)


async def _names(websocket: WebSocket, project_id: str) -> Mapping[str, str]:
    return await run_in_threadpool(key_names, managing(websocket), project_id)


def _check_origin(websocket: WebSocket) -> None:
    """Refuse a page that another server has sent.

    Raises:
        Forbidden: when the header Origin names another host than the request is for.
    """
    origin = websocket.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != websocket.headers.get("host", "").lower():
        raise Forbidden(f"A page of {origin[:200]!r} may not listen here; open it from this server", param="origin")


def _with_key(websocket: WebSocket) -> HTTPConnection:
    """Return the connection with a key that it offers as a subprotocol in the place where keys are looked for."""
    for offered in websocket.scope.get("subprotocols", []):
        if offered.startswith(KEY_PROTOCOL):
            bearer = (b"authorization", b"Bearer " + offered.removeprefix(KEY_PROTOCOL).encode("latin-1", "replace"))
            headers = [pair for pair in websocket.scope["headers"] if pair[0] != b"authorization"]
            return HTTPConnection({**websocket.scope, "headers": [*headers, bearer]})
    return websocket
