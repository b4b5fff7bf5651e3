"""Arize Phoenix: spans, as its dataframe export and its REST API give them, in OpenInference's attributes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from logwright.logs.imports.base import Card, ImportedLog, LineByLine, Refused
from logwright.logs.imports.chats import body, request_of, response_of
from logwright.logs.imports.fields import Fields, opened, texts_of
from logwright.logs.imports.pages import Ask, Auth, Page, Pager, Walk, at, objects, texts
from logwright.logs.record import Kind

_PAGE: Final = "100"
_KINDS: Final[Mapping[str, Kind]] = {
    "LLM": "chat_completion",
    "EMBEDDING": "embedding",
    "RERANKER": "rerank",
    "TOOL": "tool",
    "AGENT": "agent",
    "EVALUATOR": "evaluator",
}
"""OpenInference's span kinds; chains, retrievers and the like are steps of a flow."""

_NUMBERED: Final = re.compile(r"\d+")
_TAKEN: Final = (
    *("llm.model_name", "llm.provider", "llm.system", "llm.input_messages", "llm.output_messages", "llm.tools"),
    *("llm.invocation_parameters", "llm.token_count", "llm.cost", "input", "output", "session", "user", "metadata"),
    *("openinference", "tag", "llm.prompts", "llm.finish_reason"),
)


class _Spans:
    """`GET /v1/projects/{project}/spans` by cursor (Phoenix REST API, 2026)."""

    auth: Auth = "bearer"

    def first(self, url: str, since: str) -> Ask:
        """Begin with the first page of a project, `default` unless the address names one."""
        where = at(url, "/v1/projects/default/spans", unless="/v1/projects/")
        if not where.endswith("/spans"):
            where += "/spans"
        return Ask(url=where, params={"limit": _PAGE, **({"start_time": since} if since else {})})

    def walk(self, start: Ask) -> Walk:
        """Follow the cursor."""
        ask: Ask | None = start
        while ask is not None:
            answer = yield ask
            found = objects(answer, "data")
            cursor = answer.get("next_cursor") if isinstance(answer, dict) else None
            after = Ask(url=ask.url, params={**ask.params, "cursor": str(cursor)}) if cursor and found else None
            yield Page(texts(found), after)
            ask = after


class Phoenix(LineByLine):
    """Spans with attributes flat (`attributes.llm.model_name`), dotted in one object, or nested."""

    card = Card(
        name="phoenix",
        label="Arize Phoenix",
        sentence="Spans; those of kind LLM and EMBEDDING become calls, the others steps of their trace.",
        reads=(
            "Parquet, CSV, JSON or JSONL of the spans dataframe",
            "spans as JSON or JSONL, as the REST API gives them",
            "a server's address, /v1/projects/NAME/spans",
        ),
        docs="https://arize.com/docs/phoenix",
        key="PHOENIX_API_KEY",
    )
    pager: Pager | None = _Spans()

    def logs(self, raw: bytes) -> Iterator[ImportedLog]:
        """Read a span."""
        row = Fields.of(raw)
        context = row.object("context")
        span_id = context.text("span_id") or row.text("context.span_id", "span_id")
        if not span_id or not ("start_time" in row or "startTime" in row):
            raise Refused("expected a span with context.span_id and start_time", "$")
        yield _span(row, span_id, context.text("trace_id") or row.text("context.trace_id", "trace_id"))


def _span(row: Fields, span_id: str, trace_id: str) -> ImportedLog:
    told = nested(_attributes(row))
    attributes = Fields(told, "$.attributes")
    llm, given, made = (_inner(attributes, name) for name in ("llm", "input", "output"))
    type_ = (row.text("span_kind") or _inner(_inner(attributes, "openinference"), "span").text("kind")).upper()
    kind: Kind = _KINDS.get(type_, "flow")
    model = llm.text("model_name") or _inner(attributes, "embedding").text("model_name")
    counts, cost = _inner(llm, "token_count"), _inner(llm, "cost")
    asked, answered = given.json("value"), made.json("value")
    request, response = asked, answered
    if kind == "chat_completion":
        said = _messages(llm.json("input_messages"))
        answers = _messages(llm.json("output_messages"))
        parameters = dict(llm.object("invocation_parameters").values)
        if tools := _tools(llm.json("tools")):
            parameters["tools"] = tools
        request = asked if _is_request(asked) else request_of(model, {"messages": said} if said else asked, parameters)
        if isinstance(answered, dict) and "choices" in answered:
            response = answered
        else:
            response = response_of(model, answers[0] if answers else answered)
    failed = row.text("status_code").upper() == "ERROR"
    return ImportedLog(
        id=span_id,
        requested_at=row.moment("start_time", "startTime"),
        received_at=row.moment("end_time", "endTime"),
        kind=kind,
        provider_kind=llm.text("provider", "system"),
        model=model,
        error=(row.text("status_message") or _exception(row) or "The span's status is ERROR") if failed else "",
        request=body(request),
        response=body(response),
        tags=_tags(row, attributes),
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=row.text("parent_id", "parentId"),
        session_id=_inner(attributes, "session").text("id"),
        input_tokens=counts.count("prompt"),
        output_tokens=counts.count("completion"),
        total_tokens=counts.count("total"),
        cached_tokens=_inner(counts, "prompt_details").count("cache_read"),
        reasoning_tokens=_inner(counts, "completion_details").count("reasoning"),
        cost=cost.number("total"),
        input_cost=cost.number("prompt"),
        output_cost=cost.number("completion"),
        details=_details(row, told, type_),
    )


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted names into objects, and objects whose names are all numbers into arrays.

    `{"a.0.b": 1}` becomes `{"a": [{"b": 1}]}`. Texts that hold JSON stay texts here.
    """
    root: dict[str, Any] = {}
    for name, value in flat.items():
        at_, parts = root, name.split(".")
        for part in parts[:-1]:
            inner = at_.get(part)
            if not isinstance(inner, dict):
                inner = at_[part] = {} if inner is None else {"": inner}
            at_ = inner
        inner = nested(value) if isinstance(value, dict) else value
        known = at_.get(parts[-1])
        at_[parts[-1]] = {**known, **inner} if isinstance(known, dict) and isinstance(inner, dict) else inner
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        if value and all(_NUMBERED.fullmatch(name) for name in value):
            return [_listed(value[name]) for name in sorted(value, key=int)]
        return {name: _listed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [nested(each) if isinstance(each, dict) else each for each in value]
    return value


def _attributes(row: Fields) -> dict[str, Any]:
    """Collect the attributes: one object, or columns that begin with `attributes.`; absent ones are dropped."""
    found = row.json("attributes")
    flat = dict(found) if isinstance(found, dict) else {}
    for name, value in row.values.items():
        if name.startswith("attributes."):
            flat[name.removeprefix("attributes.")] = value
    return {name: value for name, value in flat.items() if value is not None and value != ""}


def _inner(fields: Fields, name: str) -> Fields:
    value = fields.json(name)
    return Fields(value, f"$.attributes.{name}") if isinstance(value, dict) else Fields({})


def _messages(found: Any) -> list[dict[str, Any]]:
    """Read OpenInference's messages: `{"message": {"role", "content", "tool_calls": [{"tool_call": ...}]}}`."""
    messages = []
    for each in found if isinstance(found, list) else []:
        told = nested(each) if isinstance(each, dict) else {}
        inner = told.get("message", told)
        if not isinstance(inner, dict):
            continue
        message: dict[str, Any] = {"role": inner.get("role", "user"), "content": _content(inner)}
        calls = [_tool_call(call) for call in inner.get("tool_calls") or () if isinstance(call, dict)]
        if calls:
            message["tool_calls"] = calls
        for name in ("tool_call_id", "name"):
            if inner.get(name):
                message[name] = inner[name]
        messages.append(message)
    return messages


def _content(message: Mapping[str, Any]) -> Any:
    parts = message.get("contents")
    if message.get("content") is not None or not isinstance(parts, list):
        return message.get("content")
    made = []
    for part in parts:
        told = part.get("message_content", part) if isinstance(part, dict) else {"text": str(part)}
        if told.get("type") == "image" or "image" in told:
            image = told.get("image")
            inner = image.get("image", image) if isinstance(image, dict) else {"url": image}
            made.append({"type": "image_url", "image_url": {"url": inner.get("url", "")}})
        else:
            made.append({"type": "text", "text": str(told.get("text", ""))})
    return made


def _tool_call(found: Mapping[str, Any]) -> dict[str, Any]:
    call = found.get("tool_call", found)
    function = call.get("function") if isinstance(call, dict) else None
    told = function if isinstance(function, dict) else {}
    arguments = told.get("arguments", "")
    made = {"name": told.get("name", ""), "arguments": arguments if isinstance(arguments, str) else str(arguments)}
    return {"id": (call.get("id") if isinstance(call, dict) else "") or "", "type": "function", "function": made}


def _tools(found: Any) -> list[Any]:
    tools = []
    for each in found if isinstance(found, list) else []:
        told = each.get("tool", each) if isinstance(each, dict) else each
        schema = opened(told.get("json_schema", told) if isinstance(told, dict) else each)
        if isinstance(schema, dict):
            tools.append(schema)
    return tools


def _is_request(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("messages"), list) and "model" in value


def _exception(row: Fields) -> str:
    for event in row.list("events"):
        attributes = event.get("attributes") if isinstance(event, dict) else None
        words = nested(attributes).get("exception") if isinstance(attributes, dict) else None
        said = words.get("message") if isinstance(words, dict) else None
        if isinstance(said, str):
            return said
    return ""


def _tags(row: Fields, attributes: Fields) -> dict[str, str | float | bool | None]:
    tags = texts_of(attributes.json("metadata"))
    for name, said in (("name", row.text("name")), ("user", _inner(attributes, "user").text("id"))):
        if said:
            tags.setdefault(name, said)
    labels = _inner(attributes, "tag").json("tags")
    for label in labels if isinstance(labels, list) else []:
        tags.setdefault(str(label), "true")
    return tags


def _details(row: Fields, told: Mapping[str, Any], type_: str) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for name, value in told.items():
        if name == "llm" and isinstance(value, dict):
            rest = {key: each for key, each in value.items() if f"llm.{key}" not in _TAKEN}
            if rest:
                left["llm"] = rest
        elif name not in _TAKEN:
            left[name] = value
    details: dict[str, Any] = {"span_kind": type_}
    if left:
        details["attributes"] = left
    if events := row.list("events"):
        details["events"] = events
    return details


reader: Final = Phoenix()
