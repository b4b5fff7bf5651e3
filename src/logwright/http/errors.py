"""The one place where an error becomes an answer, so that every client reads the same shape."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from logwright.errors import (
    Forbidden,
    InvalidRequest,
    LogwrightError,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthorized,
    UnsupportedMedia,
    body,
)

VALIDATION_FAILED: Final = "Input validation failed"
"""OpenPipe's exact words; its clients' tests look for them."""

_BY_STATUS: Final[Mapping[int, type[LogwrightError]]] = {
    each.status: each
    for each in (InvalidRequest, Unauthorized, Forbidden, NotFound, MethodNotAllowed, TooLarge, UnsupportedMedia)
}
_FIXED: Final = {404: "Not found", 405: "Method not supported"}


def install(app: FastAPI) -> None:
    """Make `app` answer every error it foresees in our shape; `faults.Faults` answers those that nobody foresaw."""
    app.add_exception_handler(LogwrightError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _by_status)


def answer(error: LogwrightError) -> JSONResponse:
    """Render an error as a response."""
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        # Whole seconds, rounded up: the header knows no others (RFC 9110, 10.2.3).
        headers["retry-after"] = str(max(0, math.ceil(error.retry_after)))
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(body(error), status_code=error.status, headers=headers)


def json_path(location: Sequence[str | int]) -> str:
    """Write a place in a JSON value as a person would: `messages[2].role`."""
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, LogwrightError)  # noqa: S101 - what it is registered for
    return answer(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    problems = list(error.errors())
    issues = [_issue(problem) for problem in problems]
    param = _place(problems[0]) if problems else None
    return answer(InvalidRequest(VALIDATION_FAILED, issues=issues, param=param or None))


def _place(problem: Mapping[str, Any]) -> str:
    """Name where a problem is; inside the body by its JSON path alone, elsewhere with the kind of place."""
    location = tuple(problem["loc"])
    if problem["type"] == "json_invalid":
        return ""
    return json_path(location[1:] if location[:1] == ("body",) else location)


def _issue(problem: Mapping[str, Any]) -> str:
    if problem["type"] == "json_invalid":
        return f"The body is not valid JSON: {problem['ctx']['error']} at character {problem['loc'][-1]}"
    where = _place(problem) or "body"
    return f"{where}: {problem['msg']}"


async def _by_status(_: Request, error: Exception) -> Response:
    """Render what the framework itself refuses: unknown paths and methods, bodies it cannot read."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    known = _BY_STATUS.get(error.status_code, LogwrightError)
    shown = answer(known(_FIXED.get(error.status_code, str(error.detail))))
    shown.status_code = error.status_code
    for name, value in (error.headers or {}).items():
        shown.headers[name] = value
    return shown
