"""All SQL of the project room: rows in, types out; every statement on a project's things names the project."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from logwright.clock import from_micros, to_micros
from logwright.db import metadata
from logwright.projects.types import ApiKey, AuditEntry, Project, Scope, StoredProvider

projects = sa.Table(
    "projects",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("pepper", sa.Text, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("revoked_at", sa.BigInteger),
    sa.Column("last_used_at", sa.BigInteger),
)

providers = sa.Table(
    "providers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("models", sa.Text, nullable=False),
    sa.Column("api_version", sa.Text, nullable=False),
    sa.Column("secret", sa.Text),
    sa.Column("key_hint", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "slug"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("request_id", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

# ------------------------------------------------------------------ projects


def add_project(connection: sa.Connection, project: Project) -> None:
    """Insert a project; `sqlalchemy.exc.IntegrityError` when the name is taken."""
    connection.execute(
        sa.insert(projects).values(id=project.id, name=project.name, created_at=to_micros(project.created_at))
    )


def all_projects(connection: sa.Connection) -> Sequence[Project]:
    """Return every project, oldest first."""
    rows = connection.execute(sa.select(projects).order_by(projects.c.created_at, projects.c.id))
    return [_project(row) for row in rows]


def project_named(connection: sa.Connection, name_or_id: str) -> Project | None:
    """Return the project with this id, else the one with this name."""
    row = connection.execute(
        sa.select(projects)
        .where((projects.c.id == name_or_id) | (projects.c.name == name_or_id))
        .order_by(sa.case((projects.c.id == name_or_id, 0), else_=1))
    ).first()
    return None if row is None else _project(row)


# ------------------------------------------------------------------ keys


class KeyRow(NamedTuple):
    """What checking a key needs of it; there may be many, and all are read whenever one changes."""

    id: str
    project_id: str | None
    scope: Scope
    digest: bytes
    pepper: str
    """The id of the master key whose pepper made the digest."""
    expires_at: int | None
    """Microseconds since 1970."""


def add_key(connection: sa.Connection, key: ApiKey, *, digest: bytes, pepper: str) -> None:
    """Insert a key."""
    connection.execute(
        sa.insert(api_keys).values(
            id=key.id,
            project_id=key.project_id,
            name=key.name,
            scope=key.scope.value,
            digest=digest,
            pepper=pepper,
            hint=key.hint,
            created_at=to_micros(key.created_at),
            expires_at=_micros(key.expires_at),
            revoked_at=_micros(key.revoked_at),
            last_used_at=_micros(key.last_used_at),
        )
    )


def keys_in_force(connection: sa.Connection) -> Sequence[KeyRow]:
    """Return the keys of the whole installation that are not revoked; whether they have expired is for the reader."""
    table = api_keys.c
    columns = (table.id, table.project_id, table.scope, table.digest, table.pepper, table.expires_at)
    scopes = {scope.value: scope for scope in Scope}
    rows = connection.execute(sa.select(*columns).where(table.revoked_at.is_(None)))
    return [
        KeyRow(key_id, project_id, scopes[scope], digest, pepper, expires_at)
        for key_id, project_id, scope, digest, pepper, expires_at in rows
    ]


def keys_of(connection: sa.Connection, project_id: str | None) -> Sequence[ApiKey]:
    """Return all keys of a project, or with None the admins', oldest first, revoked ones included."""
    mine = api_keys.c.project_id.is_(None) if project_id is None else api_keys.c.project_id == project_id
    rows = connection.execute(sa.select(api_keys).where(mine).order_by(api_keys.c.created_at, api_keys.c.id))
    return [_key(row) for row in rows]


def key_by_id(connection: sa.Connection, project_id: str | None, key_id: str) -> ApiKey | None:
    """Return one key of a project, or with None one of the admins'."""
    mine = api_keys.c.project_id.is_(None) if project_id is None else api_keys.c.project_id == project_id
    row = connection.execute(sa.select(api_keys).where(mine, api_keys.c.id == key_id)).first()
    return None if row is None else _key(row)


def owner_of_key(connection: sa.Connection, key_id: str) -> tuple[str | None] | None:
    """Return the project of a key wherever it is (None inside for an admin's), or None when there is no such key."""
    row = connection.execute(sa.select(api_keys.c.project_id).where(api_keys.c.id == key_id)).first()
    return None if row is None else (row.project_id,)


def revoke_key(connection: sa.Connection, key_id: str, at: datetime) -> None:
    """Mark a key as revoked, unless it is already."""
    connection.execute(
        sa.update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=to_micros(at))
    )


def note_use(connection: sa.Connection, used: Sequence[tuple[str, datetime]]) -> None:
    """Write down when keys were last used; an earlier time never replaces a later one."""
    for key_id, at in used:
        micros = to_micros(at)
        connection.execute(
            sa.update(api_keys)
            .where(api_keys.c.id == key_id)
            .where(api_keys.c.last_used_at.is_(None) | (api_keys.c.last_used_at < micros))
            .values(last_used_at=micros)
        )


# ------------------------------------------------------------------ providers


def put_provider(connection: sa.Connection, provider: StoredProvider, secret: str | None) -> None:
    """Insert a provider, or replace the one with the same project and slug. `secret` is an envelope."""
    values = {
        "kind": provider.kind,
        "base_url": provider.base_url,
        "models": msgspec.json.encode(provider.models).decode(),
        "api_version": provider.api_version,
        "secret": secret,
        "key_hint": provider.key_hint,
        "updated_at": to_micros(provider.updated_at),
    }
    mine = (providers.c.project_id == provider.project_id) & (providers.c.slug == provider.slug)
    if connection.execute(sa.update(providers).where(mine).values(values)).rowcount == 0:
        fixed = {"id": provider.id, "project_id": provider.project_id, "slug": provider.slug}
        made = {"created_at": to_micros(provider.created_at)}
        connection.execute(sa.insert(providers).values({**values, **fixed, **made}))


def providers_of(connection: sa.Connection, project_id: str) -> Sequence[tuple[StoredProvider, str | None]]:
    """Return a project's providers with their envelopes, oldest first."""
    rows = connection.execute(
        sa.select(providers)
        .where(providers.c.project_id == project_id)
        .order_by(providers.c.created_at, providers.c.id)
    )
    return [(_provider(row), row.secret) for row in rows]


def all_providers(connection: sa.Connection) -> Sequence[tuple[StoredProvider, str | None]]:
    """Return the providers of every project with their envelopes, oldest first; for the catalogue and for rotation."""
    rows = connection.execute(sa.select(providers).order_by(providers.c.created_at, providers.c.id))
    return [(_provider(row), row.secret) for row in rows]


def remove_provider(connection: sa.Connection, project_id: str, slug: str) -> bool:
    """Delete a provider with its sealed key; say whether there was one."""
    mine = (providers.c.project_id == project_id) & (providers.c.slug == slug)
    return connection.execute(sa.delete(providers).where(mine)).rowcount > 0


def reseal(connection: sa.Connection, project_id: str, provider_id: str, secret: str) -> None:
    """Replace the envelope of a provider's key."""
    mine = (providers.c.project_id == project_id) & (providers.c.id == provider_id)
    connection.execute(sa.update(providers).where(mine).values(secret=secret))


# ------------------------------------------------------------------ the audit trail


def last_audit(connection: sa.Connection) -> AuditEntry | None:
    """Return the newest line."""
    row = connection.execute(sa.select(audit).order_by(audit.c.sequence.desc()).limit(1)).first()
    return None if row is None else _entry(row)


def add_audit(connection: sa.Connection, entry: AuditEntry) -> None:
    """Append a line."""
    values = {column.name: getattr(entry, column.name) for column in audit.c}
    connection.execute(sa.insert(audit).values({**values, "at": to_micros(entry.at)}))


def audit_after(connection: sa.Connection, sequence: int, limit: int) -> Sequence[AuditEntry]:
    """Return up to `limit` lines after one, in order."""
    rows = connection.execute(
        sa.select(audit).where(audit.c.sequence > sequence).order_by(audit.c.sequence).limit(limit)
    )
    return [_entry(row) for row in rows]


# ------------------------------------------------------------------ rows to types


def _project(row: sa.Row[tuple[object, ...]]) -> Project:
    return Project(id=row.id, name=row.name, created_at=from_micros(row.created_at))


def _key(row: sa.Row[tuple[object, ...]]) -> ApiKey:
    return ApiKey(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        scope=Scope(row.scope),
        hint=row.hint,
        created_at=from_micros(row.created_at),
        expires_at=_moment(row.expires_at),
        revoked_at=_moment(row.revoked_at),
        last_used_at=_moment(row.last_used_at),
    )


def _provider(row: sa.Row[tuple[object, ...]]) -> StoredProvider:
    return StoredProvider(
        id=row.id,
        project_id=row.project_id,
        slug=row.slug,
        kind=row.kind,
        base_url=row.base_url,
        models=tuple(msgspec.json.decode(row.models, type=list[str])),
        api_version=row.api_version,
        key_hint=row.key_hint,
        created_at=from_micros(row.created_at),
        updated_at=from_micros(row.updated_at),
    )


def _entry(row: sa.Row[tuple[object, ...]]) -> AuditEntry:
    values = {column.name: getattr(row, column.name) for column in audit.c}
    return AuditEntry(**{**values, "at": from_micros(row.at)})


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else to_micros(moment)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
