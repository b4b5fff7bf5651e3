"""The vocabulary of the model room: where a call for a model goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from logwright.projects.types import ProviderKind, Secret

__all__ = ["CallKind", "ModelEntry", "ProviderKind", "Secret", "Target"]

CallKind = Literal["chat_completion", "text_completion", "responses", "embedding", "messages", "unknown"]
"""Which request is to be routed; the log room's `Kind`, one floor above, says the same words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A provider, a model and an address, ready to call."""

    provider: str
    """The project's name (slug) for the provider."""
    provider_id: str
    kind: ProviderKind
    model: str
    """As the provider knows it."""
    base_url: str
    """Without a trailing slash; paths such as `/chat/completions` follow it."""
    secret: Secret
    """Empty for a provider that needs no key."""
    api_version: str
    """Azure's `api-version`; empty elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """A model that a project can ask for by name."""

    name: str
    """As a caller writes it."""
    provider: str
    """The slug of the provider that it goes to."""
    kind: ProviderKind
