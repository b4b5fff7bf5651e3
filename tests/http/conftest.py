"""A small application behind each of the guards, called without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, StreamingResponse

from logwright.errors import RateLimited
from logwright.http import errors


@pytest.fixture
def plain_app() -> FastAPI:
    """Return an application with one route of each sort and our errors, but none of the guards."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    errors.install(app)

    @app.post("/api/v1/echo")
    @app.post("/api/manage/echo")
    async def echo(request: Request) -> JSONResponse:
        return JSONResponse({"length": len(await request.body())})

    @app.get("/cached")
    async def cached() -> JSONResponse:
        return JSONResponse({}, headers={"cache-control": "max-age=60", "x-request-id": "own"})

    @app.get("/v1/plain")
    @app.get("/plain")
    async def plain(request: Request) -> dict[str, Any]:
        return {"request_id": getattr(request.state, "request_id", None)}

    @app.get("/broken")
    async def broken() -> None:
        raise ZeroDivisionError("secret-in-the-message")

    @app.get("/broken-late")
    async def broken_late() -> StreamingResponse:
        def pieces() -> Iterator[bytes]:
            yield b"some"
            raise ZeroDivisionError("late")

        return StreamingResponse(pieces())

    @app.get("/limited")
    async def limited() -> None:
        raise RateLimited("Too many calls", retry_after=1.2)

    @app.get("/typed/{number}")
    async def typed(number: int, limit: int = 1) -> int:
        return number * limit

    return app
