"""The vocabulary of the people room: people, their sessions, members of projects, invitations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from logwright.projects.types import Role

Way = Literal["password"]
"""How somebody signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in."""

    id: str
    email: str
    """What the person signs in as, in small letters."""
    name: str
    is_admin: bool
    """True for an admin of the installation, who may do everything in every project."""
    must_change_password: bool
    """True while the password is a one-time one."""
    has_password: bool
    """False for a person who has none, and so cannot sign in."""
    created_at: datetime
    last_seen_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a project."""

    person: Person
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A link that lets somebody in once; its token was shown once and is not kept."""

    id: str
    project_id: str | None
    """None for an invitation to be an admin of the installation."""
    role: Role
    email: str
    """Whom it is for; empty for whoever has the link."""
    invited_by: str
    """The id of the person or key that made it."""
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    revoked_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Say whether it still lets somebody in."""
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that is signed in."""

    id: str
    person_id: str
    way: Way
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that was found good, and all that answering its request needs."""

    session: Session
    person: Person
    roles: Mapping[str, Role]
    """By project id."""
