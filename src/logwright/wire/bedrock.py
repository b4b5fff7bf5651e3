"""Bedrock's Converse answers, whole or streamed, written as OpenAI's chat completions.

What OpenAI's form has no place for is kept beside it rather than lost: thinking keeps
its signatures under `thinking_blocks` in Anthropic's form, other blocks stand under
`bedrock_blocks`. Source: Amazon Bedrock API reference, Converse, as of 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

JSON = Any

FINISH_REASONS: Final[Mapping[str, str]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
}
"""Bedrock's reasons to stop in OpenAI's words; others stay as they are, such as `malformed_tool_use`."""


def answer_to_openai(answer: Mapping[str, JSON], *, created: int) -> dict[str, JSON]:
    """Write a whole answer as a completion; Bedrock gives it no id and does not repeat the model.

    Raises:
        LookupError, TypeError: it is no answer.
    """
    message: dict[str, JSON] = {"role": "assistant", "content": None, "refusal": None}
    for block in answer["output"]["message"]["content"]:
        _add(message, block)
    reason = answer.get("stopReason")
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason(reason)}
    completion: dict[str, JSON] = {**_head("chat.completion", created), "choices": [choice]}
    if isinstance(answer.get("usage"), dict):
        completion["usage"] = usage_to_openai(answer["usage"])
    return completion


def finish_reason(reason: JSON) -> JSON:
    """Return OpenAI's word for a reason to stop."""
    return FINISH_REASONS.get(reason, reason)


def usage_to_openai(usage: Mapping[str, JSON]) -> dict[str, JSON]:
    """Count as OpenAI does: its prompt tokens include what the cache read and wrote, Bedrock's leave both out."""
    read, written = usage.get("cacheReadInputTokens") or 0, usage.get("cacheWriteInputTokens") or 0
    sent = (usage.get("inputTokens") or 0) + read + written
    produced = usage.get("outputTokens") or 0
    return {
        "prompt_tokens": sent,
        "completion_tokens": produced,
        "total_tokens": sent + produced,
        "prompt_tokens_details": {"cached_tokens": read, "cache_write_tokens": written},
    }


def _head(kind: str, created: int) -> dict[str, JSON]:
    return {"id": None, "object": kind, "created": created, "model": None}


def _add(message: dict[str, JSON], block: Mapping[str, JSON]) -> None:
    match block:
        case {"text": str(text)}:
            message["content"] = (message["content"] or "") + text
        case {"toolUse": {"name": str(name)} as call}:
            arguments = json.dumps(call.get("input") or {}, ensure_ascii=False)
            function = {"name": name, "arguments": arguments}
            calls = message.setdefault("tool_calls", [])
            calls.append({"id": call.get("toolUseId"), "type": "function", "function": function})
        case {"reasoningContent": dict(thought)}:
            said = _thought(thought)
            message.setdefault("thinking_blocks", []).append(said)
            if said.get("thinking"):
                message["reasoning_content"] = message.get("reasoning_content", "") + said["thinking"]
        case {"citationsContent": dict(cited)}:
            text = "".join(part.get("text") or "" for part in cited.get("content") or ())
            message["content"] = (message["content"] or "") + text
            message.setdefault("annotations", []).extend(cited.get("citations") or ())
        case _:
            message.setdefault("bedrock_blocks", []).append(block)


def _thought(thought: Mapping[str, JSON]) -> dict[str, JSON]:
    if "redactedContent" in thought:
        return {"type": "redacted_thinking", "data": thought["redactedContent"]}
    told = thought.get("reasoningText") or {}
    return {"type": "thinking", "thinking": told.get("text") or "", "signature": told.get("signature") or ""}


class ConverseChunks:
    """Turns the events of one answer into chunks; keeps only what later chunks need."""

    __slots__ = ("_calls", "_created", "_open", "ended", "stopped")

    def __init__(self, *, created: int = 0) -> None:
        self._created = created
        self._calls: dict[int, int] = {}
        """Which call each block is."""
        self._open: dict[int, dict[str, JSON]] = {}
        """Blocks that can only be told as a whole."""
        self.stopped = False
        """True once the answer has given a reason for its end."""
        self.ended = False
        """True once its tokens have been counted, which comes last."""

    def feed(self, name: str, event: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        """Take one event and return the chunks it makes, often none."""
        at = event.get("contentBlockIndex", 0)
        match name:
            case "messageStart":
                return [self._chunk({"role": event.get("role"), "content": None, "refusal": None})]
            case "contentBlockStart":
                return self._start(at, event.get("start") or {})
            case "contentBlockDelta":
                return self._delta(at, event.get("delta") or {})
            case "contentBlockStop":
                return self._stop(at)
            case "messageStop":
                self.stopped = True
                return [self._chunk({}, finish_reason(event.get("stopReason")))]
            case "metadata":
                self.ended = True
                counted = {"choices": [], "usage": usage_to_openai(event.get("usage") or {})}
                return [{**_head("chat.completion.chunk", self._created), **counted}]
            case _ if name.endswith("Exception"):
                kind = "rate_limit_error" if name == "throttlingException" else "server_error"
                told = {"message": event.get("message") or name, "type": kind, "param": None, "code": name}
                return [{"error": told}]
            case _:
                return []

    def _start(self, at: int, start: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        call = start.get("toolUse")
        if call is None:
            if start:
                self._open[at] = dict(start)
            return []
        number = self._calls[at] = len(self._calls)
        function = {"name": call.get("name"), "arguments": ""}
        opened = {"index": number, "id": call.get("toolUseId"), "type": "function", "function": function}
        return [self._chunk({"tool_calls": [opened]})]

    def _delta(self, at: int, delta: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        match delta:
            case {"text": str(text)}:
                return [self._chunk({"content": text})] if text else []
            case {"toolUse": {"input": str(piece)}}:
                if not piece or at not in self._calls:
                    return []
                return [self._chunk({"tool_calls": [{"index": self._calls[at], "function": {"arguments": piece}}]})]
            case {"reasoningContent": {"text": str(text)}}:
                held = self._open.setdefault(at, {"type": "thinking", "thinking": "", "signature": ""})
                held["thinking"] += text
                return [self._chunk({"reasoning_content": text})]
            case {"reasoningContent": {"signature": str(signature)}}:
                held = self._open.setdefault(at, {"type": "thinking", "thinking": "", "signature": ""})
                held["signature"] += signature
                return []
            case {"reasoningContent": {"redactedContent": str(data)}}:
                self._open[at] = {"type": "redacted_thinking", "data": data}
                return []
            case {"citation": dict(citation)}:
                return [self._chunk({"annotations": [citation]})]
            case _:
                self._open.setdefault(at, {}).update(delta)
                return []

    def _stop(self, at: int) -> list[dict[str, JSON]]:
        """End a block: what could only be told as a whole is told now."""
        block = self._open.pop(at, None)
        if block is None:
            return []
        name = "thinking_blocks" if block.get("type") in {"thinking", "redacted_thinking"} else "bedrock_blocks"
        return [self._chunk({name: [block]})]

    def _chunk(self, delta: dict[str, JSON], reason: JSON = None) -> dict[str, JSON]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**_head("chat.completion.chunk", self._created), "choices": [choice], "usage": None}
