"""Anthropic's Messages form, written in OpenAI's chat form.

What OpenAI's form has no place for is kept beside it rather than lost: content
parts and fields we do not know stay as they are, thinking keeps its signatures
under `thinking_blocks`, other blocks of an answer stand under `anthropic_blocks`.
Source: Anthropic Messages reference, as of 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

JSON = Any

FINISH_REASONS: Final[Mapping[str, str]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
"""Anthropic's reasons to stop in OpenAI's words."""

_TOOL_CHOICES: Final[Mapping[str, str]] = {"auto": "auto", "any": "required", "none": "none"}


def request_to_openai(request: JSON) -> JSON:
    """Write a Messages request as a chat request; anything but an object is returned as it is."""
    if not isinstance(request, dict):
        return request
    chat: dict[str, JSON] = {}
    messages: list[dict[str, JSON]] = []
    for name, value in request.items():
        match name:
            case "system":
                continue
            case "messages" if isinstance(value, list):
                chat["messages"] = messages  # keeps its place among the fields
            case "stop_sequences":
                chat["stop"] = value
            case "tools" if isinstance(value, list):
                chat["tools"] = [_tool(tool) for tool in value]
            case "tool_choice" if isinstance(value, dict):
                chat.update(_tool_choice(value))
            case _:
                chat[name] = value
    if (system := request.get("system")) is not None:
        content = system if isinstance(system, str) else [_part(block) for block in _list(system)]
        messages.append({"role": "system", "content": content})
        chat.setdefault("messages", messages)
    for message in _list(request.get("messages")):
        messages.extend(_messages(message))
    return chat


def message_to_openai(message: JSON, *, created: int = 0) -> JSON:
    """Write an answer as a chat completion; `created` is in seconds since 1970, which Anthropic does not say.

    An error answer and anything that is no message is returned as it is.
    """
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        return message
    completion: dict[str, JSON] = {
        "id": message.get("id"),
        "object": "chat.completion",
        "created": created,
        "model": message.get("model"),
        "choices": [
            {
                "index": 0,
                "message": answer_message(message["content"]),
                "logprobs": None,
                "finish_reason": finish_reason(message.get("stop_reason")),
            }
        ],
    }
    if message.get("stop_sequence") is not None:
        completion["choices"][0]["stop_sequence"] = message["stop_sequence"]
    if isinstance(message.get("usage"), dict):
        completion["usage"] = usage_to_openai(message["usage"])
    known = {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"}
    completion.update({name: value for name, value in message.items() if name not in known and value is not None})
    return completion


def finish_reason(stop_reason: JSON) -> JSON:
    """Return OpenAI's word for a reason to stop; one we do not know stays as it is."""
    return FINISH_REASONS.get(stop_reason, stop_reason) if isinstance(stop_reason, str) else None


def usage_to_openai(usage: Mapping[str, JSON]) -> dict[str, JSON]:
    """Count as OpenAI does: its prompt tokens include what the cache read and wrote, Anthropic's leave both out."""
    read = _count(usage.get("cache_read_input_tokens"))
    written = _count(usage.get("cache_creation_input_tokens"))
    sent = _count(usage.get("input_tokens")) + read + written
    produced = _count(usage.get("output_tokens"))
    counted: dict[str, JSON] = {
        "prompt_tokens": sent,
        "completion_tokens": produced,
        "total_tokens": sent + produced,
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
    }
    details = usage.get("output_tokens_details")
    if isinstance(details, dict) and details.get("thinking_tokens") is not None:
        counted["completion_tokens_details"] = {"reasoning_tokens": details["thinking_tokens"]}
    return counted


def _count(value: JSON) -> int:
    """Read a number of tokens; what is none counts nothing."""
    return value if type(value) is int else 0


def error_to_openai(error: JSON) -> JSON:
    """Write an error answer in OpenAI's shape; anything else is returned as it is."""
    inner = error.get("error") if isinstance(error, dict) else None
    if not isinstance(inner, dict):
        return error
    said = {"message": inner.get("message"), "type": inner.get("type"), "param": None, "code": inner.get("code")}
    kept = {name: value for name, value in error.items() if name not in {"type", "error"} and value is not None}
    return {"error": said, **kept}


def answer_message(blocks: list[JSON]) -> dict[str, JSON]:
    """Write the content blocks of an answer as the assistant's message."""
    texts: list[str] = []
    thoughts: list[str] = []
    thinking: list[JSON] = []
    calls: list[dict[str, JSON]] = []
    annotations: list[JSON] = []
    others: list[JSON] = []
    written = 0
    for block in blocks:
        match block:
            case {"type": "text", "text": str(text)}:
                citations = block.get("citations")
                if isinstance(citations, list):
                    annotations += [annotation(cited, written, len(text)) for cited in citations]
                texts.append(text)
                written += len(text)
            case {"type": "tool_use"}:
                calls.append(_call(block))
            case {"type": "thinking", "thinking": str(thought)}:
                thoughts.append(thought)
                thinking.append(block)
            case {"type": "redacted_thinking"}:
                thinking.append(block)
            case _:
                others.append(block)
    message: dict[str, JSON] = {"role": "assistant", "content": "".join(texts) if texts else None, "refusal": None}
    if thoughts:
        message["reasoning_content"] = "".join(thoughts)
    if thinking:
        message["thinking_blocks"] = thinking
    if calls:
        message["tool_calls"] = calls
    if annotations:
        message["annotations"] = annotations
    if others:
        message["anthropic_blocks"] = others
    return message


def annotation(citation: JSON, start: int, length: int) -> JSON:
    """Write a citation of the web as OpenAI's annotation over the text it stands on; others stay as they are."""
    if not isinstance(citation, dict) or citation.get("type") != "web_search_result_location":
        return citation
    place = {"start_index": start, "end_index": start + length}
    return {
        "type": "url_citation",
        "url_citation": {"url": citation.get("url"), "title": citation.get("title"), **place},
    }


# ------------------------------------------------------------------ parts of a request


def _messages(message: JSON) -> list[dict[str, JSON]]:
    """Write one message: a user's tool results become tool messages of their own, before what else the user said."""
    if not isinstance(message, dict):
        return [message]
    content = message.get("content")
    if not isinstance(content, list):
        return [message]
    if message.get("role") == "assistant":
        written = answer_message(content)
        del written["refusal"]
        extra = {name: value for name, value in message.items() if name not in {"role", "content"}}
        return [{**written, **extra}]
    found: list[dict[str, JSON]] = []
    parts: list[JSON] = []
    for block in content:
        if isinstance(block, dict) and block.get("type") == "tool_result":
            if parts:  # keep the order in which things were said
                found.append({**message, "content": parts})
                parts = []
            found.append(_tool_result(block))
        else:
            parts.append(_part(block))
    if parts or not found:
        found.append({**message, "content": parts})
    return found


def _tool_result(block: Mapping[str, JSON]) -> dict[str, JSON]:
    content = block.get("content")
    if isinstance(content, list):
        content = [_part(part) for part in content]
    message = {"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": "" if content is None else content}
    known = {"type", "tool_use_id", "content"}
    message.update({name: value for name, value in block.items() if name not in known and value is not None})
    return message


def _part(block: JSON) -> JSON:
    """Write a content block as a content part; a kind that OpenAI has not stays as it is."""
    if not isinstance(block, dict):
        return block
    source = block.get("source")
    if not isinstance(source, dict):
        return {name: value for name, value in block.items() if value is not None}
    url = _address(source)
    kept = {name: value for name, value in block.items() if name not in {"type", "source", "title"} and value}
    if block.get("type") == "image" and url is not None:
        return {"type": "image_url", "image_url": {"url": url}, **kept}
    if block.get("type") == "document" and source.get("type") == "base64":
        return {"type": "file", "file": {"filename": block.get("title") or "document.pdf", "file_data": url}, **kept}
    return block


def _address(source: Mapping[str, JSON]) -> str | None:
    match source.get("type"):
        case "base64":
            return f"data:{source.get('media_type')};base64,{source.get('data')}"
        case "url":
            url = source.get("url")
            return url if isinstance(url, str) else None
        case _:
            return None


def _call(block: Mapping[str, JSON]) -> dict[str, JSON]:
    given = block.get("input")
    arguments = given if isinstance(given, str) else json.dumps({} if given is None else given, ensure_ascii=False)
    return {
        "id": block.get("id"),
        "type": "function",
        "function": {"name": block.get("name"), "arguments": arguments},
    }


def _tool(tool: JSON) -> JSON:
    """Write a tool; those that Anthropic runs itself have a type of their own and stay as they are."""
    if not isinstance(tool, dict) or "input_schema" not in tool:
        return tool
    function = {"name": tool.get("name"), "description": tool.get("description"), "parameters": tool["input_schema"]}
    if tool.get("strict") is not None:
        function["strict"] = tool["strict"]
    known = {"name", "description", "input_schema", "strict", "type"}
    kept = {name: value for name, value in tool.items() if name not in known and value is not None}
    return {
        "type": "function",
        "function": {name: value for name, value in function.items() if value is not None},
        **kept,
    }


def _tool_choice(choice: Mapping[str, JSON]) -> dict[str, JSON]:
    chat: dict[str, JSON] = {}
    kind = choice.get("type")
    if kind == "tool":
        chat["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
    else:
        chat["tool_choice"] = _TOOL_CHOICES.get(kind, dict(choice)) if isinstance(kind, str) else dict(choice)
    if choice.get("disable_parallel_tool_use") is True:
        chat["parallel_tool_calls"] = False
    return chat


def _list(value: JSON) -> list[JSON]:
    return value if isinstance(value, list) else []
