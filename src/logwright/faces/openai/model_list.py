"""The models that a key can call, as OpenAI's clients list them, and as Anthropic's do when they say who they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast

from fastapi import Header, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from logwright.errors import InvalidRequest, NotFound
from logwright.models.catalogue import Catalogue
from logwright.models.types import ModelEntry
from logwright.projects.access import Reader

AnthropicVersion = Annotated[
    str | None, Header(description="Sent by Anthropic's clients: the answer then has their form.", max_length=40)
]
ModelId = Annotated[str, Path(max_length=300, description="The name as a call would say it.")]


async def list_models(
    request: Request,
    access: Reader,
    anthropic_version: AnthropicVersion = None,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="How many on the page (Anthropic's form).")] = None,
    after_id: Annotated[str | None, Query(max_length=300, description="What the page before ended with.")] = None,
    before_id: Annotated[str | None, Query(max_length=300, description="What the page after begins with.")] = None,
) -> JSONResponse:
    """List the models of the project's providers by every name that leads to them, short names included.

    A provider that was set without `--model` takes any name, and none of those can be listed.
    """
    entries = await _entries(request, access.project.id)
    if anthropic_version is None:
        return JSONResponse({"object": "list", "data": [_openai(entry) for entry in entries]})
    names = [entry.name for entry in entries]
    start = 0 if after_id is None else _place(names, after_id, "after_id") + 1
    end = len(entries) if before_id is None else _place(names, before_id, "before_id")
    size = limit or 20
    # Backwards, the page is the one that ends before `before_id`.
    chosen = entries[start:end][:size] if before_id is None else entries[start:end][-size:]
    return JSONResponse(
        {
            "data": [_anthropic(entry) for entry in chosen],
            "has_more": end - start > size,
            "first_id": chosen[0].name if chosen else None,
            "last_id": chosen[-1].name if chosen else None,
        }
    )


async def get_model(
    request: Request, access: Reader, model_id: ModelId, anthropic_version: AnthropicVersion = None
) -> JSONResponse:
    """Show one of the listed models."""
    found = [entry for entry in await _entries(request, access.project.id) if entry.name == model_id]
    if not found:
        raise NotFound(f"The model `{model_id}` does not exist, or its provider does not list it", param="model")
    return JSONResponse(_openai(found[0]) if anthropic_version is None else _anthropic(found[0]))


async def _entries(request: Request, project_id: str) -> Sequence[ModelEntry]:
    catalogue = cast("Catalogue", request.app.state.catalogue)  # starlette's state is untyped
    return await run_in_threadpool(catalogue.models, project_id)


def _openai(entry: ModelEntry) -> dict[str, Any]:
    created = int(entry.created_at.timestamp())
    return {"id": entry.name, "object": "model", "created": created, "owned_by": entry.provider}


def _anthropic(entry: ModelEntry) -> dict[str, Any]:
    created = entry.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"type": "model", "id": entry.name, "display_name": entry.upstream, "created_at": created}


def _place(names: Sequence[str], name: str, param: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        raise InvalidRequest(f"`{param}` is not the id of a model of this list", param=param) from None
