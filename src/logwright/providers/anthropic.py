"""Anthropic: the Messages API, passed on in its own form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from logwright.providers.base import Callee, Card, OpenAICompatible

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = b"2023-06-01"
"""Sent when the caller names no `anthropic-version`: the oldest version in force, whose form every caller that leaves
the header out was written for (Anthropic API reference, Versions)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anthropic(OpenAICompatible):
    """The Messages API; its metadata is one field of its own (`user_id`) and always goes along."""

    def path(self, kind: str, callee: Callee) -> str | None:
        """Return the path, with the version where the base URL leaves it out as Anthropic's own clients do."""
        tail = self.paths.get(kind)
        return tail if tail is None or callee.base_url.endswith("/v1") else f"/v1{tail}"

    def auth(self, secret: str) -> Mapping[str, str]:
        """Return the key in the header that Anthropic reads."""
        return {"x-api-key": secret} if secret else {}


provider = Anthropic(
    card=Card(
        kind="anthropic",
        label="Anthropic",
        docs="https://docs.anthropic.com/en/api/messages",
        key="ANTHROPIC_API_KEY",
        base_url="https://api.anthropic.com",
    ),
    paths={"messages": "/messages"},
    passes=frozenset({b"anthropic-version", b"anthropic-beta"}),
    presumes={b"anthropic-version": VERSION},
    takes_metadata=True,
    asks_usage=False,
)
