"""How a request says which logs it means: a query, OpenPipe's filters, or both at once."""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec
from fastapi import Depends, Query, Request

from logwright import clock
from logwright.db import Database
from logwright.errors import InvalidRequest
from logwright.logs.query.openpipe import from_filters
from logwright.logs.query.parse import parse
from logwright.logs.query.show import show
from logwright.logs.seam import LogStore
from logwright.logs.types import LogQuery
from logwright.projects import audit
from logwright.projects.access import Access

Q = Annotated[
    str,
    Query(
        max_length=20_000,
        description="A query, such as `model:gpt-4o* status:>=400 tag.prompt_id=triage`. Empty: all logs.",
    ),
]
Filters = Annotated[
    str | None,
    Query(
        max_length=100_000,
        description="OpenPipe's filter objects as a JSON array: `[{field, comparator, value}]` or `[{field, equals}]`. "
        "They must hold beside `q`.",
    ),
]


def _selected(q: Q = "", filters: Filters = None) -> LogQuery:
    return query_of(q, decoded_filters(filters))


Selected = Annotated[LogQuery, Depends(_selected)]
"""The logs that the parameters `q` and `filters` mean together."""


def query_of(q: str, filters: list[Any] | None) -> LogQuery:
    """Read a query and filters into one.

    Raises:
        InvalidRequest: naming what is wrong with which of the two.
    """
    now = clock.now()
    query = parse(q, now)
    for index, one in enumerate(filters or ()):
        if not isinstance(one, dict):
            raise InvalidRequest(f"filters[{index}] must be an object", param=f"filters[{index}]")
    return LogQuery(clauses=(*query.clauses, *from_filters(filters or (), now).clauses))


def store_of(request: Request) -> LogStore:
    """Return the application's log store."""
    return cast("LogStore", request.app.state.store)  # starlette's state is untyped


def note(request: Request, access: Access, action: str, query: LogQuery, *, result: str) -> None:
    """Keep in the audit trail who did what to which logs."""
    database = cast("Database", request.app.state.database)  # starlette's state is untyped
    with database.write() as connection:
        audit.record(
            connection,
            access.actor,
            action,
            access.project.id,
            project_id=access.project.id,
            before={"query": show(query)},
            result=result,
        )


def decoded_filters(filters: str | None) -> list[Any] | None:
    """Read the parameter `filters`; None when it was not given."""
    if not filters:
        return None
    try:
        found = msgspec.json.decode(filters)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest(f"filters is no JSON: {error}", param="filters") from error
    if not isinstance(found, list):
        raise InvalidRequest("filters must be a JSON array of objects", param="filters")
    return found
