"""Who calls OpenPipe's API, and for which project.

A key that may only read is answered 401 with an explanation, as the original
did, where the management API says 403.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from logwright.errors import Unauthorized
from logwright.projects.access import authenticate, key_table, project_for
from logwright.projects.types import Principal, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A key that was accepted and the project it acts in."""

    project_id: str
    key_id: str


async def reader(request: Request) -> Caller:
    """Accept any key in force."""
    return _caller(request, authenticate(request))


async def writer(request: Request) -> Caller:
    """Accept a key that may write."""
    principal = authenticate(request)
    if not principal.allows(Scope.WRITE):
        raise Unauthorized("This key may only read; use one with scope write")
    return _caller(request, principal)


def _caller(request: Request, principal: Principal) -> Caller:
    # The published clients name no project: their key does. `?project=` is for the admin key.
    project = project_for(key_table(request), principal, request.query_params.get("project"))
    return Caller(project_id=project.id, key_id=principal.key_id)
