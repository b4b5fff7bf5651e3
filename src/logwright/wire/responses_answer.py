"""A chat completion, whole or in chunks, written as a response of OpenAI's Responses API.

Source: OpenAI API reference, Responses and its streaming events, as of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

JSON = Any

ECHOED: Final[Mapping[str, JSON]] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "reasoning": {"effort": None, "summary": None},
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
}
"""What an answer repeats of its request, and what stands there when the request said nothing."""

_INCOMPLETE: Final = {"length": "max_output_tokens", "content_filter": "content_filter"}


def completion_to_response(completion: JSON, request: Mapping[str, JSON]) -> dict[str, JSON]:
    """Write a completion as the response to a request.

    Raises:
        LookupError, TypeError: it is no completion.
    """
    choice = completion["choices"][0]
    message = choice["message"]
    name = completion.get("id")
    items: list[JSON] = []
    thought = message.get("reasoning_content") or message.get("reasoning")
    if thought:
        items.append(_reasoning(name, thought))
    text, refusal = message.get("content"), message.get("refusal")
    if text or refusal:
        items.append(_message(name, text or "", refusal, message.get("annotations")))
    for call in message.get("tool_calls") or ():
        items.append(_call(call.get("id"), call["function"].get("name"), call["function"].get("arguments") or "{}"))  # noqa: PERF401 - a list of several kinds
    return _response(completion, request, items, choice.get("finish_reason"), completion.get("usage"))


def _response(
    head: Mapping[str, JSON], request: Mapping[str, JSON], items: list[JSON], reason: JSON, usage: JSON
) -> dict[str, JSON]:
    cut = _INCOMPLETE.get(reason)
    return {
        "id": f"resp_{head.get('id')}",
        "object": "response",
        "created_at": head.get("created"),
        "status": "incomplete" if cut else "completed",
        "error": None,
        "incomplete_details": {"reason": cut} if cut else None,
        "model": head.get("model"),
        "output": items,
        "previous_response_id": None,
        **{name: usual if request.get(name) is None else request[name] for name, usual in ECHOED.items()},
        "usage": _usage(usage) if isinstance(usage, dict) else None,
    }


def _usage(usage: Mapping[str, JSON]) -> dict[str, JSON]:
    before, after = usage.get("prompt_tokens_details") or {}, usage.get("completion_tokens_details") or {}
    cached = before.get("cached_tokens") or usage.get("prompt_cache_hit_tokens") or 0
    sent, produced = usage.get("prompt_tokens") or 0, usage.get("completion_tokens") or 0
    return {
        "input_tokens": sent,
        "input_tokens_details": {
            "cached_tokens": cached,
            "cache_write_tokens": before.get("cache_write_tokens") or 0,
        },
        "output_tokens": produced,
        "output_tokens_details": {"reasoning_tokens": after.get("reasoning_tokens") or 0},
        "total_tokens": sent + produced,
    }


def _reasoning(name: JSON, text: str) -> dict[str, JSON]:
    return {"id": f"rs_{name}", "type": "reasoning", "summary": [{"type": "summary_text", "text": text}]}


def _message(name: JSON, text: str, refusal: str | None, annotations: JSON = None) -> dict[str, JSON]:
    parts: list[JSON] = []
    if text or not refusal:
        parts.append({"type": "output_text", "text": text, "annotations": annotations or []})
    if refusal:
        parts.append({"type": "refusal", "refusal": refusal})
    return {"id": f"msg_{name}", "type": "message", "status": "completed", "role": "assistant", "content": parts}


def _call(identifier: JSON, name: JSON, arguments: str) -> dict[str, JSON]:
    return {
        "id": f"fc_{identifier}",
        "type": "function_call",
        "status": "completed",
        "call_id": identifier,
        "name": name,
        "arguments": arguments,
    }


class ResponseWriter:
    """Turns the chunks of one completion into a response's events; one item is open at a time."""

    __slots__ = ("_done", "_head", "_number", "_open", "_reason", "_request", "_texts", "_usage")

    def __init__(self, request: Mapping[str, JSON]) -> None:
        self._request = request
        self._head: dict[str, JSON] = {}
        self._number = 0
        self._open: dict[str, JSON] = {}
        """The item that is being written; empty when none is."""
        self._texts: list[str] = []
        self._done: list[JSON] = []
        self._reason: JSON = None
        self._usage: JSON = None

    def feed(self, chunk: Mapping[str, JSON]) -> list[dict[str, JSON]]:
        """Take a chunk and return the events it makes."""
        error = chunk.get("error")
        events: list[dict[str, JSON]] = []
        if error is not None:
            told = error if isinstance(error, dict) else {"message": error}
            self._add(events, "error", code=told.get("code"), message=told.get("message"), param=None)
            return events
        if not self._head:
            self._head = {name: chunk.get(name) for name in ("id", "created", "model")}
            begun = {**_response(self._head, self._request, [], None, None), "status": "in_progress"}
            self._add(events, "response.created", response=begun)
            self._add(events, "response.in_progress", response=begun)
        self._usage = chunk.get("usage") or self._usage
        for choice in chunk.get("choices") or ():
            if not choice.get("index"):
                self._delta(choice.get("delta") or {}, events)
                self._reason = choice.get("finish_reason") or self._reason
        return events

    def end(self) -> list[dict[str, JSON]]:
        """Return the events that end a response; the last one has all of it."""
        events: list[dict[str, JSON]] = []
        self._close(events)
        whole = _response(self._head, self._request, self._done, self._reason, self._usage)
        self._add(events, f"response.{whole['status']}", response=whole)
        return events

    def _delta(self, delta: Mapping[str, JSON], events: list[dict[str, JSON]]) -> None:
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        name = self._head["id"]
        if thought:
            self._turn_to("reasoning", _reasoning(name, ""), events)
            self._piece(events, "response.reasoning_summary_text.delta", thought, summary_index=0)
        if delta.get("content"):
            self._turn_to("output_text", _message(name, "", None), events)
            self._piece(events, "response.output_text.delta", delta["content"], content_index=0, logprobs=[])
        if delta.get("refusal"):
            self._turn_to("refusal", _message(name, "", " "), events)
            self._piece(events, "response.refusal.delta", delta["refusal"], content_index=0)
        if delta.get("annotations") and self._open.get("type") == "message":
            self._open["content"][0].setdefault("annotations", []).extend(delta["annotations"])
        for position, call in enumerate(delta.get("tool_calls") or ()):
            function = call.get("function") or {}
            key = f"call {call.get('index', position)}"
            if call.get("id"):
                key += f" {call['id']}"
                self._turn_to(key, _call(call["id"], function.get("name"), ""), events)
            if function.get("arguments"):
                self._piece(events, "response.function_call_arguments.delta", function["arguments"])

    def _turn_to(self, key: str, item: dict[str, JSON], events: list[dict[str, JSON]]) -> None:
        """Open an item unless it is the one that is open."""
        if self._open.get("key") == key:
            return
        self._close(events)
        self._open = {**item, "key": key}
        self._texts = []
        blank: dict[str, JSON]
        blank = {"summary": []} if item["type"] == "reasoning" else {"content": []} if item["type"] == "message" else {}
        opened = {**item, **blank, **({"status": "in_progress"} if "status" in item else {})}
        self._add(events, "response.output_item.added", output_index=len(self._done), item=opened)
        if item["type"] == "message":
            part = {"type": "refusal", "refusal": ""} if key == "refusal" else item["content"][0]
            self._add(events, "response.content_part.added", **self._place(), content_index=0, part=part)
        elif item["type"] == "reasoning":
            part = item["summary"][0]
            self._add(events, "response.reasoning_summary_part.added", **self._place(), summary_index=0, part=part)

    def _piece(self, events: list[dict[str, JSON]], kind: str, text: str, **more: JSON) -> None:
        self._texts.append(text)
        self._add(events, kind, **self._place(), delta=text, **more)

    def _close(self, events: list[dict[str, JSON]]) -> None:
        """End the open item: everything about it is said once more as a whole."""
        if not self._open:
            return
        item, text = self._open, "".join(self._texts)
        key = item.pop("key")
        place = self._place()
        match item["type"]:
            case "reasoning":
                part = item["summary"][0] = {"type": "summary_text", "text": text}
                self._add(events, "response.reasoning_summary_text.done", **place, summary_index=0, text=text)
                self._add(events, "response.reasoning_summary_part.done", **place, summary_index=0, part=part)
            case "function_call":
                item["arguments"] = text or "{}"
                name = item["name"]
                self._add(
                    events, "response.function_call_arguments.done", **place, name=name, arguments=item["arguments"]
                )
            case _ if key == "refusal":
                part = item["content"][0] = {"type": "refusal", "refusal": text}
                self._add(events, "response.refusal.done", **place, content_index=0, refusal=text)
                self._add(events, "response.content_part.done", **place, content_index=0, part=part)
            case _:
                part = item["content"][0] = {**item["content"][0], "text": text}
                self._add(events, "response.output_text.done", **place, content_index=0, text=text, logprobs=[])
                self._add(events, "response.content_part.done", **place, content_index=0, part=part)
        self._add(events, "response.output_item.done", output_index=len(self._done), item=item)
        self._done.append(item)
        self._open = {}

    def _place(self) -> dict[str, JSON]:
        return {"item_id": self._open.get("id"), "output_index": len(self._done)}

    def _add(self, events: list[dict[str, JSON]], kind: str, **more: JSON) -> None:
        events.append({"type": kind, **more, "sequence_number": self._number})
        self._number += 1
