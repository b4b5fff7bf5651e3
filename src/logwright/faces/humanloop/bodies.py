"""Between Humanloop's fields and the bodies of a log, which have OpenAI's form: the other faces and exports read these.

A log that Humanloop's clients tell of gets the request and the answer that its
call would have had; of a log that the gateway recorded, in any provider's form,
the fields are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from logwright.wire import anthropic
from logwright.wire.chat import text_of

JSON = Any

_PARAMETERS: Final = (
    "temperature",
    "top_p",
    "stop",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "response_format",
    "reasoning_effort",
)
"""Fields of a kernel that a chat request has by the same name."""


def request_of(kernel: Mapping[str, JSON], fields: Mapping[str, JSON]) -> dict[str, JSON] | None:
    """Make the request of a log from its version and the fields `messages`, `tool_choice` and `inputs`."""
    request: dict[str, JSON] = {}
    if model := kernel.get("model"):
        request["model"] = model
    if fields.get("messages") is not None:
        request["messages"] = fields["messages"]
    if fields.get("inputs") is not None:
        request["inputs"] = fields["inputs"]
    for name in _PARAMETERS:
        if kernel.get(name) is not None:
            request[name] = kernel[name]
    if (kernel.get("max_tokens") or -1) > 0:
        request["max_tokens"] = kernel["max_tokens"]
    if tools := tools_of(kernel):
        request["tools"] = tools
    if fields.get("tool_choice") is not None:
        request["tool_choice"] = fields["tool_choice"]
    return request or None


def tools_of(kernel: Mapping[str, JSON]) -> list[JSON]:
    """Return the tools of a kernel in the form that a chat request has them."""
    found = kernel.get("tools")
    made: list[JSON] = []
    for tool in found if isinstance(found, list) else []:
        function = tool.get("json_schema", tool) if isinstance(tool, dict) else None
        if isinstance(function, dict) and function.get("name"):
            made.append({"type": "function", "function": function})
    return made


def answer_of(type_: str, kernel: Mapping[str, JSON], fields: Mapping[str, JSON]) -> JSON:
    """Make the answer of a log: a completion where a model answered, else the text."""
    output, message = fields.get("output"), fields.get("output_message")
    if type_ not in {"prompt", "agent"} and message is None:
        return output
    counts = {name: fields.get(name) for name in ("prompt_tokens", "output_tokens")}
    if output is None and message is None and fields.get("finish_reason") is None and not any(counts.values()):
        return None
    completion: dict[str, JSON] = {"object": "chat.completion"}
    if model := kernel.get("model"):
        completion["model"] = model
    said = {"role": "assistant", "content": output} if message is None else message
    completion["choices"] = [{"index": 0, "message": said, "finish_reason": fields.get("finish_reason")}]
    if (usage := usage_of(counts["prompt_tokens"], counts["output_tokens"])) is not None:
        completion["usage"] = usage
    return completion


def usage_of(prompt: int | None, answer: int | None) -> dict[str, int] | None:
    """Return the counts of a completion; None where neither is known."""
    if prompt is None and answer is None:
        return None
    before, after = prompt or 0, answer or 0
    return {"prompt_tokens": before, "completion_tokens": after, "total_tokens": before + after}


# ------------------------------------------------------------------ reading


def messages_in(kind: str, request: JSON) -> list[JSON] | None:
    """Return the messages of a request; None where it has none."""
    if not isinstance(request, dict):
        return None
    if kind == "messages":
        request = anthropic.request_to_openai(request)
    found = request.get("messages")
    if found is None and kind == "responses":
        found = _responses_input(request)
    if not isinstance(found, list):
        return None
    return [message for message in found if isinstance(message, dict) and isinstance(message.get("role"), str)]


def message_in(kind: str, answer: JSON) -> dict[str, JSON] | None:
    """Return the message that a model answered; None where there is none."""
    if not isinstance(answer, dict):
        return None
    if kind == "messages":
        answer = anthropic.message_to_openai(answer)
    choice = first_choice(answer)
    if choice is not None:
        message = choice.get("message")
        return message if isinstance(message, dict) and isinstance(message.get("role"), str) else None
    said = [
        text
        for item in answer.get("output") or []
        if isinstance(item, dict) and item.get("type") == "message"
        for part in item.get("content") or []
        if isinstance(part, dict) and isinstance(text := part.get("text"), str)
    ]
    return {"role": "assistant", "content": "".join(said)} if said else None


def text_in(kind: str, answer: JSON) -> str | None:
    """Return the text that was answered; None where there is none."""
    if isinstance(answer, str):
        return answer
    message = message_in(kind, answer)
    if message is not None:
        return text_of_message(message)
    choice = first_choice(answer) if isinstance(answer, dict) else None
    text = None if choice is None else choice.get("text")
    return text if isinstance(text, str) else None


def text_of_message(message: Mapping[str, JSON]) -> str | None:
    """Return the words of a message; None for one that only calls tools."""
    return None if message.get("content") is None else text_of(message["content"])


def finish_reason_in(kind: str, answer: JSON) -> str | None:
    """Return why the model stopped; None where nothing says it."""
    if not isinstance(answer, dict):
        return None
    if kind == "messages":
        answer = anthropic.message_to_openai(answer)
    choice = first_choice(answer)
    reason = None if choice is None else choice.get("finish_reason")
    return reason if isinstance(reason, str) else None


def first_choice(answer: Mapping[str, JSON]) -> dict[str, JSON] | None:
    """Return the first choice of a completion."""
    choices = answer.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else None


def _responses_input(request: Mapping[str, JSON]) -> list[JSON] | None:
    given = request.get("input")
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    return given if isinstance(given, list) else None


# ------------------------------------------------------------------ changing


def with_request_fields(request: JSON, changes: Mapping[str, JSON]) -> JSON:
    """Return a request with `messages`, `tool_choice` or `inputs` set, or (None) taken out."""
    changed = dict(request) if isinstance(request, dict) else {}
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return changed or None


def with_answer_fields(kind: str, type_: str, answer: JSON, changes: Mapping[str, JSON]) -> JSON:
    """Return an answer with `output`, `output_message` or `finish_reason` set, or (None) taken out.

    An answer that is not a completion is replaced by one; other choices of a completion, and whatever else it
    has, stay.
    """
    if type_ not in {"prompt", "agent"} and not isinstance(answer, dict) and changes.get("output_message") is None:
        return changes.get("output", answer)
    if kind == "messages":
        answer = anthropic.message_to_openai(answer)
    completion: dict[str, JSON] = dict(answer) if isinstance(answer, dict) and "choices" in answer else {}
    completion.setdefault("object", "chat.completion")
    choices = list(completion.get("choices") or [])
    first = dict(choices[0]) if choices and isinstance(choices[0], dict) else {"index": 0}
    if "output_message" in changes or "output" in changes:
        first["message"] = _message(first.get("message"), changes)
        first.pop("text", None)
    if "finish_reason" in changes:
        first["finish_reason"] = changes["finish_reason"]
    completion["choices"] = [first, *choices[1:]]
    return completion


def _message(before: JSON, changes: Mapping[str, JSON]) -> dict[str, JSON]:
    if changes.get("output_message") is not None:
        return dict(changes["output_message"])
    kept = dict(before) if isinstance(before, dict) and "output_message" not in changes else {"role": "assistant"}
    return {**kept, "content": changes.get("output")}


def decoded(text: str) -> JSON:
    """Read a body as the store keeps it; None where there is none."""
    if not text:
        return None
    # The standard library's reader, because a lone surrogate may be inside, which msgspec refuses.
    return json.loads(text)


def encoded(value: JSON) -> str | None:
    """Write a body as the store keeps it."""
    return None if value is None else json.dumps(value, ensure_ascii=True, separators=(",", ":"))
