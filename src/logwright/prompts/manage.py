"""Make and change files and their versions, and deploy versions to environments."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from logwright.errors import Conflict, InvalidRequest, NotFound
from logwright.prompts import store
from logwright.prompts.implicit import implicit_path, implicit_prompt
from logwright.prompts.kernel import canonical, environment_id, new_file_id, version_id
from logwright.prompts.look import clean_path, edition, find_file, the_file
from logwright.prompts.types import Counted, Draft, Edition, Environment, File, FileType, Version

if TYPE_CHECKING:
    from datetime import datetime

    from logwright.db import Connection, Database

_ENVIRONMENTS: Final = ("production", "staging", "development")
"""What a project begins with; the first is the default."""

_TRIES: Final = 3
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes something, in which project, and when."""

    project_id: str
    key_id: str
    now: datetime


def upsert(
    database: Database,
    author: Author,
    type_: FileType,
    draft: Draft,
    *,
    id_: str | None = None,
    path: str | None = None,
) -> Edition:
    """Give a file the version that a kernel describes; file and version are made where they are not there.

    Raises:
        NotFound: when an id is given and no such file is there.
        InvalidRequest: when neither id nor path is given, or the path names nothing.
        Conflict: when another version of the file has the name already.
    """

    def work(connection: Connection) -> Edition:
        file = find_file(connection, author.project_id, type_, id_=id_, path=path)
        if file is None and id_:
            raise NotFound(f"There is no {type_} with the id {id_[:100]!r}", param="id")
        if file is None:
            file = _new_file(author, type_, clean_path(path or ""))
            store.add_file(connection, file)
        version = _version(connection, author, file, draft)
        told = {"description": draft.description, "readme": draft.readme, "tags": draft.tags}
        changes = {name: value for name, value in told.items() if value is not None}
        if changes:
            store.change_file(connection, author.project_id, file.id, {**changes, "updated_at": author.now})
        file = store.file_by_id(connection, author.project_id, file.id) or file
        return edition(connection, file, version_id=version.id)

    return _known(database, author, type_, draft, id_=id_, path=path) or _retried(database, work)


def _known(
    database: Database, author: Author, type_: FileType, draft: Draft, *, id_: str | None, path: str | None
) -> Edition | None:
    """Return the edition that an upsert means where it is there and stays as it is, for writers come one at a time."""
    if any(told is not None for told in draft[1:]):
        return None
    with database.read() as connection:
        file = find_file(connection, author.project_id, type_, id_=id_, path=path)
        if file is None:
            return None
        version = store.version_by_id(
            connection, author.project_id, version_id(type_, file.id, canonical(type_, draft.kernel))
        )
        return None if version is None else edition(connection, file, version_id=version.id)


def adopt(database: Database, project_id: str, model: str, now: datetime) -> Edition:
    """Return the prompt of a project's calls of a model that named none, making its row where nobody has looked yet."""
    ids = implicit_prompt(project_id, model)

    def work(connection: Connection) -> Edition:
        file = store.file_by_id(connection, project_id, ids.prompt_id)
        if file is None:
            file = File(
                id=ids.prompt_id,
                project_id=project_id,
                type="prompt",
                path=_free_path(connection, project_id, implicit_path(model)),
                is_implicit=True,
                created_at=now,
                updated_at=now,
            )
            store.add_file(connection, file)
            version = Version(
                id=ids.version_id,
                project_id=project_id,
                file_id=file.id,
                kernel={"model": model or "unknown"},
                created_at=now,
                created_by="system",
            )
            store.add_version(connection, version)
        return edition(connection, file, version_id=ids.version_id)

    with database.read() as connection:
        if store.file_by_id(connection, project_id, ids.prompt_id) is not None:
            return work(connection)
    return _retried(database, work)


def adopt_all(database: Database, project_id: str, counted: Iterable[Counted], now: datetime) -> None:
    """Make the rows of the implicit prompts among those that have logs, where nobody has looked at them yet."""
    wanted = {
        each.prompt_id: model
        for each in counted
        for model in each.models
        if implicit_prompt(project_id, model).prompt_id == each.prompt_id
    }
    if not wanted:
        return
    with database.read() as connection:
        known = store.files_by_ids(connection, project_id, list(wanted))
    for prompt_id in wanted.keys() - known.keys():
        adopt(database, project_id, wanted[prompt_id], now)


def move(
    database: Database, author: Author, type_: FileType | None, id_: str, *, path: str | None, name: str | None
) -> Edition:
    """Give a file another path, or another name in the same folder.

    Raises:
        NotFound: when there is no such file.
        Conflict: when another file is there.
    """

    def work(connection: Connection) -> Edition:
        file = the_file(connection, author.project_id, type_, id_)
        wanted = path if path is not None else file.path
        if name is not None:
            folder = wanted.strip("/").rpartition("/")[0]
            wanted = f"{folder}/{name}" if folder else name
        wanted = clean_path(wanted)
        other = store.file_by_path(connection, author.project_id, wanted, file.type)
        if other is not None and other.id != file.id:
            raise Conflict(f"There is a {file.type} at {wanted} already", param="path")
        changes = {"path": wanted, "updated_at": author.now}
        store.change_file(connection, author.project_id, file.id, changes)
        return edition(connection, dataclasses.replace(file, path=wanted, updated_at=author.now))

    return _retried(database, work)


def delete(database: Database, author: Author, type_: FileType | None, id_: str) -> None:
    """Delete a file. Its logs stay, and go on telling which version they were made with.

    Raises:
        NotFound: when there is no such file.
        Conflict: when it is an implicit prompt, which is there as long as its logs are.
    """
    with database.write(announce=False) as connection:
        file = the_file(connection, author.project_id, type_, id_)
        if file.is_implicit:
            raise Conflict(f"{file.path} is there for logs whose caller named no prompt; delete the logs instead")
        store.change_file(connection, author.project_id, file.id, {"deleted_at": author.now})


def describe_version(
    database: Database, author: Author, type_: FileType, id_: str, version: str, changes: Mapping[str, str | None]
) -> Edition:
    """Set a version's `name` or `description`; None takes it away.

    Raises:
        NotFound: when there is no such version.
        Conflict: when another version has the name.
    """

    def work(connection: Connection) -> Edition:
        file = the_file(connection, author.project_id, type_, id_)
        found = edition(connection, file, version_id=version)
        _check_name(connection, file, found.version.id, changes.get("name"))
        if changes:
            store.describe_version(connection, author.project_id, found.version.id, changes)
        return edition(connection, file, version_id=version)

    return _retried(database, work)


def environments(database: Database, project_id: str, now: datetime) -> Sequence[Environment]:
    """Return a project's environments; the first call makes the usual three."""
    with database.read() as connection:
        found = store.environments_of(connection, project_id)
    if found:
        return found

    def work(connection: Connection) -> Sequence[Environment]:
        if not store.environments_of(connection, project_id):
            for name in _ENVIRONMENTS:
                store.add_environment(connection, _environment(project_id, name, now))
        return store.environments_of(connection, project_id)

    return _retried(database, work)


def add_environment(database: Database, author: Author, name: str) -> Environment:
    """Make an environment.

    Raises:
        Conflict: when there is one of this name.
    """
    if any(each.name == name for each in environments(database, author.project_id, author.now)):
        raise Conflict(f"There is an environment {name!r} already", param="name")
    made = _environment(author.project_id, name, author.now)
    with database.write(announce=False) as connection:
        store.add_environment(connection, made)
    return made


def deploy(database: Database, author: Author, type_: FileType, id_: str, environment: str, version: str) -> Edition:
    """Put a version of a file into an environment (by id or name), in place of the one that was there.

    Raises:
        NotFound: when there is no such file, version or environment.
    """
    where = _environment_named(database, author, environment)
    with database.write(announce=False) as connection:
        file = the_file(connection, author.project_id, type_, id_)
        edition(connection, file, version_id=version)
        store.deploy(connection, file.id, where.id, version, author.now)
        return edition(connection, file, version_id=version)


def withdraw(database: Database, author: Author, type_: FileType, id_: str, environment: str) -> None:
    """Take a file's version out of an environment.

    Raises:
        NotFound: when there is no such file or environment, or nothing of the file is in it.
    """
    where = _environment_named(database, author, environment)
    with database.write(announce=False) as connection:
        file = the_file(connection, author.project_id, type_, id_)
        if not store.remove_deployment(connection, file.id, where.id):
            raise NotFound(f"No version of {file.path} is deployed to {where.name}", param="environment_id")


def _environment_named(database: Database, author: Author, named: str) -> Environment:
    for each in environments(database, author.project_id, author.now):
        if named in {each.id, each.name}:
            return each
    raise NotFound(f"There is no environment {named[:100]!r}", param="environment_id")


def _environment(project_id: str, name: str, now: datetime) -> Environment:
    return Environment(
        id=environment_id(project_id, name),
        project_id=project_id,
        name=name,
        is_default=name == _ENVIRONMENTS[0],
        created_at=now,
    )


def _new_file(author: Author, type_: FileType, path: str) -> File:
    return File(
        id=new_file_id(type_),
        project_id=author.project_id,
        type=type_,
        path=path,
        created_at=author.now,
        updated_at=author.now,
    )


def _version(connection: Connection, author: Author, file: File, draft: Draft) -> Version:
    """Return the version that the kernel is, made where it is new."""
    kernel = canonical(file.type, draft.kernel)
    if file.type in {"prompt", "agent"} and not kernel.get("model"):
        raise InvalidRequest(f"The kernel of {file.path} names no model", param="model")
    same = version_id(file.type, file.id, kernel)
    _check_name(connection, file, same, draft.version_name)
    version = store.version_by_id(connection, author.project_id, same)
    told = {"name": draft.version_name, "description": draft.version_description}
    changes = {name: value for name, value in told.items() if value is not None}
    if version is not None:
        if changes:
            store.describe_version(connection, author.project_id, same, changes)
        return version
    version = Version(
        id=same,
        project_id=author.project_id,
        file_id=file.id,
        kernel=kernel,
        name=draft.version_name,
        description=draft.version_description,
        created_at=author.now,
        created_by=author.key_id,
    )
    store.add_version(connection, version)
    store.change_file(connection, author.project_id, file.id, {"updated_at": author.now})
    return version


def _check_name(connection: Connection, file: File, version: str, name: str | None) -> None:
    if name is None:
        return
    for other in store.versions_of(connection, file.project_id, file.id):
        if other.name == name and other.id != version:
            raise Conflict(f"Another version of {file.path} is called {name[:100]!r} already", param="version_name")


def _free_path(connection: Connection, project_id: str, path: str) -> str:
    """Return the path of an implicit prompt, with a number behind it where somebody has taken the path."""
    path = "".join(letter if letter.isprintable() else "?" for letter in path)
    number, free = 1, path
    while store.file_by_path(connection, project_id, free, "prompt") is not None:
        number += 1
        free = f"{path} ({number})"
    return free


def _retried(database: Database, work: Callable[[Connection], T]) -> T:
    """Do work in a transaction; again where another process made the same thing meanwhile (PostgreSQL lets two try).

    Raises:
        Conflict: when it does not succeed in three tries.
    """
    for _ in range(_TRIES):
        try:
            with database.write(announce=False) as connection:
                return work(connection)
        except store.Taken:
            continue
    raise Conflict("Somebody else is changing the same file; try again")
