"""Langfuse: observations and traces, as the interface exports them and as the public API gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from logwright.logs.imports.base import Card, ImportedLog, Item, Read, Refused, checked
from logwright.logs.imports.chats import body, kind_of, request_of, response_of
from logwright.logs.imports.fields import Fields, opened, texts_of
from logwright.logs.imports.pages import Ask, Auth, Page, Pager, Walk, at, objects, texts
from logwright.logs.record import Kind

_V1: Final = "/api/public/observations"
_PAGE: Final = "100"
_GROUPS: Final = "core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context"
_MILLIS: Final = 1000
_KINDS: Final[Mapping[str, Kind]] = {
    "GENERATION": "chat_completion",
    "EMBEDDING": "embedding",
    "TOOL": "tool",
    "AGENT": "agent",
    "EVALUATOR": "evaluator",
}
"""What an observation's type is here; spans, events, chains and the like are steps of a flow."""
_CALLS: Final = frozenset({"GENERATION", "EMBEDDING"})

_TAKEN: Final = (
    *("id", "type", "traceId", "trace_id", "parentObservationId", "parent_observation_id", "startTime", "start_time"),
    *("endTime", "end_time", "completionStartTime", "completion_start_time", "model", "modelName", "providedModelName"),
    *(
        "input",
        "output",
        "modelParameters",
        "model_parameters",
        "usage",
        "usageDetails",
        "usage_details",
        "costDetails",
    ),
    *("cost_details", "calculatedInputCost", "calculatedOutputCost", "calculatedTotalCost", "inputCost", "outputCost"),
    *("totalCost", "promptTokens", "completionTokens", "totalTokens", "inputUsage", "outputUsage", "totalUsage"),
    *("statusMessage", "status_message", "level", "promptName", "prompt_name", "latency", "timeToFirstToken", "unit"),
    *("sessionId", "session_id", "userId", "user_id", "tags", "traceTags", "trace", "observations", "scores"),
    *("projectId", "project_id", "createdAt", "updatedAt", "created_at", "updated_at", "timestamp"),
    *("inputPrice", "outputPrice", "totalPrice"),
)


class _PublicApi:
    """`GET /api/public/observations` by page number, and its second version by cursor; traces first.

    The first version's observations do not say the session, the user and the tags, which stand in their trace.
    """

    auth: Auth = "basic"

    def first(self, url: str, since: str) -> Ask:
        """Begin with the traces; an address of the second version is walked alone, for it tells all."""
        where = at(url, _V1, unless="/api/public/")
        times = {"fromStartTime": since} if since else {}
        if "/v2/" in where:
            return Ask(url=where, params={"limit": _PAGE, "fields": _GROUPS, **times}, stage="cursor")
        times = {"fromTimestamp": since} if since else {}
        traces = where.replace("/observations", "/traces")
        return Ask(url=traces, params={"limit": _PAGE, "page": "1", "orderBy": "timestamp.asc", **times})

    def walk(self, start: Ask) -> Walk:
        """Walk the traces, then the observations."""
        ask: Ask | None = start
        while ask is not None:
            answer = yield ask
            found = objects(answer, "data")
            meta = answer.get("meta") if isinstance(answer, dict) else None
            after = _next(ask, meta if isinstance(meta, dict) else {}, bool(found))
            if ask.url.endswith("/traces"):
                # The observations are in pages of their own; a trace that names them here would give them twice.
                found = [{name: value for name, value in one.items() if name != "observations"} for one in found]
                # Broken off here or later, the walk begins again with the traces: what they say is needed.
                yield Page(texts(found), start)
            else:
                yield Page(texts(found), start if ask.stage != "cursor" else after)
            ask = after


def _next(ask: Ask, meta: Mapping[str, Any], any_found: bool) -> Ask | None:
    if ask.stage == "cursor":
        cursor = meta.get("cursor")
        return Ask(url=ask.url, params={**ask.params, "cursor": str(cursor)}, stage="cursor") if cursor else None
    page = int(ask.params["page"])
    pages = meta.get("totalPages")
    if any_found and (not isinstance(pages, int) or page < pages):
        return Ask(url=ask.url, params={**ask.params, "page": str(page + 1)})
    if ask.url.endswith("/traces"):
        times = {"fromStartTime": ask.params["fromTimestamp"]} if "fromTimestamp" in ask.params else {}
        where = ask.url.removesuffix("/traces") + "/observations"
        return Ask(url=where, params={"limit": _PAGE, "page": "1", **times})
    return None


class Langfuse:
    """Generations, embeddings and the other observations; a trace lends them its session, user and tags."""

    card = Card(
        name="langfuse",
        label="Langfuse",
        sentence="Observations with what their traces say; generations become calls, other observations steps.",
        reads=(
            "JSON, JSONL or CSV of the tables Observations and Traces (name the traces first)",
            "traces with their observations, as the API gives one",
            "https://cloud.langfuse.com, the public API; the key is PUBLIC:SECRET",
        ),
        docs="https://langfuse.com/docs/api-and-data-platform/features/public-api",
        key="LANGFUSE_KEY",
    )
    pager: Pager | None = _PublicApi()

    def read(self, items: Iterable[Item]) -> Iterator[Read]:
        """Read items; traces are kept in mind for the observations that follow."""
        traces: dict[str, Fields] = {}
        alone: dict[str, int] = {}
        for item in items:
            for read in checked(item.number, lambda raw: _read(raw, traces), item.raw):
                if isinstance(read.found, ImportedLog):
                    alone.pop(read.found.trace_id, None)
                    if read.found.id.startswith("trace:"):
                        alone[read.found.trace_id] = item.number
                        continue
                yield read
        for trace_id, number in alone.items():
            yield from checked(number, lambda _, trace=traces[trace_id]: iter([_whole(trace)]), b"")


def _read(raw: bytes, traces: dict[str, Fields]) -> Iterator[ImportedLog]:
    row = Fields.of(raw)
    if any(name in row for name in ("traceId", "trace_id", "type", "startTime", "start_time")):
        trace_id = row.text("traceId", "trace_id")
        trace = traces.get(trace_id, row.object("trace"))
        if "input" in trace or "output" in trace:  # its steps have them, and there may be millions of traces
            trace = Fields(trace.rest("input", "output"))
            if trace_id in traces:
                traces[trace_id] = trace
        yield _observation(row, trace)
        return
    if "id" not in row or not ("timestamp" in row or "observations" in row):
        raise Refused("expected an observation (traceId, startTime) or a trace (id, timestamp)", "$")
    slim = Fields(row.rest("observations", "scores"))
    traces[row.text("id")] = slim
    inner = [each for each in row.list("observations") if isinstance(each, dict)]
    for each in inner:
        yield _observation(Fields({"traceId": row.text("id"), **each}, "$.observations"), slim)
    if not inner and ("input" in row or "output" in row):
        yield ImportedLog(id=f"trace:{row.text('id')}", trace_id=row.text("id"))


def _observation(row: Fields, trace: Fields) -> ImportedLog:
    type_ = row.text("type").upper() or "GENERATION"
    usage, costs = row.object("usageDetails", "usage_details"), row.object("costDetails", "cost_details")
    old = row.object("usage")
    model = row.text("model", "modelName", "providedModelName", "provided_model_name")
    asked, answered = row.json("input"), row.json("output")
    is_call = type_ in _CALLS
    sent = _count((usage, ("input",)), (old, ("input", "promptTokens")), (row, ("promptTokens", "inputUsage")))
    produced = _count(
        (usage, ("output",)), (old, ("output", "completionTokens")), (row, ("completionTokens", "outputUsage"))
    )
    total = _count((usage, ("total",)), (old, ("total", "totalTokens")), (row, ("totalTokens", "totalUsage")))
    begun, first = row.moment("startTime", "start_time"), row.moment("completionStartTime", "completion_start_time")
    request = request_of(model, asked, row.object("modelParameters", "model_parameters").values)
    response = response_of(model, answered, usage=(sent, produced)) if type_ == "GENERATION" else answered
    kind: Kind = _KINDS.get(type_, "flow")
    if type_ == "GENERATION" and kind_of(request, response) in {"responses", "text_completion", "embedding"}:
        kind = kind_of(request, response)
    failed = row.text("level").upper() == "ERROR"
    return ImportedLog(
        id=row.text("id"),
        requested_at=begun,
        received_at=row.moment("endTime", "end_time"),
        first_byte_at=first,
        kind=kind,
        model=model,
        stream=first is not None,
        error=(row.text("statusMessage", "status_message") or "The observation's level is ERROR") if failed else "",
        request=body(request if is_call else asked),
        response=body(response),
        tags=_tags(row, trace),
        prompt=row.text("promptName", "prompt_name"),
        trace_id=row.text("traceId", "trace_id"),
        span_id=row.text("id"),
        parent_span_id=row.text("parentObservationId", "parent_observation_id"),
        session_id=row.text("sessionId", "session_id") or trace.text("sessionId", "session_id"),
        input_tokens=sent,
        output_tokens=produced,
        cached_tokens=usage.count("input_cached_tokens", "cache_read_input_tokens", "input_cache_read"),
        reasoning_tokens=usage.count("output_reasoning_tokens", "output_reasoning"),
        total_tokens=total,
        cost=costs.number("total") or row.number("calculatedTotalCost", "totalCost"),
        input_cost=costs.number("input") or row.number("calculatedInputCost", "inputCost"),
        output_cost=costs.number("output") or row.number("calculatedOutputCost", "outputCost"),
        details=_details(row, type_),
    )


def _count(*places: tuple[Fields, tuple[str, ...]]) -> int | None:
    """Return the first count that is there: of the current usage details, the old usage, or a column of an export."""
    for place, names in places:
        found = place.count(*names)
        if found is not None:
            return found
    return None


def _tags(row: Fields, trace: Fields) -> dict[str, str | float | bool | None]:
    tags = texts_of(trace.json("metadata")) | texts_of(row.json("metadata"))
    for name, said in (
        ("user", row.text("userId", "user_id") or trace.text("userId", "user_id")),
        ("environment", row.text("environment") or trace.text("environment")),
        ("trace_name", trace.text("name") or row.text("traceName")),
        ("name", row.text("name")),
        ("release", trace.text("release") or row.text("release")),
        ("prompt_version", row.text("promptVersion", "prompt_version")),
    ):
        if said:
            tags.setdefault(name, said)
    labels = row.json("traceTags", "tags") or trace.json("tags")
    for label in labels if isinstance(labels, list) else []:
        tags.setdefault(str(label), "true")
    return tags


def _details(row: Fields, type_: str) -> dict[str, Any]:
    details: dict[str, Any] = {"langfuse_type": type_}
    details.update({name: opened(value) for name, value in row.rest(*_TAKEN).items()})
    if row.text("level").upper() not in {"", "DEFAULT"}:
        details["level"] = row.text("level")
        if "statusMessage" in row:
            details["status_message"] = row.text("statusMessage")
    for name in ("usageDetails", "usage_details", "costDetails", "cost_details"):
        found = row.object(name)
        if found.values:
            details[name] = dict(found.values)
    return details


def _whole(trace: Fields) -> ImportedLog:
    """Keep a trace that no observation was found of, since what it says would be lost."""
    latency = trace.number("latency")
    return ImportedLog(
        id=f"trace:{trace.text('id')}",
        requested_at=trace.moment("timestamp"),
        kind="flow",
        request=body(trace.json("input")),
        response=body(trace.json("output")),
        tags=_tags(Fields({}), trace),
        trace_id=trace.text("id"),
        session_id=trace.text("sessionId", "session_id"),
        cost=trace.number("totalCost"),
        latency=latency,
        details={"langfuse_type": "TRACE"},
    )


reader: Final = Langfuse()
