"""The HTTP door to projects, keys and providers: `/api/manage/...`.

Answers are written field by field, so that nothing new in a type is shown by
accident; a stored secret has no field to be shown in. Request bodies refuse
fields that they do not know.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from logwright.addresses import AllowList
from logwright.errors import NotFound
from logwright.projects import audit, manage
from logwright.projects.access import Admin, Anyone, ProjectAdmin, ProjectName, Reader, key_table, project_for
from logwright.projects.manage import Managing, NewKey
from logwright.projects.reach import EVERYTHING, check_base_url
from logwright.projects.types import ApiKey, AuditEntry, Project, ProviderKind, Scope, Secret, StoredProvider
from logwright.providers.registry import providers
from logwright.settings import Settings

router: Final = APIRouter(prefix="/api/manage")

KeyId = Annotated[str, Path(max_length=64, description="The key's id, such as `key_01M7…`; not the key.")]
Slug = Annotated[str, Path(max_length=63, description="The project's name for the provider.")]


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


# ------------------------------------------------------------------ who am I, and projects


@router.get("/whoami", tags=["projects"], operation_id="whoAmI")
async def who_am_i(request: Request, principal: Anyone) -> WhoAmI:
    """Say what the key that asks is."""
    project = None if principal.project_id is None else key_table(request).project(principal.project_id)
    return WhoAmI(
        key_id=principal.key_id, scope=principal.scope, project=None if project is None else _project(project)
    )


@router.get("/projects", tags=["projects"], operation_id="listProjects")
async def list_projects(request: Request, principal: Anyone) -> ProjectList:
    """List the projects: all of them for the admin key, its own for a project's."""
    mine = principal.project_id
    shown = [project for project in key_table(request).projects() if mine is None or project.id == mine]
    return ProjectList(data=[_project(project) for project in shown])


@router.post("/projects", tags=["projects"], operation_id="createProject")
def create_project(request: Request, admin: Admin, body: ProjectIn) -> ProjectMade:
    """Make a project and its first key."""
    project, made = manage.create_project(_managing(request), admin.actor, body.name)
    return ProjectMade(**_project(project).model_dump(), key=made.secret.reveal(), key_id=made.key.id)


# ------------------------------------------------------------------ keys


@router.get("/keys", tags=["keys"], operation_id="listKeys")
def list_keys(request: Request, access: ProjectAdmin) -> KeyList:
    """List the keys of a project."""
    return KeyList(data=[_key(key) for key in manage.list_keys(_managing(request), access.project.id)])


@router.get("/admin-keys", tags=["keys"], operation_id="listAdminKeys")
def list_admin_keys(request: Request, _: Admin) -> KeyList:
    """List the keys of the installation's admins."""
    return KeyList(data=[_key(key) for key in manage.list_keys(_managing(request), None)])


@router.post("/keys", tags=["keys"], operation_id="createKey")
def create_key(request: Request, admin: Admin, body: KeyIn, project: ProjectName = None) -> KeyMade:
    """Make a key for a project, or with scope `admin` one for the installation."""
    scope = Scope(body.scope)
    project_id = None if scope is Scope.ADMIN else project_for(key_table(request), admin.principal, project).id
    made = manage.create_key(
        _managing(request), admin.actor, project_id, scope, name=body.name, expires_at=body.expires_at
    )
    return _made(made)


@router.delete("/keys/{key_id}", tags=["keys"], operation_id="revokeKey")
def revoke_key(request: Request, admin: Admin, key_id: KeyId) -> KeyOut:
    """Revoke a key of any project; it is refused from the next request on."""
    return _key(manage.revoke_key(_managing(request), admin.actor, key_id))


# ------------------------------------------------------------------ providers


@router.get("/providers", tags=["providers"], operation_id="listProviders")
def list_providers(request: Request, access: Reader) -> ProviderList:
    """List a project's providers."""
    return ProviderList(data=[_provider(each) for each in manage.list_providers(_managing(request), access.project.id)])


@router.get("/providers/{slug}", tags=["providers"], operation_id="getProvider")
def get_provider(request: Request, access: Reader, slug: Slug) -> ProviderOut:
    """Show one provider."""
    for each in manage.list_providers(_managing(request), access.project.id):
        if each.slug == slug:
            return _provider(each)
    raise NotFound(f"The project has no provider {slug!r}")


@router.put("/providers/{slug}", tags=["providers"], operation_id="setProvider")
async def set_provider(request: Request, access: ProjectAdmin, slug: Slug, body: ProviderIn) -> ProviderSet:
    """Make a provider or change one; what the body leaves out stays as it is."""
    is_local = access.principal.is_local
    settings = cast("Settings", request.app.state.settings)  # starlette's state is untyped
    allow = AllowList.parse(settings.allow_upstream, listening=(settings.host, settings.port))
    notice = None if body.base_url is None else await check_base_url(body.base_url, allow, is_local=is_local)
    provider = await run_in_threadpool(
        manage.set_provider,
        _managing(request),
        access.actor,
        access.project.id,
        slug,
        kind=body.kind,
        base_url=body.base_url,
        key=None if body.key is None else Secret(body.key.get_secret_value()),
        models=body.models,
        api_version=body.api_version,
        allow=EVERYTHING if is_local else allow,
    )
    return ProviderSet(**_provider(provider).model_dump(), notice=notice)


@router.delete("/providers/{slug}", tags=["providers"], operation_id="removeProvider")
def remove_provider(request: Request, access: ProjectAdmin, slug: Slug) -> ProviderRemoved:
    """Remove a provider together with its key."""
    manage.remove_provider(_managing(request), access.actor, access.project.id, slug)
    return ProviderRemoved(slug=slug, deleted=True)


@router.post("/rotate", tags=["providers"], operation_id="rotateMasterKey")
def rotate(request: Request, admin: Admin) -> Rotated:
    """Seal every stored provider key anew with the newest master key."""
    to = _managing(request)
    resealed = manage.reseal_all(to, admin.actor)
    return Rotated(resealed=resealed, master_key=to.vault.current.id, api_keys_by_master_key=manage.peppers_in_use(to))


# ------------------------------------------------------------------ the audit trail


@router.get("/audit-trail", tags=["projects"], operation_id="listAuditTrail")
def list_audit_trail(
    request: Request,
    _: Admin,
    after: Annotated[int, Query(ge=0, le=2**53, description="Show lines after this sequence.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many lines at most.")] = 100,
) -> AuditList:
    """List who changed what, oldest first."""
    entries = audit.entries(_managing(request).database, after=after, limit=limit)
    return AuditList(
        data=[_audit(entry) for entry in entries], next=entries[-1].sequence if len(entries) == limit else None
    )


# ------------------------------------------------------------------ types to answers


def _managing(request: Request) -> Managing:
    state = request.app.state
    return Managing(database=state.database, vault=state.vault)


def _project(project: Project) -> ProjectOut:
    return ProjectOut(id=project.id, name=project.name, created_at=project.created_at)


def _key(key: ApiKey) -> KeyOut:
    return KeyOut(
        id=key.id,
        project_id=key.project_id,
        name=key.name,
        scope=key.scope,
        hint=key.hint,
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
    )


def _made(made: NewKey) -> KeyMade:
    return KeyMade(**_key(made.key).model_dump(), key=made.secret.reveal())


def _provider(provider: StoredProvider) -> ProviderOut:
    return ProviderOut(
        id=provider.id,
        slug=provider.slug,
        kind=provider.kind,
        base_url=provider.base_url,
        models=list(provider.models),
        api_version=provider.api_version,
        has_key=bool(provider.key_hint),
        key_hint=provider.key_hint,
        created_at=provider.created_at,
        updated_at=provider.updated_at,
    )


def _audit(entry: AuditEntry) -> AuditOut:
    return AuditOut(
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        project_id=entry.project_id,
        object=entry.object,
        before=entry.before,
        after=entry.after,
        result=entry.result,
        address=entry.address,
        request_id=entry.request_id,
        previous=entry.previous,
        hash=entry.hash,
    )
