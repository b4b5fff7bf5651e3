"""The three calls that are measured, and what is demanded of each (docs/architecture.md, the hot path)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, Literal

Name = Literal["small", "typical", "stream"]

CHUNKS: Final = 100
"""Content events in the measured stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One call: what is sent, what comes back, and the most it may cost."""

    name: Name
    model: str
    request: bytes
    response: bytes
    """Empty for the stream, which `event_source` makes."""
    connections: int
    """Calls at once when the gateway is saturated."""
    per: int = 1
    """By how many the cost of a call is divided: its chunks, for a stream."""
    most_pure: float
    """How many times the processor time of bare nginx it may take, in pure Python with everything synced to disk."""
    most_compiled: float


_SENTENCE: Final = (
    "The ticket says that the export of the monthly report stops at forty percent and then starts again. "
)


def _request(model: str, size: int, **more: object) -> bytes:
    """Make a chat request of about `size` bytes."""
    messages = [
        {"role": "system", "content": "Route each ticket to one team and answer with its name."},
        {"role": "user", "content": ""},
    ]
    body = {"model": model, "messages": messages, "temperature": 0.2, "max_tokens": 256, **more}
    missing = size - len(json.dumps(body))
    messages[1]["content"] = (_SENTENCE * (missing // len(_SENTENCE) + 1))[: max(missing, 1)]
    return json.dumps(body).encode()


def _response(model: str, size: int) -> bytes:
    """Make a completion of about `size` bytes."""
    message = {"role": "assistant", "content": ""}
    body = {
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": 1117,
            "completion_tokens": 46,
            "total_tokens": 1163,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_fc9f1d7035",
    }
    missing = size - len(json.dumps(body))
    message["content"] = (_SENTENCE * (missing // len(_SENTENCE) + 1))[: max(missing, 1)]
    return json.dumps(body).encode()


SHAPES: Final = (
    Shape(
        name="small",
        model="bench-small",
        request=_request("bench-small", 1024),
        response=_response("bench-small", 1200),
        connections=64,
        most_pure=3.0,
        most_compiled=1.8,
    ),
    Shape(
        name="typical",
        model="bench-typical",
        request=_request("bench-typical", 8192),
        response=_response("bench-typical", 2200),
        connections=64,
        most_pure=3.5,
        most_compiled=2.2,
    ),
    Shape(
        name="stream",
        model="bench-stream",
        request=_request("bench-stream", 1024, stream=True),
        response=b"",
        connections=32,
        per=CHUNKS,
        most_pure=1.5,
        most_compiled=1.5,
    ),
)
