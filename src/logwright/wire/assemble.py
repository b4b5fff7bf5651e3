"""A recorded stream, put together into the answer that the same call without streaming would have given.

Runs once for each streamed log, over at most the captured part of the stream, so
it takes whole bytes rather than events. A stream that was cut gives what had
arrived; an error that the provider sent inside the stream stands under `error`.
"""

from __future__ import annotations

import base64
from typing import Any, Final

import msgspec

from logwright.wire.stream import events

_decode: Final = msgspec.json.Decoder().decode
_decode_lines: Final = msgspec.json.Decoder().decode_lines
_DONE: Final = b"[DONE]"
_SAID: Final = frozenset({"delta", "message"})  # a server that does not stream after all sends whole messages
_WHOLE: Final = frozenset({"id", "type", "role", "format", "object", "phase"})
"""Texts that name something: sent whole each time, never in pieces."""


def assemble(kind: str, sse: bytes) -> dict[str, Any]:
    """Put the events of a stream together into one answer of the same kind.

    `kind` is a log's kind; for `unknown` the events' own form decides. Fields we have never heard of are kept: the
    last value of those beside the choices, texts inside a delta joined. Never raises: an event that is not JSON is
    passed over and noted under `error`, unless it is the last, which the end of the capture may have cut.
    """
    chunks, unreadable = _chunks(sse)
    if kind not in _ASSEMBLERS:
        kind = _guess(chunks)
    answer = _ASSEMBLERS[kind](chunks)
    if unreadable and "error" not in answer:
        answer["error"] = {"message": f"{unreadable} events of the stream were not JSON", "type": "malformed_stream"}
    return answer


def _chunks(sse: bytes) -> tuple[list[dict[str, Any]], int]:
    """Parse the data of all events; return them and how many could not be read."""
    if sse.startswith(b"data: {") and b"\r" not in sse:
        # One parse of all lines costs half of one parse for each. What is not one object a line goes the long way.
        try:
            lines = sse[6:].removesuffix(b"\n\n").removesuffix(b"\n\ndata: [DONE]").replace(b"\n\ndata: ", b"\n")
            read = _decode_lines(lines)
            if all(type(chunk) is dict for chunk in read):
                return read, 0
        except (msgspec.DecodeError, ValueError, RecursionError):
            pass
    chunks: list[dict[str, Any]] = []
    unreadable = 0
    found = events(sse)
    for position, event in enumerate(found):
        if event.data == _DONE:
            continue
        try:
            chunk = _decode(event.data)
        except (msgspec.DecodeError, ValueError, RecursionError):
            unreadable += position + 1 < len(found)
            continue
        if type(chunk) is dict:
            if event.name and "type" not in chunk and event.name == "error":
                chunk = {"error": chunk.get("error", chunk)}
            chunks.append(chunk)
        else:
            unreadable += 1
    return chunks, unreadable


def _guess(chunks: list[dict[str, Any]]) -> str:
    first = chunks[0] if chunks else {}
    name = first.get("type")
    if isinstance(name, str):
        return "responses" if name.startswith("response.") else "messages"
    return "text_completion" if first.get("object") == "text_completion" else "chat_completion"


# ------------------------------------------------------------------ OpenAI chat


def _chat(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    choices: dict[int, _ChatChoice] = {}
    for chunk in chunks:
        _keep_head(answer, chunk)
        parts = chunk.get("choices")
        if type(parts) is not list:
            continue
        for part in parts:
            if type(part) is not dict:
                continue
            index = part.get("index", 0)
            if type(index) is not int:
                index = 0
            choice = choices.get(index)
            if choice is None:
                choice = choices[index] = _ChatChoice(index)
            choice.take(part)
    if answer or choices:
        answer["object"] = "chat.completion"
        answer["choices"] = [choices[index].finish() for index in sorted(choices)]
    return _usage_last(answer)


def _keep_head(answer: dict[str, Any], chunk: dict[str, Any]) -> None:
    """Take what stands beside the choices: the last value that says something."""
    if not answer:
        answer.update(chunk)
        return
    answer.update({name: value for name, value in chunk.items() if value and name != "choices"})


def _usage_last(answer: dict[str, Any]) -> dict[str, Any]:
    """Put the usage at the end, where the answers without streaming have it; leave it out when none came."""
    usage = answer.pop("usage", None)
    if usage is not None:
        answer["usage"] = usage
    return answer


class _ChatChoice:
    """One choice of a chat completion as its deltas arrive."""

    __slots__ = ("_calls", "_choice", "_message", "_order", "_texts")

    def __init__(self, index: int) -> None:
        self._choice: dict[str, Any] = {"index": index, "message": None, "logprobs": None, "finish_reason": None}
        self._message: dict[str, Any] = {"role": "assistant", "content": None}
        self._texts: dict[str, list[str]] = {}
        self._calls: dict[int, dict[str, Any]] = {}
        self._order: list[dict[str, Any]] = []

    def take(self, part: dict[str, Any]) -> None:
        for name, value in part.items():
            if value is None or name == "index":
                continue
            if name in _SAID:
                if type(value) is dict:
                    self._delta(value)
            elif name == "logprobs":
                _merge(self._choice, name, value)
            else:
                self._choice[name] = value

    def _delta(self, delta: dict[str, Any]) -> None:
        for name, value in delta.items():
            if type(value) is str and name not in _WHOLE:
                pieces = self._texts.get(name)
                if pieces is None:
                    self._texts[name] = [value]
                    self._message.setdefault(name, None)
                else:
                    pieces.append(value)
            elif value is None:
                self._message.setdefault(name, None)
            elif name == "tool_calls" and type(value) is list:
                self._message.setdefault(name, None)
                for call in value:
                    if type(call) is dict:
                        self._call(call)
            elif name == "audio" and type(value) is dict:
                _merge_audio(self._message.setdefault(name, {}), value)
            elif name == "function_call" and type(value) is dict:
                held = self._message.get(name) or {}
                self._message[name] = held
                _merge_call(held, value)
            else:
                _merge(self._message, name, value)

    def _call(self, call: dict[str, Any]) -> None:
        index = call.get("index")
        held = self._calls.get(index) if type(index) is int else None
        identifier = call.get("id")
        if held is None and type(index) is not int and not identifier and self._order:
            held = self._order[-1]  # no index and no id: more of the call that is being written
        elif held is not None and identifier and held.get("id") and identifier != held["id"]:
            held = None  # some servers number all parallel calls 0; a new id is a new call
        if held is None:
            held = {}
            self._order.append(held)
        if type(index) is int:
            self._calls[index] = held
        for name, value in call.items():
            if name == "index" or value is None:
                continue
            if type(value) is dict and name in {"function", "custom"}:
                _merge_call(held.setdefault(name, {}), value)
            else:
                _merge(held, name, value)

    def finish(self) -> dict[str, Any]:
        message = self._message
        for name, pieces in self._texts.items():
            message[name] = "".join(pieces)
        if self._order:
            # Calls come in the order of their first delta, which is that of their indexes with every known provider.
            message["tool_calls"] = self._order
        self._choice["message"] = message
        return self._choice


def _merge_call(held: dict[str, Any], part: dict[str, Any]) -> None:
    """Add a piece of a function call: the name comes whole (from some servers again each time), the rest in pieces."""
    for name, value in part.items():
        if value is None:
            held.setdefault(name, None)
        elif name == "name":
            if value or "name" not in held:
                held[name] = value
        elif type(value) is str and type(held.get(name)) is str:
            held[name] += value
        else:
            held[name] = value


def _merge_audio(held: dict[str, Any], part: dict[str, Any]) -> None:
    data = part.get("data")
    if isinstance(data, str) and isinstance(held.get("data"), str):
        part = {name: value for name, value in part.items() if name != "data"}
        held["data"] = _join_base64(held["data"], data)
    for name, value in part.items():
        _merge(held, name, value)


def _join_base64(first: str, second: str) -> str:
    """Join two pieces of base64, each of which may end in padding of its own."""
    if not first.endswith("="):
        return first + second
    try:
        return base64.b64encode(base64.b64decode(first) + base64.b64decode(second)).decode()
    except ValueError:
        return first + second


def _merge(held: dict[str, Any], name: str, value: Any) -> None:
    """Add to a field: texts and lists grow, objects are merged, anything else is replaced; null changes nothing."""
    before = held.get(name)
    if before is None:
        held[name] = value
    elif value is None:
        return
    elif type(value) is str and type(before) is str:
        held[name] = value if name in _WHOLE else before + value
    elif type(value) is list and type(before) is list:
        before.extend(value)
    elif type(value) is dict and type(before) is dict:
        for below, piece in value.items():
            _merge(before, below, piece)
    else:
        held[name] = value


# ------------------------------------------------------------------ OpenAI completions


def _text(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    texts: dict[int, list[str]] = {}
    for chunk in chunks:
        _keep_head(answer, chunk)
        for part in chunk.get("choices") or ():
            if type(part) is not dict:
                continue
            index = part.get("index", 0)
            choice = choices.get(index)
            if choice is None:
                choice = choices[index] = {"index": index, "text": "", "logprobs": None, "finish_reason": None}
                texts[index] = []
            for name, value in part.items():
                if name == "text" and type(value) is str:
                    texts[index].append(value)
                elif name == "logprobs":
                    _merge(choice, name, value)
                elif value is not None:
                    choice[name] = value
    for index, pieces in texts.items():
        choices[index]["text"] = "".join(pieces)
    if answer or choices:
        answer["choices"] = [choices[index] for index in sorted(choices)]
    return _usage_last(answer)


# ------------------------------------------------------------------ OpenAI responses


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


def _responses(chunks: list[dict[str, Any]]) -> dict[str, Any]:
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
    while len(parts) <= index:
        parts.append({"type": kind, field: ""})
    parts[index][field] = (parts[index].get(field) or "") + delta


def _place(parts: list[Any], index: int, part: dict[str, Any]) -> None:
    while len(parts) <= index:
        parts.append({})
    parts[index] = part


# ------------------------------------------------------------------ Anthropic messages


def _messages(chunks: list[dict[str, Any]]) -> dict[str, Any]:
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
                _merge(block, name, value)


def _parsed(text: str) -> Any:
    """Return the arguments of a tool call; what was cut off and is no JSON stays text."""
    try:
        return _decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return text


_ASSEMBLERS: Final = {
    "chat_completion": _chat,
    "text_completion": _text,
    "responses": _responses,
    "messages": _messages,
}
