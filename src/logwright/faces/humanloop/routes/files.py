"""Make, list, show, move and delete files of each type, list their versions, and deploy these."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from logwright.faces.humanloop import requests
from logwright.faces.humanloop.access import ReadingDesk, WritingDesk
from logwright.faces.humanloop.answers import HumanloopRoute, Refused, read, takes
from logwright.faces.humanloop.editions import adopt_all, adopt_one, the_edition
from logwright.faces.humanloop.files import shown_environment, shown_file
from logwright.faces.humanloop.routes.folders import Order, PartOfName, SortBy, listed, shown
from logwright.faces.humanloop.routes.logs import Page, Size, paged
from logwright.faces.humanloop.routes.telling import FileId, InEnvironment, VersionId
from logwright.prompts import look, manage, store
from logwright.prompts.kernel import FIELDS
from logwright.prompts.types import Draft, FileType

router: Final = APIRouter(route_class=HumanloopRoute)

_UPSERTS: Final[tuple[tuple[FileType, type[requests.AnyUpsert]], ...]] = (
    ("prompt", requests.PromptUpsert),
    ("tool", requests.ToolUpsert),
    ("flow", requests.FlowUpsert),
    ("evaluator", requests.EvaluatorUpsert),
    ("agent", requests.AgentUpsert),
)
_ThisVersion = Annotated[str, Path(max_length=100, description="The version's id.")]
_ThisEnvironment = Annotated[str, Path(max_length=200, description="The environment's id or name.")]


def _routes(type_: FileType, upserted: type[requests.AnyUpsert]) -> APIRouter:
    """Make the routes of one type; all five have the same."""
    of_type = APIRouter(prefix=f"/{type_}s", route_class=HumanloopRoute)

    def named(verb: str) -> dict[str, Any]:
        return {"operation_id": f"humanloop{type_.capitalize()}s{verb}"}

    @of_type.get("", summary=f"List {type_}s", **named("List"))
    async def list_files(
        desk: ReadingDesk,
        page: Page = 1,
        size: Size = 10,
        name: PartOfName = "",
        user_filter: Annotated[str, Query(max_length=1000, description="Means nothing here.")] = "",  # noqa: ARG001
        sort_by: SortBy = "created_at",
        order: Order = "desc",
    ) -> JSONResponse:
        """Return one page in their default versions; a page past the last is empty."""
        usage = await adopt_all(desk)
        wanted = store.Wanted((type_,), name=name)
        found, total = await listed(desk, wanted, page=page, size=size, sort_by=sort_by, order=order)
        return JSONResponse(paged([shown_file(each, usage) for each in found], page=page, size=size, total=total))

    @of_type.post("", summary=f"Make a {type_}, or a version of it", openapi_extra=takes(upserted), **named("Upsert"))
    async def upsert(request: Request, desk: WritingDesk) -> JSONResponse:
        """Make the version that the fields describe; equal fields, in any order, are the version that is there."""
        body = await read(request, upserted)
        if body.id:
            await adopt_one(desk, type_, body.id)
        edition = await run_in_threadpool(
            manage.upsert, desk.database, desk.author, type_, _draft(type_, body), id_=body.id, path=body.path
        )
        return JSONResponse((await shown(desk, [edition]))[0])

    @of_type.get("/{file_id}", summary=f"Show a {type_}", **named("Get"))
    async def get(
        desk: ReadingDesk, file_id: FileId, version_id: VersionId = None, environment: InEnvironment = None
    ) -> JSONResponse:
        """Return it in a version, in the one deployed to an environment, or in its default one."""
        edition = await the_edition(desk, type_, file_id, version_id=version_id, environment=environment)
        return JSONResponse((await shown(desk, [edition]))[0])

    @of_type.patch(
        "/{file_id}", summary=f"Move a {type_}", openapi_extra=takes(requests.Move, required=False), **named("Move")
    )
    async def move(request: Request, desk: WritingDesk, file_id: FileId) -> JSONResponse:
        """Give it another path, or another name in its folder."""
        body = await read(request, requests.Move)
        await adopt_one(desk, type_, file_id)
        edition = await run_in_threadpool(
            manage.move, desk.database, desk.author, type_, file_id, path=body.path, name=body.name
        )
        return JSONResponse((await shown(desk, [edition]))[0])

    @of_type.delete("/{file_id}", summary=f"Delete a {type_}", status_code=204, **named("Delete"))
    async def delete(desk: WritingDesk, file_id: FileId) -> Response:
        """Delete it. Its logs stay and can be read, and no longer be updated here."""
        await adopt_one(desk, type_, file_id)
        await run_in_threadpool(manage.delete, desk.database, desk.author, type_, file_id)
        return Response(status_code=204)

    @of_type.get("/{file_id}/versions", summary=f"List the versions of a {type_}", **named("ListVersions"))
    async def list_versions(
        desk: ReadingDesk,
        file_id: FileId,
        evaluator_aggregates: Annotated[bool, Query(description="Means nothing here.")] = False,  # noqa: ARG001
    ) -> JSONResponse:
        """Return all versions, newest first."""
        await adopt_one(desk, type_, file_id)
        found = await run_in_threadpool(look.list_versions, desk.database, desk.project_id, type_, file_id)
        return JSONResponse({"records": await shown(desk, found)})

    @of_type.patch(
        "/{file_id}/versions/{version_id}",
        summary=f"Name or describe a version of a {type_}",
        openapi_extra=takes(requests.VersionUpdate, required=False),
        **named("UpdateVersion"),
    )
    async def update_version(
        request: Request, desk: WritingDesk, file_id: FileId, version_id: _ThisVersion
    ) -> JSONResponse:
        """Set what is given, clear what is null."""
        body = await read(request, requests.VersionUpdate)
        await adopt_one(desk, type_, file_id)
        edition = await run_in_threadpool(
            manage.describe_version, desk.database, desk.author, type_, file_id, version_id, body.given()
        )
        return JSONResponse((await shown(desk, [edition]))[0])

    @of_type.get("/{file_id}/environments", summary=f"Show where a {type_} is deployed", **named("ListEnvironments"))
    async def list_environments(desk: ReadingDesk, file_id: FileId) -> JSONResponse:
        """Return every environment, each with the version that is deployed to it, or null."""
        await adopt_one(desk, type_, file_id)
        found = await run_in_threadpool(look.list_versions, desk.database, desk.project_id, type_, file_id)
        every = await run_in_threadpool(manage.environments, desk.database, desk.project_id, desk.now)
        deployed = {where.id: edition for edition in found for where in edition.environments}
        files = dict(zip(deployed, await shown(desk, list(deployed.values())), strict=True))
        return JSONResponse([{**shown_environment(each), "file": files.get(each.id)} for each in every])

    @of_type.post(
        "/{file_id}/environments/{environment_id}", summary=f"Deploy a version of a {type_}", **named("SetDeployment")
    )
    async def set_deployment(
        desk: WritingDesk,
        file_id: FileId,
        environment_id: _ThisEnvironment,
        version_id: Annotated[str, Query(max_length=100, description="The version; required.")] = "",
    ) -> JSONResponse:
        """Put a version into an environment, in place of the one that was there."""
        await the_edition(desk, type_, file_id)
        if not version_id:  # told only to who may know that the file exists
            raise Refused([{"loc": ("query", "version_id"), "msg": "Field required", "type": "missing"}])
        edition = await run_in_threadpool(
            manage.deploy, desk.database, desk.author, type_, file_id, environment_id, version_id
        )
        return JSONResponse((await shown(desk, [edition]))[0])

    @of_type.delete(
        "/{file_id}/environments/{environment_id}",
        summary=f"Withdraw a {type_} from an environment",
        status_code=204,
        **named("RemoveDeployment"),
    )
    async def remove_deployment(desk: WritingDesk, file_id: FileId, environment_id: _ThisEnvironment) -> Response:
        """Take its version out of an environment."""
        await run_in_threadpool(manage.withdraw, desk.database, desk.author, type_, file_id, environment_id)
        return Response(status_code=204)

    return of_type


def _draft(type_: FileType, body: BaseModel) -> Draft:
    given = body.model_dump(mode="json", exclude_unset=True)
    tags = given.get("tags")
    return Draft(
        {name: value for name, value in given.items() if name in FIELDS[type_]},
        version_name=given.get("version_name"),
        version_description=given.get("version_description"),
        description=given.get("description"),
        readme=given.get("readme"),
        tags=None if tags is None else tuple(tags),
    )


for each in _UPSERTS:
    router.include_router(_routes(*each))
