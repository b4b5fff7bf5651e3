"""What Bedrock's Converse answers, whole and as frames (Amazon Bedrock API reference, 2026)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from logwright.testing.events import dumps
from logwright.testing.message_answers import DEFAULT_TEXT
from logwright.wire.event_frames import frame

if TYPE_CHECKING:
    from logwright.testing.answers import Said

FRAMES: Final = "application/vnd.amazon.eventstream"
"""The content type of a stream."""

_STOP_REASONS: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "content_filtered",
}


def converse_answer(said: Said) -> dict[str, Any]:
    """Build a whole answer."""
    return {
        "output": {"message": {"role": "assistant", "content": _content(said)}},
        "stopReason": _STOP_REASONS.get(said.reason, said.reason),
        "usage": _usage(said),
        "metrics": {"latencyMs": 551},
        **said.extra,
    }


def converse_events(said: Said) -> list[bytes]:
    """Build the frames of a streamed answer."""
    events: list[tuple[str, dict[str, Any]]] = [("messageStart", {"role": "assistant"})]
    for index, block in enumerate(_content(said)):
        place = {"contentBlockIndex": index}
        deltas: list[dict[str, Any]]
        match block:
            case {"text": _}:
                deltas = [{"text": piece} for piece in said.pieces]
            case {"reasoningContent": {"reasoningText": thought}}:
                told = ({"text": thought["text"]}, {"signature": thought["signature"]})
                deltas = [{"reasoningContent": each} for each in told]
            case _:
                call = block["toolUse"]
                opened = {"toolUse": {"toolUseId": call["toolUseId"], "name": call["name"]}}
                events.append(("contentBlockStart", {**place, "start": opened}))
                text = json.dumps(call["input"], ensure_ascii=False)
                deltas = [{"toolUse": {"input": text[start : start + 8]}} for start in range(0, len(text), 8)]
        events += [("contentBlockDelta", {**place, "delta": delta}) for delta in deltas]
        events.append(("contentBlockStop", place))
    events.append(("messageStop", {"stopReason": _STOP_REASONS.get(said.reason, said.reason)}))
    events.append(("metadata", {"usage": _usage(said), "metrics": {"latencyMs": 551}}))
    return [frame(name, dumps(event)) for name, event in events]


def _content(said: Said) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = []
    if said.reasoning:
        content.append({"reasoningContent": {"reasoningText": {"text": said.reasoning, "signature": "c2lnbmVk"}}})
    if said.whole and (not said.tool_calls or said.chunks or said.text != DEFAULT_TEXT):
        content.append({"text": said.whole})
    calls = ((call.id, call.name, json.loads(call.arguments)) for call in said.tool_calls)
    content += [{"toolUse": {"toolUseId": number, "name": name, "input": given}} for number, name, given in calls]
    return content


def _usage(said: Said) -> Any:
    return said.usage or {
        "inputTokens": said.input_tokens - said.cached_tokens,
        "outputTokens": said.output_tokens,
        "totalTokens": said.input_tokens + said.output_tokens,
        "cacheReadInputTokens": said.cached_tokens,
        "cacheWriteInputTokens": 0,
    }
