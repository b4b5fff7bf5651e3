"""Anthropic's messages, put together from the events of a stream."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from logwright.wire.merge import merge

_decode: Final = msgspec.json.Decoder().decode


def assemble_messages(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Put the events of a message together; the input of a tool that was cut off stays text."""
    answer: dict[str, Any] = {}
    blocks: dict[int, dict[str, Any]] = {}
    inputs: dict[int, list[str]] = {}
    error: Any = None
    for chunk in chunks:
        match chunk.get("type"):
            case "content_block_delta":
                index = chunk.get("index", 0)
                delta = chunk.get("delta")
                if type(delta) is dict:
                    _add_to_block(blocks.setdefault(index, {}), delta, inputs.setdefault(index, []))
            case "content_block_start":
                block = chunk.get("content_block")
                blocks[chunk.get("index", len(blocks))] = block if type(block) is dict else {}
            case "message_start":
                message = chunk.get("message")
                answer = message if type(message) is dict else {}
            case "message_delta":
                answer.update(chunk.get("delta") or {})
                usage = chunk.get("usage")
                if type(usage) is dict:  # cumulative: each replaces what it names
                    known = answer.get("usage") or {}
                    answer["usage"] = {**known, **{name: value for name, value in usage.items() if value is not None}}
                for name in chunk.keys() - {"type", "delta", "usage"}:
                    answer[name] = chunk[name]
            case _:
                error = chunk.get("error", error)
    for index, pieces in inputs.items():
        if pieces:
            blocks[index]["input"] = _parsed("".join(pieces))
    if answer or blocks:
        answer["content"] = [blocks[index] for index in sorted(blocks)]
    if error is not None:
        answer["error"] = error
    return answer


def _add_to_block(block: dict[str, Any], delta: dict[str, Any], pieces: list[str]) -> None:
    for name, value in delta.items():
        match name:
            case "type":
                if "type" not in block:  # its start was not captured
                    block["type"] = {"input_json_delta": "tool_use", "thinking_delta": "thinking"}.get(value, "text")
            case "partial_json":
                pieces.append(value)
            case "citation":
                block["citations"] = [*(block.get("citations") or ()), value]
            case "signature":
                block["signature"] = (block.get("signature") or "") + value
            case _:
                merge(block, name, value)


def _parsed(text: str) -> Any:
    """Return the arguments of a tool call; what was cut off and is no JSON stays text."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return text
