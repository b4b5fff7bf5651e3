"""Anthropic's stream events, written as OpenAI's chat chunks while they arrive.

Put together, the chunks give what `anthropic.message_to_openai` gives for the whole message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from logwright.wire.anthropic import annotation, error_to_openai, finish_reason, usage_to_openai

JSON = Any


class ChunkWriter:
    """Turns the events of one answer into chunks; keeps only what later chunks need."""

    __slots__ = ("_block", "_calls", "_created", "_head", "_include_usage", "_input", "_usage", "_written")

    def __init__(self, *, include_usage: bool, created: int = 0) -> None:
        """Prepare; `include_usage` is what the request's `stream_options` said, `created` seconds since 1970."""
        self._include_usage = include_usage
        self._created = created
        self._head: dict[str, JSON] = {}
        self._usage: dict[str, JSON] = {}
        self._block: dict[str, JSON] = {}
        self._input = ""
        self._calls = -1
        self._written = 0

    def feed(self, event: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        """Take the data of one event and return the chunks it makes, often none."""
        match event.get("type"):
            case "message_start":
                return self._start(event.get("message") or {})
            case "content_block_start":
                return self._open(event.get("content_block") or {})
            case "content_block_delta":
                return self._delta(event.get("delta") or {})
            case "content_block_stop":
                return self._close()
            case "message_delta":
                self._usage.update({k: v for k, v in (event.get("usage") or {}).items() if v is not None})
                delta = event.get("delta") or {}
                ended = self._chunk({}, finish_reason(delta.get("stop_reason")))
                if delta.get("stop_sequence") is not None:
                    ended["choices"][0]["stop_sequence"] = delta["stop_sequence"]
                told = {"stop_reason", "stop_sequence"}
                ended.update({k: v for k, v in delta.items() if k not in told and v is not None})
                return [ended]
            case "message_stop":
                return [self._counted()] if self._include_usage else []
            case "error":
                return [error_to_openai(dict(event))]
            case _:
                return []

    def _start(self, message: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        self._head = {
            "id": message.get("id"),
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": message.get("model"),
        }
        self._usage = dict(message.get("usage") or {})
        return [self._chunk({"role": "assistant", "content": None, "refusal": None})]

    def _open(self, block: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        self._block = dict(block)
        self._input = ""
        match block.get("type"):
            case "tool_use":
                self._calls += 1
                opened = {"name": block.get("name"), "arguments": ""}
                return self._call({"id": block.get("id"), "type": "function", "function": opened})
            case "text":
                return self._text(block.get("text") or "", first=True)
            case _:
                return []

    def _delta(self, delta: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        match delta.get("type"):
            case "text_delta":
                return self._text(delta.get("text") or "")
            case "input_json_delta":
                piece = delta.get("partial_json") or ""
                if not piece:
                    return []
                self._input += piece
                if self._block.get("type") != "tool_use":
                    return []
                return self._call({"function": {"arguments": piece}})
            case "thinking_delta":
                piece = delta.get("thinking") or ""
                self._block["thinking"] = (self._block.get("thinking") or "") + piece
                return [self._chunk({"reasoning_content": piece})]
            case "signature_delta":
                self._block["signature"] = (self._block.get("signature") or "") + (delta.get("signature") or "")
                return []
            case "citations_delta":
                held = self._block.get("citations") or []
                self._block["citations"] = [*held, delta.get("citation")]
                return []
            case _:
                return []

    def _close(self) -> list[dict[str, JSON]]:
        """End a block: what could only be told as a whole is told now."""
        block, self._block = self._block, {}
        match block.get("type"):
            case "tool_use":
                if self._input:
                    return []
                whole = json.dumps(block.get("input") or {}, ensure_ascii=False)
                return self._call({"function": {"arguments": whole}})
            case "text":
                start, length = self._written, len(block["text"])
                self._written += length
                cited = [annotation(citation, start, length) for citation in block.get("citations") or ()]
                return [self._chunk({"annotations": cited})] if cited else []
            case "thinking" | "redacted_thinking":
                return [self._chunk({"thinking_blocks": [block]})]
            case None:
                return []
            case _:
                if self._input:
                    block["input"] = json.loads(self._input)
                return [self._chunk({"anthropic_blocks": [block]})]

    def _text(self, piece: str, *, first: bool = False) -> list[dict[str, JSON]]:
        if first:
            self._block["text"] = piece
        else:
            self._block["text"] = (self._block.get("text") or "") + piece
        return [self._chunk({"content": piece})] if piece else []

    def _call(self, call: dict[str, JSON]) -> list[dict[str, JSON]]:
        return [self._chunk({"tool_calls": [{"index": self._calls, **call}]})]

    def _chunk(self, delta: dict[str, JSON], reason: JSON = None) -> dict[str, JSON]:
        chunk: dict[str, JSON] = {
            **self._head,
            "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
        }
        if self._include_usage:
            chunk["usage"] = None
        return chunk

    def _counted(self) -> dict[str, JSON]:
        return {**self._head, "choices": [], "usage": usage_to_openai(self._usage)}
