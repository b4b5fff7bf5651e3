"""Turn an update into what it changes of a log: absent keeps, null clears.

Each field is an entry of `details` of its own, or a column, and an amendment sets
just those: of two updates at once none is lost. The bodies follow from the entries;
they are compared with what the amendment has made of the log, and amended again
where another update came between.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from logwright.clock import to_micros
from logwright.faces.humanloop import bodies
from logwright.faces.humanloop.view import CLEARED, TAGGED, View, tags_of, written
from logwright.logs.types import Log
from logwright.prompts.types import FileType

JSON = Any

_COLUMNS: Final[Mapping[str, str]] = {
    "prompt_tokens": "input_tokens",
    "reasoning_tokens": "reasoning_tokens",
    "output_tokens": "output_tokens",
    "prompt_cost": "input_cost",
    "output_cost": "output_cost",
    "error": "error_message",
}
_REQUESTED: Final = frozenset({"messages", "tool_choice", "inputs"})
_IN_BODIES: Final = _REQUESTED | {"output", "output_message", "finish_reason"}
_MOMENTS: Final = frozenset({"created_at", "start_time", "end_time"})
_NOTED: Final = _IN_BODIES | _MOMENTS | {"provider_latency"}
"""Fields that bodies and columns would give again, so that clearing them has to be noted."""

_COUNTED: Final = "figures_told"
"""The entry of `details` that says that token counts were told, and that those in the answer follow from them."""


def changes_of(log: Log, type_: FileType, given: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the amendment that an update means, by column; tags apart. `given` holds JSON, and moments as moments."""
    view = View(log)
    details: dict[str, JSON] = {}
    columns: dict[str, JSON] = {}
    for name, value in given.items():
        if name in _COLUMNS:
            columns[_COLUMNS[name]] = value
        else:
            details[name] = written(value) if name in _MOMENTS else value
            if name in _NOTED:
                details[CLEARED + name] = True if value is None else None
    details |= _other_half(view, type_, given)
    if given.keys() & {"prompt_tokens", "output_tokens"}:
        details[_COUNTED] = True
    after = _with(log, details, columns)
    columns |= _times(view, View(after), given)
    columns |= follow(after, type_)
    return {**columns, "details": details} if details else columns


def follow(log: Log, type_: FileType) -> dict[str, str | None]:
    """Return the bodies that a log must have by what was told of it; only those that it has not."""
    view = View(log)
    told: dict[str, JSON] = {name: view.details.get(name) for name in _IN_BODIES if _is_told(view, name)}
    found: dict[str, str | None] = {}
    asked = {name: value for name, value in told.items() if name in _REQUESTED}
    if asked:
        request = bodies.with_request_fields(view.request, asked)
        if request != view.request:
            found["request"] = bodies.encoded(request)
    answered = {name: value for name, value in told.items() if name not in _REQUESTED}
    answer = view.answer
    if answered:
        answer = bodies.with_answer_fields(log.kind, type_, answer, answered)
    if view.details.get(_COUNTED) and isinstance(answer, dict) and "choices" in answer:
        usage = bodies.usage_of(log.input_tokens, log.output_tokens)
        before = answer.get("usage")
        answer = {**answer, "usage": {**(before if isinstance(before, dict) else {}), **(usage or {})}}
    if answer != view.answer:
        found["response"] = bodies.encoded(answer)
    return found


def tag_changes(log: Log, given: Mapping[str, JSON]) -> dict[str, str | None]:
    """Return the tags that an update sets (text) and removes (None); tags that others add meanwhile stay."""
    if not given.keys() & {"metadata", *TAGGED}:
        return {}
    view = View(log)
    before = {"metadata": view.metadata, **{name: view.tagged(name) for name in TAGGED}}
    old, new = tags_of(before), tags_of({**before, **given})
    changed: dict[str, str | None] = {name: text for name, text in new.items() if log.tags.get(name) != text}
    changed.update({name: None for name in old if name not in new})
    return changed


def _other_half(view: View, type_: FileType, given: Mapping[str, JSON]) -> dict[str, JSON]:
    """Let the text and the message tell the same where an update gives only one of them."""
    if "output" in given and "output_message" not in given and given["output"] is not None:
        message = None if view.is_cleared("output_message") else view.details.get("output_message")
        return {} if message is None else {"output_message": {**message, "content": given["output"]}}
    if given.get("output_message") is not None and "output" not in given and "output" in view.details:
        return {"output": bodies.text_of_message(given["output_message"])}
    if "output_message" in given and given["output_message"] is None and "output" not in given:
        return {"output": view.output} if type_ in {"prompt", "agent"} and view.output is not None else {}
    return {}


def _is_told(view: View, name: str) -> bool:
    return name in view.details or view.is_cleared(name)


def _with(log: Log, details: Mapping[str, JSON], columns: Mapping[str, JSON]) -> Log:
    """Return the log as an amendment will make it."""
    merged = {**View(log).details, **details}
    kept = {name: value for name, value in merged.items() if value is not None}
    figures = {name: columns[name] for name in ("input_tokens", "output_tokens") if name in columns}
    return dataclasses.replace(log, details=bodies.encoded(kept) or "", **figures)


def _times(before: View, after: View, given: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the columns that follow from the moments and the latency that were told."""
    if not given.keys() & {*_MOMENTS, "provider_latency"}:
        return {}
    begun, end, took = after.start_time, after.end_time, after.details.get("provider_latency")
    started = _told(after, "start_time") or (_told(after, "created_at") if after.was_told else None)
    requested_at = started or before.log.requested_at
    if begun is not None and end is not None and end >= begun and after.details.keys() & {"start_time", "end_time"}:
        took = (end - begun).total_seconds()
    elif took is None and not after.is_cleared("provider_latency") and not after.was_told:
        took = before.log.latency
    received_at = before.log.received_at
    if end is not None or after.is_cleared("end_time"):
        received_at = end
    elif after.was_told:
        received_at = None if took is None else requested_at + timedelta(seconds=took)
    return {
        "requested_at": to_micros(requested_at),
        "received_at": None if received_at is None else to_micros(received_at),
        "latency": took,
    }


def _told(view: View, name: str) -> datetime | None:
    value = view.details.get(name)
    return datetime.fromisoformat(value) if isinstance(value, str) else None
