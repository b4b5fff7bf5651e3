"""The vocabulary of the project room: projects, keys, who is asking, stored providers, secrets."""

from __future__ import annotations

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


NOT_VALID: Final = "The API key is missing or not valid; send it as Authorization: Bearer KEY"
"""What every door tells whoever shows no key or one that is unknown, revoked or ended: always the same (S-11)."""

_RANK: Final = {scope: rank for rank, scope in enumerate(Scope)}

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
    """Who is asking."""

    key_id: str
    project_id: str | None
    """None for an admin, who names the project in each request."""
    scope: Scope
    is_local: bool = False
    """True for a command that the operator runs on the data directory itself, which no request can claim."""

    def allows(self, scope: Scope) -> bool:
        """Say whether this key's scope includes `scope`."""
        return _RANK[self.scope] >= _RANK[scope]


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
