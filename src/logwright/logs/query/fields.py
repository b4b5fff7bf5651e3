"""The fields of the query language: their columns, their kinds of value, and a sentence on each for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from logwright.logs.record import ErrorKind, Kind, Source
from logwright.logs.types import Field

ValueKind = Literal["text", "body", "number", "seconds", "dollars", "time", "flag", "tag"]
"""How a value is written and compared. `body` is JSON text, where the natural question is "does it contain"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """One field of the query language."""

    name: Field
    kind: ValueKind
    columns: tuple[str, ...]
    """The columns of the table, and the attributes of a `Log`, that it looks at."""
    sentence: str
    example: str
    choices: tuple[str, ...] = ()
    """The values that there can be, when they are few and fixed."""
    facet: bool = False
    """True when counting its values makes sense."""


_TABLE: Final = (
    FieldInfo(
        name="time",
        kind="time",
        columns=("requested_at",),
        sentence="When the call was made.",
        example="time:>2026-01-01T00:00Z",
    ),
    FieldInfo(
        name="model",
        kind="text",
        columns=("model",),
        sentence="The model as the caller named it.",
        example="model:gpt-4o*",
        facet=True,
    ),
    FieldInfo(
        name="provider",
        kind="text",
        columns=("provider",),
        sentence="The project's name for the provider that was called.",
        example="provider:openai",
        facet=True,
    ),
    FieldInfo(
        name="kind",
        kind="text",
        columns=("kind",),
        sentence="Which request it was.",
        example="kind:chat_completion",
        choices=get_args(Kind),
        facet=True,
    ),
    FieldInfo(
        name="object",
        kind="text",
        columns=("object",),
        sentence="The kind, with `_stream` behind it where the answer was streamed; Bifrost's word.",
        example="object:chat_completion_stream",
        facet=True,
    ),
    FieldInfo(
        name="source",
        kind="text",
        columns=("source",),
        sentence="Who saw the call: our gateway, the caller who reported it, an import, or OpenTelemetry.",
        example="source:report",
        choices=get_args(Source),
        facet=True,
    ),
    FieldInfo(
        name="status",
        kind="number",
        columns=("status",),
        sentence="The HTTP status of the answer.",
        example="status:>=400",
        facet=True,
    ),
    FieldInfo(
        name="error",
        kind="text",
        columns=("error_kind",),
        sentence="What ended a call that did not succeed.",
        example="error:upstream_timeout",
        choices=tuple(kind for kind in get_args(ErrorKind) if kind),
        facet=True,
    ),
    FieldInfo(
        name="error_message",
        kind="body",
        columns=("error_message",),
        sentence="The words of the error.",
        example='error_message:"rate limit"',
    ),
    FieldInfo(
        name="latency",
        kind="seconds",
        columns=("latency",),
        sentence="Time from the request to the last byte of the answer.",
        example="latency:>2s",
    ),
    FieldInfo(
        name="ttft",
        kind="seconds",
        columns=("ttft",),
        sentence="Time from the request to the first byte of the answer.",
        example="ttft:<300ms",
    ),
    FieldInfo(
        name="cost",
        kind="dollars",
        columns=("cost",),
        sentence="The price of the call in US dollars, where it is known.",
        example="cost:>=0.01",
    ),
    FieldInfo(
        name="tokens",
        kind="number",
        columns=("total_tokens",),
        sentence="Tokens of prompt and answer together.",
        example="tokens:>10k",
    ),
    FieldInfo(
        name="input_tokens",
        kind="number",
        columns=("input_tokens",),
        sentence="Tokens of the prompt, the cached ones included.",
        example="input_tokens:>8000",
    ),
    FieldInfo(
        name="output_tokens",
        kind="number",
        columns=("output_tokens",),
        sentence="Tokens of the answer, the reasoning included.",
        example="output_tokens:<10",
    ),
    FieldInfo(
        name="cached_tokens",
        kind="number",
        columns=("cached_tokens",),
        sentence="Tokens of the prompt that came from the provider's cache.",
        example="cached_tokens:>0",
    ),
    FieldInfo(
        name="reasoning_tokens",
        kind="number",
        columns=("reasoning_tokens",),
        sentence="Tokens that the model spent on reasoning.",
        example="reasoning_tokens:>1000",
    ),
    FieldInfo(
        name="stream",
        kind="flag",
        columns=("stream",),
        sentence="Whether the answer was streamed.",
        example="is:stream",
        choices=("true", "false"),
        facet=True,
    ),
    FieldInfo(
        name="cache",
        kind="text",
        columns=("cache",),
        sentence="Whether our cache had the answer, for calls that asked for caching.",
        example="cache:hit",
        choices=("hit", "miss"),
        facet=True,
    ),
    FieldInfo(
        name="key",
        kind="text",
        columns=("key_id",),
        sentence="The id of the API key that the call came with.",
        example="key:key_01J*",
        facet=True,
    ),
    FieldInfo(
        name="id",
        kind="text",
        columns=("id",),
        sentence="The log's own id.",
        example="id:log_01J9Z3N7Q8V5W2X4Y6Z8A0B1C3",
    ),
    FieldInfo(
        name="completion_id",
        kind="text",
        columns=("completion_id",),
        sentence="The id that the provider gave the answer.",
        example="completion_id:chatcmpl-123",
    ),
    FieldInfo(
        name="parent",
        kind="text",
        columns=("parent_id",),
        sentence="The log of the first attempt that this one continues, or of the step that made the call.",
        example="has:parent",
    ),
    FieldInfo(
        name="fallback",
        kind="number",
        columns=("fallback_index",),
        sentence="Which attempt of its chain the log is; 0 is the first.",
        example="fallback:>0",
        facet=True,
    ),
    FieldInfo(
        name="retries",
        kind="number",
        columns=("retries",),
        sentence="How often the same target was tried before it answered.",
        example="retries:>0",
        facet=True,
    ),
    FieldInfo(
        name="prompt",
        kind="text",
        columns=("prompt_id",),
        sentence="The id of the prompt that the log belongs to.",
        example="prompt:pr_*",
        facet=True,
    ),
    FieldInfo(
        name="version",
        kind="text",
        columns=("version_id",),
        sentence="The id of the prompt's version.",
        example="version:prv_*",
        facet=True,
    ),
    FieldInfo(
        name="trace",
        kind="text",
        columns=("trace_id",),
        sentence="What groups the calls of one piece of work.",
        example="trace:4bf92f3577b34da6a3ce929d0e0e4736",
        facet=True,
    ),
    FieldInfo(
        name="session",
        kind="text",
        columns=("session_id",),
        sentence="What groups the pieces of work of one conversation.",
        example="session:chat-1234",
        facet=True,
    ),
    FieldInfo(
        name="thread",
        kind="text",
        columns=("parent_id", "session_id"),
        sentence="What the log belongs to: the log that it continues, or its session.",
        example="thread:chat-1234",
    ),
    FieldInfo(
        name="amended",
        kind="time",
        columns=("amended_at",),
        sentence="When the log was last changed after the fact.",
        example="has:amended",
    ),
    FieldInfo(
        name="request",
        kind="body",
        columns=("request",),
        sentence="The request's JSON text.",
        example='request:"refund policy"',
    ),
    FieldInfo(
        name="response",
        kind="body",
        columns=("response",),
        sentence="The answer's JSON text.",
        example="response:sorry",
    ),
    FieldInfo(
        name="details",
        kind="body",
        columns=("details",),
        sentence="The JSON text of what else the caller told of the call.",
        example="details:checkout",
    ),
    FieldInfo(
        name="content",
        kind="body",
        columns=("request", "response", "error_message"),
        sentence="Request, answer or the words of the error.",
        example='content:"timed out"',
    ),
    FieldInfo(
        name="body",
        kind="body",
        columns=("request", "response"),
        sentence="Request or answer; what a word without a field searches.",
        example='"refund"',
    ),
    FieldInfo(
        name="tag",
        kind="tag",
        columns=("tags",),
        sentence="A tag of the call (what its request named in `metadata`).",
        example="tag.prompt_id=triage",
        facet=True,
    ),
)

FIELDS: Final[Mapping[str, FieldInfo]] = {info.name: info for info in _TABLE}
"""Every field by its name, in the order in which they are shown."""
