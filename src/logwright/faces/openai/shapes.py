"""Logs as the objects of OpenAI's API: stored completions, their messages, responses and their items.

Source: OpenAI API reference, "Chat Completions" and "Responses", and the types of
its Python client 3.50, as of November 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from logwright.clock import to_micros
from logwright.logs.types import Log

JSON = Any

_ASKED: Final = (
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "tools",
    "tool_choice",
    "response_format",
)
"""What a stored completion repeats of its request."""


def completion_id(log: Log) -> str:
    """Return the id under which a log is known here: the provider's, else our own."""
    return log.completion_id or log.id


def completion_of(log: Log) -> dict[str, JSON]:
    """Show a log as a stored chat completion: the answer as it came, what was asked, and the tags as metadata."""
    asked, answered = decoded(log.request), decoded(log.response)
    choices = answered.get("choices")
    return {
        "usage": None,
        "system_fingerprint": None,
        "service_tier": None,
        **{name: asked.get(name) for name in _ASKED},
        "input_user": asked.get("user"),
        **answered,
        "id": completion_id(log),
        "object": "chat.completion",
        "created": _seconds(answered.get("created"), log),
        "model": answered.get("model") or log.upstream_model or log.model,
        "choices": choices if isinstance(choices, list) else [],
        "request_id": log.id,
        "metadata": dict(log.tags),
    }


def messages_of(log: Log) -> list[dict[str, JSON]]:
    """Show the messages that a completion was made of, each with an id that tells its place."""
    told = decoded(log.request).get("messages")
    shown: list[dict[str, JSON]] = []
    for index, message in enumerate(told if isinstance(told, list) else ()):
        if not isinstance(message, dict):
            continue
        content = message.get("content")
        parts = content if isinstance(content, list) else None
        shown.append(
            {
                "name": None,
                **message,
                "id": f"{completion_id(log)}-{index}",
                "content": None if parts is not None else content,
                "content_parts": parts,
            }
        )
    return shown


def response_of(log: Log) -> dict[str, JSON]:
    """Show a log of the Responses API as the response it recorded."""
    answered = decoded(log.response)
    output = answered.get("output")
    return {
        **answered,
        "id": completion_id(log),
        "object": "response",
        "created_at": _seconds(answered.get("created_at"), log),
        "model": answered.get("model") or log.upstream_model or log.model,
        "output": output if isinstance(output, list) else [],
        "metadata": dict(log.tags),
    }


def items_of(log: Log) -> list[dict[str, JSON]]:
    """Show what a response was asked for as items, each with an id; text alone is a message of the user."""
    given = decoded(log.request).get("input")
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    shown: list[dict[str, JSON]] = []
    for index, item in enumerate(given if isinstance(given, list) else ()):
        if not isinstance(item, dict):
            continue
        made = {"id": f"{completion_id(log)}-{index}", "type": "message", **item}
        if isinstance(made.get("content"), str):
            kind = "output_text" if made.get("role") == "assistant" else "input_text"
            made["content"] = [{"type": kind, "text": made["content"]}]
        shown.append(made)
    return shown


def listing(items: Sequence[Mapping[str, JSON]], *, has_more: bool) -> dict[str, JSON]:
    """Show a list as OpenAI's lists look."""
    return {
        "object": "list",
        "data": items,
        "first_id": items[0]["id"] if items else None,
        "last_id": items[-1]["id"] if items else None,
        "has_more": has_more,
    }


def decoded(body: str) -> dict[str, JSON]:
    """Read a body of a log; empty where it is no object."""
    try:
        value = msgspec.json.decode(body) if body else None
    except (msgspec.DecodeError, RecursionError):
        value = _leniently(body)
    return value if isinstance(value, dict) else {}


def _leniently(body: str) -> JSON:
    """Read what the standard's grammar allows beyond msgspec's, such as the escape of a lone surrogate."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _seconds(told: JSON, log: Log) -> JSON:
    return told if isinstance(told, int | float) else to_micros(log.requested_at) // 1_000_000
