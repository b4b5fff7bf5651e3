"""Humanloop: logs of prompts, tools, flows, evaluators and agents, by its export's folder or its API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from logwright.logs.imports.base import Card, ImportedLog, LineByLine, Refused
from logwright.logs.imports.chats import body, response_of
from logwright.logs.imports.fields import Fields, texts_of
from logwright.logs.imports.pages import Ask, Auth, Page, Pager, Walk, objects, texts
from logwright.logs.record import Kind

_PAGE: Final = 100
_KINDS: Final[Mapping[str, Kind]] = {
    "prompt": "chat_completion",
    "tool": "tool",
    "flow": "flow",
    "evaluator": "evaluator",
    "agent": "agent",
}
_OF_THE_CALL: Final = (
    *("temperature", "top_p", "max_tokens", "stop", "presence_penalty", "frequency_penalty", "seed", "response_format"),
    *("reasoning_effort", "tools", "other"),
)
_KEPT: Final = (
    *("inputs", "stdout", "user", "environment", "source", "provider_request", "provider_response", "log_status"),
    *("source_datapoint_id", "batches", "trace_flow_id", "run_id", "judgment", "marked_completed", "parent_id"),
)


class _Logs:
    """`GET /files`, then `GET /logs?file_id=` of each, page by page until one is empty."""

    auth: Auth = "x-api-key"

    def first(self, url: str, since: str) -> Ask:
        """Begin with the files; an address with `file_id=` is one file."""
        base, _, query = url.partition("?")
        base = base.rstrip("/").removesuffix("/logs").removesuffix("/files")
        if not base.endswith("/v5"):
            base += "/v5"
        times = {"start_date": since} if since else {}
        given = dict(pair.partition("=")[::2] for pair in query.split("&") if "=" in pair)
        if "file_id" in given:
            return _logs_of(base, given["file_id"], times)
        return Ask(url=f"{base}/files", params={"page": "1", "size": str(_PAGE), **times})

    def walk(self, start: Ask) -> Walk:
        """Walk each file's logs."""
        base, _, what = start.url.rpartition("/")
        times = {name: value for name, value in start.params.items() if name == "start_date"}
        waiting: list[Ask] = []
        if what == "files":
            number = 1
            while True:
                answer = yield Ask(url=start.url, params={"page": str(number), "size": str(_PAGE)})
                found = objects(answer, "records")
                waiting += [_logs_of(base, str(one.get("id", "")), times) for one in found if one.get("type") in _KINDS]
                number += 1
                if not found:
                    break
        else:
            waiting.append(start)
        for first in waiting:
            ask = first
            while True:
                answer = yield ask
                found = objects(answer, "records")
                if not found:
                    break
                ask = Ask(url=ask.url, params={**ask.params, "page": str(int(ask.params["page"]) + 1)})
                # The files are named again at a new start, as new ones may have come; of one file the page is known.
                yield Page(texts(found), start if what == "files" else ask)
        yield Page([], None)


def _logs_of(base: str, file_id: str, times: Mapping[str, str]) -> Ask:
    return Ask(url=f"{base}/logs", params={"file_id": file_id, "page": "1", "size": str(_PAGE), **times})


class Humanloop(LineByLine):
    """A log each; its prompt's or tool's version says the model and the parameters of the call."""

    card = Card(
        name="humanloop",
        label="Humanloop",
        sentence="Logs of prompts, tools, flows, evaluators and agents, in the units they have there.",
        reads=(
            "the folder that its export script wrote (file.json, versions/, logs/N.jsonl)",
            "JSONL of logs",
            "an address that speaks its API, such as https://api.humanloop.com/v5",
        ),
        docs="https://humanloop.com/docs",
        within="**/logs/*.jsonl",
        key="HUMANLOOP_API_KEY",
    )
    pager: Pager | None = _Logs()

    def logs(self, raw: bytes) -> Iterator[ImportedLog]:
        """Read a log."""
        row = Fields.of(raw)
        if "id" not in row:
            raise Refused("expected a log with an id", "$.id")
        type_ = next((name for name in _KINDS if isinstance(row.any(name), dict)), "prompt")
        yield _log(row, type_, row.object(type_))


def _log(row: Fields, type_: str, version: Fields) -> ImportedLog:
    model = version.text("model")
    kind = _KINDS[type_]
    said = row.list("messages")
    answer = row.any("output_message")
    answer = row.any("output") if answer is None else answer
    sent, produced = row.count("prompt_tokens"), row.count("output_tokens")
    request: Any = row.any("inputs", "arguments", "question")
    response = answer
    if kind in {"chat_completion", "agent"}:
        request = _request(version, model, said, row)
        response = response_of(
            model,
            answer,
            finish_reason=row.text("finish_reason") or None,
            usage=(sent, produced),
        )
    before, after = row.number("prompt_cost"), row.number("output_cost")
    return ImportedLog(
        id=row.text("id"),
        requested_at=row.moment("start_time", "created_at"),
        received_at=row.moment("end_time"),
        kind=kind,
        provider=version.text("provider"),
        provider_kind=version.text("provider"),
        model=model,
        error=row.text("error"),
        request=body(request),
        response=body(response),
        tags=_tags(row, version),
        prompt=version.text("path", "name"),
        trace_id=row.text("trace_id"),
        span_id=row.text("id"),
        parent_span_id=row.text("trace_parent_id"),
        session_id=row.text("session_id"),
        input_tokens=sent,
        output_tokens=produced,
        reasoning_tokens=row.count("reasoning_tokens"),
        cost=None if before is None and after is None else (before or 0.0) + (after or 0.0),
        input_cost=before,
        output_cost=after,
        latency=row.number("provider_latency"),
        details=_details(row, type_, version),
    )


def _request(version: Fields, model: str, said: list[Any], row: Fields) -> dict[str, Any] | None:
    template = version.json("template")
    if not said and template is not None:
        said = template if isinstance(template, list) else [{"role": "user", "content": template}]
    made: dict[str, Any] = {"model": model} if model else {}
    if said:
        made["messages"] = said
    for name in _OF_THE_CALL:
        value = version.any(name)
        if value is None or (name == "max_tokens" and value == -1):
            continue
        made[name] = [_tool(each) for each in value] if name == "tools" and isinstance(value, list) else value
    other = made.pop("other", None)
    if isinstance(other, dict):
        made = {**other, **made}
    choice = row.any("tool_choice")
    if choice is not None:
        made["tool_choice"] = choice
    return made or None


def _tool(told: Any) -> Any:
    """Write a tool as OpenAI does; Humanloop keeps the function alone."""
    if not isinstance(told, dict) or "function" in told:
        return told
    return {"type": "function", "function": told}


def _tags(row: Fields, version: Fields) -> dict[str, str | float | bool | None]:
    tags = texts_of(row.any("metadata"))
    for name in ("user", "environment", "source"):
        if name in row:
            tags.setdefault(name, row.text(name))
    if "version_id" in version:
        tags.setdefault("prompt_version", version.text("version_id"))
    return tags


def _details(row: Fields, type_: str, version: Fields) -> dict[str, Any]:
    details: dict[str, Any] = {"humanloop_type": type_}
    for name in _KEPT:
        if name in row:
            details[name] = row.any(name)
    metadata = row.any("metadata")
    if isinstance(metadata, dict) and metadata:
        details["metadata"] = metadata
    for name in ("id", "version_id", "name", "path"):
        if name in version:
            details[f"{type_}_{name}"] = version.text(name)
    judged = [each for each in row.list("evaluator_logs") if isinstance(each, dict)]
    if judged:
        details["evaluator_logs"] = judged
    return details


reader: Final = Humanloop()
