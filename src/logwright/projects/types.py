"""The vocabulary of the project room: projects, keys, who is asking, stored providers, secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a key may do, each including the ones before."""

    READ = "read"
    """Look at what is there."""
    WRITE = "write"
    """Call models, record, tag and delete."""
    ADMIN = "admin"
    """Manage the installation: projects, keys, providers. Such a key has no project."""


class Role(StrEnum):
    """What a person may do in a project, each including the ones before."""

    VIEWER = "viewer"
    """Look at what is there."""
    MEMBER = "member"
    """Call models, tag, amend and delete logs."""
    ADMIN = "admin"
    """Manage the project: its keys, providers, members and rules."""
    OWNER = "owner"
    """Make others admin or owner, and take the project away."""

    def includes(self, other: Role) -> bool:
        """Say whether this role may do all that `other` may."""
        return _ROLE_RANK[self] >= _ROLE_RANK[other]


_ROLE_RANK: Final = {role: rank for rank, role in enumerate(Role)}

NOT_VALID: Final = "The API key is missing or not valid; send it as Authorization: Bearer KEY"
"""What every door tells whoever shows no key or one that is unknown, revoked or ended: always the same (S-11)."""

_RANK: Final = {scope: rank for rank, scope in enumerate(Scope)}
_ROLE_FOR: Final = {Scope.READ: Role.VIEWER, Scope.WRITE: Role.MEMBER, Scope.ADMIN: Role.ADMIN}

ProviderKind = str
"""Which API a provider speaks: the kind on the card of one of `logwright.providers`."""


class Secret:
    """A text that must not be seen by accident: printing, formatting or logging it shows stars."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself, for the one place that sends it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(****)" if self._text else "Secret()"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written to files or sent between processes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One team or product: what belongs to it is invisible to the others."""

    id: str
    name: str
    """Unique in the installation."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is known of a key; the key itself was shown once and is not kept."""

    id: str
    project_id: str | None
    """None for an admin's key."""
    name: str
    scope: Scope
    hint: str
    """The first six and last four characters."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """Written now and then, not at every use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who is asking: a key, or a person who is signed in."""

    key_id: str
    """The id of the key; of a person, the person's own."""
    project_id: str | None
    """None for an admin, who names the project in each request, and for a person, who has roles in several."""
    scope: Scope
    """What a key may do. A person has `admin` as an admin of the installation, else the roles decide."""
    is_local: bool = False
    """True for a command that the operator runs on the data directory itself, which no request can claim."""
    roles: Mapping[str, Role] | None = None
    """A person's roles by project id; None for a key."""

    def allows(self, scope: Scope) -> bool:
        """Say whether this key's scope includes `scope`, in whichever project it acts."""
        return _RANK[self.scope] >= _RANK[scope]

    def may(self, scope: Scope, project_id: str) -> bool:
        """Say whether it may do in a project what `scope` stands for."""
        if self.scope is Scope.ADMIN:
            return True
        if self.roles is None:
            return self.project_id == project_id and self.allows(scope)
        role = self.roles.get(project_id)
        return role is not None and role.includes(_ROLE_FOR[scope])

    def sees(self, project_id: str) -> bool:
        """Say whether it may know that there is such a project."""
        return self.may(Scope.READ, project_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProvider:
    """An upstream API that a project's calls may go to. Its key is sealed and has no field here."""

    id: str
    project_id: str
    slug: str
    """The project's name for it, unique there."""
    kind: ProviderKind
    base_url: str
    models: tuple[str, ...]
    """Names that go to this provider when a call asks for them without a prefix."""
    api_version: str
    """Azure's `api-version`; empty elsewhere."""
    key_hint: str
    """The last four characters of the key; empty when none is set."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit trail: who did what to which object, chained to the line before by its hash."""

    sequence: int
    at: datetime
    actor: str
    """The id of the key that asked; `local` for a command on the data directory."""
    action: str
    """Such as `key.create`."""
    project_id: str
    """Empty for what concerns the installation."""
    object: str
    """The id of what was acted on."""
    before: str
    """SHA-256 of the object's shown fields before; empty where it did not exist."""
    after: str
    """The same afterwards; empty where it exists no longer."""
    result: str
    """`done`, or why not."""
    address: str
    """Where the request came from; empty for a local command."""
    request_id: str
    previous: str
    """The hash of the line before."""
    hash: str
