"""The answers and parameters of Bifrost's log API as the OpenAPI document shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from logwright.faces.bifrost.filters import METADATA

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}
_WHOLE: Final[Schema] = {"type": "integer"}
_NUMBER: Final[Schema] = {"type": "number"}
_TRUTH: Final[Schema] = {"type": "boolean"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_ANY_OBJECT: Final[Schema] = {"type": "object", "additionalProperties": True}


def _each(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(required: Mapping[str, Schema] | None = None, **optional: Schema) -> Schema:
    needed = required or {}
    schema: Schema = {"type": "object", "properties": {**needed, **optional}}
    return {**schema, "required": list(needed)} if needed else schema


def _described(schema: Schema, sentence: str) -> Schema:
    return {**schema, "description": sentence}


# ------------------------------------------------------------------ logs

_CONTENT: Final[Schema] = {"anyOf": [_TEXT, _each(_ANY_OBJECT), {"type": "null"}]}
_CALL: Final = _object(
    id=_TEXT_OR_NULL,
    type=_TEXT_OR_NULL,
    index={"type": ["integer", "null"]},
    function=_object(name=_TEXT_OR_NULL, arguments=_TEXT),
)
_MESSAGE: Final = _object(
    {"role": _TEXT},
    content=_CONTENT,
    name=_TEXT_OR_NULL,
    tool_call_id=_TEXT_OR_NULL,
    tool_calls=_each(_CALL),
    refusal=_TEXT_OR_NULL,
    annotations=_each(_ANY_OBJECT),
    thought=_described(_TEXT, "What the model thought, where it is told."),
)
_ITEM: Final = _described(_object(role=_TEXT_OR_NULL, content=_CONTENT), "An item of OpenAI's Responses API.")
_BLOB: Final = _described(_ANY_OBJECT, "Where the bytes lie that are not in the log: `$blob` is their SHA-256.")
_USAGE: Final = _object(
    {"total_tokens": _WHOLE},
    prompt_tokens=_WHOLE,
    completion_tokens=_described(_WHOLE, "Absent when there are none."),
    prompt_tokens_details=_object(cached_read_tokens=_WHOLE, cached_write_tokens=_WHOLE, audio_tokens=_WHOLE),
    completion_tokens_details=_object(reasoning_tokens=_WHOLE, audio_tokens=_WHOLE),
    cost=_described(_object(total_cost=_NUMBER), "Where the provider says itself what it charges."),
)
REFUSAL: Final = _object(
    {
        "is_bifrost_error": _described(_TRUTH, "True when the gateway failed, not the provider and not the caller."),
        "error": _object({"message": _TEXT}, type=_TEXT_OR_NULL, code=_TEXT_OR_NULL, param={}, event_id=_TEXT_OR_NULL),
    },
    event_id=_TEXT_OR_NULL,
    type=_TEXT_OR_NULL,
    status_code={"type": ["integer", "null"]},
)
_CACHE: Final = _object(
    {"cache_hit": _TRUTH},
    cache_id=_TEXT_OR_NULL,
    hit_type={"enum": ["direct", "semantic", None]},
    provider_used=_TEXT_OR_NULL,
    model_used=_TEXT_OR_NULL,
    input_tokens={"type": ["integer", "null"]},
    threshold={"type": ["number", "null"]},
    similarity={"type": ["number", "null"]},
)
LOG: Final = _described(
    _object(
        {
            "id": _TEXT,
            "timestamp": _MOMENT,
            "object": _described(_TEXT, "The kind of call, with `_stream` behind it where the answer was streamed."),
            "provider": _TEXT,
            "model": _described(_TEXT, "As the caller named it."),
            "status": {"type": "string", "enum": ["processing", "success", "error", "cancelled"]},
            "stream": _TRUTH,
            "created_at": _MOMENT,
        },
        parent_request_id=_described(_TEXT_OR_NULL, "The log that this one continues, or the session it belongs to."),
        latency=_described(_NUMBER, "Milliseconds."),
        cost=_described(_NUMBER, "US dollars; absent when unknown."),
        raw_request=_TEXT_OR_NULL,
        raw_response=_TEXT_OR_NULL,
        input_history=_each(_MESSAGE),
        responses_input_history=_each(_ITEM),
        output_message=_MESSAGE,
        responses_output=_each(_ITEM),
        embedding_output=_each(
            _object({"index": _WHOLE, "embedding": {"type": ["string", "array"]}}, object={"const": "embedding"})
        ),
        rerank_output=_each(_ANY_OBJECT),
        params=_described(_ANY_OBJECT, "The options of the request."),
        tools=_each(_object(type=_TEXT, function=_ANY_OBJECT)),
        tool_calls=_each(_CALL),
        token_usage=_USAGE,
        error_details=REFUSAL,
        speech_input=_object({"input": _TEXT}),
        speech_output=_object(audio=_described(_TEXT, "Base64."), audio_blob=_BLOB, usage=_ANY_OBJECT),
        transcription_input=_object(file=_described(_TEXT, "Base64."), file_blob=_BLOB, filename=_TEXT_OR_NULL),
        transcription_output=_object(
            {"text": _TEXT},
            duration=_described(_NUMBER, "Seconds."),
            language=_TEXT_OR_NULL,
            task=_TEXT_OR_NULL,
            words=_each(_ANY_OBJECT),
            segments=_each(_ANY_OBJECT),
            usage=_ANY_OBJECT,
        ),
        image_generation_input=_ANY_OBJECT,
        image_generation_output=_ANY_OBJECT,
        cache_debug=_CACHE,
        number_of_retries=_WHOLE,
        fallback_index=_WHOLE,
        selected_key_id=_described(_TEXT, "The project's name for the provider, each of which has one key."),
        selected_key_name=_TEXT,
        virtual_key_id=_described(_TEXT_OR_NULL, "The id of the API key that the call came with."),
        virtual_key_name=_TEXT_OR_NULL,
        metadata=_described(_ANY_OBJECT, "The log's tags."),
        is_large_payload_request=_described(_TRUTH, "True when the page had no room for this log's bodies."),
        is_large_payload_response=_TRUTH,
    ),
    "Keys without a value are left out.",
)
STATS: Final = _object(
    {
        "total_requests": _WHOLE,
        "success_rate": _described(_NUMBER, "Percent."),
        "average_latency": _described(_NUMBER, "Milliseconds."),
        "total_tokens": _WHOLE,
        "total_cost": _described(_NUMBER, "US dollars."),
    }
)
SEARCH: Final = _object(
    {
        "logs": _each(LOG),
        "pagination": _object(
            {"limit": _WHOLE, "offset": _WHOLE, "sort_by": _TEXT, "order": _TEXT},
            total_count=_described(_WHOLE, "How many logs match."),
        ),
        "stats": STATS,
    },
    has_logs=_described(_TRUTH, "Whether the project has any log at all."),
)


# ------------------------------------------------------------------ figures


def _histogram(bucket: Mapping[str, Schema], **further: Schema) -> Schema:
    buckets = _each(_object({"timestamp": _MOMENT, **bucket}))
    return _object({"buckets": buckets, "bucket_size_seconds": _WHOLE}, **further)


def _by_name(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


_MODELS: Final = _each(_TEXT)
COUNTS: Final = _histogram({"count": _WHOLE, "success": _WHOLE, "error": _WHOLE})
TOKENS: Final = _histogram(
    dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens", "cached_read_tokens"), _WHOLE)
)
COSTS: Final = _histogram({"total_cost": _NUMBER, "by_model": _by_name(_NUMBER)}, models=_MODELS)
MODELS: Final = _histogram(
    {"by_model": _by_name(_object({"total": _WHOLE, "success": _WHOLE, "error": _WHOLE}))}, models=_MODELS
)
LATENCIES: Final = _histogram(
    {**dict.fromkeys(("avg_latency", "p90_latency", "p95_latency", "p99_latency"), _NUMBER), "total_requests": _WHOLE}
)
RANKINGS: Final = _object(
    {
        "rankings": _each(
            _object(
                {
                    "model": _TEXT,
                    "provider": _TEXT,
                    "total_requests": _WHOLE,
                    "success_count": _WHOLE,
                    "success_rate": _NUMBER,
                    "total_tokens": _WHOLE,
                    "total_cost": _NUMBER,
                    "avg_latency": _NUMBER,
                    "trend": _described(_ANY_OBJECT, "Changes in percent against as long a time before."),
                }
            )
        )
    }
)
_KEYS: Final = _each(_object({"id": _TEXT, "name": _TEXT}))
FILTER_DATA: Final = _object(
    {"models": _each(_TEXT), "selected_keys": _KEYS, "virtual_keys": _KEYS},
    providers=_each(_TEXT),
    objects=_each(_TEXT),
    statuses=_each(_TEXT),
    routing_rules=_each(_ANY_OBJECT),
    routing_engines=_each(_TEXT),
    metadata_keys=_by_name(_each(_TEXT)),
)
DROPPED: Final = _object({"dropped_requests": _WHOLE})
DONE: Final = _object({"message": _TEXT})
RECALCULATED: Final = _object(dict.fromkeys(("total_matched", "updated", "skipped", "remaining"), _WHOLE))


# ------------------------------------------------------------------ what is told

DELETION: Final = _object({"ids": {**_each(_TEXT), "minItems": 1, "maxItems": 10_000}})
RECALCULATION: Final = _object(
    filters=_described(_ANY_OBJECT, "The filters of the list by the same names; lists may be arrays."),
    limit={"type": "integer", "minimum": 1, "maximum": 1000, "default": 200},
)

_FILTERS: Final[Mapping[str, tuple[Schema, str]]] = {
    "providers": (_TEXT, "Comma-separated list of providers."),
    "models": (_TEXT, "Comma-separated list of models."),
    "aliases": (_TEXT, "The same; the model of a log is what the caller named it."),
    "status": (_TEXT, "Comma-separated list of `success`, `error`, `cancelled`."),
    "objects": (_TEXT, "Comma-separated list of kinds of call, such as `chat_completion,responses_stream`."),
    "selected_key_ids": (_TEXT, "Comma-separated list of providers, each of which has one key."),
    "virtual_key_ids": (_TEXT, "Comma-separated list of the ids of API keys."),
    "parent_request_id": (_TEXT, "The log that the logs continue, or the session that they belong to."),
    "session_id": (_TEXT, "The session that the logs belong to."),
    "request_id": (_TEXT, "The id of a log; the time does not matter then."),
    "roots_only": (_TRUTH, "Leave out logs that continue another."),
    "start_time": (_MOMENT, "The earliest time of a call, inclusive."),
    "end_time": (_MOMENT, "The latest time of a call, inclusive."),
    "period": ({"type": "string", "pattern": "^[1-9][0-9]{0,4}[mhdw]$"}, "How far back, such as `24h` or `7d`."),
    "min_latency": (_NUMBER, "Milliseconds, inclusive; logs without latency do not match."),
    "max_latency": (_NUMBER, "Milliseconds, inclusive; logs without latency do not match."),
    "min_tokens": (_WHOLE, "Total tokens, inclusive; unknown counts as 0."),
    "max_tokens": (_WHOLE, "Total tokens, inclusive; unknown counts as 0."),
    "min_cost": (_NUMBER, "US dollars, inclusive; logs without cost do not match."),
    "max_cost": (_NUMBER, "US dollars, inclusive; logs without cost do not match."),
    "content_search": (_TEXT, "Text in request, answer or error message, in any case; every character is itself."),
    "missing_cost_only": (_TRUTH, "Only logs without a cost."),
    "cache_hit_types": (_TEXT, "Comma-separated list of `direct`, `semantic`: only answers from the cache."),
    "stop_reasons": (_TEXT, "Comma-separated list of reasons why the model stopped, such as `length`."),
}

Parameters = list[dict[str, Any]]

FILTERS: Final[Parameters] = [
    *(
        {"name": name, "in": "query", "description": sentence, "schema": schema}
        for name, (schema, sentence) in _FILTERS.items()
    ),
    {
        "name": "metadata_filters",
        "in": "query",
        "description": f"A tag: `{METADATA}<key>=<value>`, one parameter for each key.",
        "style": "form",
        "explode": True,
        "schema": _by_name(_TEXT),
    },
]
PAGE: Final[Parameters] = [
    {"name": name, "in": "query", "description": sentence, "schema": schema}
    for name, sentence, schema in (
        ("limit", "How many logs.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}),
        ("offset", "How many logs to leave out first.", {"type": "integer", "minimum": 0, "default": 0}),
        (
            "sort_by",
            "What to sort by; logs that lack it come last, and equal ones follow their ids.",
            {"type": "string", "enum": ["timestamp", "latency", "tokens", "cost"], "default": "timestamp"},
        ),
        ("order", "Which way.", {"type": "string", "enum": ["asc", "desc"], "default": "desc"}),
    )
]


def answers(schema: Schema) -> dict[int | str, dict[str, Any]]:
    """Say what a route answers with, and how it refuses."""
    return {
        200: {"description": "Done.", "content": {"application/json": {"schema": schema}}},
        "default": {
            "description": "The request was refused or failed.",
            "content": {"application/json": {"schema": REFUSAL}},
        },
    }


def takes(schema: Schema) -> dict[str, Any]:
    """Describe a body that the route reads itself."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
