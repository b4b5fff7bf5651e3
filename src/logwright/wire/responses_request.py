"""OpenAI's Responses request, written as a chat request for a provider that has no such API.

What lives at OpenAI (earlier responses, conversations, tools that OpenAI runs) is
refused by its JSON path. Left out, because they change no answer here: what else to
include, and the thoughts of earlier turns. Source: OpenAI API reference, 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from logwright.errors import InvalidRequest

JSON = Any

_PASSED: Final = frozenset(
    {"model", "stream", "temperature", "top_p", "parallel_tool_calls", "user", "safety_identifier", "store"}
    | {"prompt_cache_key", "service_tier", "metadata", "top_logprobs", "tool_choice"}
)
_NEUTRAL: Final[Mapping[str, tuple[JSON, ...]]] = {
    "background": (False,),
    "truncation": ("disabled",),
    "include": ([], ["reasoning.encrypted_content"]),
    "stream_options": ({}, {"include_obfuscation": False}, {"include_obfuscation": True}),
}


def responses_to_chat(request: Mapping[str, JSON]) -> dict[str, JSON]:
    """Write a Responses request as a chat request.

    Raises:
        InvalidRequest: it asks for something that only OpenAI's API has; `param` is the JSON path.
    """
    chat: dict[str, JSON] = {}
    for name, value in request.items():
        if value is None or name in {"input", "instructions"}:
            continue
        if name in _FIELDS:
            chat.update(_FIELDS[name](value))
        elif name in _PASSED:
            chat[name] = value
        elif name not in _NEUTRAL or value not in _NEUTRAL[name]:
            raise _only_openai(name)
    messages: list[dict[str, JSON]] = []
    if request.get("instructions"):
        messages.append({"role": "system", "content": request["instructions"]})
    given = request.get("input")
    if isinstance(given, str):
        messages.append({"role": "user", "content": given})
    elif isinstance(given, list):
        for index, item in enumerate(given):
            _item(messages, item, f"input[{index}]")
    else:
        raise InvalidRequest("input must be text or a list of items", param="input")
    return {**chat, "messages": messages}


def _only_openai(path: str, why: str = "") -> InvalidRequest:
    return InvalidRequest(
        f"{path} is known to OpenAI's Responses API alone{why}, and this provider has only chat; leave it out",
        param=path,
    )


# ------------------------------------------------------------------ fields


def _text(value: JSON) -> dict[str, JSON]:
    wanted = value if isinstance(value, dict) else {}
    chat: dict[str, JSON] = {"verbosity": wanted["verbosity"]} if wanted.get("verbosity") else {}
    match wanted.get("format"):
        case None | {"type": "text"}:
            return chat
        case {"type": "json_object"}:
            return {**chat, "response_format": {"type": "json_object"}}
        case {"type": "json_schema", "schema": dict()} as form:
            schema = {name: given for name, given in form.items() if name != "type"}
            return {**chat, "response_format": {"type": "json_schema", "json_schema": schema}}
        case _:
            raise _only_openai("text.format")


def _reasoning(value: JSON) -> dict[str, JSON]:
    effort = value.get("effort") if isinstance(value, dict) else None
    return {"reasoning_effort": effort} if effort is not None else {}


def _tools(value: JSON) -> dict[str, JSON]:
    if not isinstance(value, list):
        raise InvalidRequest("tools is not a list", param="tools")
    written = []
    for index, tool in enumerate(value):
        if not isinstance(tool, dict) or tool.get("type") != "function":
            raise _only_openai(f"tools[{index}]", " (a tool that OpenAI runs itself)")
        function = {name: given for name, given in tool.items() if name != "type" and given is not None}
        written.append({"type": "function", "function": function})
    return {"tools": written} if written else {}


def _tool_choice(value: JSON) -> dict[str, JSON]:
    match value:
        case "auto" | "none" | "required":
            return {"tool_choice": value}
        case {"type": "function", "name": str(name)}:
            return {"tool_choice": {"type": "function", "function": {"name": name}}}
        case _:
            raise _only_openai("tool_choice")


_FIELDS: Final[Mapping[str, Callable[[JSON], dict[str, JSON]]]] = {
    "max_output_tokens": lambda value: {"max_completion_tokens": value},
    "text": _text,
    "reasoning": _reasoning,
    "tools": _tools,
    "tool_choice": _tool_choice,
}


# ------------------------------------------------------------------ items


def _item(messages: list[dict[str, JSON]], item: JSON, path: str) -> None:
    if not isinstance(item, dict):
        raise InvalidRequest(f"{path} is not an object", param=path)
    match item.get("type", "message"):
        case "message":
            role = item.get("role")
            if role not in {"user", "assistant", "system", "developer"}:
                raise InvalidRequest(f"{path}.role must be user, assistant, system or developer", param=f"{path}.role")
            messages.append({"role": role, "content": _content(item.get("content"), f"{path}.content")})
        case "function_call":
            function = {"name": item.get("name"), "arguments": item.get("arguments")}
            call = {"id": item.get("call_id"), "type": "function", "function": function}
            if not messages or messages[-1]["role"] != "assistant":
                messages.append({"role": "assistant", "content": None})
            messages[-1].setdefault("tool_calls", []).append(call)
        case "function_call_output":
            output = _content(item.get("output"), f"{path}.output")
            messages.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": output})
        case "reasoning":
            pass
        case kind:
            raise _only_openai(path, f" ({kind})")


def _content(content: JSON, path: str) -> JSON:
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise InvalidRequest(f"{path} is neither text nor a list of parts", param=path)
    return [_part(part, f"{path}[{index}]") for index, part in enumerate(content)]


def _part(part: JSON, path: str) -> dict[str, JSON]:
    match part:
        case {"type": "input_text" | "output_text" | "text", "text": str(text)}:
            return {"type": "text", "text": text}
        case {"type": "refusal", "refusal": str(text)}:
            return {"type": "refusal", "refusal": text}
        case {"type": "input_image", "image_url": str(url)}:
            detail = {"detail": part["detail"]} if part.get("detail") else {}
            return {"type": "image_url", "image_url": {"url": url, **detail}}
        case {"type": "input_file", "file_data": str(data)}:
            return {"type": "file", "file": {"filename": part.get("filename") or "document", "file_data": data}}
        case {"type": "input_audio", "input_audio": dict(sound)}:
            return {"type": "input_audio", "input_audio": sound}
        case _:
            raise _only_openai(path, f" ({part.get('type') if isinstance(part, dict) else 'not an object'})")
