"""LiteLLM: rows of its spend log, by file or by its API, and the payloads of its logging callbacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from logwright.logs.imports.base import Card, ImportedLog, LineByLine, Refused
from logwright.logs.imports.chats import body, request_of, response_of
from logwright.logs.imports.fields import Fields, opened, texts_of
from logwright.logs.imports.pages import Ask, Auth, Page, Pager, Walk, at, objects, texts
from logwright.logs.record import Kind

_PAGE: Final = "100"
_EARLIEST: Final = "2023-01-01 00:00:00"
_LATEST: Final = "2199-12-31 23:59:59"
_SHAPED: Final = frozenset({"chat_completion", "unknown"})

_KINDS: Final[Mapping[str, Kind]] = {
    "completion": "chat_completion",
    "text_completion": "text_completion",
    "embedding": "embedding",
    "responses": "responses",
    "anthropic_messages": "messages",
    "image_generation": "image_generation",
    "image_edit": "image_edit",
    "transcription": "transcription",
    "speech": "speech",
    "rerank": "rerank",
}
"""Its call types without the `a` of the asynchronous ones."""

_TAKEN: Final = (
    *("id", "request_id", "call_type", "spend", "response_cost", "prompt_tokens", "completion_tokens", "total_tokens"),
    *("startTime", "endTime", "completionStartTime", "model", "model_group", "messages", "response", "cache_hit"),
    *("request_tags", "session_id", "trace_id", "custom_llm_provider", "status", "error_str", "stream", "end_user"),
    *("user", "team_id", "model_parameters", "metadata", "proxy_server_request", "error_information", "response_time"),
    *("standard_logging_object", "request_duration_ms", "api_key"),
)


class _SpendLogs:
    """`GET /spend/logs/v2` by page number (proxy reference, 2026); an address that is given whole is read as it is."""

    auth: Auth = "bearer"

    def first(self, url: str, since: str) -> Ask:
        """Ask for the first page, or for the whole of `/spend/logs`, which has no pages."""
        where = at(url, "/spend/logs/v2", unless="/spend/logs")
        if where.endswith("/spend/logs"):
            return Ask(url=where, stage="whole")
        begin = since.replace("T", " ")[:19] if since else _EARLIEST
        return Ask(
            url=where,
            params={"start_date": begin, "end_date": _LATEST, "page": "1", "page_size": _PAGE, "sort_order": "asc"},
        )

    def walk(self, start: Ask) -> Walk:
        """Walk the pages until one is the last, or is empty."""
        ask: Ask | None = start
        while ask is not None:
            answer = yield ask
            found = objects(answer, "data")
            pages = answer.get("total_pages") if isinstance(answer, dict) else None
            page = int(ask.params.get("page", "1"))
            more = bool(found) and ask.stage != "whole" and (not isinstance(pages, int) or page < pages)
            after = Ask(url=ask.url, params={**ask.params, "page": str(page + 1)}) if more else None
            yield Page(texts(found), after)
            ask = after


class LiteLLM(LineByLine):
    """Rows of the table `LiteLLM_SpendLogs` and `StandardLoggingPayload` objects; they differ in a few names."""

    card = Card(
        name="litellm",
        label="LiteLLM",
        sentence="Spend logs, and the StandardLoggingPayload that its logging callbacks write.",
        reads=(
            "CSV, JSON or JSONL of the table LiteLLM_SpendLogs",
            "StandardLoggingPayload objects as JSON or JSONL, such as its bucket loggers write",
            "a proxy's address, /spend/logs/v2 or /spend/logs",
        ),
        docs="https://docs.litellm.ai/docs/proxy/logging_spec",
        key="LITELLM_API_KEY",
    )
    pager: Pager | None = _SpendLogs()

    def logs(self, raw: bytes) -> Iterator[ImportedLog]:
        """Read a row."""
        row = Fields.of(raw)
        wrapped = row.any("standard_logging_object")
        if isinstance(wrapped, dict):
            row = Fields(wrapped, "$.standard_logging_object")
        if not ("request_id" in row or "id" in row) or not ("startTime" in row or "call_type" in row):
            raise Refused("expected a row of LiteLLM_SpendLogs (request_id) or a StandardLoggingPayload (id)", "$")
        yield _log(row)


def _log(row: Fields) -> ImportedLog:
    metadata = row.object("metadata")
    call = row.text("call_type")
    kind = _KINDS.get(call.removeprefix("a") if call.removeprefix("a") in _KINDS else call, "unknown")
    model = row.text("model")
    asked, answered = row.json("messages"), row.json("response")
    outer = row.object("proxy_server_request").object("body") if _is_object(row, "proxy_server_request") else Fields({})
    parameters = dict(row.object("model_parameters").values)
    request = dict(outer.values) if "messages" in outer or "input" in outer else None
    if request is None and asked not in (None, {}, []):
        request = request_of(model, asked, parameters) if kind in _SHAPED else _plain(kind, model, asked, parameters)
    response = None if answered in (None, {}, []) else answered
    if response is not None and kind in _SHAPED:
        response = response_of(model, response, completion_id=row.text("id", "request_id"))
    error = _error(row, metadata)
    usage = metadata.object("usage_object") if _is_object(metadata, "usage_object") else Fields({})
    took = row.number("response_time")
    return ImportedLog(
        id=row.text("id", "request_id"),
        requested_at=row.moment("startTime"),
        received_at=row.moment("endTime"),
        first_byte_at=row.moment("completionStartTime") if row.any("stream") in (True, "true") else None,
        kind=kind,
        provider=row.text("custom_llm_provider"),
        provider_kind=row.text("custom_llm_provider"),
        model=row.text("model_group") or model,
        upstream_model=model,
        stream=row.any("stream") in (True, "true"),
        status=_status(row, metadata),
        error=error,
        request=body(request),
        response=body(None if error and response is None else response),
        tags=_tags(row, metadata),
        cache="hit" if str(row.any("cache_hit")).lower() == "true" else "",
        trace_id=row.text("trace_id"),
        session_id=row.text("session_id"),
        input_tokens=row.count("prompt_tokens"),
        output_tokens=row.count("completion_tokens"),
        total_tokens=row.count("total_tokens"),
        cached_tokens=usage.object("prompt_tokens_details").count("cached_tokens"),
        cost=row.number("spend", "response_cost"),
        latency=None if "endTime" in row else took,
        details=_details(row, metadata),
    )


def _is_object(row: Fields, name: str) -> bool:
    return isinstance(row.json(name), dict)


def _plain(kind: Kind, model: str, asked: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    name = {"text_completion": "prompt", "messages": "messages"}.get(kind, "input")
    if isinstance(asked, list) and len(asked) == 1 and isinstance(asked[0], dict) and kind != "messages":
        asked = asked[0].get("content", asked[0])
    return {"model": model, name: asked, **parameters}


def _error(row: Fields, metadata: Fields) -> str:
    status = (row.text("status") or metadata.text("status")).lower()
    words = row.text("error_str")
    for place in (row, metadata):
        if not words and _is_object(place, "error_information"):
            words = place.object("error_information").text("error_message", "error_class")
    return words or (f"LiteLLM says: {status}" if status in {"failure", "error"} else "")


def _status(row: Fields, metadata: Fields) -> int | None:
    for place in (row, metadata):
        if _is_object(place, "error_information"):
            code = place.object("error_information").text("error_code")
            if code.isdigit():
                return int(code)
    status = (row.text("status") or metadata.text("status")).lower()
    return 200 if status == "success" else None


def _tags(row: Fields, metadata: Fields) -> dict[str, str | float | bool | None]:
    tags = texts_of(metadata.json("requester_metadata")) | texts_of(metadata.json("spend_logs_metadata"))
    for name, said in (
        ("user", row.text("user") or metadata.text("user_api_key_user_id")),
        ("end_user", row.text("end_user")),
        ("team", row.text("team_id") or metadata.text("user_api_key_team_id")),
        ("key", metadata.text("user_api_key_alias")),
    ):
        if said:
            tags.setdefault(name, said)
    labels = row.json("request_tags")
    for label in labels if isinstance(labels, list) else []:
        tags.setdefault(str(label), "true")
    return tags


def _details(row: Fields, metadata: Fields) -> dict[str, Any]:
    details = {name: opened(value) for name, value in row.rest(*_TAKEN).items()}
    details["call_type"] = row.text("call_type")
    # A key's hash is no secret of ours, yet it is a bearer's name in the other product: it stays there.
    kept = {name: opened(value) for name, value in metadata.rest("user_api_key", "user_api_key_hash").items()}
    if kept:
        details["metadata"] = kept
    return {name: value for name, value in details.items() if value not in ("", None, {}, [])}


reader: Final = LiteLLM()
