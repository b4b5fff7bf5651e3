"""Requests and answers in OpenAI's form, made of what other products keep of them in forms of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from logwright.logs.imports.base import NOTHING
from logwright.logs.imports.fields import encode, opened
from logwright.logs.record import Kind

ROLES: Final = frozenset({"system", "developer", "user", "assistant", "tool", "function"})

_KIND_BY_OBJECT: Final[Mapping[str, Kind]] = {
    "chat.completion": "chat_completion",
    "text_completion": "text_completion",
    "response": "responses",
}
_KIND_BY_FIELD: Final[Sequence[tuple[str, Kind]]] = (
    ("messages", "chat_completion"),
    ("prompt", "text_completion"),
    ("input", "responses"),
)


def kind_of(request: Any, response: Any) -> Kind:
    """Tell which call it was, by the answer's own word for itself, else by what the request has."""
    if isinstance(response, dict):
        named = response.get("object")
        if isinstance(named, str) and named in _KIND_BY_OBJECT:
            return _KIND_BY_OBJECT[named]
        if response.get("type") == "message":
            return "messages"
        data = response.get("data")
        if named == "list" and isinstance(data, list) and data and isinstance(data[0], dict) and "embedding" in data[0]:
            return "embedding"
    if isinstance(request, dict):
        for name, kind in _KIND_BY_FIELD:
            if name in request:
                return kind
    return "unknown"


def body(value: Any) -> msgspec.Raw:
    """Write a value as a body; nothing for None."""
    return NOTHING if value is None else msgspec.Raw(encode(value))


def messages_of(value: Any) -> list[dict[str, Any]] | None:
    """Find the conversation in what a product calls the input; None when there is none in it."""
    value = opened(value)
    if isinstance(value, dict):
        for name in ("messages", "input", "prompt"):
            if isinstance(value.get(name), list):
                return messages_of(value[name])
        return [dict(value)] if value.get("role") in ROLES and "content" in value else None
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(each, dict) and (each.get("role") in ROLES or "content" in each) for each in value):
        return [dict(each) for each in value]
    return None


def request_of(model: str, asked: Any, parameters: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """Make the body of a chat request; a text alone is taken for the user's message. None where nothing was asked."""
    asked = opened(asked)
    if asked is None or asked == "":
        return None
    said = messages_of(asked)
    made: dict[str, Any] = {"model": model} if model else {}
    if said is None:
        if not isinstance(asked, str):
            return asked if isinstance(asked, dict) else {**made, "input": asked}
        said = [{"role": "user", "content": asked}]
    elif isinstance(asked, dict):
        made.update({name: value for name, value in asked.items() if name in _BESIDE and value})
    made["messages"] = said
    made.update({name: value for name, value in (parameters or {}).items() if value is not None and name not in made})
    return made


_BESIDE: Final = ("tools", "tool_choice", "response_format", "functions", "function_call")


def answer_of(value: Any) -> Any:
    """Find the answering message in what a product calls the output: a message, a completion, or a text."""
    value = opened(value)
    if isinstance(value, list) and value:
        found = messages_of(value)
        return found[-1] if found else value
    if isinstance(value, dict) and "choices" not in value and "output" not in value:
        inner = value.get("message") or value.get("output_message")
        if isinstance(inner, dict):
            return inner
        said = value.get("messages")
        if isinstance(said, list) and said and isinstance(said[-1], dict):
            return said[-1]
    return value


def response_of(
    model: str,
    answer: Any,
    *,
    completion_id: str = "",
    created: int | None = None,
    finish_reason: str | None = None,
    usage: tuple[int | None, int | None] = (None, None),
) -> Any:
    """Make a chat completion of an answer; one that is a completion already, or no chat's, stays as it is."""
    answer = answer_of(answer)
    if answer is None or answer == "":
        return None
    if isinstance(answer, dict) and ("choices" in answer or "object" in answer):
        return answer
    if isinstance(answer, str):
        message: dict[str, Any] = {"role": "assistant", "content": answer}
    elif isinstance(answer, dict) and ("content" in answer or "tool_calls" in answer or "function_call" in answer):
        message = {"role": "assistant", **answer}
        message.setdefault("content", None)
        finish_reason = message.pop("finish_reason", None) or finish_reason
    else:
        return answer
    reason = finish_reason or ("tool_calls" if message.get("tool_calls") else "stop")
    made: dict[str, Any] = {"object": "chat.completion"}
    if completion_id:
        made = {"id": completion_id, **made}
    if created is not None:
        made["created"] = created
    if model:
        made["model"] = model
    made["choices"] = [{"index": 0, "message": message, "finish_reason": reason}]
    sent, produced = usage
    if sent is not None or produced is not None:
        total = (sent or 0) + (produced or 0)
        made["usage"] = {"prompt_tokens": sent or 0, "completion_tokens": produced or 0, "total_tokens": total}
    return made
