"""Log and update: what `log` and `update_log` of the clients do, for files of every type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from logwright.errors import Conflict, InvalidRequest, NotFound, Unavailable
from logwright.faces.humanloop.access import Desk
from logwright.faces.humanloop.answers import Refused
from logwright.faces.humanloop.changes import changes_of, follow, tag_changes
from logwright.faces.humanloop.editions import editions_of, for_log
from logwright.faces.humanloop.files import EXTERNAL
from logwright.faces.humanloop.listing import shown_logs, the_log
from logwright.faces.humanloop.records import Teller, plain, record_of
from logwright.faces.humanloop.requests import (
    AgentLog,
    AnyCreated,
    EvaluatorLog,
    FlowLog,
    PromptKernel,
    PromptLog,
    ToolLog,
)
from logwright.logs.amending import TAG_CHANGES
from logwright.logs.types import Log
from logwright.prompts import dotprompt, manage
from logwright.prompts.types import Draft, Edition, FileType

JSON = Any

_ROUNDS: Final = 4
"""How often bodies are made to follow what was told; more rounds would need as many updates at the same instant."""


class Told(NamedTuple):
    """A log that was recorded."""

    log_id: str
    edition: Edition
    parent_id: str
    log_status: str | None


async def tell(
    desk: Desk, type_: FileType, body: AnyCreated, *, version_id: str | None = None, environment: str | None = None
) -> Told:
    """Record a log durably.

    Raises:
        NotFound: when the file, its version or the log to be judged is not there.
        Conflict: when there is a log with the id already.
        InvalidRequest: when the body names no file, or the kernel cannot be read.
        Unavailable: when nothing can be recorded at present.
    """
    refusal = desk.recorder.refusal()
    if refusal is not None:
        raise Unavailable(refusal, retry_after=1)
    if body.log_id is not None and await desk.store.get(desk.project_id, body.log_id) is not None:
        raise Conflict(f"There is a log with the id {body.log_id!r} already", param="log_id")
    parent = await _parent(desk, body)
    edition = await _edition(desk, type_, body, version_id=version_id, environment=environment)
    teller = Teller(project_id=desk.project_id, key_id=desk.key_id, now=desk.now)
    record = record_of(teller, edition, body, parent=parent)
    await desk.recorder.keep(record)
    return Told(record.id, edition, record.parent_id, body.log_status)


async def update(
    desk: Desk, type_: FileType | None, file_id: str | None, log_id: str, body: BaseModel
) -> dict[str, JSON]:
    """Change a log of a file, of any type where none is asked for, and return it whole.

    Raises:
        NotFound: when there is no such log of this file; one of another file is not confirmed to exist.
    """
    log = await the_log(desk, log_id)
    edition = (await editions_of(desk, [log]))[log.id]
    if type_ not in {None, edition.file.type} or file_id not in {None, edition.file.id}:
        raise NotFound(f"There is no log with the id {log_id[:100]!r}", param="log_id")
    if edition.file.deleted_at is not None:
        raise NotFound(f"There is no {edition.file.type} with the id {edition.file.id!r}", param="id")
    given = {name: plain(getattr(body, name)) for name in body.model_fields_set}
    if given:
        log = await amend(desk, log, edition.file.type, given)
    return (await shown_logs(desk, [log]))[0]


async def amend(desk: Desk, log: Log, type_: FileType, given: Mapping[str, JSON]) -> Log:
    """Write what an update gives; every change of a field is one that another at the same time cannot undo."""
    changes: Mapping[str, JSON] = {**changes_of(log, type_, given), TAG_CHANGES: tag_changes(log, given)}
    for _ in range(_ROUNDS):
        amended = await desk.store.amend(desk.project_id, log.id, changes, by=desk.key_id)
        if amended is None:
            raise NotFound(f"There is no log with the id {log.id!r}", param="log_id")
        log = amended
        changes = follow(log, type_)
        if not changes:
            break
    return log


async def _parent(desk: Desk, body: AnyCreated) -> Log | None:
    """Return the log that this one is under; the one it judges has to be there."""
    if isinstance(body, EvaluatorLog):
        judged = await desk.store.get(desk.project_id, body.parent_id)
        if judged is None:
            raise NotFound(f"There is no log with the id {body.parent_id!r} to judge", param="parent_id")
        return judged
    # A step may be told before the flow that it is a step of.
    return await desk.store.get(desk.project_id, body.trace_parent_id) if body.trace_parent_id else None


async def _edition(
    desk: Desk, type_: FileType, body: AnyCreated, *, version_id: str | None, environment: str | None
) -> Edition:
    kernel = kernel_of(body)
    if kernel is None or version_id or environment:
        try:
            return await for_log(
                desk, type_, id_=body.id, path=body.path, version_id=version_id, environment=environment
            )
        except NotFound:
            if body.id or version_id or environment or type_ not in _UNSPECIFIED:
                raise
            kernel = _UNSPECIFIED[type_]
    draft = Draft(kernel)
    return await run_in_threadpool(manage.upsert, desk.database, desk.author, type_, draft, id_=body.id, path=body.path)


_UNSPECIFIED: Final[Mapping[FileType, Mapping[str, JSON]]] = {
    "flow": {"attributes": {}},
    "evaluator": {"spec": EXTERNAL},
}
"""What a file is made of whose first log says nothing of it, where that means something."""


def kernel_of(body: AnyCreated) -> Mapping[str, JSON] | None:
    """Return the kernel that a log brings; None where it brings none."""
    match body:
        case PromptLog(prompt=found) | AgentLog(agent=found):
            return read_kernel(found)
        case ToolLog(tool=tool):
            return None if tool is None else _given(tool)
        case FlowLog(flow=flow):
            return None if flow is None else _given(flow)
        case EvaluatorLog(spec=spec):
            return None if spec is None else {"spec": spec}


def read_kernel(found: PromptKernel | str | None) -> Mapping[str, JSON] | None:
    """Return a prompt's kernel, which may be the text of a .prompt file.

    Raises:
        Refused: naming what of such a text is no kernel.
        InvalidRequest: when the text cannot be read.
    """
    if not isinstance(found, str):
        return None if found is None else _given(found)
    try:
        return _given(PromptKernel.model_validate(dotprompt.parse(found)))
    except ValidationError as error:
        raise Refused(
            [{**each, "loc": ("body", "prompt", *each["loc"])} for each in error.errors(include_url=False)]
        ) from error
    except ValueError as error:
        raise InvalidRequest(f"The text of the .prompt file cannot be read: {error}", param="prompt") from error


def _given(model: BaseModel) -> dict[str, JSON]:
    return model.model_dump(mode="json", exclude_unset=True)
