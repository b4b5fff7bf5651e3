"""Amazon Bedrock: Converse, whose requests are signed and whose streams are binary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from logwright.providers.base import CHAT, Card, OpenAICompatible
from logwright.providers.codec import Fault, UpstreamCall, usual_fault
from logwright.wire.bedrock import ConverseChunks, answer_to_openai
from logwright.wire.bedrock_request import request_to_bedrock
from logwright.wire.event_frames import ERROR, FrameCutter
from logwright.wire.lenient import read_object, write
from logwright.wire.messages_request import messages_to_chat
from logwright.wire.sigv4 import read_key, sign

if TYPE_CHECKING:
    from logwright.providers.codec import Callee, Codec
    from logwright.wire.stream import Event

JSON = Any

_REGION: Final = re.compile(r"(?:^|\.|//)bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.")
USUAL_REGION: Final = "us-east-1"
"""Signed for where the address names none, as behind a proxy of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bedrock(OpenAICompatible):
    """Bedrock's runtime; nothing there is in a caller's own form."""

    def codec(self, kind: str, callee: Callee) -> Codec | None:
        """Return how chat is written for Converse."""
        del callee
        return ConverseCodec() if kind == CHAT else ConverseCount() if kind == "count_tokens" else None


class ConverseCodec:
    """Chat, written for and read from Converse and ConverseStream."""

    stream_type = b"application/vnd.amazon.eventstream"

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the request and sign it."""
        body = write(request_to_bedrock(request, callee.model))
        verb = "converse-stream" if request.get("stream") else "converse"
        path = f"/model/{quote(callee.model, safe='')}/{verb}"
        return UpstreamCall(path=path, body=body, headers=credentials(callee, path, body, secret=secret, at=at))

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Read an answer."""
        return answer_to_openai(answer, created=at)

    def decoder(self, *, at: int) -> ConverseEvents:
        """Return a reader for a streamed answer."""
        return ConverseEvents(at=at)

    def cutter(self, limit: int) -> FrameCutter:
        """Return what cuts a stream into events."""
        return FrameCutter(limit=limit)

    def fault(self, status: int, answer: JSON) -> Fault:
        """Read an error: AWS says in its body only the message."""
        return usual_fault(status, answer)


class ConverseCount(ConverseCodec):
    """Anthropic's count of a conversation's tokens, asked of Bedrock."""

    def encode(self, request: Mapping[str, JSON], callee: Callee, *, secret: str, at: int) -> UpstreamCall:
        """Write the conversation as a call would, without what does not count."""
        written = request_to_bedrock(messages_to_chat(request), callee.model)
        counted = {name: written[name] for name in ("messages", "system", "toolConfig") if name in written}
        body = write({"input": {"converse": counted}})
        path = f"/model/{quote(callee.model, safe='')}/count-tokens"
        return UpstreamCall(path=path, body=body, headers=credentials(callee, path, body, secret=secret, at=at))

    def decode(self, answer: JSON, *, at: int) -> JSON:
        """Read the count."""
        del at
        return {"input_tokens": answer["inputTokens"]}


class ConverseEvents:
    """Reads the events of one answer."""

    __slots__ = ("_chunks", "ended")

    def __init__(self, *, at: int) -> None:
        self._chunks = ConverseChunks(created=at)
        self.ended = False

    def feed(self, event: Event) -> Sequence[JSON]:
        """Return the chunks of an event."""
        if event.name == ERROR:
            told = {"message": event.data.decode("utf-8", "replace"), "type": "server_error"}
            return ({"error": {**told, "param": None, "code": None}},)
        chunks = self._chunks.feed(event.name, read_object(event.data))
        self.ended = self._chunks.ended
        return chunks

    def end(self) -> Sequence[JSON]:
        """Take an answer that gave its reason as complete, though nobody counted its tokens."""
        self.ended = self.ended or self._chunks.stopped
        return ()


def credentials(callee: Callee, path: str, body: bytes, *, secret: str, at: int) -> Mapping[str, str]:
    """Return the headers that show who asks: a signature, or a Bedrock API key as it is."""
    key = read_key(secret)
    if key is None:
        return {"authorization": f"Bearer {secret}"} if secret else {}
    found = _REGION.search(callee.base_url)
    region = found[1] if found else USUAL_REGION
    return sign(callee.base_url + path, body, key, region=region, service="bedrock", at=at)


provider = Bedrock(
    card=Card(
        kind="bedrock",
        label="Amazon Bedrock",
        docs="https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html",
        key="AWS_BEARER_TOKEN_BEDROCK",
        base_url="",
        credential="aws",
        price_list="aws",
        note="The address is `https://bedrock-runtime.REGION.amazonaws.com`. "
        "The key is a Bedrock API key, or `ACCESS_KEY_ID:SECRET_ACCESS_KEY` "
        "(and `:SESSION_TOKEN` for a temporary one), with which calls are signed.",
    ),
    paths={},
)
