"""The route that takes logs of other products."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool

from logwright import clock
from logwright.clock import to_micros
from logwright.errors import InvalidRequest, TooLarge
from logwright.logs.imports import registry
from logwright.logs.imports.base import Format, Item
from logwright.logs.imports.take import MOST_LINES, prepare, take
from logwright.logs.recorder import Recorder
from logwright.logs.routes.forms import Shown
from logwright.logs.routes.selecting import store_of
from logwright.projects.access import Anyone, Writer

router: Final = APIRouter(tags=["logs"])


class LineOut(Shown):
    """What became of one line of an import."""

    line: int
    """The line, from 1."""
    status: Literal["taken", "duplicate", "error"]
    """`duplicate`: it was imported before, or stands in the request twice."""
    id: str
    """The log's id; empty for a line that is none."""
    message: str
    """What is wrong with the line; else empty."""
    path: str
    """The JSON path of what is wrong in it."""


class ImportOut(Shown):
    """What became of the lines of an import."""

    taken: int
    duplicates: int
    errors: int
    lines: list[LineOut]


class FormatOut(Shown):
    """A format of another product."""

    name: str
    """As `format` takes it."""
    label: str
    sentence: str
    reads: list[str]
    """The files and addresses that it takes, for people."""
    docs: str
    has_api: bool
    """Whether the command line can read it from the product's API."""


class FormatsOut(Shown):
    """What can be imported."""

    data: list[FormatOut]


_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        "application/x-ndjson": {
            "schema": {"type": "string", "description": "One JSON object a line, in the format that `format` names."}
        },
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["lines"],
                "properties": {
                    "format": {"type": "string", "description": "In place of the parameter."},
                    "lines": {
                        "type": "array",
                        "maxItems": MOST_LINES,
                        "items": {},
                        "description": "Objects of the format.",
                    },
                },
            }
        },
    },
}


class _Lines(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[msgspec.Raw]
    format: str | None = None


_lines: Final = msgspec.json.Decoder(_Lines).decode


@router.post("/logs/import", summary="Import logs of other products", openapi_extra={"requestBody": _BODY})
async def import_logs(
    request: Request,
    access: Writer,
    form: Annotated[
        str | None,
        Query(alias="format", max_length=50, description="A format of `/logs/import/formats`; `jsonl` when absent."),
    ] = None,
    origin: Annotated[
        str | None,
        Query(
            max_length=50,
            description="The format that the ids of `jsonl` lines belong to, where another product's were turned into "
            "these; `format` when absent.",
        ),
    ] = None,
    at: Annotated[
        datetime | None, Query(description="The time of lines that tell none, such as the file's; else the present.")
    ] = None,
    dry_run: Annotated[bool, Query(description="Say what would become of each line, and take none.")] = False,
) -> ImportOut:
    """Take up to 1,000 lines; what is `taken` is durable. A line that was imported before is a `duplicate`.

    A line is known by its format and its id there, or by its content where it has none, so an import may be broken
    off and run again. Calls of one batch or trace that are on several lines must come in one request.
    """
    given, raws = _read_body(request, await request.body())
    reader = _format_named(form or given or "jsonl", "format")
    belongs_to = reader if origin is None else _format_named(origin, "origin")
    if len(raws) > MOST_LINES:
        raise TooLarge(
            f"{len(raws)} lines are more than the {MOST_LINES} that one request takes; send fewer", param="lines"
        )
    items = [Item(number, raw) for number, raw in raws]
    moment = to_micros(clock.now() if at is None else at.astimezone(clock.EPOCH.tzinfo))
    made = await run_in_threadpool(
        prepare,
        reader,
        items,
        form=belongs_to.card.name,
        project_id=access.project.id,
        key_id=access.principal.key_id,
        at=moment,
    )
    recorder = cast("Recorder", request.app.state.recorder)  # starlette's state is untyped
    results = await take(store_of(request), recorder, access.project.id, made, dry_run=dry_run)
    counts = {status: sum(result.status == status for result in results) for status in ("taken", "duplicate", "error")}
    return ImportOut(
        taken=counts["taken"],
        duplicates=counts["duplicate"],
        errors=counts["error"],
        lines=[
            LineOut(line=each.line, status=each.status, id=each.id, message=each.message, path=each.path)
            for each in results
        ],
    )


@router.get("/logs/import/formats", summary="List what can be imported")
async def import_formats(_: Anyone) -> FormatsOut:
    """Return every format with what it reads."""
    return FormatsOut(
        data=[
            FormatOut(
                name=card.name,
                label=card.label,
                sentence=card.sentence,
                reads=list(card.reads),
                docs=card.docs,
                has_api=reader.pager is not None,
            )
            for reader in registry.formats().values()
            for card in (reader.card,)
        ]
    )


def _format_named(name: str, param: str) -> Format:
    found = registry.formats().get(name)
    if found is None:
        raise InvalidRequest(f"There is no format {name!r}; there are {', '.join(registry.formats())}", param=param)
    return found


def _read_body(request: Request, body: bytes) -> tuple[str | None, Sequence[tuple[int, bytes]]]:
    """Return the format that the body names, and its lines with their numbers."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        numbered = enumerate(body.splitlines(), start=1)
        return None, [(number, line) for number, line in numbered if line.strip()]
    try:
        told = _lines(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest(f"The body is not {{format, lines}}: {error}", param="lines") from error
    return told.format, [(number, bytes(line)) for number, line in enumerate(told.lines, start=1)]
