"""What can be done with projects, keys and providers: one transaction each, with its line in the audit trail."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from logwright import clock
from logwright.addresses import NOTHING, AllowList, CheckedUrl, check_url
from logwright.clock import Clock
from logwright.db import Connection, Database
from logwright.errors import Conflict, InvalidRequest, NotFound
from logwright.ids import new_id
from logwright.projects import apikeys, audit, credentials, store
from logwright.projects.audit import Actor
from logwright.projects.keyring import digest_of
from logwright.projects.types import (
    ApiKey,
    Project,
    ProviderKind,
    Scope,
    Secret,
    StoredProvider,
)
from logwright.projects.vault import CannotOpen, Vault
from logwright.providers.base import Card
from logwright.providers.registry import providers

_NAME: Final = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_MODEL: Final = re.compile(r"[\x21-\x7e]{1,200}")
_API_VERSION: Final = re.compile(r"[A-Za-z0-9._-]{0,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made; `secret` is shown to its owner now and never again."""

    key: ApiKey
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Managing:
    """What the verbs of this room work with."""

    database: Database
    vault: Vault
    clock: Clock = clock.now


# ------------------------------------------------------------------ projects


def create_project(to: Managing, actor: Actor, name: str) -> tuple[Project, NewKey]:
    """Make a project and its first key, which may write.

    Raises:
        InvalidRequest: when the name is empty, too long, or holds control characters.
        Conflict: when there is a project of that name.
    """
    with to.database.write() as connection:
        return add_project(connection, to, actor, name)


def add_project(connection: Connection, to: Managing, actor: Actor, name: str) -> tuple[Project, NewKey]:
    """Do what `create_project` does within the caller's transaction."""
    name = name.strip()
    if not _NAME.fullmatch(name) or name.startswith("prj_"):
        raise InvalidRequest(
            "A project's name is 1 to 100 characters on one line, and does not begin with prj_", param="name"
        )
    now = to.clock()
    if store.project_named(connection, name) is not None:
        raise Conflict(f"There is a project named {name!r} already; choose another name", param="name")
    project = Project(id=new_id("prj", clock.to_micros(now)), name=name, created_at=now)
    store.add_project(connection, project)
    audit.record(connection, actor, "project.create", project.id, project_id=project.id, after=_shown(project))
    return project, add_key(connection, to, actor, project.id, Scope.WRITE, name="first key")


def list_projects(to: Managing) -> Sequence[Project]:
    """Return every project, oldest first."""
    with to.database.read() as connection:
        return store.all_projects(connection)


# ------------------------------------------------------------------ keys


def create_key(
    to: Managing,
    actor: Actor,
    project_id: str | None,
    scope: Scope,
    *,
    name: str = "",
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key for a project, or with None an admin's.

    Raises:
        InvalidRequest: when the key would have ended already, or scope and project do not go together.
        NotFound: when there is no such project.
    """
    with to.database.write() as connection:
        return add_key(connection, to, actor, project_id, scope, name=name, expires_at=expires_at)


def add_key(
    connection: Connection,
    to: Managing,
    actor: Actor,
    project_id: str | None,
    scope: Scope,
    *,
    name: str = "",
    expires_at: datetime | None = None,
) -> NewKey:
    """Do what `create_key` does within the caller's transaction."""
    if (scope is Scope.ADMIN) != (project_id is None):
        raise InvalidRequest("An admin key has no project; keys of a project have scope read or write", param="scope")
    if name and not _NAME.fullmatch(name):
        raise InvalidRequest("A key's name is at most 100 characters on one line", param="name")
    now = to.clock()
    if expires_at is not None and expires_at <= now:
        raise InvalidRequest("The key would have ended before it was made; give a later time", param="expires_at")
    text = apikeys.new_key(apikeys.ADMIN_PREFIX if project_id is None else apikeys.PROJECT_PREFIX)
    key = ApiKey(
        id=new_id("key", clock.to_micros(now)),
        project_id=project_id,
        name=name,
        scope=scope,
        hint=apikeys.hint_of(text),
        created_at=now,
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
    )
    master = to.vault.current
    if project_id is not None and store.project_named(connection, project_id) is None:
        raise NotFound("There is no such project")
    store.add_key(connection, key, digest=digest_of(text, master), pepper=master.id)
    audit.record(connection, actor, "key.create", key.id, project_id=project_id or "", after=_shown(key))
    return NewKey(key=key, secret=Secret(text))


def list_keys(to: Managing, project_id: str | None) -> Sequence[ApiKey]:
    """Return the keys of a project, or with None the admins', oldest first, revoked ones included."""
    with to.database.read() as connection:
        return store.keys_of(connection, project_id)


class KeyOwner(NamedTuple):
    """Whose a key is."""

    id: str | None
    """The project's id; None for the installation."""


def project_of_key(to: Managing, key_id: str) -> KeyOwner | None:
    """Return whose a key is; None when there is no such key."""
    with to.database.read() as connection:
        owner = store.owner_of_key(connection, key_id)
    return None if owner is None else KeyOwner(owner[0])


def revoke_key(to: Managing, actor: Actor, key_id: str) -> ApiKey:
    """End a key for good; every process refuses it from the next request on. Revoking twice is no error.

    Raises:
        NotFound: when there is no such key.
        Conflict: when it is the last admin key, without which nobody could manage the installation over HTTP.
    """
    now = to.clock()
    with to.database.write() as connection:
        owner = store.owner_of_key(connection, key_id)
        before = None if owner is None else store.key_by_id(connection, owner[0], key_id)
        if before is None:
            raise NotFound(f"There is no key with the id {key_id}")
        if before.revoked_at is not None:
            return before
        if before.scope is Scope.ADMIN and not _other_admin(store.keys_of(connection, None), key_id, now):
            raise Conflict("This is the last admin key; make another with `logwright keys create --admin` first")
        store.revoke_key(connection, key_id, now)
        after = dataclasses.replace(before, revoked_at=now)
        audit.record(
            connection,
            actor,
            "key.revoke",
            key_id,
            project_id=before.project_id or "",
            before=_shown(before),
            after=_shown(after),
        )
    return after


# ------------------------------------------------------------------ providers


def set_provider(
    to: Managing,
    actor: Actor,
    project_id: str,
    slug: str,
    *,
    kind: ProviderKind | None = None,
    base_url: str | None = None,
    key: Secret | None = None,
    models: Sequence[str] | None = None,
    api_version: str | None = None,
    allow: AllowList = NOTHING,
) -> StoredProvider:
    """Make a provider or change one; what is None stays as it is.

    A key belongs to the scheme, host and port that it was given for: when they
    change and no key comes with the change, the stored one is dropped.

    Raises:
        InvalidRequest: naming the field that is wrong; `AddressRefused` for a base URL the server must not call.
        NotFound: when there is no such project.
    """
    _check_provider(slug, models, api_version)
    now = to.clock()
    with to.database.write() as connection:
        if store.project_named(connection, project_id) is None:
            raise NotFound("There is no such project")
        stored = {found.slug: (found, secret) for found, secret in store.providers_of(connection, project_id)}
        before, envelope = stored.get(slug, (None, None))
        kind = kind or (before.kind if before else None)
        if kind is None:
            raise InvalidRequest("A new provider needs its kind", param="kind")
        card = _card(kind)
        if key is not None:
            key = credentials.checked(key, card.credential)
        url = _base_url(card, base_url, before, allow)
        if before is not None and key is None and url.origin != check_url(before.base_url, _ANY).origin:
            envelope = None
        after = StoredProvider(
            id=before.id if before else new_id("prv", clock.to_micros(now)),
            project_id=project_id,
            slug=slug,
            kind=kind,
            base_url=str(url),
            models=tuple(models) if models is not None else before.models if before else (),
            api_version=api_version if api_version is not None else before.api_version if before else "",
            key_hint=_hint(key, card, before if envelope else None),
            created_at=before.created_at if before else now,
            updated_at=now,
        )
        if card.needs_api_version and not after.api_version:
            raise InvalidRequest(f"A provider of kind {kind} needs its api_version", param="api_version")
        if key is not None:
            envelope = to.vault.seal(key, project_id=project_id, provider_id=after.id) if key else None
        store.put_provider(connection, after, envelope)
        audit.record(
            connection,
            actor,
            "provider.set",
            after.id,
            project_id=project_id,
            before=_shown(before) if before else None,
            after=_shown(after),
        )
    return after


def list_providers(to: Managing, project_id: str) -> Sequence[StoredProvider]:
    """Return a project's providers, oldest first."""
    with to.database.read() as connection:
        return [provider for provider, _ in store.providers_of(connection, project_id)]


def remove_provider(to: Managing, actor: Actor, project_id: str, slug: str) -> None:
    """Delete a provider with its key.

    Raises:
        NotFound: when the project has none of that name.
    """
    with to.database.write() as connection:
        found = [provider for provider, _ in store.providers_of(connection, project_id) if provider.slug == slug]
        if not found or not store.remove_provider(connection, project_id, slug):
            raise NotFound(f"The project has no provider {slug!r}")
        audit.record(connection, actor, "provider.remove", found[0].id, project_id=project_id, before=_shown(found[0]))


# ------------------------------------------------------------------ the master key


def reseal_all(to: Managing, actor: Actor) -> int:
    """Seal every provider key anew with the newest master key; return how many needed it.

    Raises:
        Conflict: naming the provider whose key cannot be opened; nothing has changed then.
    """
    count = 0
    with to.database.write() as connection:
        for provider, envelope in store.all_providers(connection):
            if envelope is None or to.vault.is_current(envelope):
                continue
            names = {"project_id": provider.project_id, "provider_id": provider.id}
            try:
                fresh = to.vault.seal(to.vault.open(envelope, **names), **names)
            except CannotOpen as error:
                raise Conflict(f"The key of provider {provider.slug!r} cannot be opened: {error}") from None
            store.reseal(connection, provider.project_id, provider.id, fresh)
            count += 1
        audit.record(connection, actor, "master_key.rotate", to.vault.current.id)
    return count


def peppers_in_use(to: Managing) -> dict[str, int]:
    """Return how many API keys in force need which master key; one that is not here may be taken out."""
    with to.database.read() as connection:
        return dict(Counter(row.pepper for row in store.keys_in_force(connection)))


# ------------------------------------------------------------------ private

_ANY: Final = AllowList(everything=True)


def _card(kind: ProviderKind) -> Card:
    found = providers().get(kind)
    if found is None:
        raise InvalidRequest(f"There is no kind of provider {kind}; there are {', '.join(providers())}", param="kind")
    return found.card


def _check_provider(slug: str, models: Sequence[str] | None, api_version: str | None) -> None:
    if not _SLUG.fullmatch(slug):
        raise InvalidRequest(
            "A provider's name is 1 to 63 of a-z 0-9 . _ - and begins with a letter or digit", param="slug"
        )
    for position, model in enumerate(models or ()):
        if not _MODEL.fullmatch(model):
            raise InvalidRequest(
                "A model's name is 1 to 200 printable ASCII characters without spaces", param=f"models[{position}]"
            )
    if models is not None and len(models) > 1000:
        raise InvalidRequest("A provider lists at most 1,000 models", param="models")
    if api_version is not None and not _API_VERSION.fullmatch(api_version):
        raise InvalidRequest("An api_version looks like 2024-10-21", param="api_version")


def _base_url(card: Card, base_url: str | None, before: StoredProvider | None, allow: AllowList) -> CheckedUrl:
    if base_url is not None:
        return check_url(base_url, allow)
    if before is not None and before.kind == card.kind:
        return check_url(before.base_url, _ANY)  # it was judged when it was saved, and is again when it is called
    if not card.base_url and before is not None:
        return check_url(before.base_url, _ANY)
    if not card.base_url:
        raise InvalidRequest(f"A provider of kind {card.kind} needs its base_url", param="base_url")
    return check_url(card.base_url, allow)


def _hint(key: Secret | None, card: Card, before: StoredProvider | None) -> str:
    if key is not None:
        return credentials.hint(key, card.credential)
    return before.key_hint if before is not None else ""


def _other_admin(keys: Sequence[ApiKey], key_id: str, now: datetime) -> bool:
    return any(
        key.id != key_id and key.revoked_at is None and (key.expires_at is None or key.expires_at > now) for key in keys
    )


def _shown(thing: Project | ApiKey | StoredProvider) -> dict[str, object]:
    """Return the fields of which the audit trail keeps a digest; none of these types holds a secret."""
    return dataclasses.asdict(thing)
