"""What it takes to speak to an upstream API: where a call goes, what it carries, what the answer says.

A provider is pure: it computes text and never opens a connection. Most upstream
APIs share OpenAI's form, so `OpenAICompatible` is complete by itself and a new
file fills in a card, an address and what differs. What a provider takes in the
caller's own form (`path`) passes byte for byte; what it has only in a form of its
own goes through a codec (`providers.codec`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from logwright.providers.openai_codec import OpenAICodec

if TYPE_CHECKING:
    from logwright.providers.codec import Callee, Codec

CHAT: Final = "chat_completion"

OPENAI_PATHS: Final[Mapping[str, str]] = {
    "chat_completion": "/chat/completions",
    "text_completion": "/completions",
    "embedding": "/embeddings",
    "responses": "/responses",
    "speech": "/audio/speech",
    "transcription": "/audio/transcriptions",
    "translation": "/audio/translations",
    "image_generation": "/images/generations",
    "image_edit": "/images/edits",
    "image_variation": "/images/variations",
}
"""Path of each kind of request behind an OpenAI-shaped base URL (OpenAI API reference, 2026)."""


def only(*kinds: str) -> Mapping[str, str]:
    """Return OpenAI's paths of these kinds of call alone."""
    return {kind: OPENAI_PATHS[kind] for kind in kinds}


Credential = Literal["key", "aws", "google"]
"""What the secret of a provider is: a key that is shown as it is; AWS's `ACCESS_KEY_ID:SECRET_ACCESS_KEY` (and
`:SESSION_TOKEN`), with which calls are signed, or a Bedrock API key; the JSON of a Google service account's key, for
which access tokens are fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What people see of a provider: in the docs, in `logwright providers set --kind`, in the interface."""

    kind: str
    label: str
    docs: str
    """Where the provider documents its API."""
    key: str
    """Environment variable in which its own tools look for the key."""
    base_url: str
    """Where its API lives unless the operator says otherwise; empty when only the operator can know."""
    note: str = ""
    """What an operator should know of it beside the rest: one sentence or two."""
    needs_api_version: bool = False
    price_list: str = ""
    """Under which name the published prices know it; empty where its address tells, or nobody does."""
    credential: Credential = "key"
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Short names of models and what they stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Where a provider's fields differ from OpenAI's."""

    refuses: frozenset[str] = frozenset()
    """Fields that the provider documents as ignored or not taken: a call that asks something with one is a 400."""
    renames: Mapping[str, str] = field(default_factory=dict)
    """Fields that it knows by another name."""
    leaves_out: frozenset[str] = frozenset()
    """Fields that speak to us alone and that this provider would choke on, such as `store`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAICompatible:
    """A provider that speaks OpenAI's form, or a form we pass on as it is."""

    card: Card
    paths: Mapping[str, str] = field(default_factory=lambda: OPENAI_PATHS)
    """Kinds of request it serves in the caller's own form, and their paths behind the base URL."""
    passes: frozenset[bytes] = frozenset()
    """Headers of the caller that belong to this API and go along; lower case."""
    presumes: Mapping[bytes, bytes] = field(default_factory=dict)
    """Those of them that are sent even when the caller leaves them out, with what they then say."""
    metadata_needs_store: bool = False
    """True when `metadata` is refused unless the request also says `store: true` (OpenAI, 2025)."""
    takes_metadata: bool = False
    """True when the API knows `metadata`; elsewhere it stays with us."""
    asks_usage: bool = True
    """True when a stream reports its tokens only if `stream_options.include_usage` asks for them."""
    quirks: Quirks | None = None
    """How its fields differ from OpenAI's; None where a request passes as it is."""

    def path(self, kind: str, callee: Callee) -> str | None:
        """Return where a request of this kind goes as it is, or None when this provider has no such thing."""
        del callee
        return self.paths.get(kind)

    def codec(self, kind: str, callee: Callee) -> Codec | None:
        """Return how a request of this kind is written in a form of the provider's own; None when it is not.

        For chat this is OpenAI's own form, written anew: the way of callers who speak another.
        """
        path = self.path(kind, callee)
        return OpenAICodec(self, path) if kind == CHAT and path is not None else None

    def auth(self, secret: str, callee: Callee) -> Mapping[str, str]:
        """Return the headers that show the key."""
        del callee
        return {"authorization": f"Bearer {secret}"} if secret else {}

    def keeps_metadata(self, request: Mapping[str, Any]) -> bool:
        """Return whether `metadata` may be sent along with this request."""
        return self.takes_metadata and (not self.metadata_needs_store or request.get("store") is True)


class Provider(Protocol):
    """The seam; `OpenAICompatible` says of each member what it means."""

    @property
    def card(self) -> Card:
        """What people see."""

    @property
    def passes(self) -> frozenset[bytes]:
        """Headers of the caller that go along."""

    @property
    def presumes(self) -> Mapping[bytes, bytes]:
        """Headers that are sent in any case."""

    @property
    def asks_usage(self) -> bool:
        """Whether token counts of a stream must be asked for."""

    @property
    def quirks(self) -> Quirks | None:
        """How its fields differ from OpenAI's."""

    def path(self, kind: str, callee: Callee) -> str | None:
        """Where a request goes as it is."""

    def codec(self, kind: str, callee: Callee) -> Codec | None:
        """How a request is written in a form of its own."""

    def auth(self, secret: str, callee: Callee) -> Mapping[str, str]:
        """The headers that show the key."""

    def keeps_metadata(self, request: Mapping[str, Any]) -> bool:
        """Whether `metadata` goes along."""
