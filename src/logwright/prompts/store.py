"""All SQL of the prompt room: rows in, types out.

A statement names the project, or a file that the verb has found in the project before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, cast

import msgspec
import sqlalchemy as sa

from logwright.clock import from_micros, to_micros
from logwright.db import metadata
from logwright.prompts.types import Environment, File, FileType, Version

Taken: Final = sa.exc.IntegrityError
"""What an insert or a change raises when an id, a path or a name is there already."""

files = sa.Table(
    "prompt_files",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("readme", sa.Text),
    sa.Column("tags", sa.Text, nullable=False),
    sa.Column("implicit", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("deleted_at", sa.BigInteger),
)

sa.Index(
    "prompt_files_by_path",
    files.c.project_id,
    files.c.type,
    files.c.path,
    unique=True,
    sqlite_where=files.c.deleted_at.is_(None),
    postgresql_where=files.c.deleted_at.is_(None),
)

versions = sa.Table(
    "prompt_versions",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("file_id", sa.Text, sa.ForeignKey("prompt_files.id"), nullable=False),
    sa.Column("kernel", sa.Text, nullable=False),
    sa.Column("name", sa.Text),
    sa.Column("description", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.UniqueConstraint("file_id", "name"),
)

sa.Index("prompt_versions_by_file", versions.c.file_id, versions.c.created_at)

environments = sa.Table(
    "prompt_environments",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "name"),
)

deployments = sa.Table(
    "prompt_deployments",
    metadata,
    sa.Column("file_id", sa.Text, sa.ForeignKey("prompt_files.id"), primary_key=True),
    sa.Column("environment_id", sa.Text, sa.ForeignKey("prompt_environments.id"), primary_key=True),
    sa.Column("version_id", sa.Text, sa.ForeignKey("prompt_versions.id"), nullable=False),
    sa.Column("deployed_at", sa.BigInteger, nullable=False),
)

# ------------------------------------------------------------------ files


def add_file(connection: sa.Connection, file: File) -> None:
    """Insert a file; `Taken` when its path is taken."""
    connection.execute(
        sa.insert(files).values(
            id=file.id,
            project_id=file.project_id,
            type=file.type,
            path=file.path,
            description=file.description,
            readme=file.readme,
            tags=msgspec.json.encode(file.tags).decode(),
            implicit=file.is_implicit,
            created_at=to_micros(file.created_at),
            updated_at=to_micros(file.updated_at),
        )
    )


def change_file(connection: sa.Connection, project_id: str, file_id: str, changes: Mapping[str, Any]) -> None:
    """Set fields of a file by the names of `File`; `Taken` when its new path is taken."""
    values = {name: to_micros(value) if isinstance(value, datetime) else value for name, value in changes.items()}
    if "tags" in values:
        values["tags"] = msgspec.json.encode(values["tags"]).decode()
    connection.execute(sa.update(files).where(files.c.project_id == project_id, files.c.id == file_id).values(**values))


def file_by_id(connection: sa.Connection, project_id: str, file_id: str) -> File | None:
    """Return a file, a deleted one too."""
    row = connection.execute(sa.select(files).where(files.c.project_id == project_id, files.c.id == file_id)).first()
    return None if row is None else _file(row)


def file_by_path(connection: sa.Connection, project_id: str, path: str, type_: FileType | None) -> File | None:
    """Return the file at a path; without a type, the oldest of those that are there."""
    where = [files.c.project_id == project_id, files.c.path == path, files.c.deleted_at.is_(None)]
    if type_ is not None:
        where.append(files.c.type == type_)
    row = connection.execute(sa.select(files).where(*where).order_by(files.c.created_at, files.c.id)).first()
    return None if row is None else _file(row)


def files_by_ids(connection: sa.Connection, project_id: str, ids: Sequence[str]) -> dict[str, File]:
    """Return files by their ids, deleted ones too."""
    rows = connection.execute(sa.select(files).where(files.c.project_id == project_id, files.c.id.in_(ids)))
    return {row.id: _file(row) for row in rows}


SortBy = Literal["created_at", "updated_at", "name"]


class Wanted(NamedTuple):
    """Which files a list is to hold."""

    types: tuple[FileType, ...]
    name: str = ""
    """A part of the path, in any case."""
    below: str = ""
    """Only files in this folder, however deep."""
    deployed_to: str = ""
    """Only files with a version in this environment, by its name."""
    beyond: str = ""
    """Only files whose path comes after this one."""


def list_files(
    connection: sa.Connection,
    project_id: str,
    wanted: Wanted,
    *,
    sort_by: SortBy = "created_at",
    descending: bool = True,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[Sequence[File], int]:
    """Return a page of files and how many there are in all."""
    where = [files.c.project_id == project_id, files.c.deleted_at.is_(None), files.c.type.in_(wanted.types)]
    if wanted.name:
        where.append(sa.func.lower(files.c.path).contains(wanted.name.lower(), autoescape=True))
    if wanted.below:
        where.append(files.c.path.startswith(f"{wanted.below}/", autoescape=True))
    if wanted.beyond:
        where.append(files.c.path > wanted.beyond)
    if wanted.deployed_to:
        deployed = (
            sa.select(deployments.c.file_id)
            .join(environments, environments.c.id == deployments.c.environment_id)
            .where(environments.c.project_id == project_id, environments.c.name == wanted.deployed_to)
        )
        where.append(files.c.id.in_(deployed))
    total = connection.execute(sa.select(sa.func.count()).select_from(files).where(*where)).scalar_one()
    column = files.c.path if sort_by == "name" else files.c[sort_by]
    ordered = (column.desc(), files.c.id.desc()) if descending else (column, files.c.id)
    statement = sa.select(files).where(*where).order_by(*ordered).offset(offset)
    rows = connection.execute(statement if limit is None else statement.limit(limit))
    return [_file(row) for row in rows], total


def paths(connection: sa.Connection, project_id: str) -> Sequence[str]:
    """Return the paths of all files, in order; the folders follow from them."""
    where = (files.c.project_id == project_id, files.c.deleted_at.is_(None))
    return list(connection.execute(sa.select(files.c.path).where(*where).order_by(files.c.path)).scalars())


# ------------------------------------------------------------------ versions


def add_version(connection: sa.Connection, version: Version) -> None:
    """Insert a version; `Taken` when it is there, or its name is taken."""
    connection.execute(
        sa.insert(versions).values(
            id=version.id,
            project_id=version.project_id,
            file_id=version.file_id,
            kernel=msgspec.json.encode(version.kernel).decode(),
            name=version.name,
            description=version.description,
            created_at=to_micros(version.created_at),
            created_by=version.created_by,
        )
    )


def describe_version(connection: sa.Connection, project_id: str, version_id: str, changes: Mapping[str, Any]) -> None:
    """Set a version's name or description; `Taken` when the name is taken."""
    mine = (versions.c.project_id == project_id, versions.c.id == version_id)
    connection.execute(sa.update(versions).where(*mine).values(**changes))


def remove_version(connection: sa.Connection, project_id: str, version_id: str) -> None:
    """Delete a version that is deployed nowhere."""
    connection.execute(sa.delete(versions).where(versions.c.project_id == project_id, versions.c.id == version_id))


def version_by_id(connection: sa.Connection, project_id: str, version_id: str) -> Version | None:
    """Return one version."""
    row = connection.execute(
        sa.select(versions).where(versions.c.project_id == project_id, versions.c.id == version_id)
    ).first()
    return None if row is None else _version(row)


def versions_by_ids(connection: sa.Connection, project_id: str, ids: Sequence[str]) -> dict[str, Version]:
    """Return versions by their ids."""
    rows = connection.execute(sa.select(versions).where(versions.c.project_id == project_id, versions.c.id.in_(ids)))
    return {row.id: _version(row) for row in rows}


def versions_of(connection: sa.Connection, project_id: str, file_id: str) -> Sequence[Version]:
    """Return a file's versions, newest first."""
    rows = connection.execute(
        sa.select(versions)
        .where(versions.c.project_id == project_id, versions.c.file_id == file_id)
        .order_by(versions.c.created_at.desc(), versions.c.id)
    )
    return [_version(row) for row in rows]


def newest_versions(connection: sa.Connection, project_id: str, file_ids: Sequence[str]) -> dict[str, Version]:
    """Return the newest version of each file."""
    numbered = (
        sa.select(
            versions,
            sa.func.row_number()
            .over(partition_by=versions.c.file_id, order_by=(versions.c.created_at.desc(), versions.c.id))
            .label("place"),
        )
        .where(versions.c.project_id == project_id, versions.c.file_id.in_(file_ids))
        .subquery()
    )
    rows = connection.execute(sa.select(numbered).where(numbered.c.place == 1))
    return {row.file_id: _version(row) for row in rows}


# ------------------------------------------------------------------ environments and deployments


def add_environment(connection: sa.Connection, environment: Environment) -> None:
    """Insert an environment; `Taken` when its name is taken."""
    connection.execute(
        sa.insert(environments).values(
            id=environment.id,
            project_id=environment.project_id,
            name=environment.name,
            is_default=environment.is_default,
            created_at=to_micros(environment.created_at),
        )
    )


def environments_of(connection: sa.Connection, project_id: str) -> Sequence[Environment]:
    """Return a project's environments, the default one first."""
    rows = connection.execute(
        sa.select(environments)
        .where(environments.c.project_id == project_id)
        .order_by(environments.c.is_default.desc(), environments.c.created_at, environments.c.name)
    )
    return [_environment(row) for row in rows]


def deploy(connection: sa.Connection, file_id: str, environment_id: str, version_id: str, at: datetime) -> None:
    """Put a version into an environment, in place of the one that was there."""
    remove_deployment(connection, file_id, environment_id)
    connection.execute(
        sa.insert(deployments).values(
            file_id=file_id, environment_id=environment_id, version_id=version_id, deployed_at=to_micros(at)
        )
    )


def remove_deployment(connection: sa.Connection, file_id: str, environment_id: str) -> bool:
    """Take a file's version out of an environment; say whether there was one."""
    mine = (deployments.c.file_id == file_id, deployments.c.environment_id == environment_id)
    return connection.execute(sa.delete(deployments).where(*mine)).rowcount > 0


def deployments_of(
    connection: sa.Connection, project_id: str, file_ids: Sequence[str]
) -> Sequence[tuple[str, str, Environment]]:
    """Return file, version and environment of everything that is deployed of these files."""
    rows = connection.execute(
        sa.select(deployments.c.file_id, deployments.c.version_id, environments)
        .join(environments, environments.c.id == deployments.c.environment_id)
        .where(environments.c.project_id == project_id, deployments.c.file_id.in_(file_ids))
        .order_by(environments.c.is_default.desc(), environments.c.created_at, environments.c.name)
    )
    return [(row.file_id, row.version_id, _environment(row)) for row in rows]


# ------------------------------------------------------------------ rows to types


def _file(row: sa.Row[tuple[object, ...]]) -> File:
    return File(
        id=row.id,
        project_id=row.project_id,
        type=cast("FileType", row.type),  # written by us alone
        path=row.path,
        description=row.description,
        readme=row.readme,
        tags=tuple(msgspec.json.decode(row.tags, type=list[str])),
        is_implicit=row.implicit,
        created_at=from_micros(row.created_at),
        updated_at=from_micros(row.updated_at),
        deleted_at=None if row.deleted_at is None else from_micros(row.deleted_at),
    )


def _version(row: sa.Row[tuple[object, ...]]) -> Version:
    return Version(
        id=row.id,
        project_id=row.project_id,
        file_id=row.file_id,
        kernel=msgspec.json.decode(row.kernel),
        name=row.name,
        description=row.description,
        created_at=from_micros(row.created_at),
        created_by=row.created_by,
    )


def _environment(row: sa.Row[tuple[object, ...]]) -> Environment:
    return Environment(
        id=row.id,
        project_id=row.project_id,
        name=row.name,
        is_default=row.is_default,
        created_at=from_micros(row.created_at),
    )
