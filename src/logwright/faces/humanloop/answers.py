"""The shape of Humanloop's refusals: `detail`, a sentence, or for a wrong field FastAPI's list with its place.

Our own `message`, `code` and `error` stand beside it, so that every client of
the server finds what it looks for.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.responses import JSONResponse, Response

from logwright.errors import InvalidRequest, LogwrightError, body
from logwright.gateway.beside import beside
from logwright.wire import strict

B = TypeVar("B", bound=BaseModel)

UNPROCESSABLE: Final = 422
_MOST: Final = 20
_LONGEST: Final = 500


class Refused(Exception):
    """A request that is wrong in places that can be named."""

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        super().__init__("the request is wrong")
        self.problems = [_problem(each) for each in problems[:_MOST]]


class HumanloopRoute(APIRoute):
    """A route whose refusals have Humanloop's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the framework's handler."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                return _unprocessable(Refused(list(error.errors())).problems)
            except Refused as error:
                return _unprocessable(error.problems)
            except InvalidRequest as error:
                where = ["body", *([error.param] if error.param else [])]
                return _unprocessable([{"loc": where, "msg": error.message, "type": "value_error"}])
            except LogwrightError as error:
                headers = {} if error.retry_after is None else {"retry-after": str(max(1, round(error.retry_after)))}
                return JSONResponse({"detail": error.message, **body(error)}, error.status, headers)

        return handle


async def read(request: Request, shape: type[B]) -> B:
    """Read the body; none at all is an empty object, because the SDK sends none when nothing is given.

    Raises:
        Refused: naming each place that is wrong.
    """
    data = await request.body()

    def parsed() -> B:
        value = strict.check(data) if data.strip() else {}
        try:
            return shape.model_validate(value)
        except ValidationError as error:
            problems = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
            raise Refused(problems) from error

    return await beside(len(data), parsed)


def takes(shape: type[BaseModel], *, required: bool = True) -> dict[str, Any]:
    """Describe a body that the route reads itself."""
    schema = shape.model_json_schema(ref_template="#/$defs/{model}")
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": _inlined(schema)}}}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Put definitions where they are referred to; none of the shapes holds itself."""
    definitions: Mapping[str, Any] = schema.pop("$defs", {})

    def put(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return put(definitions[value["$ref"].rpartition("/")[2]])
            return {name: put(each) for name, each in value.items() if name != "discriminator"}
        return [put(each) for each in value] if isinstance(value, list) else value

    found: dict[str, Any] = put(schema)
    return found


def _problem(problem: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "loc": [part if isinstance(part, int) else str(part)[:_LONGEST] for part in problem["loc"]],
        "msg": str(problem["msg"])[:_LONGEST],
        "type": problem["type"],
    }


def _unprocessable(problems: Sequence[Mapping[str, Any]]) -> JSONResponse:
    sentence = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems)
    return JSONResponse({"detail": list(problems), **body(InvalidRequest(sentence))}, UNPROCESSABLE)
