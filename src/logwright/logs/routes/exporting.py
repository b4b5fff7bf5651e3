"""The route that writes logs to a file."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from logwright import clock
from logwright.logs.export import KINDS, Choice, export
from logwright.logs.routes.forms import FormatName, MediaForm
from logwright.logs.routes.media import blobs_of
from logwright.logs.routes.selecting import Selected, note, store_of
from logwright.projects.access import Reader

router: Final = APIRouter(tags=["logs"])


@router.get(
    "/logs/export",
    response_class=StreamingResponse,
    summary="Export logs to a file",
    responses={
        200: {
            "description": "The file, newest log first.",
            "content": {kind.media_type: {"schema": {"type": "string"}} for kind in KINDS.values()},
            "headers": {
                "content-disposition": {"description": "A name for the file.", "schema": {"type": "string"}},
            },
        }
    },
)
async def export_logs(
    request: Request,
    access: Reader,
    query: Selected,
    form: Annotated[
        FormatName,
        Query(
            alias="format",
            description="`jsonl`: OpenPipe's rows `{input, output, tags}`. `csv`, `parquet`: all fields. `openai-sft`: "
            "rows for OpenAI's fine-tuning, of the chats that succeeded.",
        ),
    ] = "jsonl",
    remove_duplicates: Annotated[bool, Query(description="Leave out rows equal to an earlier one.")] = False,
    exclude_errors: Annotated[bool, Query(description="Leave out calls that did not succeed.")] = False,
    sample: Annotated[
        int | None, Query(ge=1, le=100_000_000, description="Take this many matches at random; all, when absent.")
    ] = None,
    seed: Annotated[int | None, Query(description="The same seed takes the same sample.")] = None,
    media: MediaForm = "refer",
) -> Response:
    """Stream the file, whatever its size. A sample is drawn before duplicates are removed."""
    choice = Choice(remove_duplicates=remove_duplicates, exclude_errors=exclude_errors, sample=sample, seed=seed)
    blobs = blobs_of(request) if media == "inline" else None
    parts = export(store_of(request), access.project.id, query, form, choice, inline=blobs)
    # The first part before the head of the answer, so that a store that cannot be asked is a proper refusal.
    first = await anext(parts, b"")
    await run_in_threadpool(note, request, access, "logs.export", query, result=form)
    kind = KINDS[form]
    day = clock.now().strftime("%Y-%m-%d")
    name = f"logs-{re.sub(r'[^A-Za-z0-9._-]+', '-', access.project.name)[:60]}-{day}.{kind.suffix}"
    return StreamingResponse(
        _joined(first, parts),
        media_type=kind.media_type,
        headers={"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"},
    )


async def _joined(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    async with aclosing(rest):
        yield first
        async for part in rest:
            yield part
