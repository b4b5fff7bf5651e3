"""Who may call a route: dependencies that check the key or the session, what it allows, and which project is meant.

A route states one of `Reader`, `Writer`, `Admin` or `ProjectAdmin` as a parameter;
there is no other way to a project, so a route that states none has none. All
header forms lead through `authenticate`, and nothing is decided from a path. A key
that is shown goes before a session: a script's calls never depend on a cookie.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Protocol, cast

from fastapi import Depends, Query, Request
from starlette.requests import HTTPConnection

from logwright.errors import Forbidden, InvalidRequest, NotFound, Unauthorized
from logwright.projects.audit import Actor
from logwright.projects.keyring import KeyTable
from logwright.projects.start import DEFAULT_PROJECT
from logwright.projects.types import NOT_VALID, Principal, Project, Scope

_LOCAL: Final = Principal(key_id="local", project_id=None, scope=Scope.ADMIN, is_local=True)

ProjectName = Annotated[
    str | None,
    Query(
        alias="project",
        max_length=200,
        description="The project, by name or id. A project's key acts in its own; the admin key must name one unless "
        "there is only one, or one called `default`.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a request may act upon, and for whom."""

    principal: Principal
    project: Project
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminAccess:
    """A request of the installation's operator."""

    principal: Principal
    actor: Actor


def presented_key(headers: Mapping[str, str]) -> str | None:
    """Return the key that a request shows: as a bearer's, else `X-API-KEY`, else `api-key`, else as a password."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    password = _password(token) if scheme.lower() == "basic" else ""
    return bearer or headers.get("x-api-key") or headers.get("api-key") or password or None


def _password(token: str) -> str:
    """Return the password of Basic credentials (RFC 7617), else the name: both are where clients put a key."""
    try:
        name, _, password = base64.b64decode(token.strip(), validate=True).decode().partition(":")
    except ValueError:
        return ""
    return password or name


class Sessions(Protocol):
    """Who is signed in; the room `people` is."""

    def principal(self, request: HTTPConnection) -> Principal | None:
        """Return the person whose session a request shows; None when it shows none that is good.

        Raises:
            Forbidden: when the session is good and the request may have been made by another site, or the person has
                yet to change a one-time password.
        """


def authenticate(request: HTTPConnection) -> Principal:
    """Return who is asking.

    Raises:
        Unauthorized: in the same words whether the key is missing, malformed, unknown, revoked or at its end.
        Forbidden: see `Sessions`.
    """
    key = presented_key(request.headers)
    if key is not None:
        local = cast("str | None", request.app.state.local_admin)  # starlette's state is untyped
        if local and hmac.compare_digest(key.encode(), local.encode()):
            return _LOCAL
        principal = key_table(request).find(key)
        if principal is not None:
            return principal
    else:
        sessions = cast("Sessions | None", getattr(request.app.state, "sessions", None))
        person = None if sessions is None else sessions.principal(request)
        if person is not None:
            return person
    raise Unauthorized(NOT_VALID)


def key_table(request: HTTPConnection) -> KeyTable:
    """Return the application's keys."""
    return cast("KeyTable", request.app.state.keys)  # starlette's state is untyped


def project_for(keys: KeyTable, principal: Principal, named: str | None) -> Project:
    """Return the project that a principal acts in.

    Raises:
        NotFound: when there is none of that name, or none that this key may know of.
        InvalidRequest: when an admin has to name one and did not.
    """
    if principal.project_id is not None:
        project = keys.project(principal.project_id)
        if project is None or (named is not None and named not in {project.id, project.name}):
            raise NotFound("There is no such project")
        return project
    if named is not None:
        project = keys.project(named)
        if project is None or not principal.sees(project.id):
            raise NotFound("There is no such project")
        return project
    known = [project for project in keys.projects() if principal.sees(project.id)]
    only = known[0] if len(known) == 1 else next((each for each in known if each.name == DEFAULT_PROJECT), None)
    if only is None:
        if not known:
            raise NotFound("There are no projects yet; make one with: logwright projects create NAME")
        raise InvalidRequest("There are several projects; name one with ?project=NAME", param="project")
    return only


def actor_of(request: HTTPConnection, principal: Principal) -> Actor:
    """Return who asks, as the audit trail names them."""
    address = "" if principal.is_local or request.client is None else request.client.host
    return Actor(key_id=principal.key_id, address=address, request_id=getattr(request.state, "request_id", ""))


def _needs(scope: Scope) -> Callable[[HTTPConnection, ProjectName], Awaitable[Access]]:
    async def check(request: HTTPConnection, named: ProjectName = None) -> Access:
        principal = authenticate(request)
        if principal.roles is None and not principal.allows(scope):
            raise Forbidden(f"This key has scope {principal.scope}; this call needs {scope}")
        project = project_for(key_table(request), principal, named)
        if not principal.may(scope, project.id):
            raise Forbidden(f"Your role in the project {project.name} does not allow this; ask one of its admins")
        return Access(principal=principal, project=project, actor=actor_of(request, principal))

    return check


async def _anyone(request: Request) -> Principal:
    return authenticate(request)


async def _admin(request: Request) -> AdminAccess:
    principal = authenticate(request)
    if not principal.allows(Scope.ADMIN):
        raise Forbidden("This call needs the admin key, or an admin of the installation")
    return AdminAccess(principal=principal, actor=actor_of(request, principal))


async def _keys_admin(request: Request, named: ProjectName = None) -> AdminAccess:
    """Accept an admin of the installation, who names the project later, or one of the project."""
    principal = authenticate(request)
    if not principal.allows(Scope.ADMIN):
        if principal.roles is None:
            raise Forbidden("Managing keys takes the admin key, or an admin of the project")
        project = project_for(key_table(request), principal, named)
        if not principal.may(Scope.ADMIN, project.id):
            raise Forbidden(f"Your role in the project {project.name} does not allow this; ask one of its admins")
    return AdminAccess(principal=principal, actor=actor_of(request, principal))


read_access: Final = _needs(Scope.READ)
write_access: Final = _needs(Scope.WRITE)
admin_access: Final = _needs(Scope.ADMIN)

Anyone = Annotated[Principal, Depends(_anyone)]
"""Any good key."""
Reader = Annotated[Access, Depends(read_access)]
"""A key that may read in the project."""
Writer = Annotated[Access, Depends(write_access)]
"""A key that may write in the project."""
ProjectAdmin = Annotated[Access, Depends(admin_access)]
"""The admin key, acting in one project."""
Admin = Annotated[AdminAccess, Depends(_admin)]
"""The admin key, acting on the installation."""

KeysAdmin = Annotated[AdminAccess, Depends(_keys_admin)]
"""The admin key, or an admin of the project; which project a key belongs to is for the route to hold against it."""

GUARDS: Final = frozenset({_anyone, read_access, write_access, admin_access, _admin, _keys_admin})
"""The dependencies of which every route must have one, unless it is on the written list of public ones."""
