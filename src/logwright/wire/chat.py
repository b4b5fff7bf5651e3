"""OpenAI's chat format as types and small readers over the caller's own dictionaries.

A request is never rebuilt from a class: fields we have never heard of must reach
the provider. So these types describe, and the readers only look. Source: OpenAI
API reference, Chat Completions, as of 2026.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

JSON = Any
Role = Literal["system", "developer", "user", "assistant", "tool", "function"]


class Function(TypedDict):
    """The function of a tool call; `arguments` is JSON text as the model wrote it, which need not parse."""

    name: str
    arguments: str


class ToolCall(TypedDict):
    """A call that the assistant asks for."""

    id: str
    type: Literal["function"]
    function: Function


class Message(TypedDict):
    """One message of a conversation."""

    role: Role
    content: NotRequired[str | list[dict[str, JSON]] | None]
    refusal: NotRequired[str | None]
    tool_calls: NotRequired[list[ToolCall]]
    tool_call_id: NotRequired[str]
    reasoning_content: NotRequired[str]


class ChatRequest(TypedDict):
    """The fields of a request that we act upon; there may be any others."""

    model: str
    messages: list[Message]
    stream: NotRequired[bool | None]
    n: NotRequired[int | None]
    tools: NotRequired[list[dict[str, JSON]]]
    metadata: NotRequired[dict[str, str | None] | None]
    store: NotRequired[bool | None]


def wants_stream(request: Mapping[str, JSON]) -> bool:
    """Tell whether the answer is to come as server-sent events."""
    return request.get("stream") is True


def wants_usage(request: Mapping[str, JSON]) -> bool:
    """Tell whether a streamed answer is to end with a chunk that counts tokens."""
    options = request.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def messages_of(request: Mapping[str, JSON]) -> Sequence[Mapping[str, JSON]]:
    """Return the messages that are objects; whatever else stands in the list is passed over."""
    found = request.get("messages")
    return [message for message in found if isinstance(message, dict)] if isinstance(found, list) else []


def text_of(content: JSON) -> str:
    """Return the words of a message's content: a string as it is, the text parts of a list joined."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(
        part["text"]
        for part in content
        if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
    )


def data_url(url: str) -> tuple[str, str] | None:
    """Split `data:image/png;base64,iVBO…` into its media type and its base64; None for any other address."""
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    return head[len("data:") : -len(";base64")].partition(";")[0] or "application/octet-stream", data
