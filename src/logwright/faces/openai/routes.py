"""OpenAI's stored completions, responses and models under /v1 and /api/v1."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from logwright.db import Database
from logwright.errors import InvalidRequest
from logwright.faces.openai import finding, model_list, shapes
from logwright.logs.query.show import show
from logwright.logs.record import Kind
from logwright.logs.seam import LogStore
from logwright.logs.types import Direction
from logwright.projects import audit
from logwright.projects.access import Access, Reader, Writer
from logwright.wire import strict
from logwright.wire.strict import JSON
from logwright.wire.tags import tag_text

_METADATA: Final = re.compile(r"metadata\[(.+)\]", re.DOTALL)
_MOST_TAGS: Final = 100

CompletionId = Annotated[
    str, Path(max_length=300, description="The completion's id as the provider gave it, or the id of its log.")
]
ResponseId = Annotated[
    str, Path(max_length=300, description="The response's id as the provider gave it, or the id of its log.")
]
After = Annotated[str | None, Query(max_length=300, description="The id of the last item of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many on the page.")]
Ordering = Annotated[Direction, Query(description="Oldest first (`asc`) or newest first (`desc`).")]

_METADATA_PARAMETER: Final = {
    "name": "metadata",
    "in": "query",
    "style": "deepObject",
    "explode": True,
    "description": "Tags that the completions must have: `metadata[key]=value`.",
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}
_UPDATE_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["metadata"],
                    "properties": {
                        "metadata": {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}}
                    },
                }
            }
        },
    }
}


async def list_completions(
    request: Request,
    access: Reader,
    model: Annotated[str | None, Query(max_length=300, description="The model as the caller named it.")] = None,
    after: After = None,
    limit: Limit = 20,
    order: Ordering = "asc",
) -> Response:
    """List the chat completions that were recorded and succeeded, whether or not they asked for `store`."""
    found = await finding.page(
        _store(request),
        access.project.id,
        model=model,
        metadata=_wanted(request),
        order=order,
        after=after,
        limit=limit,
    )
    return _shown(shapes.listing([shapes.completion_of(log) for log in found.logs], has_more=found.has_more))


async def get_completion(request: Request, access: Reader, completion_id: CompletionId) -> Response:
    """Show one chat completion with its metadata."""
    log = await finding.find(_store(request), access.project.id, "chat_completion", completion_id)
    return _shown(shapes.completion_of(log))


async def update_completion(request: Request, access: Writer, completion_id: CompletionId) -> Response:
    """Put other metadata in the place of a completion's: what is not named is gone. The change is durable."""
    store, project_id = _store(request), access.project.id
    log = await finding.find(store, project_id, "chat_completion", completion_id)
    given = _metadata(strict.check(await request.body()))
    gone = dict.fromkeys(name for name in log.tags if name not in given)
    await store.set_tags(project_id, finding.named("chat_completion", completion_id), {**gone, **given})
    return _shown(shapes.completion_of(await finding.find(store, project_id, "chat_completion", completion_id)))


async def delete_completion(request: Request, access: Writer, completion_id: CompletionId) -> Response:
    """Delete a completion's log for good."""
    await _delete(request, access, "chat_completion", completion_id)
    return _shown({"object": "chat.completion.deleted", "id": completion_id, "deleted": True})


async def list_messages(
    request: Request,
    access: Reader,
    completion_id: CompletionId,
    after: After = None,
    limit: Limit = 20,
    order: Ordering = "asc",
) -> Response:
    """List the messages that a completion was made of."""
    log = await finding.find(_store(request), access.project.id, "chat_completion", completion_id)
    return _shown(_cut(shapes.messages_of(log), after, limit, order))


async def get_response(
    request: Request,
    access: Reader,
    response_id: ResponseId,
    stream: Annotated[bool, Query(description="Only false: what was recorded is not streamed anew.")] = False,
) -> Response:
    """Show one recorded response of the Responses API with its metadata."""
    if stream:
        raise InvalidRequest("A recorded response is not streamed anew; ask without stream", param="stream")
    return _shown(shapes.response_of(await finding.find(_store(request), access.project.id, "responses", response_id)))


async def delete_response(request: Request, access: Writer, response_id: ResponseId) -> Response:
    """Delete a response's log for good."""
    await _delete(request, access, "responses", response_id)
    return _shown({"object": "response", "id": response_id, "deleted": True})


async def list_input_items(
    request: Request,
    access: Reader,
    response_id: ResponseId,
    after: After = None,
    limit: Limit = 20,
    order: Ordering = "desc",
) -> Response:
    """List what a response was asked for."""
    log = await finding.find(_store(request), access.project.id, "responses", response_id)
    return _shown(_cut(shapes.items_of(log), after, limit, order))


def _router() -> APIRouter:
    made = APIRouter(tags=["openai"])
    chats, one = "/chat/completions", "/chat/completions/{completion_id}"
    response = "/responses/{response_id}"
    metadata = {"parameters": [_METADATA_PARAMETER]}
    for prefix, suffix in (("/api/v1", ""), ("/v1", "V1")):
        for method, path, endpoint, name, summary, extra in (
            ("GET", chats, list_completions, "listChatCompletions", "List recorded chat completions", metadata),
            ("GET", one, get_completion, "getChatCompletion", "Show a recorded chat completion", None),
            ("POST", one, update_completion, "updateChatCompletion", "Set a completion's metadata", _UPDATE_BODY),
            ("DELETE", one, delete_completion, "deleteChatCompletion", "Delete a recorded chat completion", None),
            (
                "GET",
                f"{one}/messages",
                list_messages,
                "getChatCompletionMessages",
                "List a completion's messages",
                None,
            ),
            ("GET", response, get_response, "getResponse", "Show a recorded response", None),
            ("DELETE", response, delete_response, "deleteResponse", "Delete a recorded response", None),
            ("GET", f"{response}/input_items", list_input_items, "listInputItems", "List a response's input", None),
            ("GET", "/models", model_list.list_models, "listModels", "List the models that can be called", None),
            ("GET", "/models/{model_id:path}", model_list.get_model, "getModel", "Show a model", None),
        ):
            made.add_api_route(
                prefix + path,
                endpoint,
                methods=[method],
                operation_id=name + suffix,
                summary=summary,
                openapi_extra=cast("dict[str, Any] | None", extra),
            )
    return made


router: Final = _router()


async def _delete(request: Request, access: Access, kind: Kind, name: str) -> None:
    """Delete what an id names, and keep in the audit trail who did."""
    query = finding.named(kind, name)
    deleted = await _store(request).delete(access.project.id, query)
    if not deleted:
        raise finding.missing(kind, name)
    database = cast("Database", request.app.state.database)  # starlette's state is untyped

    def note() -> None:
        with database.write() as connection:
            audit.record(
                connection,
                access.actor,
                "logs.delete",
                access.project.id,
                project_id=access.project.id,
                before={"query": show(query)},
                result=f"deleted {deleted}",
            )

    await run_in_threadpool(note)


def _cut(items: list[dict[str, JSON]], after: str | None, limit: int, order: Direction) -> dict[str, JSON]:
    """Return one page of a list that is at hand."""
    if order == "desc":
        items.reverse()
    start = 0
    if after is not None:
        places = [index for index, item in enumerate(items) if item["id"] == after]
        if not places:
            raise InvalidRequest("`after` is not the id of an item of this list", param="after")
        start = places[-1] + 1
    return shapes.listing(items[start : start + limit], has_more=len(items) > start + limit)


def _wanted(request: Request) -> Mapping[str, str]:
    """Read `metadata[key]=value` from the query."""
    wanted: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        found = _METADATA.fullmatch(name)
        if found is not None:
            wanted[found[1]] = value
        elif name == "metadata":
            raise InvalidRequest("Name the key: metadata[key]=value", param="metadata")
    if len(wanted) > _MOST_TAGS:
        raise InvalidRequest(f"At most {_MOST_TAGS} keys of metadata can be asked for", param="metadata")
    return wanted


def _metadata(body: JSON) -> dict[str, str]:
    """Read what an update sets; null, and a key whose value is null, leave nothing."""
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object")
    if "metadata" not in body:
        raise InvalidRequest("metadata is required; it is all that can be updated", param="metadata")
    given = body["metadata"]
    if given is not None and not isinstance(given, dict):
        raise InvalidRequest("metadata must be an object or null", param="metadata")
    made: dict[str, str] = {}
    for name, value in (given or {}).items():
        text = "" if value is None else tag_text(value)
        if text is None or not 0 < len(name) <= 200:
            raise InvalidRequest(
                "A key of metadata has 1 to 200 characters, and its value is text", param=f"metadata.{name[:200]}"
            )
        if value is not None:
            made[name] = text
    if len(made) > _MOST_TAGS:
        raise InvalidRequest(f"A completion has at most {_MOST_TAGS} keys of metadata", param="metadata")
    return made


def _store(request: Request) -> LogStore:
    return cast("LogStore", request.app.state.store)  # starlette's state is untyped


def _shown(content: JSON) -> Response:
    # The standard library's, which writes a lone surrogate as the escape that it came as.
    return Response(json.dumps(content, separators=(",", ":")).encode(), media_type="application/json")
