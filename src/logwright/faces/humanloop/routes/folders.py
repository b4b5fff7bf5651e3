"""Files of all types, the folders they are in, and the list of evaluations, which is empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from logwright.errors import NotFound
from logwright.faces.humanloop import requests
from logwright.faces.humanloop.access import Desk, ReadingDesk
from logwright.faces.humanloop.answers import HumanloopRoute, read, takes
from logwright.faces.humanloop.editions import adopt_all, the_edition, usage_of
from logwright.faces.humanloop.files import folders, is_in, shown_file
from logwright.faces.humanloop.routes.logs import Page, Size, paged
from logwright.faces.humanloop.routes.telling import InEnvironment
from logwright.prompts import look, store
from logwright.prompts.types import FILE_TYPES, Edition, FileType

router: Final = APIRouter(route_class=HumanloopRoute)

SortBy = Annotated[Literal["created_at", "updated_at", "name"], Query(description="What to sort by.")]
Order = Annotated[Literal["asc", "desc"], Query(description="Smallest first, or largest.")]
PartOfName = Annotated[str, Query(max_length=1000, description="A part of the name, in any case.")]


@router.get("/files", operation_id="humanloopFilesList", summary="List files of all types")
async def list_files(
    desk: ReadingDesk,
    page: Page = 1,
    size: Size = 10,
    name: PartOfName = "",
    path: Annotated[str, Query(max_length=1000, description="Only files below this folder.")] = "",
    types: Annotated[
        list[Literal["prompt", "tool", "dataset", "evaluator", "flow", "agent"]] | None,
        Query(alias="type", max_length=6, description="Only files of these types; there are no datasets here."),
    ] = None,
    environment: Annotated[str, Query(max_length=200, description="Only files deployed there.")] = "",
    sort_by: SortBy = "created_at",
    order: Order = "desc",
) -> JSONResponse:
    """Return one page of files in their default versions."""
    usage = await adopt_all(desk)
    chosen: tuple[FileType, ...] = tuple(each for each in FILE_TYPES if types is None or each in types)
    wanted = store.Wanted(chosen, name=name, below=path.strip("/"), deployed_to=environment)
    found, total = await listed(desk, wanted, page=page, size=size, sort_by=sort_by, order=order)
    return JSONResponse(paged([shown_file(each, usage) for each in found], page=page, size=size, total=total))


@router.post(
    "/files/retrieve-by-path",
    operation_id="humanloopFilesRetrieveByPath",
    summary="Show the file at a path",
    openapi_extra=takes(requests.ByPath),
)
async def retrieve(request: Request, desk: ReadingDesk, environment: InEnvironment = None) -> JSONResponse:
    """Return a file of any type in its default version, or in the one that is deployed to an environment."""
    body = await read(request, requests.ByPath)
    await adopt_all(desk)

    def find() -> Edition:
        with desk.database.read() as connection:
            file = look.find_file(connection, desk.project_id, None, path=body.path)
            if file is None:
                raise NotFound(f"There is no file at {body.path[:100]!r}", param="path")
            return look.edition(connection, file, environment=environment)

    return JSONResponse((await shown(desk, [await run_in_threadpool(find)]))[0])


@router.get("/directories", operation_id="humanloopDirectoriesList", summary="List the folders")
async def list_directories(desk: ReadingDesk) -> JSONResponse:
    """Return every folder. One is there because a file is in it."""
    await adopt_all(desk)
    return JSONResponse([folder.shown(desk.now) for folder in folders(await _paths(desk))])


@router.get("/directories/{directory_id}", operation_id="humanloopDirectoriesGet", summary="Show a folder")
async def get_directory(
    desk: ReadingDesk, directory_id: Annotated[str, Path(max_length=100, description="Its id, or `root`.")]
) -> JSONResponse:
    """Return a folder with what is directly in it, and the folders above it."""
    usage = await adopt_all(desk)
    every = folders(await _paths(desk))
    by_id = {folder.shown(desk.now)["id"]: folder for folder in every}
    folder = by_id.get(directory_id)
    if folder is None:
        raise NotFound(f"There is no directory with the id {directory_id[:100]!r}", param="id")
    found, _ = await run_in_threadpool(
        look.list_files,
        desk.database,
        desk.project_id,
        store.Wanted(FILE_TYPES, below=folder.path),
        sort_by="name",
        descending=False,
    )
    inside = [each for each in every if each.path and each.path.rpartition("/")[0] == folder.path]
    return JSONResponse(
        {
            **folder.shown(desk.now),
            "subdirectories": [each.shown(desk.now) for each in inside],
            "files": [shown_file(each, usage) for each in found if is_in(each.file, folder)],
            "parents": [each.shown(desk.now) for each in folder.parents()],
        }
    )


@router.get("/evaluations", operation_id="humanloopEvaluationsList", summary="List no evaluations")
async def list_evaluations(
    desk: ReadingDesk,
    file_id: Annotated[str, Query(max_length=100, description="The file that they are of.")],
    page: Page = 1,
    size: Size = 10,
) -> JSONResponse:
    """Return an empty page: evaluations in Humanloop's sense are not kept here."""
    await the_edition(desk, None, file_id)
    return JSONResponse(paged([], page=page, size=size, total=0))


async def listed(
    desk: Desk, wanted: store.Wanted, *, page: int, size: int, sort_by: store.SortBy, order: str
) -> tuple[list[Edition], int]:
    """Return a page of files and how many there are on all."""
    return await run_in_threadpool(
        look.list_files,
        desk.database,
        desk.project_id,
        wanted,
        sort_by=sort_by,
        descending=order == "desc",
        offset=(page - 1) * size,
        limit=size,
    )


async def shown(desk: Desk, editions: Sequence[Edition]) -> list[dict[str, Any]]:
    """Write files with their counts, which are asked for once."""
    usage = await usage_of(desk, editions)
    return [shown_file(edition, usage) for edition in editions]


async def _paths(desk: Desk) -> Sequence[str]:
    def read_paths() -> Sequence[str]:
        with desk.database.read() as connection:
            return store.paths(connection, desk.project_id)

    return await run_in_threadpool(read_paths)
