"""Call a model with a prompt, through our own gateway: the call is recorded and limited like any other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from starlette.concurrency import run_in_threadpool

from logwright.errors import InvalidRequest, LogwrightError, NotFound
from logwright.faces.humanloop import bodies
from logwright.faces.humanloop.access import Desk
from logwright.faces.humanloop.editions import for_log, usage_of
from logwright.faces.humanloop.files import shown_file
from logwright.faces.humanloop.records import fields_of
from logwright.faces.humanloop.requests import PromptCall
from logwright.faces.humanloop.telling import read_kernel
from logwright.faces.humanloop.view import View, tags_of
from logwright.gateway.within import Answer, Within
from logwright.logs.types import Log
from logwright.prompts import manage
from logwright.prompts.populate import populate
from logwright.prompts.types import Draft, Edition
from logwright.wire.stream import Splitter

if TYPE_CHECKING:
    from logwright.models.catalogue import Catalogue

JSON = Any

_GATEWAYS: Final[Mapping[str, str]] = {"google": "gemini", "openai_azure": "azure"}
"""Providers that Humanloop calls otherwise than we do."""

_DETAILS: Final = (
    "inputs",
    "source",
    "user",
    "environment",
    "metadata",
    "log_status",
    "source_datapoint_id",
    "trace_parent_id",
    "run_id",
)
_FIGURES: Final = (
    "prompt_tokens",
    "reasoning_tokens",
    "output_tokens",
    "prompt_cost",
    "output_cost",
    "provider_latency",
    "created_at",
)


class Telephone(NamedTuple):
    """What a call needs besides a desk."""

    calls: Within
    catalogue: Catalogue
    key: str
    """The caller's own, under which the call is made."""


class Refusal(Exception):
    """The gateway, or the provider behind it, refused; its answer is passed on."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Calling:
    """One call under way."""

    def __init__(self, desk: Desk, edition: Edition, body: PromptCall, answer: Answer) -> None:
        self._desk = desk
        self._edition = edition
        self._fields = fields_of(body)
        self._returns_inputs = body.return_inputs is not False
        self._answer = answer
        self._log_id = answer.headers.get("x-logwright-log-id", "")

    async def whole(self) -> dict[str, JSON]:
        """Return what a call without streaming answers.

        Raises:
            Refusal: when there is no answer of a model.
        """
        data = await self._answer.body()
        if self._answer.status >= 300:
            raise Refusal(self._answer.status, _words(data))
        log = await self._finish()
        answer = json.loads(data)
        shown = View(log).fields("prompt")
        figures = {name: shown[name] for name in _FIGURES}
        choices = [choice for choice in answer.get("choices") or [] if isinstance(choice, dict)]
        usage = await usage_of(self._desk, [self._edition])
        names = ("start_time", "end_time", "messages", "tool_choice", "metadata", "source", "user", "environment")
        return {
            "id": log.id,
            "log_id": log.id,
            "trace_id": log.trace_id or None,
            **{name: shown[name] for name in names},
            "inputs": shown["inputs"] if self._returns_inputs else None,
            "prompt": shown_file(self._edition, usage),
            "logs": [
                {**(figures if place == 0 else {}), **_sample(choice), "index": place}
                for place, choice in enumerate(choices)
            ],
        }

    async def events(self) -> AsyncIterator[bytes]:
        """Yield the server-sent events of a streamed call; the last tells the figures."""
        splitter = Splitter()
        try:
            async for piece in self._answer.pieces():
                for event in splitter.feed(piece):
                    for chunk in _chunks(event.data):
                        yield self._event(chunk)
            if self._log_id:
                log = await self._finish()
                shown = View(log).fields("prompt")
                figures = {name: shown[name] for name in (*_FIGURES, "finish_reason", "error")}
                yield self._event({"index": 0, "output": "", **figures})
        except LogwrightError as error:
            yield self._event({"index": 0, "error": error.message})
        finally:
            self._answer.hang_up()

    def _event(self, chunk: Mapping[str, JSON]) -> bytes:
        file, version, _ = self._edition
        told = {**chunk, "id": self._log_id, "prompt_id": file.id, "version_id": version.id}
        return b"data: %b\n\n" % json.dumps(told).encode()

    async def _finish(self) -> Log:
        """Add to the log what the caller told of the call beside it."""
        details = {name: self._fields[name] for name in _DETAILS if name in self._fields}
        parent_id = details.get("trace_parent_id")
        changes: dict[str, JSON] = {"details": details} if details else {}
        if parent_id:
            parent = await self._desk.store.get(self._desk.project_id, parent_id)
            changes |= {
                "parent_id": parent_id,
                "trace_id": parent_id if parent is None else parent.trace_id or parent.id,
            }
        if changes:
            log = await self._desk.store.amend(self._desk.project_id, self._log_id, changes, by=self._desk.key_id)
        else:
            log = await self._desk.store.get(self._desk.project_id, self._log_id)
        if log is None:
            raise NotFound("The log of this call is not there any more")
        return log


async def call(
    desk: Desk, telephone: Telephone, body: PromptCall, *, version_id: str | None, environment: str | None
) -> Calling:
    """Make the call; what comes back is its answer's beginning.

    Raises:
        Refusal: when a streamed call is refused.
        NotFound: when the prompt or the version is not there.
        InvalidRequest: when the call cannot be made as it is told.
    """
    if body.save is False:
        raise InvalidRequest("A call is always recorded whole; log it with save: false instead", param="save")
    if body.log_id is not None:
        raise InvalidRequest("The log of a call gets its id here; leave log_id out", param="log_id")
    kernel = read_kernel(body.prompt)
    if kernel is None or version_id or environment:
        edition = await for_log(
            desk, "prompt", id_=body.id, path=body.path, version_id=version_id, environment=environment
        )
    else:
        edition = await run_in_threadpool(
            manage.upsert, desk.database, desk.author, "prompt", Draft(kernel), id_=body.id, path=body.path
        )
    path, asked = _request(desk, telephone, edition, body)
    headers = {
        "authorization": f"Bearer {telephone.key}",
        "content-type": "application/json",
        "op-prompt": f"{edition.file.id}/{edition.version.id}",
    }
    answer = await telephone.calls.post(path, headers, json.dumps(asked).encode())
    if body.stream and answer.status >= 300:
        raise Refusal(answer.status, _words(await answer.body()))
    return Calling(desk, edition, body, answer)


def _request(desk: Desk, telephone: Telephone, edition: Edition, body: PromptCall) -> tuple[str, dict[str, JSON]]:
    """Write the request that the gateway takes, and its path."""
    kernel, fields = edition.version.kernel, fields_of(body)
    try:
        template = populate(kernel.get("template"), fields.get("inputs") or {})
    except ValueError as error:
        raise InvalidRequest(str(error), param="inputs") from error
    asked = bodies.request_of(kernel, {"tool_choice": fields.get("tool_choice")}) or {}
    other = kernel.get("other")
    asked |= other if isinstance(other, dict) else {}
    kind: Any = "text_completion" if kernel.get("endpoint") == "complete" else "chat_completion"
    if kind == "text_completion":
        asked["prompt"] = template if isinstance(template, str) else ""
        if body.suffix is not None:
            asked["suffix"] = body.suffix
    else:
        before = [{"role": "system", "content": template}] if isinstance(template, str) else template or []
        asked["messages"] = [*before, *(fields.get("messages") or [])]
        if not asked["messages"]:
            raise InvalidRequest("The prompt has no template; give messages", param="messages")
    asked["model"] = _model(desk, telephone.catalogue, kernel, kind)
    if (body.num_samples or 1) > 1:
        asked["n"] = body.num_samples
    if body.stream:
        asked["stream"] = True
    if tags := tags_of(fields):
        asked["metadata"] = tags
    return ("/v1/completions" if kind == "text_completion" else "/v1/chat/completions"), asked


def _model(desk: Desk, catalogue: Catalogue, kernel: Mapping[str, JSON], kind: Any) -> str:
    """Name the model as the gateway knows it: at the kernel's provider where the project has that, else plainly."""
    model = str(kernel["model"])
    provider = kernel.get("provider")
    if not provider or ":" in model:
        return model
    named = f"{_GATEWAYS.get(provider, provider)}:{model}"
    try:
        catalogue.resolve(desk.project_id, named, kind)
    except NotFound:
        return model
    return named


def _sample(choice: Mapping[str, JSON]) -> dict[str, JSON]:
    message = choice.get("message")
    text = choice.get("text")
    if isinstance(message, dict):
        text = bodies.text_of_message(message)
        message = {name: value for name, value in message.items() if value is not None}
    return {"output": text, "output_message": message, "finish_reason": choice.get("finish_reason")}


def _chunks(data: bytes) -> list[dict[str, JSON]]:
    """Return what an event of a completion's stream says, choice by choice."""
    if data.strip() == b"[DONE]":
        return []
    try:
        chunk = json.loads(data)
    except ValueError:
        return []
    if not isinstance(chunk, dict):
        return []
    if isinstance(error := chunk.get("error"), dict):
        return [{"index": 0, "error": str(error.get("message") or "the call failed")}]
    found: list[dict[str, JSON]] = []
    for choice in chunk.get("choices") or []:
        delta = choice.get("delta") or {}
        said = delta.get("content") if "delta" in choice else choice.get("text")
        told: dict[str, JSON] = {"index": choice.get("index") or 0, "output": said or ""}
        if delta.get("tool_calls"):
            told["output_message"] = {"role": "assistant", "tool_calls": delta["tool_calls"]}
        if choice.get("finish_reason"):
            told["finish_reason"] = choice["finish_reason"]
        found.append(told)
    return found


def _words(data: bytes) -> str:
    """Find the words of a refusal."""
    try:
        error = json.loads(data).get("error")
    except (ValueError, AttributeError):
        return "The provider refused, in no form that can be read"
    words = error.get("message") if isinstance(error, dict) else error
    return str(words or "The provider refused")
