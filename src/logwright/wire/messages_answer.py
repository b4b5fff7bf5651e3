"""A chat completion, whole or in chunks, written as Anthropic's message.

What a message has no place for is kept beside it rather than lost: fields of the
answer that we do not know stand under `openai`. Source: Anthropic Messages
reference, as of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from logwright.wire.lenient import read

JSON = Any

STOP_REASONS: Final[Mapping[str, str]] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
"""OpenAI's reasons to stop in Anthropic's words."""

_ERROR_TYPES: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_NO_INPUT: Final[dict[str, JSON]] = {}
_SAID: Final = frozenset(
    {"role", "content", "refusal", "reasoning_content", "reasoning", "thinking_blocks", "tool_calls"}
)


def error_type(status: int) -> str:
    """Return Anthropic's type of an error by its status."""
    return _ERROR_TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")


def stop_reason(reason: JSON, *, sequence: JSON = None) -> JSON:
    """Return Anthropic's word for a reason to stop; one we do not know stays as it is."""
    if reason == "stop" and sequence is not None:
        return "stop_sequence"
    return STOP_REASONS.get(reason, reason) if isinstance(reason, str) else None


def completion_to_message(completion: JSON) -> JSON:
    """Write a completion as a message.

    Raises:
        ValueError, LookupError, TypeError: it is no completion.
    """
    choice = completion["choices"][0]
    message = choice["message"]
    written: dict[str, JSON] = {
        "id": completion.get("id"),
        "type": "message",
        "role": "assistant",
        "model": completion.get("model"),
        "content": _content(message),
        "stop_reason": stop_reason(choice.get("finish_reason"), sequence=choice.get("stop_sequence")),
        "stop_sequence": choice.get("stop_sequence"),
        "usage": usage_to_anthropic(completion.get("usage") or {}),
    }
    others = {name: value for name, value in message.items() if name not in _SAID and value}
    if others:
        written["openai"] = others
    return written


def usage_to_anthropic(usage: Mapping[str, JSON]) -> dict[str, JSON]:
    """Count as Anthropic does: its input tokens leave out what the cache read and wrote."""
    details = usage.get("prompt_tokens_details") or {}
    read_tokens = details.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or 0
    written = details.get("cache_write_tokens") or 0
    counted: dict[str, JSON] = {
        "input_tokens": max((usage.get("prompt_tokens") or 0) - read_tokens - written, 0),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read_tokens,
        "output_tokens": usage.get("completion_tokens") or 0,
    }
    thought = (usage.get("completion_tokens_details") or {}).get("reasoning_tokens")
    if thought:
        counted["output_tokens_details"] = {"thinking_tokens": thought}
    return counted


def _content(message: Mapping[str, JSON]) -> list[JSON]:
    blocks: list[JSON] = list(message.get("thinking_blocks") or ())
    thought = message.get("reasoning_content") or message.get("reasoning")
    if thought and not blocks:
        blocks.append({"type": "thinking", "thinking": thought, "signature": ""})
    text = message.get("content") or message.get("refusal")
    if isinstance(text, list):
        blocks += text
    elif text:
        blocks.append({"type": "text", "text": text})
    for call in message.get("tool_calls") or ():
        function = call["function"]
        blocks.append(
            {
                "type": "tool_use",
                "id": call.get("id"),
                "name": function.get("name"),
                "input": _input(function.get("arguments") or "{}"),
            }
        )
    return blocks


def _input(arguments: str) -> JSON:
    """Return a call's arguments; text that is no JSON object, which a model may write, stands under one name."""
    try:
        given = read(arguments.encode())
    except ValueError:
        given = None
    return given if isinstance(given, dict) else {"unparsed_arguments": arguments}


class MessageWriter:
    """Turns the chunks of one completion into a message's events; Anthropic's stream has one block open at a time."""

    __slots__ = ("_call", "_index", "_open", "_others", "_reason", "_sequence", "_started", "_usage")

    def __init__(self) -> None:
        self._started = False
        self._index = -1
        self._open = ""
        """The type of the block that is open; empty when none is."""
        self._call: JSON = None
        """Which of the chunk's calls the open block is."""
        self._reason: JSON = None
        self._sequence: JSON = None
        self._usage: dict[str, JSON] = {}
        self._others: dict[str, JSON] = {}

    def feed(self, chunk: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        """Take a chunk and return the events it makes."""
        error = chunk.get("error")
        if error is not None:
            message = error.get("message") if isinstance(error, dict) else error
            return [{"type": "error", "error": {"type": "api_error", "message": message}}]
        events = [] if self._started else self._start(chunk)
        if isinstance(chunk.get("usage"), dict):
            self._usage = usage_to_anthropic(chunk["usage"])
        for choice in chunk.get("choices") or ():
            if choice.get("index"):
                continue  # a message has one choice, and one is all that was asked for
            self._delta(choice.get("delta") or {}, events)
            self._reason = choice.get("finish_reason") or self._reason
            self._sequence = choice.get("stop_sequence") or self._sequence
        return events

    def end(self) -> list[dict[str, JSON]]:
        """Return the events that end a message."""
        events = [] if self._started else self._start({})
        self._close(events)
        ended = {"stop_reason": stop_reason(self._reason, sequence=self._sequence), "stop_sequence": self._sequence}
        last: dict[str, JSON] = {"type": "message_delta", "delta": ended}
        last["usage"] = self._usage or usage_to_anthropic({})
        if self._others:
            last["openai"] = self._others
        return [*events, last, {"type": "message_stop"}]

    def _start(self, chunk: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        self._started = True
        message: dict[str, JSON] = {
            "id": chunk.get("id"),
            "type": "message",
            "role": "assistant",
            "model": chunk.get("model"),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            # The counts are told at the end: OpenAI's form has them in its last chunk.
            "usage": usage_to_anthropic({}),
        }
        return [{"type": "message_start", "message": message}]

    def _delta(self, delta: Mapping[str, JSON], events: list[dict[str, JSON]]) -> None:
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if thought:
            self._turn_to("thinking", {"type": "thinking", "thinking": "", "signature": ""}, events)
            self._add({"type": "thinking_delta", "thinking": thought}, events)
        for block in delta.get("thinking_blocks") or ():
            self._sign(block, events)
        text = delta.get("content") or delta.get("refusal")
        if text:
            self._turn_to("text", {"type": "text", "text": ""}, events)
            self._add({"type": "text_delta", "text": text}, events)
        for position, call in enumerate(delta.get("tool_calls") or ()):
            self._call_delta(call, position, events)
        for name, value in delta.items():
            if name not in _SAID and value:
                self._others[name] = value

    def _sign(self, block: JSON, events: list[dict[str, JSON]]) -> None:
        """Take a block of thinking that comes whole after its text: what is new in it is the signature."""
        if block.get("type") == "thinking" and self._open == "thinking":
            if block.get("signature"):
                self._add({"type": "signature_delta", "signature": block["signature"]}, events)
        else:
            self._close(events)
            self._begin(block, events)
        self._close(events)

    def _call_delta(self, call: Mapping[str, JSON], position: int, events: list[dict[str, JSON]]) -> None:
        function = call.get("function") or {}
        key = call.get("index", position)
        begins = call.get("id") and (self._open != "tool_use" or self._call != (key, call["id"]))
        if begins or self._open != "tool_use":
            self._close(events)
            self._call = (key, call.get("id"))
            opened = {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": _NO_INPUT}
            self._open = "tool_use"
            self._begin(opened, events)
        if function.get("arguments"):
            self._add({"type": "input_json_delta", "partial_json": function["arguments"]}, events)

    def _turn_to(self, kind: str, block: dict[str, JSON], events: list[dict[str, JSON]]) -> None:
        if self._open != kind:
            self._close(events)
            self._open = kind
            self._begin(block, events)

    def _begin(self, block: JSON, events: list[dict[str, JSON]]) -> None:
        self._index += 1
        self._open = self._open or str(block.get("type"))
        events.append({"type": "content_block_start", "index": self._index, "content_block": block})

    def _add(self, delta: dict[str, JSON], events: list[dict[str, JSON]]) -> None:
        events.append({"type": "content_block_delta", "index": self._index, "delta": delta})

    def _close(self, events: list[dict[str, JSON]]) -> None:
        if self._open:
            events.append({"type": "content_block_stop", "index": self._index})
            self._open = ""
