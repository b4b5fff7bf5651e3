"""Turn a log that a client of Humanloop tells of into a record for the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, cast

import msgspec

from logwright.clock import to_micros
from logwright.faces.humanloop import bodies
from logwright.faces.humanloop.requests import AnyCreated, PromptCall
from logwright.faces.humanloop.view import NAME, TAGGED, TOLD, tags_of, written
from logwright.ids import new_id
from logwright.logs.record import Figure, Kind, LogRecord
from logwright.logs.types import Log
from logwright.prompts.types import Edition, FileType

JSON = Any

_FIGURES: Final[Mapping[str, Figure]] = {
    "prompt_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "reasoning_tokens": "reasoning_tokens",
    "prompt_cost": "input_cost",
    "output_cost": "output_cost",
}
_DETAILS: Final = (
    "stdout",
    "provider_request",
    "provider_response",
    "metadata",
    "log_status",
    "source_datapoint_id",
    "trace_parent_id",
    "run_id",
    "save",
    "provider_latency",
    "judgment",
    "marked_completed",
    *TAGGED,
)
_PAYLOADS: Final = frozenset({"stdout", "provider_request", "provider_response"})
"""What `save: false` leaves out, besides the bodies."""

_encode: Final = msgspec.json.Encoder().encode


class Teller(NamedTuple):
    """Who tells, and when."""

    project_id: str
    key_id: str
    now: datetime


def plain(value: JSON) -> JSON:
    """Write what pydantic has read as JSON again, without the fields that were not given."""
    match value:
        case list():
            return [plain(each) for each in value]
        case dict():
            return value
        case _ if hasattr(value, "model_dump"):
            return value.model_dump(mode="json", exclude_unset=True)
        case _:
            return value


def fields_of(body: AnyCreated | PromptCall) -> dict[str, JSON]:
    """Return the fields that were given and are not null, as JSON; moments stay moments."""
    return {name: plain(value) for name, value in body.given().items() if value is not None}


def record_of(teller: Teller, edition: Edition, body: AnyCreated, *, parent: Log | None) -> LogRecord:
    """Make the record. `parent` is the log that it is nested under, where there is one."""
    type_ = edition.file.type
    fields = fields_of(body)
    created = cast("datetime | None", fields.get("created_at"))
    start = cast("datetime | None", fields.get("start_time"))
    end = cast("datetime | None", fields.get("end_time"))
    requested_at = start or created or teller.now
    latency = fields.get("provider_latency")
    if end is not None and start is not None and end >= start:
        latency = (end - start).total_seconds()
    received_at = end
    if received_at is None and latency is not None:
        received_at = requested_at + timedelta(seconds=latency)
    told: dict[Figure, float] = {figure: fields[name] for name, figure in _FIGURES.items() if name in fields}
    if latency is not None:
        told["latency"] = latency
    log_id = fields.get("log_id") or new_id("log", to_micros(requested_at))
    kernel = edition.version.kernel
    request, answer = bodies.request_of(kernel, fields), bodies.answer_of(type_, kernel, fields)
    details = _details(teller, fields, answer)
    if fields.get("save") is False:
        request = answer = None
        details = {name: value for name, value in details.items() if name not in _PAYLOADS}
    error = fields.get("error") or ""
    provider = kernel.get("provider") or ""
    answered = fields.get("provider_response") or {}
    completion_id = answered.get("id")
    return LogRecord(
        id=log_id,
        project_id=teller.project_id,
        key_id=teller.key_id,
        source="report",
        kind=_kind(type_, kernel),
        requested_at=to_micros(requested_at),
        received_at=None if received_at is None else to_micros(received_at),
        provider=provider,
        provider_kind=provider,
        model=str(kernel.get("model") or ""),
        error_kind="reported" if error else "",
        error_message=error,
        request=b"" if request is None else _encode(request),
        response=b"" if answer is None else _encode(answer),
        response_form="none" if answer is None else "json",
        tags=tags_of(fields),
        # Of two logs with one id that are told at the same moment, the store keeps the first.
        idempotency_key=f"humanloop {log_id}" if "log_id" in fields else "",
        parent_id=fields.get("parent_id") or fields.get("trace_parent_id") or "",
        prompt_id=edition.file.id,
        version_id=edition.version.id,
        trace_id=_trace(type_, log_id, parent, fields),
        details=_encode(details),
        told=told,
        completion_id=completion_id if isinstance(completion_id, str) else "",
    )


def _details(teller: Teller, fields: Mapping[str, JSON], answer: JSON) -> dict[str, JSON]:
    details: dict[str, JSON] = {TOLD: NAME}
    details.update({name: fields[name] for name in _DETAILS if name in fields})
    for name in ("start_time", "end_time"):
        if name in fields:
            details[name] = written(fields[name])
    details["created_at"] = written(fields.get("created_at") or teller.now)
    if "output" in fields and fields["output"] != bodies.text_in("chat_completion", answer):
        details["output"] = fields["output"]
    return details


def _kind(type_: FileType, kernel: Mapping[str, JSON]) -> Kind:
    if type_ == "prompt":
        return "text_completion" if kernel.get("endpoint") == "complete" else "chat_completion"
    return type_


def _trace(type_: FileType, log_id: str, parent: Log | None, fields: Mapping[str, JSON]) -> str:
    """Name the trace: the parent's, else the log's own where it begins one."""
    if parent is not None:
        return parent.trace_id or parent.id
    if fields.get("trace_parent_id"):
        return str(fields["trace_parent_id"])
    return log_id if type_ in {"flow", "agent"} else ""
