"""What a log's request and answer hold, in the fields of Bifrost's log: messages, items, options, tools.

Bodies were written by strangers, so nothing here trusts a shape: what is not as
expected is left out or shown as text, and never stops the list that it stands in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

from logwright.faces.bifrost import media
from logwright.wire.anthropic import message_to_openai, request_to_openai
from logwright.wire.strict import JSON

Fields = dict[str, JSON]


def fields_of(kind: str, request: JSON, response: JSON) -> Fields:
    """Give the fields that the bodies fill; those without a value are absent."""
    if kind == "messages":
        kind, request, response = "chat_completion", request_to_openai(request), message_to_openai(response)
    asked = request if isinstance(request, dict) else {}
    answered = response if isinstance(response, dict) else {}
    if kind in _TRANSCRIBED and isinstance(response, str):  # subtitles and plain text are no JSON
        answered, response = {"text": response}, None
    if kind not in _KINDS:
        kind = _guess(asked)
    read, inputs = _KINDS[kind]
    found = read(asked, answered)
    found["params"] = {
        name: value
        for name, value in asked.items()
        if name not in inputs and name not in _ELSEWHERE and value is not None
    }
    found["tools"] = [tool for each in _list(asked.get("tools")) if (tool := _tool(each)) is not None]
    if found.get("output_message") is None and isinstance(response, str) and response:
        found["output_message"] = {"role": "assistant", "content": response}
    return {name: value for name, value in found.items() if value not in (None, [], {}, "")}


_ELSEWHERE: Final = frozenset({"model", "stream", "tools"})
"""What of a request stands in fields of its own, whatever the kind."""


def _guess(asked: Mapping[str, JSON]) -> str:
    """Tell the kind of a log that does not say, by what its request has."""
    if "messages" in asked:
        return "chat_completion"
    if "prompt" in asked:
        return "text_completion"
    return "responses" if "input" in asked else "chat_completion"


# ------------------------------------------------------------------ kinds


def _chat(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    output = _first_message(answered)
    return {
        "input_history": [_message(each) for each in _list(asked.get("messages"))],
        "output_message": output,
        "tool_calls": [] if output is None else output.get("tool_calls", []),
    }


def _text(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    choice = _first(answered.get("choices"))
    said = choice.get("text")
    return {
        "input_history": _said_by_user(asked.get("prompt")),
        "output_message": {"role": "assistant", "content": said} if isinstance(said, str) else _first_message(answered),
    }


def _responses(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    given = asked.get("input")
    items = [{"role": "user", "content": given}] if isinstance(given, str) else [_item(each) for each in _list(given)]
    output = [_item(each) for each in _list(answered.get("output"))]
    return {
        "responses_input_history": items,
        "responses_output": output,
        "tool_calls": [_call_of(item) for item in output if item.get("type") == "function_call"],
    }


def _embedding(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    return {
        "input_history": _said_by_user(asked.get("input")),
        "embedding_output": [
            {"index": _whole(each.get("index"), index), "object": "embedding", "embedding": each.get("embedding")}
            for index, each in enumerate(_list(answered.get("data")))
            if isinstance(each, dict) and isinstance(each.get("embedding"), str | list)
        ],
    }


def _rerank(asked: Mapping[str, JSON], answered: Mapping[str, JSON]) -> Fields:
    results = answered.get("results", answered.get("data"))
    return {
        "input_history": _said_by_user(asked.get("query")),
        "rerank_output": [each for each in _list(results) if isinstance(each, dict)],
    }


_TRANSCRIBED: Final = frozenset({"transcription", "translation"})
_MEDIA: Final = frozenset({"file", "input", "image", "image[]", "mask", "prompt"})
_KINDS: Final[Mapping[str, tuple[Callable[[Mapping[str, JSON], Mapping[str, JSON]], Fields], frozenset[str]]]] = {
    "chat_completion": (_chat, frozenset({"messages"})),
    "text_completion": (_text, frozenset({"prompt"})),
    "responses": (_responses, frozenset({"input"})),
    "embedding": (_embedding, frozenset({"input"})),
    "rerank": (_rerank, frozenset({"query"})),
    "speech": (media.speech, frozenset({"input"})),
    "transcription": (media.transcription, frozenset({"file"})),
    "translation": (media.transcription, frozenset({"file"})),
    "image_generation": (media.images, frozenset({"prompt"})),
    "image_edit": (media.images, _MEDIA - {"file", "input"}),
    "image_variation": (media.images, _MEDIA - {"file", "input"}),
}
"""How each kind is read, and which fields of its request are its input and so no options."""


# ------------------------------------------------------------------ pieces


def _first_message(answered: Mapping[str, JSON]) -> Fields | None:
    """Return the first choice's message, the only one that the form has a place for."""
    message = _first(answered.get("choices")).get("message")
    return _message(message) if isinstance(message, dict) else None


def _message(given: JSON) -> Fields:
    """Write a message: fields that we do not know are kept, and what has no such form becomes text."""
    if not isinstance(given, dict):
        return {"role": "user", "content": _as_text(given)}
    shown: Fields = {name: value for name, value in given.items() if value is not None}
    shown["role"] = given["role"] if isinstance(given.get("role"), str) else "user"
    shown["content"] = _content(given.get("content"))
    for name in ("name", "tool_call_id", "refusal"):
        if name in shown and not isinstance(shown[name], str):
            shown[name] = _as_text(shown[name])
    calls = [_call(each, index) for index, each in enumerate(_list(given.get("tool_calls")))]
    if calls:
        shown["tool_calls"] = calls
    else:
        shown.pop("tool_calls", None)
    annotations = [each for each in _list(given.get("annotations")) if isinstance(each, dict)]
    if annotations:
        shown["annotations"] = annotations
    else:
        shown.pop("annotations", None)
    thought = given.get("thought") or given.get("reasoning_content") or given.get("reasoning")
    if isinstance(thought, str):
        shown["thought"] = thought
    return shown


def _content(given: JSON) -> JSON:
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, list):
        return [each if isinstance(each, dict) else {"type": "text", "text": _as_text(each)} for each in given]
    return _as_text(given)


def _item(given: JSON) -> Fields:
    """Write an item of the Responses API; only role and content have a form that all kinds share."""
    if not isinstance(given, dict):
        return {"role": "user", "content": _as_text(given)}
    shown: Fields = dict(given)
    if "content" in shown:
        shown["content"] = _content(shown["content"])
    if "role" in shown and not isinstance(shown["role"], str):
        del shown["role"]
    return shown


def _call(given: JSON, index: int) -> Fields:
    call = given if isinstance(given, dict) else {}
    function = call.get("function")
    inner = function if isinstance(function, dict) else {}
    return {
        "index": _whole(call.get("index"), index),
        "id": call.get("id") if isinstance(call.get("id"), str) else None,
        "type": call.get("type") if isinstance(call.get("type"), str) else "function",
        "function": {
            "name": inner.get("name") if isinstance(inner.get("name"), str) else None,
            "arguments": _arguments(inner.get("arguments")),
        },
    }


def _call_of(item: Mapping[str, JSON]) -> Fields:
    """Write a call among the items of the Responses API as the chat form has it."""
    named = {"name": item.get("name"), "arguments": item.get("arguments")}
    return _call({"id": item.get("call_id"), "type": "function", "function": named}, 0) | {"index": None}


def _arguments(given: JSON) -> str:
    return given if isinstance(given, str) else "" if given is None else _as_text(given)


def _tool(given: JSON) -> Fields | None:
    """Write a tool; the Responses API keeps a function's fields beside its type, the chat form below `function`."""
    if not isinstance(given, dict):
        return None
    if given.get("type") == "function" and "function" not in given:
        inner = {name: value for name, value in given.items() if name != "type" and value is not None}
        return {"type": "function", "function": inner}
    return {**given, "type": given["type"] if isinstance(given.get("type"), str) else "function"}


def _said_by_user(given: JSON) -> list[Fields]:
    """Write an input that is no conversation as one message of the user's; several texts as its parts."""
    if given is None:
        return []
    if isinstance(given, list) and given and all(isinstance(each, str) for each in given):
        return [{"role": "user", "content": [{"type": "text", "text": each} for each in given]}]
    return [{"role": "user", "content": given if isinstance(given, str) else _as_text(given)}]


def _first(given: JSON) -> Mapping[str, JSON]:
    first = given[0] if isinstance(given, list) and given else None
    return first if isinstance(first, dict) else {}


def _list(given: JSON) -> list[JSON]:
    return given if isinstance(given, list) else []


def _whole(given: JSON, otherwise: int) -> int:
    return given if type(given) is int else otherwise


def _as_text(given: JSON) -> str:
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
