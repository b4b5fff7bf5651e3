"""Who calls OpenPipe's API, and for which project; its words and statuses differ from the management API's.

A key that may only read is answered 401 with an explanation, as the original
did, where the management API says 403.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from fastapi import Request

from logwright.errors import InvalidRequest, NotFound, Unauthorized

if TYPE_CHECKING:
    from logwright.projects.keyring import KeyTable
    from logwright.projects.types import Principal

_BEARER: Final = "bearer "


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A key that was accepted and the project it acts in."""

    project_id: str
    key_id: str


async def reader(request: Request) -> Caller:
    """Accept any key in force."""
    return _caller(request, _principal(request))


async def writer(request: Request) -> Caller:
    """Accept a key that may write."""
    principal = _principal(request)
    if not principal.may("write"):
        raise Unauthorized("This key may only read; use the project's read/write key")
    return _caller(request, principal)


def _principal(request: Request) -> Principal:
    key = _key(request)
    if not key:
        raise Unauthorized("No API key was given; send it as Authorization: Bearer KEY")
    principal = cast("KeyTable", request.app.state.keys).find(key)
    if principal is None:
        raise Unauthorized("The API key is not valid")
    return principal


def _key(request: Request) -> str:
    given = request.headers.get("authorization", "")
    if given[: len(_BEARER)].lower() == _BEARER:
        return given[len(_BEARER) :].strip()
    return request.headers.get("x-api-key") or request.headers.get("api-key") or ""


def _caller(request: Request, principal: Principal) -> Caller:
    """Find the project: the key's own, or for an admin the one that `?project=` names."""
    project_id = principal.project_id
    if project_id is None:
        keys = cast("KeyTable", request.app.state.keys)
        named = request.query_params.get("project")
        if named is not None:
            project = keys.project(named)
            if project is None:
                raise NotFound(f"There is no project {named[:100]!r}")
            project_id = project.id
        else:
            projects = keys.projects()
            if len(projects) != 1:
                raise InvalidRequest("The admin key needs ?project=NAME, for there are several", param="project")
            project_id = projects[0].id
    return Caller(project_id=project_id, key_id=principal.key_id)
