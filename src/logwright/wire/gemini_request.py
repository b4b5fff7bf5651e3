"""An OpenAI chat request, written for Gemini's generateContent.

What Gemini cannot do is refused with the JSON path, never left out in silence. Left
out on purpose, because they change no answer: `store` and `metadata` (ours), `user`,
`stream_options` (the stream's reader obeys it), marks for a prompt cache, and thoughts
that another provider signed. Source: Gemini API reference, v1beta, as of 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from mimetypes import guess_type
from typing import Any, Final

from logwright.errors import InvalidRequest
from logwright.wire.chat import data_url, text_of

JSON = Any

EFFORT_TOKENS: Final = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}
"""Tokens of thinking for an effort, for models that take a number (Google's table in its OpenAI guide)."""

NO_SIGNATURE: Final = "skip_thought_signature_validator"
"""Sent with a call whose signature we do not have, as Google documents for conversations that came from elsewhere;
from Gemini 3 on a call without one is refused."""

_LEFT_OUT: Final = frozenset(
    {"model", "messages", "stream", "stream_options", "store", "metadata", "user", "safety_identifier"}
    | {"prompt_cache_key", "thinking", "reasoning_effort", "output_config", "tools", "tool_choice", "response_format"}
)
_NEUTRAL: Final[Mapping[str, tuple[JSON, ...]]] = {
    "parallel_tool_calls": (True,),
    "logit_bias": ({},),
    "service_tier": ("auto", "default"),
    "verbosity": ("medium",),
    "modalities": (["text"],),
    "functions": ([],),
    "function_call": ("none",),
}
"""Fields that Gemini lacks, with the values that ask for nothing."""
_NAMES: Final = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "n": "candidateCount",
    "max_tokens": "maxOutputTokens",
    "max_completion_tokens": "maxOutputTokens",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "logprobs": "responseLogprobs",
    "top_logprobs": "logprobs",
}
_TOP: Final = {"safety_settings": "safetySettings", "cached_content": "cachedContent"}
_AUDIO: Final = {"wav": "audio/wav", "mp3": "audio/mp3"}


def request_to_gemini(request: Mapping[str, JSON], model: str) -> dict[str, JSON]:
    """Write a chat request for `model`, whose name stands in the address and not in the body.

    Raises:
        InvalidRequest: Gemini has nothing that means the same; `param` is the JSON path.
    """
    config: dict[str, JSON] = {}
    body: dict[str, JSON] = {}
    for name, value in request.items():
        if value is None or name in _LEFT_OUT:
            continue
        if name in _NAMES:
            config[_NAMES[name]] = value
        elif name == "stop":
            config["stopSequences"] = [value] if isinstance(value, str) else value
        elif name in _TOP:
            body[_TOP[name]] = value
        elif name not in _NEUTRAL or value not in _NEUTRAL[name]:
            raise _unknown(name)
    config.update(_format(request))
    thinking = _thinking(request, model)
    if thinking:
        config["thinkingConfig"] = thinking
    system, contents = _conversation(request.get("messages"), signs=_is_third(model))
    written: dict[str, JSON] = {"contents": contents, **body}
    if system:
        written["systemInstruction"] = {"parts": system}
    written.update(_tools(request))
    if config:
        written["generationConfig"] = config
    return written


def _unknown(path: str, why: str = "") -> InvalidRequest:
    return InvalidRequest(f"{path} has no equivalent at Gemini{why}; leave it out", param=path)


# ------------------------------------------------------------------ fields


def _format(request: Mapping[str, JSON]) -> dict[str, JSON]:
    wanted = request.get("output_config")
    found = request.get("response_format")
    path = "response_format"
    if found is None and isinstance(wanted, dict) and wanted.get("format") is not None:
        found, path = wanted["format"], "output_config.format"
    match found:
        case None | {"type": "text"}:
            return {}
        case {"type": "json_object"}:
            return {"responseMimeType": "application/json"}
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}} | {
            "type": "json_schema",
            "schema": dict(schema),
        }:
            return {"responseMimeType": "application/json", "responseJsonSchema": schema}
        case _:
            raise InvalidRequest(f"{path}.type must be text, json_object or json_schema", param=path)


def _is_third(model: str) -> bool:
    """Say whether a model takes levels of thinking and checks signatures: every Gemini from the third on."""
    number = model.rpartition("/")[2].removeprefix("gemini-").partition("-")[0].partition(".")[0]
    return number.isdecimal() and int(number) >= 3


def _thinking(request: Mapping[str, JSON], model: str) -> dict[str, JSON]:
    effort, path = request.get("reasoning_effort"), "reasoning_effort"
    wanted = request.get("output_config")
    if effort is None and isinstance(wanted, dict) and wanted.get("effort") is not None:
        effort, path = wanted["effort"], "output_config.effort"
    if effort is not None:
        if effort not in EFFORT_TOKENS or (effort == "none" and _is_third(model)):
            raise _unknown(path, f" ({effort}) for {model}")
        shows = effort not in {"none", "minimal"}
        amount = {"thinkingLevel": effort} if _is_third(model) else {"thinkingBudget": EFFORT_TOKENS[effort]}
        return {**amount, **({"includeThoughts": True} if shows else {})}
    match request.get("thinking"):
        case None:
            return {}
        case {"type": "disabled"}:
            return {"thinkingBudget": 0}
        case {"type": "adaptive"}:
            return {"includeThoughts": True}
        case {"type": "enabled", "budget_tokens": int(budget)}:
            return {"thinkingBudget": budget, "includeThoughts": True}
        case _:
            raise _unknown("thinking")


def _tools(request: Mapping[str, JSON]) -> dict[str, JSON]:
    tools = request.get("tools")
    if not tools:
        return {}
    if not isinstance(tools, list):
        raise InvalidRequest("tools is not a list", param="tools")
    declared = []
    for index, tool in enumerate(tools):
        path = f"tools[{index}]"
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict):
            raise _unknown(path, " (a tool that is no function)")
        one = {"name": function.get("name"), "description": function.get("description")}
        if function.get("parameters"):
            one["parametersJsonSchema"] = function["parameters"]
        declared.append({name: value for name, value in one.items() if value is not None})
    written: dict[str, JSON] = {"tools": [{"functionDeclarations": declared}]}
    choice = _choice(request.get("tool_choice"))
    if choice:
        written["toolConfig"] = {"functionCallingConfig": choice}
    return written


def _choice(value: JSON) -> dict[str, JSON]:
    match value:
        case None | "auto":
            return {}
        case "none":
            return {"mode": "NONE"}
        case "required":
            return {"mode": "ANY"}
        case {"type": "function", "function": {"name": str(name)}}:
            return {"mode": "ANY", "allowedFunctionNames": [name]}
        case {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": list(tools)}}:
            names = [tool["function"]["name"] for tool in tools]
            return {"mode": "ANY" if mode == "required" else "VALIDATED", "allowedFunctionNames": names}
        case _:
            raise _unknown("tool_choice")


# ------------------------------------------------------------------ messages


def _conversation(messages: JSON, *, signs: bool) -> tuple[list[JSON], list[dict[str, JSON]]]:
    """Return the parts of the system instruction and the turns; instructions alone become the user's turn."""
    if not isinstance(messages, list) or not messages:
        raise InvalidRequest("messages must be a list with at least one message", param="messages")
    system: list[JSON] = []
    turns: list[dict[str, JSON]] = []
    called: dict[JSON, str] = {}
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        if not isinstance(message, dict):
            raise InvalidRequest(f"{path} is not an object", param=path)
        if message.get("name") is not None:
            raise _unknown(f"{path}.name")
        match message.get("role"):
            case "system" | "developer":
                system += _parts(message.get("content"), f"{path}.content")
            case "user":
                _turn(turns, "user", _parts(message.get("content"), f"{path}.content"))
            case "assistant":
                _turn(turns, "model", _assistant(message, path, called, signs=signs))
            case "tool":
                _turn(turns, "user", [_result(message, path, called)])
            case role:
                raise InvalidRequest(f"{path}.role is {json.dumps(role)}, which Gemini has not", param=f"{path}.role")
    return (system, turns) if turns else ([], [{"role": "user", "parts": system}])


def _turn(turns: list[dict[str, JSON]], role: str, parts: list[JSON]) -> None:
    """Add a turn; answers to parallel calls and what is said next belong into one."""
    if not parts:
        return
    if turns and turns[-1]["role"] == role:
        turns[-1]["parts"].extend(parts)
    else:
        turns.append({"role": role, "parts": parts})


def _assistant(message: Mapping[str, JSON], path: str, called: dict[JSON, str], *, signs: bool) -> list[JSON]:
    for name in ("function_call", "audio"):
        if message.get(name) is not None:
            raise _unknown(f"{path}.{name}")
    parts = _parts(message.get("content"), f"{path}.content")
    if isinstance(message.get("refusal"), str):
        parts.append({"text": message["refusal"]})
    signature = _signature(message)
    if signature and parts:
        parts[-1] = {**parts[-1], "thoughtSignature": signature}
    for index, call in enumerate(message.get("tool_calls") or ()):
        where = f"{path}.tool_calls[{index}]"
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise _unknown(where)
        called[call.get("id")] = function["name"]
        given = {"name": function["name"], "args": _arguments(function.get("arguments"), f"{where}.function.arguments")}
        part: dict[str, JSON] = {"functionCall": {**given, **({"id": call["id"]} if call.get("id") else {})}}
        signature = _signature(call)
        if signature or (signs and index == 0):  # of parallel calls the first is signed
            part["thoughtSignature"] = signature or NO_SIGNATURE
        parts.append(part)
    return parts


def _signature(held: Mapping[str, JSON]) -> str | None:
    """Find Google's signature where its own OpenAI door puts it."""
    match held.get("extra_content"):
        case {"google": {"thought_signature": str(signature)}}:
            return signature
        case _:
            return None


def _arguments(text: JSON, path: str) -> dict[str, JSON]:
    try:
        parsed = json.loads(text) if text else {}
    except (TypeError, ValueError):
        parsed = None
    if not isinstance(parsed, dict):
        raise InvalidRequest(f"{path} is not the text of a JSON object, which Gemini needs", param=path)
    return parsed


def _result(message: Mapping[str, JSON], path: str, called: Mapping[JSON, str]) -> dict[str, JSON]:
    """Write a tool's answer; Gemini wants an object, and knows the tool by its name."""
    name = called.get(message.get("tool_call_id"))
    if name is None:
        raise InvalidRequest(
            f"{path}.tool_call_id is of no call in the messages before it, and Gemini needs to know its name",
            param=f"{path}.tool_call_id",
        )
    content = message.get("content")
    if isinstance(content, list) and not all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        raise _unknown(f"{path}.content", " (a tool's answer that is not text)")
    text = text_of(content)
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if message.get("is_error") is True:
        answer = {"error": text}
    elif not isinstance(answer, dict):
        answer = {"result": text}
    return {"functionResponse": {"name": name, "response": answer, "id": message["tool_call_id"]}}


def _parts(content: JSON, path: str) -> list[JSON]:
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"text": content}]
    if not isinstance(content, list):
        raise InvalidRequest(f"{path} is neither text nor a list of parts", param=path)
    return [_part(part, f"{path}[{index}]") for index, part in enumerate(content)]


def _part(part: JSON, path: str) -> dict[str, JSON]:
    if not isinstance(part, dict):
        raise InvalidRequest(f"{path} is not an object", param=path)
    match part:
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            return {"text": text}
        case {"type": "image_url", "image_url": {"url": str(url)} as image}:
            if image.get("detail") not in {None, "auto"}:
                raise _unknown(f"{path}.image_url.detail")
            return _media(url, f"{path}.image_url.url")
        case {"type": "input_audio", "input_audio": {"data": str(data), "format": str(form)}} if form in _AUDIO:
            return {"inlineData": {"mimeType": _AUDIO[form], "data": data}}
        case {"type": "file", "file": {"file_data": str(data)}}:
            return _media(data, f"{path}.file.file_data")
        case _:
            raise _unknown(f"{path}.type", f" ({part.get('type')})")


def _media(url: str, path: str) -> dict[str, JSON]:
    if found := data_url(url):
        return {"inlineData": {"mimeType": found[0], "data": found[1]}}
    kind = guess_type(url.partition("?")[0])[0]
    if url.startswith(("https://", "http://", "gs://")) and kind:
        return {"fileData": {"mimeType": kind, "fileUri": url}}
    raise InvalidRequest(
        f"{path} must be a data: URL in base64, or an address whose ending says what it is, such as .png", param=path
    )
