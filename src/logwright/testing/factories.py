"""Records, logs and rows for tests, complete but for what the test is about."""

from __future__ import annotations

import itertools
import json
from datetime import datetime, timedelta
from typing import Any, Final

from logwright.clock import from_micros, to_micros
from logwright.ids import new_id
from logwright.logs.record import LogRecord
from logwright.logs.row import LogRow
from logwright.logs.types import Log

START: Final = from_micros(1_767_268_800_000_000)  # 2026-01-01 12:00 UTC
_numbers: Final = itertools.count(1)


def a_record(**given: Any) -> LogRecord:
    """Make a journal record of a successful chat call; `request` and `response` may be given as JSON values.

    Each is requested a second after the one made before it, beginning at `START`.
    """
    number = next(_numbers)
    requested_at = given.pop("requested_at", None) or START + timedelta(seconds=number)
    micros = to_micros(requested_at) if isinstance(requested_at, datetime) else requested_at
    request = given.pop("request", None)
    if request is None:
        request = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": f"Triage ticket {number}."}]}
    response = given.pop("response", None)
    if response is None:
        response = a_completion(f"Ticket {number} goes to billing.", number=number)
    fields: dict[str, Any] = {
        "id": new_id("log", micros),
        "project_id": "proj_test",
        "source": "gateway",
        "kind": "chat_completion",
        "requested_at": micros,
        "received_at": micros + 1_200_000,
        "first_byte_at": micros + 400_000,
        "key_id": "key_test",
        "provider": "openai",
        "provider_kind": "openai",
        "model": "gpt-4o-mini",
        "upstream_model": "gpt-4o-mini",
        "status": 200,
        "request": _bytes(request),
        "response": _bytes(response),
        "response_form": "json",
        **given,
    }
    return LogRecord(**fields)


def a_row(**given: Any) -> LogRow:
    """Make a row of the store as `normalise` would for `a_record`; bodies may be given as JSON values."""
    record = a_record(**{name: given[name] for name in given.keys() & {"requested_at", "request", "response"}})
    fields: dict[str, Any] = {
        "id": record.id,
        "project_id": record.project_id,
        "requested_at": record.requested_at,
        "received_at": record.received_at,
        "source": record.source,
        "kind": record.kind,
        "provider": record.provider,
        "provider_kind": record.provider_kind,
        "model": record.model,
        "upstream_model": record.upstream_model,
        "completion_id": "chatcmpl-1",
        "status": 200,
        "latency": 1.2,
        "ttft": 0.4,
        "input_tokens": 12,
        "output_tokens": 8,
        "cached_tokens": 0,
        "reasoning_tokens": 0,
        "total_tokens": 20,
        "cost": 0.0000066,
        "price_version": "test",
        "key_id": record.key_id,
        "request_preview": "Triage ticket.",
        "response_preview": "The ticket goes to billing.",
        **given,
        "request": record.request.decode(),
        "response": record.response.decode(),
    }
    if isinstance(fields["requested_at"], datetime):
        fields["requested_at"] = to_micros(fields["requested_at"])
    return LogRow(**fields)


def a_log(**given: Any) -> Log:
    """Make a stored log, as the store returns it; bodies may be given as JSON values."""
    row = a_row(**{name: given[name] for name in given.keys() & {"requested_at", "request", "response"}})
    fields: dict[str, Any] = {name: getattr(row, name) for name in Log.__dataclass_fields__}
    fields["requested_at"] = from_micros(row.requested_at)
    fields["received_at"] = None if row.received_at is None else from_micros(row.received_at)
    fields.update({name: value for name, value in given.items() if name not in {"requested_at", "request", "response"}})
    return Log(**fields)


def a_completion(text: str = "The ticket goes to billing.", *, number: int = 1, **given: Any) -> dict[str, Any]:
    """Make a chat completion with 12 tokens in and 8 out."""
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": to_micros(START) // 1_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 12, "completion_tokens": 8, "total_tokens": 20},
        **given,
    }


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
