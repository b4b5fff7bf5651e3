"""The HTTP door to prompts and their neighbours: `/api/manage/prompts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from logwright import clock
from logwright.db import Database
from logwright.projects.access import Access, Reader, Writer
from logwright.prompts import look, manage, store
from logwright.prompts.kernel import variables
from logwright.prompts.types import Counted, Edition, FileType, VersionCounter

router: Final = APIRouter(prefix="/api/manage", tags=["prompts"])


class PromptOut(BaseModel):
    """A prompt, tool, flow, evaluator or agent, in one of its versions."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    type: FileType
    path: str
    implicit: bool
    """True for the prompt of calls of a model whose caller named none."""
    description: str | None
    tags: list[str]
    created_at: datetime
    updated_at: datetime
    version_id: str
    version_name: str | None
    version_description: str | None
    version_created_at: datetime
    environments: list[str]
    """Where this version is deployed."""
    model: str | None
    logs: int
    """Logs of all versions."""
    version_logs: int
    """Logs of this version."""
    last_used_at: datetime | None
    """When the newest of its logs was requested."""


class PromptDetail(PromptOut):
    """The same, with what makes the version what it is."""

    readme: str | None
    inputs: list[str]
    """The names in double braces in its template."""
    kernel: dict[str, Any]


class PromptList(BaseModel):
    """A page of prompts, in order of their paths."""

    data: list[PromptOut]
    next: str | None


class VersionList(BaseModel):
    """All versions of a prompt, newest first."""

    data: list[PromptDetail]


class EnvironmentIn(BaseModel):
    """A new environment."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$")]


class EnvironmentOut(EnvironmentIn):
    """A place that versions are deployed to."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    id: str
    default: bool
    """True for the one whose version counts where a call names none."""


class EnvironmentList(BaseModel):
    """The project's environments, the default one first."""

    data: list[EnvironmentOut]


PromptId = Annotated[str, Path(max_length=100, description="The id of the prompt, tool, flow, evaluator or agent.")]


@router.get("/prompts", summary="List prompts")
async def list_prompts(
    request: Request,
    access: Reader,
    type_: Annotated[FileType, Query(alias="type", description="What to list.")] = "prompt",
    name: Annotated[str, Query(max_length=1000, description="A part of the path, in any case.")] = "",
    after: Annotated[str, Query(max_length=2000, description="The `next` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000, description="How many on the page.")] = 50,
) -> PromptList:
    """Return prompts in order of their paths, each in its default version, those of undeclared calls included."""
    counted = await _adopted(request, access)
    wanted = store.Wanted((type_,), name=name, beyond=after)
    found, total = await run_in_threadpool(
        look.list_files,
        _database(request),
        access.project.id,
        wanted,
        sort_by="name",
        descending=False,
        limit=limit,
    )
    data = [PromptOut(**_shown(edition, counted)) for edition in found]
    return PromptList(data=data, next=found[-1].file.path if total > len(found) and found else None)


@router.get("/prompts/{prompt_id}", summary="Show a prompt")
async def show_prompt(
    request: Request,
    access: Reader,
    prompt_id: PromptId,
    version: Annotated[str | None, Query(max_length=100, description="This version instead of the default.")] = None,
    environment: Annotated[str | None, Query(max_length=100, description="The version deployed there.")] = None,
) -> PromptDetail:
    """Return a prompt in one version: the one named, else the default environment's, else the newest."""
    counted = await _adopted(request, access, prompt_id)

    def find() -> Edition:
        with _database(request).read() as connection:
            file = look.the_file(connection, access.project.id, None, prompt_id)
            return look.edition(connection, file, version_id=version, environment=environment)

    return _detailed(await run_in_threadpool(find), counted)


@router.get("/prompts/{prompt_id}/versions", summary="List a prompt's versions")
async def list_versions(request: Request, access: Reader, prompt_id: PromptId) -> VersionList:
    """Return all versions of a prompt, newest first."""
    counted = await _adopted(request, access, prompt_id)
    found = await run_in_threadpool(look.list_versions, _database(request), access.project.id, None, prompt_id)
    return VersionList(data=[_detailed(edition, counted) for edition in found])


@router.get("/environments", summary="List the environments")
async def list_environments(request: Request, access: Reader) -> EnvironmentList:
    """Return the places that versions are deployed to."""
    found = await run_in_threadpool(manage.environments, _database(request), access.project.id, clock.now())
    return EnvironmentList(data=[EnvironmentOut(id=each.id, name=each.name, default=each.is_default) for each in found])


@router.post("/environments", summary="Make an environment", status_code=201)
async def make_environment(request: Request, access: Writer, told: EnvironmentIn) -> EnvironmentOut:
    """Make a place that versions can be deployed to."""
    author = manage.Author(project_id=access.project.id, key_id=access.principal.key_id, now=clock.now())
    made = await run_in_threadpool(manage.add_environment, _database(request), author, told.name)
    return EnvironmentOut(id=made.id, name=made.name, default=made.is_default)


async def _adopted(request: Request, access: Access, prompt_id: str | None = None) -> Sequence[Counted]:
    """Count the logs of versions, and make the rows of implicit prompts that are among them."""
    counter = cast("VersionCounter", request.app.state.store)  # starlette's state is untyped
    counted = await counter.count_by_version(access.project.id, None if prompt_id is None else [prompt_id])
    await run_in_threadpool(manage.adopt_all, _database(request), access.project.id, counted, clock.now())
    return counted


def _shown(edition: Edition, counted: Sequence[Counted]) -> dict[str, Any]:
    file, version, environments = edition
    mine = [each for each in counted if each.prompt_id == file.id]
    return {
        "id": file.id,
        "type": file.type,
        "path": file.path,
        "implicit": file.is_implicit,
        "description": file.description,
        "tags": list(file.tags),
        "created_at": file.created_at,
        "updated_at": file.updated_at,
        "version_id": version.id,
        "version_name": version.name,
        "version_description": version.description,
        "version_created_at": version.created_at,
        "environments": [each.name for each in environments],
        "model": version.kernel.get("model"),
        "logs": sum(each.logs for each in mine),
        "version_logs": sum(each.logs for each in mine if each.version_id == version.id),
        "last_used_at": max((each.last_used_at for each in mine), default=None),
    }


def _detailed(edition: Edition, counted: Sequence[Counted]) -> PromptDetail:
    kernel: Mapping[str, Any] = edition.version.kernel
    return PromptDetail(
        **_shown(edition, counted), readme=edition.file.readme, inputs=variables(kernel), kernel=dict(kernel)
    )


def _database(request: Request) -> Database:
    return cast("Database", request.app.state.database)  # starlette's state is untyped
