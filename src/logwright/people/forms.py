"""The forms of the people room: what its routes take and what they show; no answer has a field for a hash."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from logwright.projects.types import Role

Password = Annotated[SecretStr, Field(max_length=1000)]


class Strict(BaseModel):
    """A request body that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Shown(BaseModel):
    """An answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class PersonOut(Shown):
    """Somebody who may sign in."""

    id: str
    email: str
    name: str
    is_admin: bool
    """True for an admin of the installation."""
    must_change_password: bool
    """True while the password is a one-time one; nothing else is answered until it is changed."""
    created_at: datetime
    last_seen_at: datetime | None
    disabled_at: datetime | None


class ProjectRole(Shown):
    """A project that somebody has a role in."""

    id: str
    name: str
    role: Role


class SessionOut(Shown):
    """Who is signed in."""

    person: PersonOut
    projects: list[ProjectRole]
    """Projects and roles; an admin of the installation is owner of all."""
    csrf_token: str
    """To be shown as `X-CSRF-Token` by every request that changes something."""
    expires_at: datetime


class SignIn(Strict):
    """Credentials."""

    email: Annotated[str, Field(max_length=300)]
    password: Password


class PasswordIn(Strict):
    """A change of one's own password."""

    old: Password
    new: Password


class SessionLine(Shown):
    """One of one's own sessions."""

    id: str
    current: bool
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str


class SessionList(Shown):
    """One's own sessions, newest first."""

    data: list[SessionLine]


class Ended(Shown):
    """How many sessions ended."""

    ended: int


class MemberOut(Shown):
    """A person in a project."""

    person: PersonOut
    role: Role
    since: datetime


class MemberList(Shown):
    """The people of a project, oldest first."""

    data: list[MemberOut]


class RoleIn(Strict):
    """A role to give."""

    role: Role


class InvitationIn(Strict):
    """An invitation to make."""

    role: Role = Role.MEMBER
    email: Annotated[str, Field(max_length=300)] = ""
    """Whom it is for; empty for whoever has the link."""
    expires_in: Annotated[int, Field(ge=60, le=30 * 86_400)] = 7 * 86_400
    """Seconds until the link ends."""


class InvitationOut(Shown):
    """An invitation."""

    id: str
    role: Role
    email: str
    invited_by: str
    created_at: datetime
    expires_at: datetime


class InvitationMade(InvitationOut):
    """An invitation just made."""

    token: str
    """It is shown now and never again; the link is `/invite#TOKEN`."""


class InvitationList(Shown):
    """Open invitations, newest first."""

    data: list[InvitationOut]


class TokenIn(Strict):
    """The token of an invitation; in the body, so that no log of addresses has it."""

    token: Annotated[str, Field(max_length=200)]


class OfferOut(Shown):
    """What an invitation offers."""

    project: str
    """The project's name; empty when it is to be an admin of the installation."""
    role: Role
    email: str
    expires_at: datetime


class JoinIn(TokenIn):
    """Somebody new."""

    email: Annotated[str, Field(max_length=300)]
    name: Annotated[str, Field(max_length=100)]
    password: Password


class PersonList(Shown):
    """Everybody who may sign in, oldest first."""

    data: list[PersonOut]


class PersonIn(Strict):
    """What to change of a person; what is left out stays."""

    is_admin: bool | None = None
    disabled: bool | None = None


class NewPerson(Strict):
    """Somebody to add."""

    email: Annotated[str, Field(max_length=300)]
    name: Annotated[str, Field(max_length=100)] = ""
    """What others see; the part of the address before the @ when empty."""
    is_admin: bool = False
    """Whether to make an admin of the installation."""


class PersonAdded(PersonOut):
    """Somebody new."""

    password: str
    """It is shown now and never again, and must be changed at the first signing in."""


class OneTime(Shown):
    """A one-time password."""

    password: str
    """It is shown now and never again, and must be changed at the next signing in."""
