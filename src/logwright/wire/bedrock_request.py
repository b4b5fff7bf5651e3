"""An OpenAI chat request, written for Bedrock's Converse.

What Converse cannot do is refused with the JSON path, never left out in silence. Left
out on purpose, because they change no answer: `store` and `metadata` (ours), `user`,
`stream_options` (the stream's reader obeys it), and thoughts without a signature.
Source: Amazon Bedrock API reference, Converse, as of 2026.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from logwright.errors import InvalidRequest
from logwright.wire.chat import data_url, text_of

JSON = Any

_LEFT_OUT: Final = frozenset(
    {"model", "messages", "stream", "stream_options", "store", "metadata", "user", "safety_identifier"}
    | {"prompt_cache_key", "tools", "tool_choice", "response_format", "output_config", "reasoning_effort"}
)
_NEUTRAL: Final[Mapping[str, tuple[JSON, ...]]] = {
    "n": (1,),
    "parallel_tool_calls": (True,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "modalities": (["text"],),
    "verbosity": ("medium",),
    "functions": ([],),
    "function_call": ("none",),
}
"""Fields that Converse lacks, with the values that ask for nothing."""
_NAMES: Final = {
    "max_tokens": "maxTokens",
    "max_completion_tokens": "maxTokens",
    "temperature": "temperature",
    "top_p": "topP",
}
_TIERS: Final = {"auto": None, "default": "default", "flex": "flex", "priority": "priority"}
_EFFORTS: Final = frozenset({"low", "medium", "high", "xhigh", "max"})
_PASSED: Final = {
    "guardrail_config": "guardrailConfig",
    "additional_model_request_fields": "additionalModelRequestFields",
}
_PICTURES: Final = {"image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/webp": "webp"}
_DOCUMENTS: Final = {
    "application/pdf": "pdf",
    "text/csv": "csv",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/html": "html",
    "text/plain": "txt",
    "text/markdown": "md",
}
_UNFIT: Final = re.compile(r"[^A-Za-z0-9\s()\[\]-]+")
"""What the name of a document may not hold."""


def request_to_bedrock(request: Mapping[str, JSON], model: str) -> dict[str, JSON]:
    """Write a chat request for `model`, whose name stands in the address and not in the body.

    Raises:
        InvalidRequest: Converse has nothing that means the same; `param` is the JSON path.
    """
    settings: dict[str, JSON] = {}
    written: dict[str, JSON] = {}
    more: dict[str, JSON] = {}
    for name, value in request.items():
        if value is None or name in _LEFT_OUT:
            continue
        if name in _NAMES:
            settings[_NAMES[name]] = value
        elif name == "stop":
            settings["stopSequences"] = [value] if isinstance(value, str) else value
        elif name in _PASSED:
            written[_PASSED[name]] = value
        elif name == "service_tier" and value in _TIERS:
            written.update({"serviceTier": {"type": _TIERS[value]}} if _TIERS[value] else {})
        elif name in {"thinking", "top_k"} and "anthropic." in model:
            more[name] = value  # Claude's own words, which Bedrock hands on to it
        elif name not in _NEUTRAL or value not in _NEUTRAL[name]:
            raise _unknown(name)
    system, turns = _conversation(request.get("messages"))
    written["messages"] = turns
    if system:
        written["system"] = system
    if settings:
        written["inferenceConfig"] = settings
    if more:
        written["additionalModelRequestFields"] = {**written.get("additionalModelRequestFields", {}), **more}
    written.update(_output(request))
    written.update(_tools(request, turns))
    return written


def _unknown(path: str, why: str = "") -> InvalidRequest:
    return InvalidRequest(f"{path} has no equivalent in Bedrock's Converse{why}; leave it out", param=path)


# ------------------------------------------------------------------ fields


def _output(request: Mapping[str, JSON]) -> dict[str, JSON]:
    wanted = request.get("output_config") or {}
    form, path = request.get("response_format"), "response_format"
    if form is None and wanted.get("format") is not None:
        form, path = wanted["format"], "output_config.format"
    effort, effort_path = request.get("reasoning_effort"), "reasoning_effort"
    if effort is None:
        effort, effort_path = wanted.get("effort"), "output_config.effort"
    found: dict[str, JSON] = {}
    match form:
        case None | {"type": "text"}:
            pass
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)} as named}:
            found["textFormat"] = _schema(schema, named)
        case {"type": "json_schema", "schema": dict(schema)}:
            found["textFormat"] = _schema(schema, {})
        case _:
            raise InvalidRequest(
                f"{path}.type must be text or json_schema: Converse has no JSON mode without a schema", param=path
            )
    if effort is not None:
        if effort not in _EFFORTS:
            raise _unknown(effort_path, f" ({effort})")
        found["effort"] = effort
    return {"outputConfig": found} if found else {}


def _schema(schema: Mapping[str, JSON], named: Mapping[str, JSON]) -> dict[str, JSON]:
    described = {name: named[name] for name in ("name", "description") if named.get(name)}
    return {"type": "json_schema", "structure": {"jsonSchema": {"schema": json.dumps(schema), **described}}}


def _tools(request: Mapping[str, JSON], turns: list[dict[str, JSON]]) -> dict[str, JSON]:
    tools = request.get("tools")
    if not tools:
        return {}
    if not isinstance(tools, list):
        raise InvalidRequest("tools is not a list", param="tools")
    written: list[JSON] = []
    for index, tool in enumerate(tools):
        path = f"tools[{index}]"
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict):
            raise _unknown(path, " (a tool that is no function)")
        one: dict[str, JSON] = {"name": function.get("name")}
        if function.get("description"):
            one["description"] = function["description"]
        one["inputSchema"] = {"json": function.get("parameters") or {"type": "object", "properties": {}}}
        if function.get("strict") is True:
            one["strict"] = True
        written += [{"toolSpec": one}, *_mark(tool)]
    config: dict[str, JSON] = {"tools": written}
    match request.get("tool_choice"):
        case None | "auto":
            pass
        case "required":
            config["toolChoice"] = {"any": {}}
        case {"type": "function", "function": {"name": str(name)}}:
            config["toolChoice"] = {"tool": {"name": name}}
        case "none" if not any("toolUse" in block for turn in turns for block in turn["content"]):
            return {}  # tools that may not be called and never were need not be told
        case _:
            raise _unknown("tool_choice")
    return {"toolConfig": config}


def _mark(held: Mapping[str, JSON]) -> list[JSON]:
    """Write Anthropic's mark for the prompt cache behind what it stands on."""
    mark = held.get("cache_control")
    if not isinstance(mark, dict):
        return []
    return [{"cachePoint": {"type": "default", **({"ttl": mark["ttl"]} if mark.get("ttl") else {})}}]


# ------------------------------------------------------------------ messages


def _conversation(messages: JSON) -> tuple[list[JSON], list[dict[str, JSON]]]:
    """Return the system prompt and the turns; instructions alone become the user's turn."""
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest("messages must be a list with at least one message", param="messages")
    system: list[JSON] = []
    turns: list[dict[str, JSON]] = []
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        if not isinstance(message, dict):
            raise InvalidRequest(f"{path} is not an object", param=path)
        if message.get("name") is not None:
            raise _unknown(f"{path}.name")
        match message.get("role"):
            case "system" | "developer":
                system += _blocks(message.get("content"), f"{path}.content")
            case "user":
                _turn(turns, "user", _blocks(message.get("content"), f"{path}.content"))
            case "assistant":
                _turn(turns, "assistant", _assistant(message, path))
            case "tool":
                _turn(turns, "user", [_result(message, path)])
            case role:
                raise InvalidRequest(f"{path}.role is {json.dumps(role)}, which Converse has not", param=f"{path}.role")
    return (system, turns) if turns else ([], [{"role": "user", "content": system}])


def _turn(turns: list[dict[str, JSON]], role: str, blocks: list[JSON]) -> None:
    """Add a turn; roles must take turns, so what follows from the same one belongs to it."""
    if not blocks:
        return
    if turns and turns[-1]["role"] == role:
        turns[-1]["content"].extend(blocks)
    else:
        turns.append({"role": role, "content": blocks})


def _assistant(message: Mapping[str, JSON], path: str) -> list[JSON]:
    for name in ("function_call", "audio"):
        if message.get(name) is not None:
            raise _unknown(f"{path}.{name}")
    blocks: list[JSON] = []
    for thought in message.get("thinking_blocks") or ():
        match thought:
            case {"type": "thinking", "thinking": str(text), "signature": str(signature)} if signature:
                blocks.append({"reasoningContent": {"reasoningText": {"text": text, "signature": signature}}})
            case {"type": "redacted_thinking", "data": str(data)}:
                blocks.append({"reasoningContent": {"redactedContent": data}})
            case _:
                pass
    blocks += _blocks(message.get("content"), f"{path}.content")
    if isinstance(message.get("refusal"), str):
        blocks.append({"text": message["refusal"]})
    for index, call in enumerate(message.get("tool_calls") or ()):
        where = f"{path}.tool_calls[{index}]"
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise _unknown(where)
        given = _arguments(function.get("arguments"), f"{where}.function.arguments")
        blocks.append({"toolUse": {"toolUseId": call.get("id"), "name": function.get("name"), "input": given}})
    return blocks


def _arguments(text: JSON, path: str) -> dict[str, JSON]:
    try:
        parsed = json.loads(text) if text else {}
    except (TypeError, ValueError):
        parsed = None
    if not isinstance(parsed, dict):
        raise InvalidRequest(f"{path} is not the text of a JSON object, which Converse needs", param=path)
    return parsed


def _result(message: Mapping[str, JSON], path: str) -> dict[str, JSON]:
    content = message.get("content")
    blocks = _blocks(content, f"{path}.content") if isinstance(content, list) else [{"text": text_of(content)}]
    result: dict[str, JSON] = {"toolUseId": message.get("tool_call_id"), "content": blocks}
    return {"toolResult": {**result, "status": "error"} if message.get("is_error") is True else result}


def _blocks(content: JSON, path: str) -> list[JSON]:
    """Write a content field as blocks; empty texts, which Bedrock refuses, are nothing."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"text": content}]
    if not isinstance(content, list):
        raise InvalidRequest(f"{path} is neither text nor a list of parts", param=path)
    blocks: list[JSON] = []
    for index, part in enumerate(content):
        where = f"{path}[{index}]"
        if not isinstance(part, dict):
            raise InvalidRequest(f"{where} is not an object", param=where)
        block = _block(part, where)
        if block.get("text") != "":
            blocks += [block, *_mark(part)]
    return blocks


def _block(part: Mapping[str, JSON], path: str) -> dict[str, JSON]:
    match part:
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            return {"text": text}
        case {"type": "image_url", "image_url": {"url": str(url)} as image}:
            if image.get("detail") not in {None, "auto"}:
                raise _unknown(f"{path}.image_url.detail")
            kind, data = _data(url, f"{path}.image_url.url")
            if kind not in _PICTURES:
                raise _unknown(f"{path}.image_url.url", f" (a picture of type {kind})")
            return {"image": {"format": _PICTURES[kind], "source": {"bytes": data}}}
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(form)}}:
            return {"audio": {"format": form, "source": {"bytes": data}}}
        case {"type": "file", "file": {"file_data": str(url)} as file}:
            kind, data = _data(url, f"{path}.file.file_data")
            if kind not in _DOCUMENTS:
                raise _unknown(f"{path}.file.file_data", f" (a document of type {kind})")
            return {"document": {"format": _DOCUMENTS[kind], "name": _title(file), "source": {"bytes": data}}}
        case _:
            raise _unknown(f"{path}.type", f" ({part.get('type')})")


def _title(file: Mapping[str, JSON]) -> str:
    """Name a document as Bedrock allows: letters, digits, single spaces, hyphens and brackets."""
    stem = str(file.get("filename") or "").rpartition(".")[0]
    return " ".join(_UNFIT.sub(" ", stem).split()) or "document"


def _data(url: str, path: str) -> tuple[str, str]:
    found = data_url(url)
    if found is None:
        raise InvalidRequest(f"{path} must be a data: URL in base64; Bedrock fetches no addresses", param=path)
    return found
