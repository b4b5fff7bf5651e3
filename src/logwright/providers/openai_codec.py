"""OpenAI's chat form written for a provider that speaks it, for callers who speak another.

Whoever speaks OpenAI's form is passed on byte for byte and never comes here. A
caller of Anthropic's API may have asked for things in Anthropic's words, which the
door leaves in the request; they are written in OpenAI's here, or refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from logwright.errors import InvalidRequest
from logwright.providers.codec import NOTHING, EventStream, UpstreamCall
from logwright.wire.lenient import read_object, write

if TYPE_CHECKING:
    from logwright.providers.base import OpenAICompatible, Provider
    from logwright.providers.codec import Callee
    from logwright.wire.stream import Event

JSON = Any

LOW_BUDGET: Final = 4096
HIGH_BUDGET: Final = 16384
"""Tokens of thinking from which an effort counts as medium, and as high. Ours: no API says what an effort is worth."""


class OpenAICodec(EventStream):
    """Chat at a provider of OpenAI's form."""

    def __init__(self, provider: OpenAICompatible, path: str) -> None:
        self._provider = provider
        self._path = path

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the request with the provider's name for the model; a stream is asked for its token counts."""
        del at
        provider = self._provider
        body = in_openai_words(request, callee.model)
        if body.get("metadata") is not None and not provider.keeps_metadata(body):
            del body["metadata"]
        if body.get("stream") and provider.asks_usage:
            body["stream_options"] = {**(body.get("stream_options") or {}), "include_usage": True}
        adapted = fitted(body, provider)
        return UpstreamCall(path=self._path, body=write(adapted), headers=provider.auth(secret, callee))

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Return the completion as it is."""
        del at
        if not isinstance(answer["choices"], list):
            raise TypeError("choices is not a list")
        return answer

    def decoder(self, *, at: int) -> ChatChunks:
        """Return a reader that hands the chunks on."""
        del at
        return ChatChunks()


class ChatChunks:
    """Hands on the chunks of a stream that is in OpenAI's form already."""

    __slots__ = ("_finished", "ended")

    def __init__(self) -> None:
        self.ended = False
        self._finished = False

    def feed(self, event: Event) -> Sequence[JSON]:
        """Return the chunk of an event; the end mark makes none."""
        if event.data.strip() == b"[DONE]":
            self.ended = True
            return ()
        chunk = read_object(event.data)
        choices = chunk.get("choices")
        if isinstance(choices, list):
            self._finished |= any(isinstance(one, dict) and bool(one.get("finish_reason")) for one in choices)
        return (chunk,)

    def end(self) -> Sequence[JSON]:
        """Take a stream that gave a reason for its end as complete: some servers never send the end mark."""
        self.ended = self.ended or self._finished
        return ()


def fitted(body: Mapping[str, JSON], provider: Provider) -> dict[str, JSON]:
    """Return a request's fields as the provider names them.

    Raises:
        InvalidRequest: a field asks for something that the provider has not.
    """
    quirks = provider.quirks
    if quirks is None:
        return dict(body)
    check_fields(body, provider)
    return {quirks.renames.get(name, name): value for name, value in body.items() if name not in quirks.leaves_out}


def check_fields(body: Mapping[str, JSON], provider: Provider) -> None:
    """Refuse a request that asks something with a field that the provider has not.

    Raises:
        InvalidRequest: naming the field.
    """
    for name in provider.quirks.refuses if provider.quirks else ():
        value = body.get(name)
        if value not in NOTHING and not (name == "n" and value == 1):
            label = provider.card.label
            raise InvalidRequest(f"{name} is not taken by {label}; leave it out", param=name)


def in_openai_words(request: Mapping[str, JSON], model: str) -> dict[str, JSON]:
    """Write what a caller of another API asked for in OpenAI's words.

    Marks for a prompt cache are left out, because they change no answer, and so are an assistant's own thoughts, which
    only the provider that signed them takes back.
    """
    body = {name: value for name, value in request.items() if name not in {"thinking", "output_config"}}
    body["model"] = model
    effort = _effort(request.get("thinking"))
    wanted = request.get("output_config")
    if isinstance(wanted, dict):
        unknown = next((name for name in wanted if name not in {"effort", "format"}), None)
        if unknown:
            raise InvalidRequest(
                f"output_config.{unknown} has no equivalent in OpenAI's form; leave it out",
                param=f"output_config.{unknown}",
            )
        effort = wanted.get("effort") or effort
        body.update(_format(wanted.get("format")))
    if effort and "reasoning_effort" not in body:
        body["reasoning_effort"] = "xhigh" if effort == "max" else effort
    if isinstance(body.get("messages"), list):
        body["messages"] = [_message(message) for message in body["messages"]]
    if isinstance(body.get("tools"), list):
        body["tools"] = [_unmarked(tool) for tool in body["tools"]]
    return body


def _effort(thinking: JSON) -> str | None:
    match thinking:
        case None | {"type": "disabled"} | {"type": "adaptive"}:
            return None
        case {"type": "enabled", "budget_tokens": int(budget)}:
            return "low" if budget < LOW_BUDGET else "medium" if budget < HIGH_BUDGET else "high"
        case _:
            raise InvalidRequest(
                "thinking must be of type enabled (with budget_tokens), adaptive or disabled", param="thinking"
            )


def _format(wanted: JSON) -> dict[str, JSON]:
    match wanted:
        case None:
            return {}
        case {"type": "json_schema", "schema": dict(schema)}:
            described = {"name": "answer", "schema": schema, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": described}}
        case _:
            raise InvalidRequest("output_config.format must be of type json_schema", param="output_config.format")


_THOUGHTS: Final = frozenset({"thinking_blocks", "reasoning_content", "anthropic_blocks"})


def _message(message: JSON) -> JSON:
    if not isinstance(message, dict):
        return message
    kept = {name: value for name, value in message.items() if name not in _THOUGHTS}
    if isinstance(kept.get("content"), list):
        kept["content"] = [_unmarked(part) for part in kept["content"]]
    return kept


def _unmarked(part: JSON) -> JSON:
    if not isinstance(part, dict) or "cache_control" not in part:
        return part
    return {name: value for name, value in part.items() if name != "cache_control"}
