"""Find the prompts and versions that logs and requests mean, implicit ones included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from starlette.concurrency import run_in_threadpool

from logwright.errors import NotFound
from logwright.faces.humanloop.access import Desk
from logwright.faces.humanloop.files import Usage
from logwright.logs.types import LogSummary
from logwright.prompts import look, manage, store
from logwright.prompts.types import Edition, FileType


async def usage_of(desk: Desk, editions: Iterable[Edition], *, anew: bool = True) -> Usage:
    """Count the logs of files, in one question to the log store, or take counts that are a few seconds old."""
    ids = sorted({edition.file.id for edition in editions})
    return Usage(await desk.counts.of(desk.store, desk.project_id, ids, anew=anew))


async def the_edition(
    desk: Desk,
    type_: FileType | None,
    id_: str,
    *,
    version_id: str | None = None,
    environment: str | None = None,
) -> Edition:
    """Return a file in the version asked for.

    Raises:
        NotFound: when there is no such file, or no such version of it.
    """
    await adopt_one(desk, type_, id_)

    def find() -> Edition:
        with desk.database.read() as connection:
            file = look.the_file(connection, desk.project_id, type_, id_)
            return look.edition(connection, file, version_id=version_id, environment=environment)

    return await run_in_threadpool(find)


async def adopt_one(desk: Desk, type_: FileType | None, id_: str) -> None:
    """Make the row of an implicit prompt, if the id is one's that has logs and nobody has looked at it yet."""
    if type_ in {None, "prompt"} and await run_in_threadpool(_is_unknown, desk, id_):
        counted = await desk.store.count_by_version(desk.project_id, [id_])
        await run_in_threadpool(manage.adopt_all, desk.database, desk.project_id, counted, desk.now)


async def adopt_all(desk: Desk) -> Usage:
    """Make the rows of all implicit prompts that have logs, for lists of files; return the counts of all versions."""
    counted = await desk.store.count_by_version(desk.project_id, None)
    await run_in_threadpool(manage.adopt_all, desk.database, desk.project_id, counted, desk.now)
    return Usage(counted)


async def editions_of(desk: Desk, logs: Sequence[LogSummary]) -> Mapping[str, Edition]:
    """Return the edition of each log, by the log's id. A log of a version that nobody knows counts to its model's."""

    def find(wanted: Iterable[str]) -> dict[str, Edition]:
        with desk.database.read() as connection:
            return look.editions_of_versions(connection, desk.project_id, wanted)

    known = await run_in_threadpool(find, {log.version_id for log in logs})
    found: dict[str, Edition] = {}
    adopted: dict[str, Edition] = {}
    for log in logs:
        edition = known.get(log.version_id)
        if edition is None:
            if log.model not in adopted:
                adopted[log.model] = await run_in_threadpool(
                    manage.adopt, desk.database, desk.project_id, log.model, desk.now
                )
            edition = adopted[log.model]
        found[log.id] = edition
    return found


def _is_unknown(desk: Desk, id_: str) -> bool:
    with desk.database.read() as connection:
        return store.file_by_id(connection, desk.project_id, id_) is None


async def for_log(
    desk: Desk,
    type_: FileType,
    *,
    id_: str | None,
    path: str | None,
    version_id: str | None,
    environment: str | None,
) -> Edition:
    """Return the edition that a log without a kernel goes to.

    Raises:
        NotFound: when there is no such file or version.
        InvalidRequest: when neither id nor path is given.
    """
    if id_:
        await adopt_one(desk, type_, id_)

    def find() -> Edition:
        with desk.database.read() as connection:
            file = look.find_file(connection, desk.project_id, type_, id_=id_, path=path)
            if file is None:
                named = f"id {id_[:100]!r}" if id_ else f"path {(path or '')[:100]!r}"
                raise NotFound(f"There is no {type_} with the {named}; give its {type_} to make it", param="path")
            return look.edition(connection, file, version_id=version_id, environment=environment)

    return await run_in_threadpool(find)
