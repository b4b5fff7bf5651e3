"""OpenAI's responses, put together from the events of a stream."""

from __future__ import annotations

from typing import Any, Final

_RESPONSE_ENDS: Final = frozenset({"response.completed", "response.failed", "response.incomplete"})
_RESPONSE_TEXTS: Final = {
    "response.output_text.delta": "text",
    "response.refusal.delta": "refusal",
    "response.reasoning_text.delta": "text",
    "response.reasoning_summary_text.delta": "text",
    "response.function_call_arguments.delta": "arguments",
    "response.custom_tool_call_input.delta": "input",
    "response.mcp_call_arguments.delta": "arguments",
    "response.code_interpreter_call_code.delta": "code",
}


def assemble_responses(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the response that the last event carries whole; of a cut stream, build it from the events."""
    answer: dict[str, Any] = {}
    error: Any = None
    for chunk in reversed(chunks[-4:]):
        response = chunk.get("response")
        if chunk.get("type") in _RESPONSE_ENDS and type(response) is dict:
            return response
    items: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        name = chunk.get("type")
        if name == "error" or (name is None and "error" in chunk):
            error = chunk.get("error") or {key: value for key, value in chunk.items() if key != "type"}
        elif type(response := chunk.get("response")) is dict:
            answer = response
        elif name in {"response.output_item.added", "response.output_item.done"}:
            if type(item := chunk.get("item")) is dict:
                items[chunk.get("output_index", len(items))] = item
        elif name in _RESPONSE_TEXTS:
            item = items.setdefault(chunk.get("output_index", 0), {"type": "message", "role": "assistant"})
            _add_to_item(item, chunk, _RESPONSE_TEXTS[name])
        elif name in {"response.content_part.added", "response.content_part.done"}:
            item = items.setdefault(chunk.get("output_index", 0), {"type": "message", "role": "assistant"})
            if type(part := chunk.get("part")) is dict:
                _place(item.setdefault("content", []), chunk.get("content_index", 0), part)
    if items:
        answer["output"] = [items[index] for index in sorted(items)]
    if error is not None:
        answer["error"] = error
    return answer


def _add_to_item(item: dict[str, Any], chunk: dict[str, Any], field: str) -> None:
    delta = chunk.get("delta")
    if type(delta) is not str:
        return
    name = chunk["type"]
    if field in {"arguments", "input", "code"}:
        item[field] = (item.get(field) or "") + delta
        return
    if name == "response.reasoning_summary_text.delta":
        parts, index, kind = item.setdefault("summary", []), chunk.get("summary_index", 0), "summary_text"
    else:
        parts, index = item.setdefault("content", []), chunk.get("content_index", 0)
        kind = {"refusal": "refusal"}.get(field) or (
            "reasoning_text" if name == "response.reasoning_text.delta" else "output_text"
        )
    if index >= len(parts):
        index = len(parts)
        parts.append({"type": kind, field: ""})
    parts[index][field] = (parts[index].get(field) or "") + delta


def _place(parts: list[Any], index: int, part: dict[str, Any]) -> None:
    """Put a part where it belongs; one that claims to stand beyond the end stands at the end."""
    if index < len(parts):
        parts[index] = part
    else:
        parts.append(part)
