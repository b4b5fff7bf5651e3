"""The forms of the project room: what its routes take and what they show.

Answers are written field by field, so that nothing new in a type is shown by
accident; a stored secret has no field to be shown in. Request bodies refuse
fields that they do not know.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from logwright.projects.types import ProviderKind, Scope
from logwright.providers.registry import providers


class Strict(BaseModel):
    """A request body that refuses fields it does not know."""

    model_config = ConfigDict(extra="forbid")


class ProjectIn(Strict):
    """A project to make."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class ProjectOut(BaseModel):
    """A project."""

    id: str
    name: str
    created_at: datetime


class ProjectMade(ProjectOut):
    """A project just made, with its first key."""

    key: Annotated[str, Field(description="A key that may read and write. It is shown now and never again.")]
    key_id: str


class ProjectList(BaseModel):
    """All projects that the key may know of, oldest first."""

    data: list[ProjectOut]


class KeyIn(Strict):
    """A key to make."""

    scope: Annotated[
        Literal["read", "write", "admin"],
        Field(description="`write` includes `read`. `admin` makes a key of the installation, which has no project."),
    ]
    name: Annotated[str, Field(max_length=100, description="What the key is for; shown in lists.")] = ""
    expires_at: Annotated[AwareDatetime | None, Field(description="When the key ends; never, when absent.")] = None


class KeyOut(BaseModel):
    """What is known of a key."""

    id: str
    project_id: str | None
    name: str
    scope: Scope
    hint: Annotated[str, Field(description="The first six and last four characters of the key.")]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: Annotated[datetime | None, Field(description="Exact to about a minute.")]


class KeyMade(KeyOut):
    """A key just made."""

    key: Annotated[str, Field(description="The key itself. It is shown now and never again.")]


class KeyList(BaseModel):
    """Keys, oldest first, revoked ones included."""

    data: list[KeyOut]


class ProviderIn(Strict):
    """A provider to make, or what to change in one; what is absent stays as it is."""

    kind: Annotated[
        ProviderKind | None,
        Field(
            description="Which API it speaks. A new provider needs it.",
            json_schema_extra={"enum": [*providers(), None]},
        ),
    ] = None
    base_url: Annotated[
        str | None,
        Field(
            max_length=2000,
            description="Where it is. Most kinds have a usual place; the others need this. Another scheme, host or "
            "port drops the stored key.",
        ),
    ] = None
    key: Annotated[
        SecretStr | None, Field(description="The provider's API key. It is never shown again; empty removes it.")
    ] = None
    models: Annotated[
        list[str] | None,
        Field(max_length=1000, description="Models that calls may name without a prefix and that go to this provider."),
    ] = None
    api_version: Annotated[str | None, Field(max_length=40, description="Azure's `api-version`.")] = None


class ProviderOut(BaseModel):
    """A provider, without its key."""

    id: str
    slug: str
    kind: ProviderKind
    base_url: str
    models: list[str]
    api_version: str
    has_key: bool
    key_hint: Annotated[str, Field(description="The last four characters of the key.")]
    created_at: datetime
    updated_at: datetime


class ProviderSet(ProviderOut):
    """A provider as it now is."""

    notice: Annotated[
        str | None, Field(description="Why the server would refuse to call it as it stands; null when it would not.")
    ] = None


class ProviderList(BaseModel):
    """A project's providers, oldest first."""

    data: list[ProviderOut]


class ProviderRemoved(BaseModel):
    """What was removed."""

    slug: str
    deleted: bool


class Rotated(BaseModel):
    """What a rotation did."""

    resealed: Annotated[int, Field(description="How many provider keys were sealed anew.")]
    master_key: Annotated[str, Field(description="The id of the master key that seals now.")]
    api_keys_by_master_key: Annotated[
        dict[str, int],
        Field(description="API keys in force by the master key they need; one that none needs may be removed."),
    ]


class WhoAmI(BaseModel):
    """What a key is."""

    key_id: str
    scope: Scope
    project: Annotated[ProjectOut | None, Field(description="Null for the admin key.")]


class AuditOut(BaseModel):
    """One line of the audit trail."""

    sequence: int
    at: datetime
    actor: str
    action: str
    project_id: str
    object: str
    before: str
    after: str
    result: str
    address: str
    request_id: str
    previous: str
    hash: str


class AuditList(BaseModel):
    """Lines of the audit trail in order, and where the next page begins."""

    data: list[AuditOut]
    next: int | None
