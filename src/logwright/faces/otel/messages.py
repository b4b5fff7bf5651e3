"""Messages of each dialect as messages of OpenAI's chat format, in which logs keep them.

A part or member that the format has no place for stays as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from logwright.faces.otel.attributes import listed, read, written
from logwright.wire.strict import JSON

Message = dict[str, Any]

_AUDIO: Final = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}


def of_parts(value: JSON) -> list[Message]:
    """Read `gen_ai.input.messages` and `gen_ai.output.messages`: a role and typed parts."""
    made: list[Message] = []
    for each in listed(value):
        if isinstance(each, str):
            made.append({"role": "user", "content": each})
        elif isinstance(each, dict):
            parts = each.get("parts")
            if isinstance(parts, list):
                made += _with_parts({name: it for name, it in each.items() if name != "parts"}, parts)
            else:  # several instrumentations write OpenAI's own messages here
                made.append(dict(each))
    return made


def of_instructions(value: JSON) -> list[Message]:
    """Read `gen_ai.system_instructions`: parts without a role."""
    value = read(value)
    if isinstance(value, str):
        return [{"role": "system", "content": value}]
    parts = [each if isinstance(each, dict) else {"type": "text", "content": each} for each in listed(value)]
    return _with_parts({"role": "system"}, parts) if parts else []


def _with_parts(message: Message, parts: Sequence[JSON]) -> list[Message]:
    """Put parts into a message; each answer of a tool becomes a message of its own."""
    content: list[Any] = []
    calls: list[Message] = []
    thoughts: list[str] = []
    answers: list[Message] = []
    for part in parts:
        kind = part.get("type") if isinstance(part, dict) else None
        match kind:
            case "text" if isinstance(part.get("content", part.get("text")), str):
                content.append({"type": "text", "text": part.get("content", part.get("text"))})
            case "tool_call":
                calls.append(call(part.get("id"), part.get("name"), part.get("arguments")))
            case "tool_call_response":
                answers.append(answer(part.get("id"), part.get("response", part.get("result"))))
            case "reasoning" | "thinking" if isinstance(part.get("content"), str):
                thoughts.append(part["content"])
            case "refusal" if isinstance(part.get("content"), str):
                message["refusal"] = part["content"]
            case "blob" | "uri" | "file":
                content.append(_media(part))
            case _ if isinstance(part, str):
                content.append({"type": "text", "text": part})
            case _:
                content.append(part)
    if thoughts:
        message["reasoning_content"] = "\n".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    if answers and not (content or calls):
        return answers
    return [{**message, "content": _content(content)}, *answers]


def _content(parts: list[Any]) -> Any:
    """Return parts as a message has them: one text alone as text, none as null."""
    only = parts[0] if len(parts) == 1 else None
    if isinstance(only, dict) and only.get("type") == "text" and isinstance(only.get("text"), str):
        return only["text"]
    return parts or None


def _media(part: Mapping[str, Any]) -> Any:
    """Return an image, a sound or a file as OpenAI's part for it, where there is one."""
    mime, data, uri = part.get("mime_type"), part.get("content"), part.get("uri")
    if part.get("type") == "file":
        return {"type": "file", "file": {"file_id": part.get("file_id")}}
    if isinstance(data, str):
        if part.get("modality") == "audio" and isinstance(mime, str) and mime in _AUDIO:
            return {"type": "input_audio", "input_audio": {"data": data, "format": _AUDIO[mime]}}
        uri = f"data:{mime or 'application/octet-stream'};base64,{data}"
        if part.get("modality") != "image":
            return {"type": "file", "file": {"file_data": uri}}
    if part.get("modality") == "image" and isinstance(uri, str):
        return {"type": "image_url", "image_url": {"url": uri}}
    return dict(part)


def call(call_id: JSON, name: JSON, arguments: JSON) -> Message:
    """Make a call of a tool; arguments that are no text yet are written as JSON."""
    made: Message = {"type": "function", "function": {"name": name or "", "arguments": ""}}
    if call_id:
        made = {"id": call_id, **made}
    if arguments is not None:
        made["function"]["arguments"] = written(arguments)
    return made


def answer(call_id: JSON, content: JSON) -> Message:
    """Make the message that answers a call of a tool."""
    made: Message = {"role": "tool", "content": "" if content is None else written(content)}
    if call_id:
        made["tool_call_id"] = call_id
    return made


# ------------------------------------------------------------------ one attribute for each member


def of_indexed(branch: JSON) -> list[Message]:
    """Read OpenLLMetry's `gen_ai.prompt.N.*`, as `Attributes.numbered` gives it."""
    made = []
    for each in _objects(branch):
        message: Message = {"role": each.pop("role", None), "content": _maybe_parts(each.pop("content", None))}
        calls = [
            call(one.get("id"), one.get("name"), one.get("arguments")) for one in _objects(each.pop("tool_calls", None))
        ]
        if calls:
            message["tool_calls"] = calls
        made.append({**message, **each})
    return made


def _maybe_parts(content: JSON) -> JSON:
    """Content of several parts is written as JSON; text that only looks like it stays text."""
    value = read(content)
    if isinstance(value, list) and value and all(isinstance(part, dict) and "type" in part for part in value):
        return value
    return content


def of_openinference(branch: JSON) -> list[Message]:
    """Read OpenInference's `llm.input_messages.N.message.*`, as `Attributes.numbered` gives it."""
    made = []
    for each in _objects(branch):
        told = each.get("message")
        inside = dict(told) if isinstance(told, dict) else {}
        message: Message = {"role": inside.pop("role", None), "content": inside.pop("content", None)}
        parts = [_openinference_part(one) for one in _objects(inside.pop("contents", None))]
        if parts:
            message["content"] = parts
        calls = []
        for one in _objects(inside.pop("tool_calls", None)):
            told = one.get("tool_call")
            made_call = told if isinstance(told, dict) else {}
            function = made_call.get("function")
            if isinstance(function, dict):
                calls.append(call(made_call.get("id"), function.get("name"), function.get("arguments")))
        if calls:
            message["tool_calls"] = calls
        made.append({**message, **inside})
    return made


def _openinference_part(one: Mapping[str, Any]) -> Any:
    told = one.get("message_content")
    part = told if isinstance(told, dict) else {}
    match part.get("type"):
        case "text":
            return {"type": "text", "text": part.get("text", "")}
        case "image":
            image = part.get("image")
            place = image.get("image") if isinstance(image, dict) else None
            return {"type": "image_url", "image_url": place if isinstance(place, dict) else {}}
        case _:
            return part


# ------------------------------------------------------------------ events

MESSAGE_EVENTS: Final[Mapping[str, str]] = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
"""Name of an event of the conventions before 1.37 → the role of the message that it tells."""

CHOICE_EVENT: Final = "gen_ai.choice"


def of_event(role: str, attributes: Mapping[str, JSON]) -> Message:
    """Read one event that tells a message; its members are attributes, objects as JSON."""
    told = {name: value for name, value in attributes.items() if name not in {"gen_ai.system", "gen_ai.provider.name"}}
    message: Message = {"role": told.pop("role", role), "content": _maybe_parts(told.pop("content", None))}
    calls = read(told.pop("tool_calls", None))
    if isinstance(calls, list):
        message["tool_calls"] = calls
    if role == "tool" and "id" in told:
        message["tool_call_id"] = told.pop("id")
    return {**message, **told}


_OF_A_CHOICE: Final = frozenset({"content", "tool_calls", "finish_reason", "index"})


def of_choice(attributes: Mapping[str, JSON]) -> Message:
    """Read a `gen_ai.choice` event as a message with its `finish_reason` and `index`."""
    told = read(attributes.get("message"))
    inside = dict(told) if isinstance(told, dict) else {"content": told if isinstance(told, str) else None}
    flat = {
        name: attributes[name] for name in ("content", "tool_calls", "finish_reason", "index") if name in attributes
    }
    return of_event("assistant", {**inside, **flat})


# ------------------------------------------------------------------ Vercel's


def of_vercel(value: JSON) -> list[Message]:
    """Read `ai.prompt.messages`."""
    made: list[Message] = []
    for each in _objects(read(value)):
        content = each.get("content")
        if not isinstance(content, list):
            made.append({"role": each.get("role"), "content": content})
            continue
        parts: list[JSON] = []
        for part in content:
            kind = part.get("type") if isinstance(part, dict) else None
            match kind:
                case "text" | "reasoning":
                    parts.append({"type": kind, "content": part.get("text")})
                case "tool-call":
                    arguments = part.get("input", part.get("args"))
                    parts.append({"type": "tool_call", "id": part.get("toolCallId"), "name": part.get("toolName"),
                                  "arguments": arguments})  # fmt: skip
                case "tool-result":
                    output = part.get("output", part.get("result"))
                    if isinstance(output, dict) and set(output) == {"type", "value"}:
                        output = output["value"]
                    parts.append({"type": "tool_call_response", "id": part.get("toolCallId"), "response": output})
                case _:
                    parts.append(part)
        made += _with_parts({"role": each.get("role")}, parts)
    return made


def of_vercel_calls(value: JSON) -> list[Message]:
    """Read `ai.response.toolCalls`."""
    return [
        call(each.get("toolCallId"), each.get("toolName"), each.get("input", each.get("args")))
        for each in _objects(read(value))
    ]


# ------------------------------------------------------------------ tools


def tools_of(values: Iterable[JSON]) -> list[JSON]:
    """Make definitions of tools in OpenAI's form of whichever form they were told in."""
    made: list[JSON] = []
    for value in values:
        tool = read(value)
        if isinstance(tool, dict) and "function" not in tool and isinstance(tool.get("name"), str):
            function = {"name": tool["name"]}
            parameters = tool.get("parameters", tool.get("inputSchema", tool.get("input_schema")))
            if tool.get("description"):
                function["description"] = tool["description"]
            if parameters is not None:
                function["parameters"] = read(parameters)
            made.append({"type": "function", "function": function})
        else:
            made.append(tool)
    return made


def _objects(value: JSON) -> list[dict[str, Any]]:
    return [dict(each) for each in value if isinstance(each, dict)] if isinstance(value, list) else []
