"""OpenAI's completions of both kinds, put together from the chunks of a stream."""

from __future__ import annotations

import base64
from typing import Any, Final

from logwright.wire.merge import WHOLE, merge

_SAID: Final = frozenset({"delta", "message"})  # a server that does not stream after all sends whole messages


def assemble_chat(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Put chat chunks together: all choices, each with its text, calls, reasoning, sound and log probabilities."""
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
                merge(self._choice, name, value)
            else:
                self._choice[name] = value

    def _delta(self, delta: dict[str, Any]) -> None:
        for name, value in delta.items():
            if type(value) is str and name not in WHOLE:
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
                merge(self._message, name, value)

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
                merge(held, name, value)

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
        merge(held, name, value)


def _join_base64(first: str, second: str) -> str:
    """Join two pieces of base64, each of which may end in padding of its own."""
    if not first.endswith("="):
        return first + second
    try:
        return base64.b64encode(base64.b64decode(first) + base64.b64decode(second)).decode()
    except ValueError:
        return first + second


def assemble_text(chunks: list[dict[str, Any]]) -> dict[str, Any]:
    """Put the chunks of a text completion together."""
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
                    merge(choice, name, value)
                elif value is not None:
                    choice[name] = value
    for index, pieces in texts.items():
        choices[index]["text"] = "".join(pieces)
    if answer or choices:
        answer["choices"] = [choices[index] for index in sorted(choices)]
    return _usage_last(answer)
