"""TensorZero: the rows of its inference tables, and its list of inferences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from logwright.logs.imports.base import Card, ImportedLog, Item, Read, Refused, checked
from logwright.logs.imports.chats import body, kind_of
from logwright.logs.imports.fields import Fields, encode, opened
from logwright.logs.imports.pages import Ask, Auth, Page, Pager, Walk, at, objects, texts

_LIST: Final = "/v1/inferences/list_inferences"
_PAGE: Final = 100
_MILLIS: Final = 1000
_VERSION_WITH_TIME: Final = 7
_TAKEN: Final = (
    *("id", "inference_id", "function_name", "variant_name", "episode_id", "input", "output", "tool_params", "tags"),
    *("inference_params", "processing_time_ms", "timestamp", "ttft_ms", "type", "raw_request", "raw_response", "cost"),
    *("model_name", "model_provider_name", "input_tokens", "output_tokens", "response_time_ms", "finish_reason"),
    *("system", "input_messages", "cached", "allowed_tools", "additional_tools", "parallel_tool_calls", "tool_choice"),
)


class _Inferences:
    """`POST /v1/inferences/list_inferences` by offset, oldest first (gateway reference, 2026)."""

    auth: Auth = "bearer"

    def first(self, url: str, since: str) -> Ask:
        """Ask for the first page."""
        asked: dict[str, Any] = {
            "output_source": "inference",
            "limit": _PAGE,
            "offset": 0,
            "order_by": [{"by": "timestamp", "direction": "ascending"}],
        }
        if since:
            asked["filters"] = {"type": "time", "time": since, "comparison_operator": ">="}
        return Ask(url=at(url, _LIST, unless="/inferences"), method="POST", body=asked)

    def walk(self, start: Ask) -> Walk:
        """Walk the pages until one is not full."""
        ask: Ask | None = start
        while ask is not None:
            answer = yield ask
            found = objects(answer, "inferences")
            asked = ask.body or {}
            after = None
            if len(found) >= int(asked.get("limit", _PAGE)):
                after = Ask(url=ask.url, method="POST", body={**asked, "offset": int(asked["offset"]) + len(found)})
            yield Page(texts(found), after)
            ask = after


class TensorZero:
    """Inferences; the model inferences that stand before them lend theirs the exact bodies and token counts."""

    card = Card(
        name="tensorzero",
        label="TensorZero",
        sentence="Chat and JSON inferences with what their model inferences say of bodies, tokens and cost.",
        reads=(
            "JSONL (JSONEachRow) or CSV of ModelInference, then ChatInference and JsonInference",
            "a gateway's address, its list of inferences",
        ),
        docs="https://www.tensorzero.com/docs/gateway/data-model",
        key="TENSORZERO_API_KEY",
    )
    pager: Pager | None = _Inferences()

    def read(self, items: Iterable[Item]) -> Iterator[Read]:
        """Read items; model inferences wait for the inference that they were made for."""
        calls: dict[str, list[tuple[int, Fields]]] = {}
        for item in items:
            yield from checked(item.number, lambda raw, at_=item.number: _read(raw, at_, calls), item.raw)
        for number, call in (each for found in calls.values() for each in found):
            yield from checked(number, lambda _, c=call: iter([_model_inference(c, {})]), b"")


def _read(raw: bytes, number: int, calls: dict[str, list[tuple[int, Fields]]]) -> Iterator[ImportedLog]:
    row = Fields.of(raw)
    if "inference_id" in row and ("raw_request" in row or "model_provider_name" in row):
        calls.setdefault(row.text("inference_id"), []).append((number, row))
        return
    if "function_name" not in row or not ("id" in row or "inference_id" in row):
        raise Refused("expected a row of ChatInference, JsonInference or ModelInference", "$")
    inference_id = row.text("id", "inference_id")
    made = [call for _, call in calls.pop(inference_id, [])]
    if len(made) == 1:
        yield _inference(row, inference_id, made[0])
        return
    # Several calls were made for one inference (a best-of-N variant, say): each is a call of its own below it.
    yield _inference(row, inference_id, None)
    for call in made:
        yield _model_inference(call, {"episode_id": row.text("episode_id")})


def _inference(row: Fields, inference_id: str, call: Fields | None) -> ImportedLog:
    began = _began(row, inference_id)
    took = row.number("processing_time_ms")
    first = row.number("ttft_ms")
    parameters = _parameters(row)
    model = "" if call is None else call.text("model_name")
    raw_request = None if call is None else call.json("raw_request")
    raw_response = None if call is None else call.json("raw_response")
    asked = raw_request if isinstance(raw_request, dict) else _request(row, parameters, model)
    answered = raw_response if isinstance(raw_response, dict) else _response(row.json("output"), model, inference_id)
    tags = {str(name): value for name, value in row.object("tags").values.items() if isinstance(value, str)}
    return ImportedLog(
        id=inference_id,
        requested_at=began,
        kind=kind_of(asked, answered) if call is not None else "chat_completion",
        provider="" if call is None else call.text("model_provider_name"),
        model=f"tensorzero::function_name::{row.text('function_name')}",
        upstream_model=model,
        stream=first is not None or (call is not None and "ttft_ms" in call),
        request=body(asked),
        response=body(answered),
        tags={**tags, "variant": row.text("variant_name")},
        prompt=row.text("function_name"),
        session_id=row.text("episode_id"),
        span_id=inference_id,
        latency=None if took is None else took / _MILLIS,
        ttft=None if first is None else first / _MILLIS,
        details=_details(row, call),
        **_figures(call),
    )


def _model_inference(call: Fields, known: Mapping[str, str]) -> ImportedLog:
    call_id = call.text("id")
    took, first = call.number("response_time_ms"), call.number("ttft_ms")
    asked, answered = call.json("raw_request"), call.json("raw_response")
    if not isinstance(answered, dict):
        answered = _response(call.json("output"), call.text("model_name"), call_id)
    return ImportedLog(
        id=call_id,
        requested_at=_began(call, call_id),
        kind=kind_of(asked, answered),
        provider=call.text("model_provider_name"),
        model=call.text("model_name"),
        stream=first is not None,
        request=body(asked),
        response=body(answered),
        session_id=known.get("episode_id", ""),
        span_id=call_id,
        parent_span_id=call.text("inference_id"),
        latency=None if took is None else took / _MILLIS,
        ttft=None if first is None else first / _MILLIS,
        details={"inference_id": call.text("inference_id"), **call.rest(*_TAKEN)},
        **_figures(call),
    )


def _figures(call: Fields | None) -> dict[str, Any]:
    if call is None:
        return {}
    return {
        "input_tokens": call.count("input_tokens"),
        "output_tokens": call.count("output_tokens"),
        "cost": call.number("cost"),
        "cache": "hit" if str(call.any("cached")).lower() in {"true", "1"} else "",
    }


def _began(row: Fields, identifier: str) -> datetime | None:
    """Return when a row was made: its id is a UUID of version 7, whose first 48 bits are milliseconds (RFC 9562)."""
    found = row.moment("timestamp")
    try:
        number = UUID(identifier)
    except ValueError:
        return found
    if number.version != _VERSION_WITH_TIME:
        return found
    return datetime.fromtimestamp((number.int >> 80) / _MILLIS, UTC)


def _parameters(row: Fields) -> dict[str, Any]:
    told = row.object("inference_params")
    made = dict(told.object("chat_completion").values)
    tools = row.object("tool_params")
    for name in ("tools_available", "additional_tools"):
        found = tools.list(name) or row.list(name)
        if found:
            made["tools"] = [{"type": "function", "function": _function(each)} for each in found]
            break
    choice = tools.json("tool_choice") or row.json("tool_choice")
    if choice:
        made["tool_choice"] = choice
    return {name: value for name, value in made.items() if value is not None}


def _function(tool: Any) -> Any:
    if not isinstance(tool, dict):
        return tool
    return {name: tool[name] for name in ("name", "description", "parameters", "strict") if name in tool}


def _request(row: Fields, parameters: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Write TensorZero's input, a system text and messages of content blocks, as a chat request."""
    told = row.object("input")
    messages: list[dict[str, Any]] = []
    system = told.json("system")
    if system is not None:
        messages.append({"role": "system", "content": system if isinstance(system, str) else encode(system).decode()})
    for each in told.list("messages"):
        if isinstance(each, dict):
            messages += _said(each)
    name = model or f"tensorzero::function_name::{row.text('function_name')}"
    return {"model": name, "messages": messages, **parameters}


def _said(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    role = message.get("role", "user")
    if not isinstance(content, list):
        return [{"role": role, "content": content}]
    results = [
        {"role": "tool", "tool_call_id": part.get("id", ""), "content": part.get("result", "")}
        for part in content
        if isinstance(part, dict) and part.get("type") == "tool_result"
    ]
    made = _blocks(content)
    return results if not made else [*results, {"role": role, **made}]


def _blocks(content: list[Any]) -> dict[str, Any]:
    """Turn content blocks into a message's content and tool calls; thoughts and unknown ones stay beside the text."""
    said: list[str] = []
    calls: list[dict[str, Any]] = []
    others: list[Any] = []
    thoughts: list[str] = []
    for part in content:
        match part:
            case {"type": "text", "text": str(text)}:
                said.append(text)
            case {"type": "text", "value": value} | {"type": "text", "arguments": value}:
                said.append(value if isinstance(value, str) else encode(value).decode())
            case {"type": "tool_call"}:
                arguments = part.get("raw_arguments", part.get("arguments", ""))
                function = {
                    "name": part.get("raw_name") or part.get("name") or "",
                    "arguments": arguments if isinstance(arguments, str) else encode(arguments).decode(),
                }
                calls.append({"id": part.get("id", ""), "type": "function", "function": function})
            case {"type": "thought", "text": str(text)}:
                thoughts.append(text)
            case {"type": "tool_result"}:
                pass
            case _:
                others.append(part)
    if not (said or calls or others or thoughts):
        return {}
    spoken = "\n".join(said)
    made: dict[str, Any] = {"content": spoken if said else None}
    if others:
        made["content"] = [*([{"type": "text", "text": spoken}] if said else []), *others]
    if calls:
        made["tool_calls"] = calls
    if thoughts:
        made["reasoning_content"] = "\n".join(thoughts)
    return made


def _response(output: Any, model: str, completion_id: str) -> Any:
    """Write an output, content blocks or a JSON function's `{raw, parsed}`, as a chat completion."""
    if isinstance(output, dict) and ("raw" in output or "parsed" in output):
        raw = output.get("raw")
        message: dict[str, Any] = {"content": raw if isinstance(raw, str) else encode(output.get("parsed")).decode()}
    elif isinstance(output, list):
        message = _blocks(output) or {"content": None}
    else:
        return output
    choice = {
        "index": 0,
        "message": {"role": "assistant", **message},
        "finish_reason": "tool_calls" if "tool_calls" in message else "stop",
    }
    return {"id": completion_id, "object": "chat.completion", "model": model, "choices": [choice]}


def _details(row: Fields, call: Fields | None) -> dict[str, Any]:
    details = {name: opened(value) for name, value in row.rest(*_TAKEN).items()}
    details["input"] = row.json("input")
    if isinstance(row.json("output"), dict):
        details["output"] = row.json("output")
    if call is not None:
        details["model_inference_id"] = call.text("id")
    return details


reader: Final = TensorZero()
