"""What Anthropic's Messages API answers, whole and as the events of a stream (Anthropic API reference, 2026)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from logwright.testing.events import named_event

if TYPE_CHECKING:
    from logwright.testing.answers import Said

DEFAULT_TEXT: Final = "The ticket is about a failed export and can go to the data team."
"""What the model says unless told otherwise, in every provider's form."""

_STOP_REASONS: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


def message(said: Said, model: str, number: int) -> dict[str, Any]:
    """Build a whole message."""
    content: list[dict[str, Any]] = []
    if said.reasoning:
        content.append({"type": "thinking", "thinking": said.reasoning, "signature": "c2lnbmVk"})
    if said.whole and (not said.tool_calls or said.chunks or said.text != DEFAULT_TEXT):
        content.append({"type": "text", "text": said.whole})
    for call in said.tool_calls:
        block = {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}
        content.append(block)
    return {
        "id": f"msg_{number:08d}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": _STOP_REASONS.get(said.reason, said.reason),
        "stop_sequence": None,
        "usage": said.usage
        or {
            "input_tokens": said.input_tokens - said.cached_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": said.cached_tokens,
            "output_tokens": said.output_tokens,
            "service_tier": "standard",
        },
        **said.extra,
    }


def message_events(said: Said, model: str, number: int) -> list[bytes]:
    """Build the events of a streamed message."""
    whole = message(said, model, number)
    begun = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": begun}]
    for index, block in enumerate(whole["content"]):
        match block["type"]:
            case "text":
                opened: dict[str, Any] = {"type": "text", "text": ""}
                deltas = [{"type": "text_delta", "text": piece} for piece in said.pieces]
            case "thinking":
                opened = {"type": "thinking", "thinking": "", "signature": ""}
                deltas = [
                    {"type": "thinking_delta", "thinking": block["thinking"]},
                    {"type": "signature_delta", "signature": block["signature"]},
                ]
            case _:
                opened = {**block, "input": dict[str, Any]()}
                text = json.dumps(block["input"], ensure_ascii=False)
                deltas = [
                    {"type": "input_json_delta", "partial_json": text[start : start + 8]}
                    for start in range(0, len(text), 8)
                ]
        events.append({"type": "content_block_start", "index": index, "content_block": opened})
        if index == 0:
            events.append({"type": "ping"})
        events.extend({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas)
        events.append({"type": "content_block_stop", "index": index})
    ended = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    usage = {"output_tokens": whole["usage"].get("output_tokens", 0)}
    events.append({"type": "message_delta", "delta": ended, "usage": usage})
    events.append({"type": "message_stop"})
    return [named_event(event) for event in events]
