"""One log of ours in the form of Bifrost's: latency in milliseconds, `object` for the kind, bodies taken apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from logwright.faces.bifrost.bodies import fields_of
from logwright.faces.bifrost.filters import status_of
from logwright.logs.types import Log, LogSummary
from logwright.wire.strict import JSON
from logwright.wire.usage import usage_of

Names = Mapping[str, str]
"""What the keys of callers are called, by their ids."""

Fields = dict[str, JSON]

_THEIRS: Final = frozenset({"", "upstream_status", "reported"})
"""Kinds of error that did not arise in the gateway: the provider's own words, or the caller's."""


def shown(log: LogSummary, names: Names, *, raw: Log | None = None) -> Fields:
    """Write a log. One that comes without its bodies says that they were left out.

    `raw` is the log whose bodies are shown beside it as they are, where that is wanted.
    """
    whole = log if isinstance(log, Log) else None
    request = _parsed(whole.request) if whole else None
    response = _parsed(whole.response) if whole else None
    told = _parsed(whole.details) if whole and whole.details else None
    details: Mapping[str, JSON] = told if isinstance(told, dict) else {}
    return {
        **_head(log, names),
        **_absent_left_out(
            {
                "latency": milliseconds(log.latency),
                "cost": log.cost,
                "metadata": dict(log.tags),
                "token_usage": _token_usage(log, response),
                "error_details": _error_details(log, response),
                "cache_debug": _cache_debug(log, details.get("cache")),
                "raw_request": _raw(details.get("provider_request"), raw.request if raw else ""),
                "is_large_payload_request": whole is None or None,
                "is_large_payload_response": whole is None or None,
            }
        ),
        "raw_response": _raw(details.get("provider_response"), raw.response if raw else ""),
        **fields_of(log.kind, request, response),
    }


def milliseconds(seconds: float | None) -> float | None:
    """Give seconds as milliseconds, of which the same digits give the seconds back."""
    return None if seconds is None else float(Decimal(repr(seconds)) * 1000)


def instant(moment: datetime) -> str:
    """Write a moment in the form of RFC 3339."""
    return moment.isoformat().replace("+00:00", "Z")


def _head(log: LogSummary, names: Names) -> Fields:
    """Give what every log has."""
    return {
        "id": log.id,
        "parent_request_id": log.parent_id or log.session_id or None,
        "timestamp": instant(log.requested_at),
        "object": log.object,
        "provider": log.provider,
        "model": log.model,
        "status": status_of(log.error_kind),
        "stream": log.stream,
        "created_at": instant(log.received_at or log.requested_at),
        "number_of_retries": log.retries,
        "fallback_index": log.fallback_index,
        "selected_key_id": log.provider,
        "selected_key_name": log.provider,
        "virtual_key_id": log.key_id or None,
        "virtual_key_name": names.get(log.key_id) if log.key_id else None,
    }


def _token_usage(log: LogSummary, response: JSON) -> Fields | None:
    """Give the tokens as counted, and of the answer's own block what our columns do not have."""
    if log.total_tokens is None:
        return None
    shown: Fields = {"prompt_tokens": log.input_tokens or 0, "total_tokens": log.total_tokens}
    if log.output_tokens:
        shown["completion_tokens"] = log.output_tokens
    usage = usage_of(log.kind, response)
    before = {
        "cached_read_tokens": log.cached_tokens,
        "cached_write_tokens": usage and usage.cache_write_tokens,
        "audio_tokens": usage and usage.input_audio_tokens,
    }
    after = {"reasoning_tokens": log.reasoning_tokens, "audio_tokens": usage and usage.output_audio_tokens}
    for name, counts in (("prompt_tokens_details", before), ("completion_tokens_details", after)):
        if some := {key: count for key, count in counts.items() if count}:
            shown[name] = some
    block = response.get("usage") if isinstance(response, dict) else None
    price = block.get("cost") if isinstance(block, dict) else None
    if type(price) in (int, float):  # some providers say what they charge
        shown["cost"] = {"total_cost": price}
    return shown


def _error_details(log: LogSummary, response: JSON) -> Fields | None:
    if not log.error_kind:
        return None
    found = response.get("error") if isinstance(response, dict) else None
    said = found if isinstance(found, dict) else {}
    error: Fields = {name: said[name] for name in ("type", "code") if isinstance(said.get(name), str)}
    if said.get("param") is not None:
        error["param"] = said["param"]
    error["message"] = log.error_message or log.error_kind.replace("_", " ")
    shown: Fields = {"is_bifrost_error": log.error_kind not in _THEIRS, "error": error, "type": log.error_kind}
    if log.status is not None:
        shown["status_code"] = log.status
    return shown


def _cache_debug(log: LogSummary, told: JSON) -> Fields | None:
    debug: Fields = dict(told) if isinstance(told, dict) else {}
    if log.cache:
        debug.setdefault("cache_hit", log.cache == "hit")
        if log.cache == "hit":
            debug.setdefault("hit_type", "direct")
    elif debug:
        debug.setdefault("cache_hit", False)
    return debug or None


def _raw(told: JSON, body: str) -> str | None:
    """Give what went over the wire as text: as the caller told it, else as recorded."""
    if told is None:
        return body or None
    return told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)


def _parsed(text: str) -> JSON:
    """Read a stored body, which is JSON, though not always such as msgspec takes."""
    if not text:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None


def _absent_left_out(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None and value != {}}
