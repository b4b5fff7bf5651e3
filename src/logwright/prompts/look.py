"""Find files in the version that is meant: by id or path, by version, by environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from logwright.errors import InvalidRequest, NotFound
from logwright.prompts import store
from logwright.prompts.types import Edition, Environment, File, FileType, Version

if TYPE_CHECKING:
    from logwright.db import Connection, Database

LONGEST_PATH: Final = 1000


def clean_path(path: str) -> str:
    """Return a path as it is kept: without slashes around it.

    Raises:
        InvalidRequest: when it names nothing.
    """
    parts = [part.strip() for part in path.strip().strip("/").split("/")]
    if not all(parts) or any(part in {".", ".."} for part in parts):
        raise InvalidRequest(
            f"{path[:100]!r} is no path; write folders and a name, such as support/triage", param="path"
        )
    kept = "/".join(parts)
    if len(kept) > LONGEST_PATH or not kept.isprintable():
        raise InvalidRequest(f"A path has at most {LONGEST_PATH} printable characters", param="path")
    return kept


def find_file(
    connection: Connection, project_id: str, type_: FileType | None, *, id_: str | None = None, path: str | None = None
) -> File | None:
    """Return the file with this id, else the one at this path; None where there is none that is not deleted.

    Raises:
        InvalidRequest: when neither is given, or the path names nothing.
    """
    if id_:
        file = store.file_by_id(connection, project_id, id_)
        if file is None or file.deleted_at is not None or type_ not in {None, file.type}:
            return None
        return file
    if not path:
        raise InvalidRequest("Name the file by its path or its id", param="path")
    return store.file_by_path(connection, project_id, clean_path(path), type_)


def the_file(connection: Connection, project_id: str, type_: FileType | None, id_: str) -> File:
    """Return the file with this id.

    Raises:
        NotFound: when the project has none of this type.
    """
    file = find_file(connection, project_id, type_, id_=id_)
    if file is None:
        raise NotFound(f"There is no {type_ or 'file'} with the id {id_[:100]!r}", param="id")
    return file


def edition(
    connection: Connection, file: File, *, version_id: str | None = None, environment: str | None = None
) -> Edition:
    """Return a file in the version asked for: by id, by environment, else the default's, else the newest.

    Raises:
        NotFound: when the file has no such version, or none in that environment.
    """
    deployed = store.deployments_of(connection, file.project_id, [file.id])
    if version_id:
        version = store.version_by_id(connection, file.project_id, version_id)
        if version is None or version.file_id != file.id:
            raise NotFound(f"{file.path} has no version {version_id[:100]!r}", param="version_id")
    elif environment:
        found = next((each for _, each, where in deployed if where.name == environment), None)
        if found is None:
            raise NotFound(f"No version of {file.path} is deployed to {environment[:100]!r}", param="environment")
        version = store.version_by_id(connection, file.project_id, found)
    else:
        found = next((each for _, each, where in deployed if where.is_default), None)
        version = None if found is None else store.version_by_id(connection, file.project_id, found)
        version = version or store.newest_versions(connection, file.project_id, [file.id]).get(file.id)
    if version is None:
        raise NotFound(f"{file.path} has no version yet", param="version_id")
    return Edition(file, version, _where(deployed, version))


def editions(connection: Connection, project_id: str, files: Sequence[File]) -> list[Edition]:
    """Return each file in its default version; files that have none are left out."""
    ids = [file.id for file in files]
    deployed = store.deployments_of(connection, project_id, ids)
    in_default = {file_id: version_id for file_id, version_id, where in deployed if where.is_default}
    named = store.versions_by_ids(connection, project_id, list(in_default.values()))
    newest = store.newest_versions(connection, project_id, ids)
    found = []
    for file in files:
        version = named.get(in_default.get(file.id, "")) or newest.get(file.id)
        if version is not None:
            found.append(Edition(file, version, _where(deployed, version)))
    return found


def editions_of_versions(connection: Connection, project_id: str, version_ids: Iterable[str]) -> dict[str, Edition]:
    """Return the editions of versions by their ids, those of deleted files too: logs still tell of them."""
    found = store.versions_by_ids(connection, project_id, list(set(version_ids)))
    file_ids = list({version.file_id for version in found.values()})
    files = store.files_by_ids(connection, project_id, file_ids)
    deployed = store.deployments_of(connection, project_id, file_ids)
    return {
        version.id: Edition(files[version.file_id], version, _where(deployed, version)) for version in found.values()
    }


def list_files(
    database: Database,
    project_id: str,
    wanted: store.Wanted,
    *,
    sort_by: store.SortBy = "created_at",
    descending: bool = True,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[list[Edition], int]:
    """Return a page of files in their default versions, and how many there are in all."""
    with database.read() as connection:
        files, total = store.list_files(
            connection, project_id, wanted, sort_by=sort_by, descending=descending, offset=offset, limit=limit
        )
        return editions(connection, project_id, files), total


def list_versions(database: Database, project_id: str, type_: FileType | None, id_: str) -> list[Edition]:
    """Return all versions of a file, newest first.

    Raises:
        NotFound: when there is no such file.
    """
    with database.read() as connection:
        file = the_file(connection, project_id, type_, id_)
        deployed = store.deployments_of(connection, project_id, [file.id])
        found = store.versions_of(connection, project_id, file.id)
        return [Edition(file, version, _where(deployed, version)) for version in found]


def _where(deployed: Sequence[tuple[str, str, Environment]], version: Version) -> tuple[Environment, ...]:
    return tuple(environment for _, version_id, environment in deployed if version_id == version.id)
