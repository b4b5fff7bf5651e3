"""What a caller asks of us, read from the headers and the body, and the body that goes on to the provider.

The caller's bytes are what is forwarded. Where something must change (a prefix of
the model's name, metadata the provider would refuse, token counts to be asked
for), only that member of the outermost object is replaced and every other value
stays as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from logwright.errors import InvalidRequest, MalformedBody
from logwright.gateway.place import NOWHERE, SESSION_TAG, Place, place
from logwright.providers.openai_codec import check_fields
from logwright.wire.strict import check
from logwright.wire.tags import tag_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from logwright.models.types import CallKind
    from logwright.providers.base import Provider

STREAM_KINDS: Final = frozenset({"chat_completion", "text_completion"})
"""Kinds whose stream reports tokens only on demand (`stream_options.include_usage`)."""

MAX_TAGS: Final = 100
MAX_TAG_NAME: Final = 256
MAX_TAG_VALUE: Final = 8192
"""Bounds on what one call may carry as tags; OpenAI's own metadata allows 16 of 64 and 512 characters."""

_raw_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TRUE: Final = frozenset({b"true", b"1"})
_FALSE: Final = frozenset({b"false", b"0"})


@dataclass(slots=True)
class Wishes:
    """What the caller asks of us besides the call itself."""

    record: bool
    tags: dict[str, str]
    place: Place = NOWHERE


class Call:
    """One parsed request."""

    __slots__ = ("body", "content_type", "kind", "model", "raw", "stream", "wants_usage")

    def __init__(self, kind: CallKind, raw: bytes) -> None:
        """Read the body.

        Raises:
            MalformedBody: it is not JSON as RELIABILITY S-12 wants it.
            InvalidRequest: it is no object, or a member we act upon is wrong; `param` names it.
        """
        if not raw:
            raise MalformedBody("the request has no body; send a JSON object")
        body = check(raw)
        if not isinstance(body, dict):
            raise InvalidRequest(f"the body must be a JSON object, not {_name(body)}")
        model = body.get("model")
        if not isinstance(model, str) or not model:
            raise InvalidRequest(
                "model is required and must be text" if model is None else f"model must be text, not {_name(model)}",
                param="model",
            )
        stream = body.get("stream")
        if stream is not None and not isinstance(stream, bool):
            raise InvalidRequest(f"stream must be true or false, not {_name(stream)}", param="stream")
        self.kind = kind
        self.raw = raw
        self.body = cast("dict[str, Any]", body)
        self.model = model
        self.content_type = b""
        """Of a body that is no JSON, with its parameters; empty for JSON."""
        self.stream = bool(stream) or (kind == "speech" and body.get("stream_format") == "sse")
        options = body.get("stream_options")
        if options is not None and not isinstance(options, dict):
            raise InvalidRequest(f"stream_options must be an object, not {_name(options)}", param="stream_options")
        self.wants_usage = bool(options and options.get("include_usage"))

    def for_upstream(self, provider: Provider, model: str) -> bytes:
        """Return the body to send: the caller's own bytes unless something must change."""
        body = self.body
        changes: dict[str, bytes | None] = {}
        if model != self.model:
            changes["model"] = msgspec.json.encode(model)
        if body.get("metadata") is not None and not provider.keeps_metadata(body):
            changes["metadata"] = None
        if provider.quirks is not None:
            check_fields(body, provider)
            for name in provider.quirks.leaves_out & body.keys():
                changes[name] = None
            for name in provider.quirks.renames.keys() & body.keys():
                changes[name] = None
                changes[provider.quirks.renames[name]] = msgspec.json.encode(body[name])
        if self.asks_usage(provider):
            if "stream_options" not in body and not changes:
                # The usual case: one more member before the closing brace.
                return self.raw.rstrip()[:-1] + b',"stream_options":{"include_usage":true}}'
            options = {**(body.get("stream_options") or {}), "include_usage": True}
            changes["stream_options"] = msgspec.json.encode(options)
        return _with(self.raw, changes) if changes else self.raw

    def forget(self) -> None:
        """Let the parsed members go: they can take twenty times the bytes, and an answer may be minutes away."""
        self.body = {}

    def asks_usage(self, provider: Provider) -> bool:
        """Return whether we ask for token counts that the caller did not ask for."""
        return self.stream and not self.wants_usage and provider.asks_usage and self.kind in STREAM_KINDS


def wishes(call: Call, headers: Mapping[bytes, bytes]) -> Wishes:
    """Read what is asked of us from `op-` headers and from the body.

    `store: false` or `op-log-request: false` means that nothing is recorded; anything else is recorded
    (openpipe.md, section 9), but for counting tokens, where no model is called. Tags come from `metadata` and from
    `op-tags`, which wins.

    Raises:
        InvalidRequest: a value that cannot be a tag, or a header that cannot be read.
    """
    tags: dict[str, str] = {}
    metadata = call.body.get("metadata")
    if metadata is not None:
        if not isinstance(metadata, dict):
            raise InvalidRequest(f"metadata must be an object, not {_name(metadata)}", param="metadata")
        add_tags(tags, metadata, "metadata")
    record = call.body.get("store") is not False and call.kind != "count_tokens"
    if headers:
        asked = headers.get(b"op-log-request")
        if asked is not None:
            record = _flag(asked, "op-log-request") and record
        given = headers.get(b"op-tags")
        if given is not None:
            try:
                parsed = msgspec.json.decode(given)
            except msgspec.DecodeError as error:
                raise InvalidRequest(f"the header op-tags is not JSON: {error}", param="op-tags") from error
            if not isinstance(parsed, dict):
                raise InvalidRequest(f"the header op-tags must hold an object, not {_name(parsed)}", param="op-tags")
            add_tags(tags, parsed, "op-tags")
    if len(tags) > MAX_TAGS:
        raise InvalidRequest(f"a call carries at most {MAX_TAGS} tags, not {len(tags)}", param="metadata")
    return Wishes(record, tags, place(headers, tags) if headers or SESSION_TAG in tags else NOWHERE)


def add_tags(tags: dict[str, str], given: Mapping[str, Any], where: str) -> None:
    """Add a caller's metadata to `tags` as text; null and empty text are left out (openpipe.md, section 3)."""
    for name, value in given.items():
        if value is None:
            continue
        text = tag_text(value)
        if text is None:
            raise InvalidRequest(
                f"{where}.{name} must be text, a number, true or false, not {_name(value)}", param=f"{where}.{name}"
            )
        if len(name) > MAX_TAG_NAME:
            raise InvalidRequest(f"a tag's name has at most {MAX_TAG_NAME} characters", param=where)
        if len(text) > MAX_TAG_VALUE:
            raise InvalidRequest(f"{where}.{name} has more than {MAX_TAG_VALUE} characters", param=f"{where}.{name}")
        if text:
            tags[name] = text


def _with(raw: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """Return an object's text with some members replaced, added, or (None) left out; the others byte for byte."""
    members: dict[str, msgspec.Raw] = _raw_object.decode(raw)
    for name, value in changes.items():
        if value is None:
            members.pop(name, None)
        else:
            members[name] = msgspec.Raw(value)
    return msgspec.json.encode(members)


def _flag(value: bytes, name: str) -> bool:
    lowered = value.strip().lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise InvalidRequest(f"the header {name} must be true or false", param=name)


def _name(value: object) -> str:
    """Name a JSON value's type in JSON's own words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"
