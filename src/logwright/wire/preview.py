"""The line of a log that a person reads in a list: what was asked, what was answered."""

from __future__ import annotations

import json
from typing import Any, Final

PREVIEW_LENGTH: Final = 200
_GLANCE: Final = 256
_ENOUGH: Final = 4 * PREVIEW_LENGTH  # of the source text; leaves room for runs of white space that become one


def request_preview(kind: str, request: Any) -> str:
    """Return the last message the user sent, or whatever stands in its place, in one line of at most 200 characters."""
    if not isinstance(request, dict):
        return _line(request) if isinstance(request, str) else ""
    match kind:
        case "text_completion":
            return _line(_text(request.get("prompt")))
        case "embedding":
            return _line(_text(request.get("input")))
        case "responses":
            given = request.get("input")
            return _line(
                given if isinstance(given, str) else _last_message(given) or _text(request.get("instructions"))
            )
        case "transcription" | "translation":
            file = request.get("file")
            name = file.get("filename") if isinstance(file, dict) else None
            return _line(f"[audio] {name}" if isinstance(name, str) else "[audio]")
        case _:
            messages = request.get("messages")
            if isinstance(messages, list):
                return _line(_last_message(messages) or _text(request.get("system")))
            return _line(_text(request.get("prompt") or request.get("input")))


def response_preview(kind: str, response: Any) -> str:
    """Return the answer's text, its tool calls as `name(arguments)`, or its error, in one line of at most 200."""
    if isinstance(response, str):
        return _line(response)
    if not isinstance(response, dict):
        return ""
    return _line(_answer(kind, response) or _error(response))


def _answer(kind: str, response: dict[str, Any]) -> str:
    if kind == "embedding":
        data = response.get("data")
        count = len(data) if isinstance(data, list) else 0
        return f"[{count} embedding{'' if count == 1 else 's'}]" if count else ""
    if kind == "speech":
        return "[audio]" if response.get("audio") else ""
    if kind in {"transcription", "translation"}:
        return _text(response.get("text"))
    if kind in {"image_generation", "image_edit", "image_variation"}:
        data = response.get("data")
        count = len(data) if isinstance(data, list) else 0
        return f"[{count} image{'' if count == 1 else 's'}]" if count else ""
    if isinstance(choices := response.get("choices"), list):
        first = choices[0] if choices and isinstance(choices[0], dict) else {}
        message = first.get("message")
        return _message(message) if isinstance(message, dict) else _text(first.get("text"))
    if isinstance(output := response.get("output"), list):
        return _joined(_message(item) for item in output if isinstance(item, dict))
    return _message(response) if "content" in response else ""


def _error(response: dict[str, Any]) -> str:
    error = response.get("error")
    if isinstance(error, dict):
        error = error.get("message")
    return error if isinstance(error, str) else _text(response.get("message"))


def _last_message(messages: Any) -> str:
    """Return the last user message that says something; failing that, the last message of any role."""
    if not isinstance(messages, list):
        return ""
    fallback = ""
    for message in reversed(messages):
        if not isinstance(message, dict):
            continue
        said = _message(message)
        if said and message.get("role") == "user":
            return said
        fallback = fallback or said
    return fallback


def _message(message: dict[str, Any]) -> str:
    """Return a message's text, else its refusal, else its calls."""
    parts = [_text(message.get("content")) or _text(message.get("refusal"))]
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        parts.extend(_call(call.get("function") or call.get("custom")) for call in calls if isinstance(call, dict))
    if isinstance(legacy := message.get("function_call"), dict):
        parts.append(_call(legacy))
    if message.get("type") == "function_call":
        parts.append(_call(message))
    if isinstance(output := message.get("output"), str):
        parts.append(output)
    if isinstance(audio := message.get("audio"), dict):
        parts.append(_text(audio.get("transcript")) or "[audio]")
    return _joined(parts)


def _call(function: Any) -> str:
    if not isinstance(function, dict):
        return ""
    arguments = function.get("arguments", function.get("input"))
    shown = arguments if isinstance(arguments, str) else "" if arguments is None else _compact(arguments)
    return f"{function.get('name') or 'tool'}({shown[:_ENOUGH]})"


def _compact(value: Any) -> str:
    # the standard library's, because a lone surrogate may be inside, which msgspec refuses to write
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _text(content: Any) -> str:
    """Return the words of a content field: a string, or parts of which the others become words in brackets."""
    if isinstance(content, str):
        return content[:_ENOUGH]
    if isinstance(content, list):
        return _joined(_part(part) for part in content[:50])
    return ""


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part[:_ENOUGH]
    if isinstance(part, list):  # token ids, as completions and embeddings take them
        return f"[{len(part)} tokens]"
    if not isinstance(part, dict):
        return ""
    match part.get("type"):
        case "text" | "input_text" | "output_text":
            return _text(part.get("text"))
        case "refusal":
            return _text(part.get("refusal"))
        case "tool_use" | "server_tool_use":
            return _call(part)
        case "tool_result":
            return _text(part.get("content"))
        case "thinking" | "redacted_thinking":
            return ""
        case "image_url" | "input_image" | "image":
            return "[image]"
        case "input_audio" | "audio":
            return "[audio]"
        case "file" | "input_file" | "document":
            return "[file]"
        case str(other):
            return f"[{other[:40]}]"
        case _:
            return ""


def _joined(parts: Any) -> str:
    return " ".join(part for part in parts if part)


def _line(text: str) -> str:
    # split, not a regular expression: this runs twice for every log, and is ten times as fast; and mostly the first
    # words are enough, while white space that becomes one asks for more of the text
    one = " ".join(text[:_GLANCE].replace("\0", " ").split())
    if len(one) <= PREVIEW_LENGTH and len(text) > _GLANCE:
        one = " ".join(text[:_ENOUGH].replace("\0", " ").split())
    return one if len(one) <= PREVIEW_LENGTH else one[: PREVIEW_LENGTH - 1] + "…"
