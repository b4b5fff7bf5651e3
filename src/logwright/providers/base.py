"""What it takes to speak to an upstream API: where a call goes, what it carries, what the answer says.

A provider is pure: it computes text and never opens a connection. Most upstream
APIs share OpenAI's form, so `OpenAICompatible` is complete by itself and a new
file fills in a card, an address and what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

CHAT: Final = "chat_completion"

OPENAI_PATHS: Final[Mapping[str, str]] = {
    "chat_completion": "/chat/completions",
    "text_completion": "/completions",
    "embedding": "/embeddings",
    "responses": "/responses",
}
"""Path of each kind of request behind an OpenAI-shaped base URL (OpenAI API reference, 2026)."""


class Callee(Protocol):
    """What a provider needs to know of a target."""

    @property
    def model(self) -> str:
        """The model as the provider names it."""

    @property
    def base_url(self) -> str:
        """Address without a trailing slash, its version included: `https://api.openai.com/v1`."""

    @property
    def api_version(self) -> str | None:
        """Version of the API where the provider wants one named (Azure)."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAICompatible:
    """A provider that speaks OpenAI's form, or a form we pass on as it is."""

    card: Card
    paths: Mapping[str, str] = field(default_factory=lambda: OPENAI_PATHS)
    """Kinds of request it serves and their paths behind the base URL."""
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

    def path(self, kind: str, callee: Callee) -> str | None:
        """Return where a request of this kind goes, or None when this provider has no such thing."""
        del callee
        return self.paths.get(kind)

    def auth(self, secret: str) -> Mapping[str, str]:
        """Return the headers that show the key."""
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

    def path(self, kind: str, callee: Callee) -> str | None:
        """Where a request goes."""

    def auth(self, secret: str) -> Mapping[str, str]:
        """The headers that show the key."""

    def keeps_metadata(self, request: Mapping[str, Any]) -> bool:
        """Whether `metadata` goes along."""
