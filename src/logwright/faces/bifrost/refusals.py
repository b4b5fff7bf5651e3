"""How Bifrost's API says no: `{is_bifrost_error, status_code, error: {message}}` under the same HTTP status."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from logwright.errors import InvalidRequest, LogwrightError


def refusal(status: int, message: str, *, kind: str | None = None, param: str | None = None) -> dict[str, Any]:
    """Render a refusal; `param` names what was wrong."""
    error: dict[str, Any] = {"message": message}
    if kind:
        error["type"] = kind
    if param:
        error["param"] = param
    return {"is_bifrost_error": False, "status_code": status, "error": error}


class BifrostRoute(APIRoute):
    """A route whose refusals have Bifrost's form. What nobody foresaw passes on to the application's last resort."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]  # a narrower word for the same coroutine function
        """Wrap the handler of the route."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except LogwrightError as error:
                return answer(error)
            except RequestValidationError as error:
                problem = error.errors()[0]
                place = ".".join(str(step) for step in problem["loc"][1:])
                return answer(InvalidRequest(f"{place}: {problem['msg']}", param=place))
            except HTTPException as error:
                return JSONResponse(refusal(error.status_code, str(error.detail)), status_code=error.status_code)

        return handle


def answer(error: LogwrightError) -> Response:
    """Render an error as a response."""
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(0, math.ceil(error.retry_after)))
    if error.status == 401:
        # A browser that is shown Basic asks its user for a password, which is where the key goes.
        headers["www-authenticate"] = "Bearer"
    shown = refusal(error.status, error.message, kind=error.type, param=error.param)
    return JSONResponse(shown, status_code=error.status, headers=headers)
