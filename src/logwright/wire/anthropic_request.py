"""An OpenAI chat request, written for Anthropic's Messages API.

What Anthropic cannot do is refused with the JSON path, never left out in silence.
Left out on purpose, because they change no answer: `store` and `metadata` (ours),
`stream_options` (the stream's translator obeys it), `prompt_cache_key`, and an
assistant's `reasoning_content`, which Anthropic takes back only with its own
signature (`thinking_blocks`). Source: Anthropic Messages reference, as of 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from logwright.errors import InvalidRequest
from logwright.wire.chat import data_url

JSON = Any

LATEST: Final[Mapping[str, str]] = {
    "claude-3-7-sonnet": "claude-3-7-sonnet-20250219",
    "claude-3-5-sonnet": "claude-3-5-sonnet-20241022",
    "claude-3-opus": "claude-3-opus-20240229",
    "claude-3-sonnet": "claude-3-sonnet-20240229",
    "claude-3-haiku": "claude-3-haiku-20240307",
}
"""Short names and the last version they stand for (OpenPipe's documentation, Anthropic proxy)."""

_PASSED: Final = frozenset(
    {"model", "stream", "top_p", "top_k", "thinking", "output_config", "container", "context_management"}
)
_LEFT_OUT: Final = frozenset({"messages", "store", "metadata", "stream_options", "prompt_cache_key"})
_NEUTRAL: Final[Mapping[str, tuple[JSON, ...]]] = {
    "n": (1,),
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
"""Fields that Anthropic lacks, with the values that ask for nothing."""
_EFFORTS: Final = frozenset({"low", "medium", "high", "xhigh", "max"})
_SMALL_ANSWERS: Final = ("claude-3-opus", "claude-3-sonnet", "claude-3-haiku")  # these write at most 4096 tokens
_NO_PARAMETERS: Final[Mapping[str, JSON]] = {"type": "object", "properties": {}}


def request_to_anthropic(request: Mapping[str, JSON]) -> dict[str, JSON]:
    """Write a chat request as a Messages request.

    Raises:
        InvalidRequest: Anthropic has nothing that means the same; `param` is the JSON path.
    """
    written: dict[str, JSON] = {}
    for name, value in request.items():
        if value is None or name in _LEFT_OUT:
            continue
        if name in _PASSED:
            written[name] = value
        elif name in _NEUTRAL:
            if value not in _NEUTRAL[name]:
                raise _unknown(name)
        elif name not in _FIELDS:
            raise _unknown(name)
    model = request.get("model")
    if isinstance(model, str):
        written["model"] = LATEST.get(model, model)
    system, messages = _conversation(request.get("messages"))
    if system:
        written["system"] = system
    written["messages"] = messages
    for name, write in _FIELDS.items():
        if request.get(name) is not None:
            for target, value in write(request[name]).items():
                held = written.get(target)
                written[target] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
    if "tool_choice" in written and "type" not in written["tool_choice"]:
        if not written.get("tools"):
            del written["tool_choice"]  # nothing to be called in parallel
        else:
            written["tool_choice"]["type"] = "auto"
    if isinstance(written.get("tool_choice"), dict) and written["tool_choice"].get("type") == "none":
        written["tool_choice"] = {"type": "none"}  # it takes no further field
    written.setdefault("max_tokens", 4096 if str(model).startswith(_SMALL_ANSWERS) else 8192)
    return written


def _unknown(path: str, why: str = "") -> InvalidRequest:
    return InvalidRequest(f"{path} has no equivalent at Anthropic{why}; leave it out", param=path)


# ------------------------------------------------------------------ fields


def _max_tokens(value: JSON) -> dict[str, JSON]:
    return {"max_tokens": value}


def _temperature(value: JSON) -> dict[str, JSON]:
    if isinstance(value, int | float) and value > 1:
        raise InvalidRequest(f"temperature is {value}; Anthropic takes 0 to 1", param="temperature")
    return {"temperature": value}


def _stop(value: JSON) -> dict[str, JSON]:
    return {"stop_sequences": [value] if isinstance(value, str) else value}


def _user(value: JSON) -> dict[str, JSON]:
    return {"metadata": {"user_id": value}}


def _tools(value: JSON) -> dict[str, JSON]:
    if not isinstance(value, list):
        raise InvalidRequest("tools is not a list", param="tools")
    written = []
    for index, tool in enumerate(value):
        path = f"tools[{index}]"
        if not isinstance(tool, dict):
            raise InvalidRequest(f"{path} is not an object", param=path)
        function = tool.get("function")
        if tool.get("type") == "custom":
            raise _unknown(f"{path}.custom", " (a tool without a schema)")
        if not isinstance(function, dict):
            written.append(tool)  # one that Anthropic runs itself, in Anthropic's own form
            continue
        kept = {name: given for name, given in tool.items() if name not in {"type", "function"}}
        one: dict[str, JSON] = {"name": function.get("name")}
        if function.get("description") is not None:
            one["description"] = function["description"]
        one["input_schema"] = function.get("parameters") or dict(_NO_PARAMETERS)
        if function.get("strict") is True:
            one["strict"] = True
        written.append({**one, **kept})
    return {"tools": written}


def _tool_choice(value: JSON) -> dict[str, JSON]:
    match value:
        case "auto" | "none":
            return {"tool_choice": {"type": value}}
        case "required":
            return {"tool_choice": {"type": "any"}}
        case {"type": "function", "function": {"name": str(name)}}:
            return {"tool_choice": {"type": "tool", "name": name}}
        case _:
            raise _unknown("tool_choice")


def _parallel(value: JSON) -> dict[str, JSON]:
    return {"tool_choice": {"disable_parallel_tool_use": True}} if value is False else {}


def _effort(value: JSON) -> dict[str, JSON]:
    if value in {"none", "minimal"}:
        return {"thinking": {"type": "disabled"}}
    if value not in _EFFORTS:
        raise _unknown("reasoning_effort")
    return {"output_config": {"effort": value}}


def _response_format(value: JSON) -> dict[str, JSON]:
    match value:
        case {"type": "text"}:
            return {}
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
        case _:
            raise InvalidRequest(
                "response_format.type must be text or json_schema: Anthropic has no JSON mode without a schema",
                param="response_format",
            )


def _service_tier(value: JSON) -> dict[str, JSON]:
    if value not in {"auto", "default"}:
        raise _unknown("service_tier")
    return {"service_tier": "auto" if value == "auto" else "standard_only"}


_FIELDS: Final = {
    "max_tokens": _max_tokens,
    "max_completion_tokens": _max_tokens,
    "temperature": _temperature,
    "stop": _stop,
    "user": _user,
    "safety_identifier": _user,
    "tools": _tools,
    "tool_choice": _tool_choice,
    "parallel_tool_calls": _parallel,
    "reasoning_effort": _effort,
    "response_format": _response_format,
    "service_tier": _service_tier,
}
"""Fields that are written otherwise, in the order in which they are applied."""


# ------------------------------------------------------------------ messages


def _conversation(messages: JSON) -> tuple[JSON, list[dict[str, JSON]]]:
    """Return the system prompt and the turns.

    Instructions anywhere in the conversation move to the system prompt, the only place Anthropic has for them. A
    conversation of nothing else becomes the user's turn, because Anthropic demands one.
    """
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest("messages must be a list with at least one message", param="messages")
    system: list[dict[str, JSON]] = []
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
                _turn(turns, "user", [_tool_result(message, path)])
            case "function":
                raise InvalidRequest(
                    f'{path}.role is "function", which Anthropic does not accept; use "tool"', param=f"{path}.role"
                )
            case role:
                raise InvalidRequest(f"{path}.role is {json.dumps(role)}, which is no role", param=f"{path}.role")
    if not turns:
        return None, [{"role": "user", "content": _plain(system)}]
    return _plain(system), turns


def _turn(turns: list[dict[str, JSON]], role: str, blocks: list[dict[str, JSON]]) -> None:
    """Add a turn; results of parallel calls and what the user says next belong into one, as Anthropic demands."""
    if not blocks:
        return
    if turns and turns[-1]["role"] == role:
        held = turns[-1]["content"]
        if isinstance(held, str):
            held = [{"type": "text", "text": held}]
        turns[-1]["content"] = [*held, *blocks]
    else:
        turns.append({"role": role, "content": _plain(blocks)})


def _plain(blocks: list[dict[str, JSON]]) -> JSON:
    """Write a single bare text as a string, which is how people write it."""
    if len(blocks) == 1 and blocks[0].keys() == {"type", "text"}:
        return blocks[0]["text"]
    return blocks


def _assistant(message: Mapping[str, JSON], path: str) -> list[dict[str, JSON]]:
    blocks: list[dict[str, JSON]] = list(message.get("thinking_blocks") or ())
    for name in ("function_call", "audio"):
        if message.get(name) is not None:
            raise _unknown(f"{path}.{name}")
    blocks += _blocks(message.get("content"), f"{path}.content")
    if isinstance(message.get("refusal"), str):
        blocks.append({"type": "text", "text": message["refusal"]})
    for index, call in enumerate(message.get("tool_calls") or ()):
        where = f"{path}.tool_calls[{index}]"
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise _unknown(where)
        blocks.append(
            {
                "type": "tool_use",
                "id": call.get("id"),
                "name": function.get("name"),
                "input": _arguments(function.get("arguments"), f"{where}.function.arguments"),
            }
        )
    return blocks


def _arguments(text: JSON, path: str) -> dict[str, JSON]:
    try:
        parsed = json.loads(text) if text else {}
    except (TypeError, ValueError):
        parsed = None
    if not isinstance(parsed, dict):
        raise InvalidRequest(f"{path} is not the text of a JSON object, which Anthropic needs", param=path)
    return parsed


def _tool_result(message: Mapping[str, JSON], path: str) -> dict[str, JSON]:
    blocks = _blocks(message.get("content"), f"{path}.content")
    result: dict[str, JSON] = {"type": "tool_result", "tool_use_id": message.get("tool_call_id")}
    if blocks:
        result["content"] = _plain(blocks)
    if message.get("is_error") is not None:
        result["is_error"] = message["is_error"]
    return result


def _blocks(content: JSON, path: str) -> list[dict[str, JSON]]:
    """Write a content field as blocks; empty texts, which Anthropic refuses, are nothing."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list):
        raise InvalidRequest(f"{path} is neither text nor a list of parts", param=path)
    blocks = [_block(part, f"{path}[{index}]") for index, part in enumerate(content)]
    return [block for block in blocks if block.get("type") != "text" or block.get("text")]


def _block(part: JSON, path: str) -> dict[str, JSON]:
    if not isinstance(part, dict):
        raise InvalidRequest(f"{path} is not an object", param=path)
    kept = {"cache_control": part["cache_control"]} if part.get("cache_control") is not None else {}
    match part:
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            return {"type": "text", "text": text, **kept}
        case {"type": "image_url", "image_url": {"url": str(url)} as image}:
            if image.get("detail") not in {None, "auto", "high"}:  # Anthropic always looks closely
                raise _unknown(f"{path}.image_url.detail")
            return {"type": "image", "source": _source(url, f"{path}.image_url.url"), **kept}
        case {"type": "file", "file": {"file_data": str(data)} as file}:
            document = {"type": "document", "source": _source(data, f"{path}.file.file_data")}
            return {**document, **({"title": file["filename"]} if file.get("filename") else {}), **kept}
        case {"type": "document" | "image" | "search_result"}:
            return part  # Anthropic's own form
        case _:
            raise _unknown(f"{path}.type", f" ({part.get('type')})")


def _source(url: str, path: str) -> dict[str, JSON]:
    if found := data_url(url):
        return {"type": "base64", "media_type": found[0], "data": found[1]}
    if url.startswith(("https://", "http://")):
        return {"type": "url", "url": url}
    raise InvalidRequest(f"{path} must be an https address or a data: URL in base64", param=path)
