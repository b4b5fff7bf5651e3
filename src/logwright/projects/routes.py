"""The HTTP door to projects, keys and providers: `/api/manage/...`."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool

from logwright.addresses import AllowList
from logwright.errors import Forbidden, NotFound
from logwright.projects import audit, manage
from logwright.projects.access import (
    Admin,
    Anyone,
    KeysAdmin,
    ProjectAdmin,
    ProjectName,
    Reader,
    key_table,
    project_for,
)
from logwright.projects.forms import (
    AuditList,
    AuditOut,
    KeyIn,
    KeyList,
    KeyMade,
    KeyOut,
    ProjectIn,
    ProjectList,
    ProjectMade,
    ProjectOut,
    ProviderIn,
    ProviderList,
    ProviderOut,
    ProviderRemoved,
    ProviderSet,
    Rotated,
    WhoAmI,
)
from logwright.projects.manage import Managing, NewKey
from logwright.projects.reach import EVERYTHING, check_base_url
from logwright.projects.types import ApiKey, AuditEntry, Project, Scope, Secret, StoredProvider
from logwright.settings import Settings

router: Final = APIRouter(prefix="/api/manage")

KeyId = Annotated[str, Path(max_length=64, description="The key's id, such as `key_01M7…`; not the key.")]
Slug = Annotated[str, Path(max_length=63, description="The project's name for the provider.")]

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
    shown = [project for project in key_table(request).projects() if principal.sees(project.id)]
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
def create_key(request: Request, admin: KeysAdmin, body: KeyIn, project: ProjectName = None) -> KeyMade:
    """Make a key for a project, or with scope `admin` one for the installation."""
    scope = Scope(body.scope)
    if scope is Scope.ADMIN and not admin.principal.allows(Scope.ADMIN):
        raise Forbidden("An admin key is made by an admin of the installation")
    project_id = None if scope is Scope.ADMIN else project_for(key_table(request), admin.principal, project).id
    made = manage.create_key(
        _managing(request), admin.actor, project_id, scope, name=body.name, expires_at=body.expires_at
    )
    return _made(made)


@router.delete("/keys/{key_id}", tags=["keys"], operation_id="revokeKey")
def revoke_key(request: Request, admin: KeysAdmin, key_id: KeyId) -> KeyOut:
    """Revoke a key; it is refused from the next request on."""
    to = _managing(request)
    owner = manage.project_of_key(to, key_id)
    mine = admin.principal.allows(Scope.ADMIN)
    if owner is None or not (mine or (owner.id is not None and admin.principal.may(Scope.ADMIN, owner.id))):
        raise NotFound(f"There is no key with the id {key_id}")
    return _key(manage.revoke_key(to, admin.actor, key_id))


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
