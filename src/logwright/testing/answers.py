"""What a provider answers, built from a few words: whole answers and the events of streams.

The forms are those of the references of OpenAI, Anthropic, Google and AWS as of 2026; the texts are ours.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from logwright.testing.bedrock_answers import converse_answer, converse_events
from logwright.testing.events import data_event, named_event
from logwright.testing.gemini_answers import gemini_answer, gemini_events, gemini_vectors
from logwright.testing.media_answers import media_answer, media_events
from logwright.testing.message_answers import DEFAULT_TEXT, message, message_events

Door = Literal[
    "chat",
    "completions",
    "embeddings",
    "responses",
    "messages",
    "models",
    "speech",
    "transcriptions",
    "translations",
    "generations",
    "edits",
    "variations",
    "generate",
    "embed_batch",
    "converse",
    "token",
    "count",
]
"""Which of the provider's routes was called."""

DOORS: Final[Mapping[str, Door]] = {
    "/chat/completions": "chat",
    "/completions": "completions",
    "/embeddings": "embeddings",
    "/responses": "responses",
    "/messages": "messages",
    "/models": "models",
    "/audio/speech": "speech",
    "/audio/transcriptions": "transcriptions",
    "/audio/translations": "translations",
    "/images/generations": "generations",
    "/images/edits": "edits",
    "/images/variations": "variations",
    ":generatecontent": "generate",
    ":streamgeneratecontent": "generate",
    ":batchembedcontents": "embed_batch",
    ":rawpredict": "messages",
    ":streamrawpredict": "messages",
    "/converse": "converse",
    "/converse-stream": "converse",
    "/token": "token",
    "/count_tokens": "count",
    ":counttokens": "count",
    "/count-tokens": "count",
}
CREATED: Final = 1_767_225_600  # 2026-01-01, so that answers are the same in every run


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call the model asks for."""

    name: str
    arguments: str = "{}"
    id: str = "call_1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the model says, in no provider's form yet."""

    text: str | None = DEFAULT_TEXT
    chunks: Sequence[str] = ()
    """The pieces in which a stream brings the text; by default one word each."""
    tool_calls: Sequence[ToolCall] = ()
    input_tokens: int = 24
    output_tokens: int = 16
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    reasoning: str = ""
    finish: str = ""
    """The reason for ending, in OpenAI's words; by default `stop`, or `tool_calls` where there are some."""
    usage: Mapping[str, Any] | None = None
    """The usage block to send instead of the one made from the counts."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further fields at the top of the answer."""
    media: bytes | None = None
    """The sound or picture, instead of a small one of our own."""

    @property
    def pieces(self) -> Sequence[str]:
        """The text in pieces."""
        if self.chunks:
            return self.chunks
        words = (self.text or "").split(" ")
        return [word if at == 0 else " " + word for at, word in enumerate(words)] if self.text else []

    @property
    def whole(self) -> str | None:
        """The text in one."""
        return "".join(self.chunks) if self.chunks else self.text

    @property
    def reason(self) -> str:
        """Why the answer ended, in OpenAI's words."""
        return self.finish or ("tool_calls" if self.tool_calls else "stop")


def answer(door: Door, said: Said, request: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Build the whole answer to call `number` at one of the doors."""
    model = request.get("model", "gpt-4o-mini")
    match door:
        case "chat":
            return {
                "id": f"chatcmpl-{number:08d}",
                "object": "chat.completion",
                "created": CREATED,
                "model": model,
                "choices": [
                    {
                        "index": index,
                        "message": _chat_message(said),
                        "logprobs": None,
                        "finish_reason": said.reason,
                    }
                    for index in range(_wanted(request))
                ],
                "usage": _usage(said),
                "service_tier": "default",
                "system_fingerprint": "fp_test",
                **said.extra,
            }
        case "completions":
            return {
                "id": f"cmpl-{number:08d}",
                "object": "text_completion",
                "created": CREATED,
                "model": model,
                "choices": [{"index": 0, "text": said.whole or "", "logprobs": None, "finish_reason": said.reason}],
                "usage": _usage(said),
                **said.extra,
            }
        case "embeddings":
            given = request.get("input", "")
            count = len(given) if isinstance(given, list) and given and not isinstance(given[0], int) else 1
            vector: Any = list(_VECTOR)
            if request.get("encoding_format") == "base64":
                vector = base64.b64encode(struct.pack("<3f", *_VECTOR)).decode()
            return {
                "object": "list",
                "data": [{"object": "embedding", "index": index, "embedding": vector} for index in range(count)],
                "model": model,
                "usage": said.usage or {"prompt_tokens": said.input_tokens, "total_tokens": said.input_tokens},
                **said.extra,
            }
        case "responses":
            return _response(said, model, number, "completed")
        case "messages":
            return message(said, model, number)
        case "models":
            names = ["gpt-4o", "gpt-4o-mini", "o4-mini", "text-embedding-3-small"]
            models = [{"id": name, "object": "model", "created": CREATED, "owned_by": "fake"} for name in names]
            return {"object": "list", "data": models}
        case "generate":
            return gemini_answer(said, request, number)
        case "embed_batch":
            return gemini_vectors(request)
        case "converse":
            return converse_answer(said)
        case "count":
            return {
                "input_tokens": said.input_tokens,
                "totalTokens": said.input_tokens,
                "inputTokens": said.input_tokens,
            }
        case "token":
            return {"access_token": f"ya29.token-{number}", "expires_in": 3599, "token_type": "Bearer", **said.extra}
        case _:
            return media_answer(door, said, request)


def stream(door: Door, said: Said, request: Mapping[str, Any], number: int) -> list[bytes]:
    """Build the events of a streamed answer, one item each, the end mark of the door included."""
    model = request.get("model", "gpt-4o-mini")
    match door:
        case "chat":
            return _chat_events(said, request, model, number)
        case "completions":
            head = {"id": f"cmpl-{number:08d}", "object": "text_completion", "created": CREATED, "model": model}
            events = [
                {**head, "choices": [{"index": 0, "text": piece, "logprobs": None, "finish_reason": None}]}
                for piece in said.pieces
            ]
            events.append(
                {**head, "choices": [{"index": 0, "text": "", "logprobs": None, "finish_reason": said.reason}]}
            )
            if _wants_usage(request):
                events.append({**head, "choices": [], "usage": _usage(said)})
            return [*map(data_event, events), b"data: [DONE]\n\n"]
        case "responses":
            return _response_events(said, model, number)
        case "messages":
            return message_events(said, model, number)
        case "generate":
            return gemini_events(said, request, number)
        case "converse":
            return converse_events(said)
        case "embeddings" | "models" | "embed_batch" | "token" | "count":
            return [data_event(answer(door, said, request, number))]
        case _:
            return media_events(door, said, request)


_VECTOR: Final = (0.25, -0.5, 0.125)


def _wanted(request: Mapping[str, Any]) -> int:
    wanted = request.get("n")
    return wanted if isinstance(wanted, int) and 1 <= wanted <= 128 else 1


def _wants_usage(request: Mapping[str, Any]) -> bool:
    options = request.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def _usage(said: Said) -> Mapping[str, Any]:
    return said.usage or {
        "prompt_tokens": said.input_tokens,
        "completion_tokens": said.output_tokens,
        "total_tokens": said.input_tokens + said.output_tokens,
        "prompt_tokens_details": {"cached_tokens": said.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": said.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _chat_message(said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.whole, "refusal": None}
    if said.reasoning:
        message["reasoning_content"] = said.reasoning
    if said.tool_calls:
        message["content"] = said.whole if said.chunks or said.text != DEFAULT_TEXT else None
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in said.tool_calls
        ]
    return message


def _chat_events(said: Said, request: Mapping[str, Any], model: str, number: int) -> list[bytes]:
    head = {
        "id": f"chatcmpl-{number:08d}",
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": model,
        "service_tier": "default",
        "system_fingerprint": "fp_test",
    }
    with_usage = _wants_usage(request)
    message = _chat_message(said)
    events: list[bytes] = []

    def send(index: int, delta: Mapping[str, Any], reason: str | None = None) -> None:
        chunk: dict[str, Any] = {
            **head,
            "choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": reason}],
        }
        if with_usage:
            chunk["usage"] = None
        events.append(data_event(chunk))

    for index in range(_wanted(request)):
        send(index, {"role": "assistant", "content": None if message["content"] is None else "", "refusal": None})
        if said.reasoning:
            send(index, {"reasoning_content": said.reasoning})
        if message["content"] is not None:
            for piece in said.pieces:
                send(index, {"content": piece})
        for at, call in enumerate(said.tool_calls):
            opening = {"name": call.name, "arguments": ""}
            send(index, {"tool_calls": [{"index": at, "id": call.id, "type": "function", "function": opening}]})
            for start in range(0, len(call.arguments), 8):
                piece = call.arguments[start : start + 8]
                send(index, {"tool_calls": [{"index": at, "function": {"arguments": piece}}]})
        send(index, {}, said.reason)
    if with_usage:
        events.append(data_event({**head, "choices": [], "usage": _usage(said)}))
    events.append(b"data: [DONE]\n\n")
    return events


def _response(said: Said, model: str, number: int, status: str) -> dict[str, Any]:
    output: list[dict[str, Any]] = []
    if not said.tool_calls or said.chunks or said.text != DEFAULT_TEXT:
        part = {"type": "output_text", "text": said.whole or "", "annotations": []}
        output.append(
            {"id": f"msg_{number:08d}", "type": "message", "status": status, "role": "assistant", "content": [part]}
        )
    output.extend(
        {
            "id": f"fc_{call.id}",
            "type": "function_call",
            "status": status,
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        }
        for call in said.tool_calls
    )
    return {
        "id": f"resp_{number:08d}",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": model,
        "output": output,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "temperature": 1.0,
        "top_p": 1.0,
        "metadata": {},
        "usage": said.usage
        or {
            "input_tokens": said.input_tokens,
            "input_tokens_details": {"cached_tokens": said.cached_tokens, "cache_write_tokens": 0},
            "output_tokens": said.output_tokens,
            "output_tokens_details": {"reasoning_tokens": said.reasoning_tokens},
            "total_tokens": said.input_tokens + said.output_tokens,
        },
        **said.extra,
    }


def _response_events(said: Said, model: str, number: int) -> list[bytes]:
    whole = _response(said, model, number, "completed")
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
    ]
    for at, item in enumerate(whole["output"]):
        place = {"item_id": item["id"], "output_index": at}
        if item["type"] == "message":
            part = item["content"][0]
            opened = {**item, "status": "in_progress", "content": []}
            events.append({"type": "response.output_item.added", "output_index": at, "item": opened})
            place["content_index"] = 0
            events.append({"type": "response.content_part.added", **place, "part": {**part, "text": ""}})
            events.extend(
                {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []} for piece in said.pieces
            )
            events.append({"type": "response.output_text.done", **place, "text": part["text"], "logprobs": []})
            events.append({"type": "response.content_part.done", **place, "part": part})
        else:
            opened = {**item, "status": "in_progress", "arguments": ""}
            events.append({"type": "response.output_item.added", "output_index": at, "item": opened})
            for start in range(0, len(item["arguments"]), 8):
                piece = item["arguments"][start : start + 8]
                events.append({"type": "response.function_call_arguments.delta", **place, "delta": piece})
            done = {"arguments": item["arguments"], "name": item["name"]}
            events.append({"type": "response.function_call_arguments.done", **place, **done})
        events.append({"type": "response.output_item.done", "output_index": at, "item": item})
    events.append({"type": "response.completed", "response": whole})
    return [named_event({**event, "sequence_number": at}) for at, event in enumerate(events)]
