"""Anthropic's Messages request, written as a chat request that somebody else shall serve.

Unlike `anthropic.request_to_openai`, which shows recorded calls and keeps what it does
not know, this one refuses it by its JSON path: a provider would do something else than
what was asked. What other translating providers understand in Anthropic's own words
(`thinking`, `output_config`, `top_k`, marks for the prompt cache) stays as it is.
Source: Anthropic Messages reference, as of 2026.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from logwright.errors import InvalidRequest

JSON = Any

_PASSED: Final = frozenset(
    {"model", "max_tokens", "temperature", "top_p", "top_k", "stream", "thinking", "output_config"}
)
_TIERS: Final = {"auto": "auto", "standard_only": "default"}
_CHOICES: Final[Mapping[str, str]] = {"auto": "auto", "any": "required", "none": "none"}


def messages_to_chat(request: Mapping[str, JSON]) -> dict[str, JSON]:
    """Write a Messages request as a chat request.

    Raises:
        InvalidRequest: it asks for something that only Anthropic has; `param` is the JSON path.
    """
    chat: dict[str, JSON] = {}
    for name, value in request.items():
        if value is None or name in {"messages", "system"}:
            continue
        if name in _PASSED:
            chat[name] = value
        elif name in _FIELDS:
            chat.update(_FIELDS[name](value))
        else:
            raise _only_anthropic(name)
    messages: list[dict[str, JSON]] = []
    if request.get("system"):
        messages.append({"role": "system", "content": _text(request["system"], "system")})
    given = request.get("messages")
    if not isinstance(given, list):
        raise InvalidRequest("messages must be a list", param="messages")
    for index, message in enumerate(given):
        messages += _messages(message, f"messages[{index}]")
    chat["messages"] = messages
    return chat


def _only_anthropic(path: str, why: str = "") -> InvalidRequest:
    return InvalidRequest(f"{path} is known to Anthropic's own API alone{why}; leave it out", param=path)


def _wrong(path: str, what: str) -> InvalidRequest:
    return InvalidRequest(f"{path} must be {what}", param=path)


# ------------------------------------------------------------------ fields


def _stop(value: JSON) -> dict[str, JSON]:
    return {"stop": value} if value else {}


def _metadata(value: JSON) -> dict[str, JSON]:
    """Pass on who the user is; every other name was a tag, and is ours."""
    user = value.get("user_id") if isinstance(value, dict) else None
    return {"user": user} if user is not None else {}


def _tools(value: JSON) -> dict[str, JSON]:
    if not isinstance(value, list):
        raise _wrong("tools", "a list")
    written = []
    for index, tool in enumerate(value):
        path = f"tools[{index}]"
        if not isinstance(tool, dict):
            raise _wrong(path, "an object")
        if tool.get("type", "custom") != "custom" or "input_schema" not in tool:
            raise _only_anthropic(path, f" (a tool of type {tool.get('type')}, which Anthropic runs itself)")
        function = {"name": tool.get("name"), "description": tool.get("description")}
        function = {name: given for name, given in function.items() if given is not None}
        function["parameters"] = tool["input_schema"]
        if tool.get("strict") is not None:
            function["strict"] = tool["strict"]
        kept = {"cache_control": tool["cache_control"]} if tool.get("cache_control") else {}
        written.append({"type": "function", "function": function, **kept})
    return {"tools": written} if written else {}


def _tool_choice(value: JSON) -> dict[str, JSON]:
    if not isinstance(value, dict):
        raise _wrong("tool_choice", "an object")
    chat: dict[str, JSON] = {}
    match value:
        case {"type": "tool", "name": str(name)}:
            chat["tool_choice"] = {"type": "function", "function": {"name": name}}
        case {"type": "auto" | "any" | "none" as kind}:
            chat["tool_choice"] = _CHOICES[kind]
        case _:
            raise _wrong("tool_choice.type", "auto, any, tool (with a name) or none")
    if value.get("disable_parallel_tool_use") is True:
        chat["parallel_tool_calls"] = False
    return chat


def _service_tier(value: JSON) -> dict[str, JSON]:
    if value not in _TIERS:
        raise _wrong("service_tier", "auto or standard_only")
    return {"service_tier": _TIERS[value]} if value != "auto" else {}


_FIELDS: Final[Mapping[str, Callable[[JSON], dict[str, JSON]]]] = {
    "stop_sequences": _stop,
    "metadata": _metadata,
    "tools": _tools,
    "tool_choice": _tool_choice,
    "service_tier": _service_tier,
    "store": lambda _: {},  # OpenPipe's word to us, whatever the form of the call
}


# ------------------------------------------------------------------ messages


def _messages(message: JSON, path: str) -> list[dict[str, JSON]]:
    if not isinstance(message, dict):
        raise _wrong(path, "an object")
    role, content = message.get("role"), message.get("content")
    if role not in {"user", "assistant"}:
        raise _wrong(f"{path}.role", "user or assistant")
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    if not isinstance(content, list):
        raise _wrong(f"{path}.content", "text or a list of blocks")
    where = f"{path}.content"
    return [_assistant(content, where)] if role == "assistant" else _user(content, where)


def _user(blocks: list[JSON], path: str) -> list[dict[str, JSON]]:
    """Write a user's turn: its tool results become tool messages of their own."""
    found: list[dict[str, JSON]] = []
    parts: list[JSON] = []
    for index, block in enumerate(blocks):
        where = f"{path}[{index}]"
        if isinstance(block, dict) and block.get("type") == "tool_result":
            found.append(_tool_result(block, where))
        else:
            parts.append(_part(block, where))
    # Chat wants the answers to its calls before anything else is said.
    return [*found, {"role": "user", "content": parts}] if parts or not found else found


def _tool_result(block: Mapping[str, JSON], path: str) -> dict[str, JSON]:
    content = block.get("content")
    text = "" if content is None else _text(content, f"{path}.content")
    failed = block.get("is_error") is True
    if failed and isinstance(text, str) and not text.lower().startswith("error"):
        text = f"Error: {text}"  # chat has no mark for a failed call; its words are all that says so
    message: dict[str, JSON] = {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": text}
    return {**message, "is_error": True} if failed and not isinstance(text, str) else message


def _assistant(blocks: list[JSON], path: str) -> dict[str, JSON]:
    texts: list[str] = []
    thinking: list[JSON] = []
    calls: list[dict[str, JSON]] = []
    for index, block in enumerate(blocks):
        match block:
            case {"type": "text", "text": str(text)}:
                texts.append(text)
            case {"type": "thinking" | "redacted_thinking"}:
                thinking.append(block)
            case {"type": "tool_use", "name": str(name)}:
                arguments = json.dumps(block.get("input") or {}, ensure_ascii=False)
                function = {"name": name, "arguments": arguments}
                calls.append({"id": block.get("id"), "type": "function", "function": function})
            case _:
                raise _only_anthropic(f"{path}[{index}]", f" ({_type(block)})")
    message: dict[str, JSON] = {"role": "assistant", "content": "".join(texts) if texts else None}
    if thinking:
        message["thinking_blocks"] = thinking
    if calls:
        message["tool_calls"] = calls
    return message


def _text(content: JSON, path: str) -> JSON:
    """Write a field that holds text alone: as text where it is one plain text, else as its parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise _wrong(path, "text or a list of blocks")
    parts = []
    for index, block in enumerate(content):
        match block:
            case {"type": "text", "text": str()}:
                parts.append({name: value for name, value in block.items() if value is not None})
            case _:
                raise _only_anthropic(f"{path}[{index}]", f" ({_type(block)} in a place where others take text)")
    if any(part.keys() != {"type", "text"} for part in parts):
        return parts
    return "\n".join(part["text"] for part in parts)


def _part(block: JSON, path: str) -> dict[str, JSON]:
    kept = {"cache_control": block["cache_control"]} if isinstance(block, dict) and block.get("cache_control") else {}
    match block:
        case {"type": "text", "text": str(text)}:
            return {"type": "text", "text": text, **kept}
        case {"type": "image", "source": dict(source)}:
            return {"type": "image_url", "image_url": {"url": _address(source, f"{path}.source")}, **kept}
        case {"type": "document", "source": {"type": "base64"} as source}:
            file = {"filename": block.get("title") or "document.pdf", "file_data": _address(source, f"{path}.source")}
            return {"type": "file", "file": file, **kept}
        case {"type": "document", "source": {"type": "text", "data": str(text)}}:
            title = f"{block['title']}\n\n" if block.get("title") else ""
            return {"type": "text", "text": title + text, **kept}
        case _:
            raise _only_anthropic(path, f" ({_type(block)})")


def _address(source: Mapping[str, JSON], path: str) -> str:
    match source:
        case {"type": "base64", "media_type": str(kind), "data": str(data)}:
            return f"data:{kind};base64,{data}"
        case {"type": "url", "url": str(url)}:
            return url
        case _:
            raise _only_anthropic(path, f" ({_type(source)})")


def _type(block: JSON) -> str:
    return f"type {block.get('type')}" if isinstance(block, dict) else "not an object"
