"""An imported log made into a record of our journal: the same line gives the same record, whenever it is read."""

from __future__ import annotations

import hashlib
import math
from datetime import datetime
from typing import Any, Final

import msgspec

from logwright.ids import fixed_id
from logwright.logs.imports.base import ImportedLog, Refused
from logwright.logs.imports.chats import kind_of
from logwright.logs.imports.fields import decode, encode, micros_of
from logwright.logs.record import Figure, Kind, LogRecord
from logwright.wire.tags import tag_text

_FIGURES: Final[tuple[Figure, ...]] = (
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "total_tokens",
    "cost",
    "input_cost",
    "output_cost",
    "latency",
    "ttft",
)
_LONGEST_ID: Final = 200
_LONGEST_TAG_NAME: Final = 200
_CONTENT: Final = (*("requested_at", "request", "response", "messages", "tools", "tool_choice", "tags"),)


def record(log: ImportedLog, *, form: str, project_id: str, key_id: str, at: int) -> LogRecord:
    """Make the record of a log of format `form`; `at`, microseconds since 1970, is its time when it says none.

    Raises:
        Refused: naming what is wrong with it.
    """
    request, response, kind = _bodies(log)
    key = idempotency_key(log, form)
    requested_at = _micros(log.requested_at, "requested_at")
    if requested_at is None:
        requested_at = at
    details = dict(log.details)
    if log.id:
        details.setdefault("origin", {"format": form, "id": log.id})
    return LogRecord(
        id=fixed_id("log", requested_at, hashlib.sha256(f"{project_id}\n{key}".encode("utf-8", "replace")).digest()),
        project_id=project_id,
        key_id=key_id,
        source="import",
        kind=kind,
        requested_at=requested_at,
        received_at=_micros(log.received_at, "received_at"),
        first_byte_at=_micros(log.first_byte_at, "first_byte_at"),
        provider=log.provider,
        provider_kind=log.provider_kind,
        model=log.model,
        upstream_model=log.upstream_model,
        stream=log.stream,
        status=log.status,
        error_kind="reported" if log.error else "",
        error_message=log.error,
        request=request,
        response=response,
        response_form="json" if response else "none",
        tags=_tags(log),
        idempotency_key=key,
        cache=log.cache,
        parent_id=log.parent_id or log.parent_span_id,
        trace_id=log.trace_id,
        span_id=log.span_id,
        session_id=log.session_id,
        retries=log.retries,
        told=_figures(log),
        details=encode(details) if details else b"",
    )


def idempotency_key(log: ImportedLog, form: str) -> str:
    """Name a log by where it comes from: its id there, else a digest of what was said and when."""
    if log.id and len(log.id) <= _LONGEST_ID:
        return f"import:{form}:{log.id}"
    digest = hashlib.blake2b(digest_size=20)
    if log.id:
        digest.update(log.id.encode("utf-8", "replace"))
    else:
        digest.update(encode([getattr(log, name) or None for name in _CONTENT]))
    return f"import:{form}:#{digest.hexdigest()}"


def _bodies(log: ImportedLog) -> tuple[bytes, bytes, Kind]:
    """Return request, response and kind; a conversation is cut before its last message, if that is the answer."""
    if not bytes(log.messages):
        request, response = _present(log.request), _present(log.response)
        return request, response, log.kind or kind_of(_value(request), _value(response))
    messages = decode(log.messages)
    if not isinstance(messages, list) or not messages or not all(isinstance(each, dict) for each in messages):
        raise Refused("expected an array of messages", "$.messages")
    answer = messages[-1] if messages[-1].get("role") == "assistant" else None
    asked: dict[str, Any] = {"model": log.model} if log.model else {}
    asked["messages"] = messages[:-1] if answer is not None else messages
    for name in ("tools", "tool_choice", "response_format"):
        body = _present(getattr(log, name))
        if body not in {b"", b"[]"}:
            asked[name] = msgspec.Raw(body)
    if answer is None:
        return encode(asked), b"", log.kind or "chat_completion"
    reason = "tool_calls" if answer.get("tool_calls") else "stop"
    made: dict[str, Any] = {"object": "chat.completion"}
    if log.model:
        made["model"] = log.model
    made["choices"] = [{"index": 0, "message": answer, "finish_reason": reason}]
    return encode(asked), encode(made), log.kind or "chat_completion"


def _present(body: msgspec.Raw) -> bytes:
    found = bytes(body)
    return b"" if found == b"null" else found


def _value(body: bytes) -> Any:
    try:
        return decode(body) if body else None
    except (msgspec.DecodeError, RecursionError):
        return None  # such as a lone surrogate: it is kept as it is


def _micros(moment: datetime | float | None, name: str) -> int | None:
    if moment is None:
        return None
    try:
        return micros_of(moment)
    except Refused as refusal:
        raise Refused(refusal.error.message, f"$.{name}") from None


def _tags(log: ImportedLog) -> dict[str, str]:
    tags: dict[str, str] = {}
    for name, value in log.tags.items():
        text = tag_text(value)
        if not 1 <= len(name) <= _LONGEST_TAG_NAME:
            raise Refused("the name of a tag has 1 to 200 characters", "$.tags")
        if text:
            tags[name] = text
    if log.prompt:
        tags.setdefault("prompt", log.prompt)
    return tags


def _figures(log: ImportedLog) -> dict[Figure, float]:
    told: dict[Figure, float] = {}
    for name in _FIGURES:
        value: float | None = getattr(log, name)
        if value is None:
            continue
        if not math.isfinite(value) or value < 0:
            raise Refused(f"expected a number that is not negative, got {value}", f"$.{name}")
        told[name] = float(value)
    return told
