"""The vocabulary of the model room: where a call for a model goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from logwright.projects.types import ProviderKind, Secret

__all__ = ["CallKind", "ModelEntry", "OwnPrice", "ProviderKind", "Secret", "Target"]

CallKind = Literal[
    "chat_completion",
    "text_completion",
    "responses",
    "embedding",
    "messages",
    "count_tokens",
    "speech",
    "transcription",
    "translation",
    "image_generation",
    "image_edit",
    "image_variation",
    "rerank",
    "unknown",
]
"""Which request is to be routed; the log room's `Kind`, one floor above, says the same words and a few more. But for
`count_tokens`: no model is called there, so nothing is recorded."""


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
    upstream: str
    """The model as the provider knows it."""
    created_at: datetime
    """When its provider was set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrice:
    """What a project says a model costs, in US dollars for a million tokens; it stands above the published prices."""

    project_id: str
    model: str
    """The model's name; `*` stands for any run of characters. A name beats a pattern, a longer pattern a shorter."""
    input: float
    output: float
    cached_input: float | None = None
    """For the input that came from the provider's cache; None: as other input. So below."""
    cache_write: float | None = None
    input_audio: float | None = None
    output_audio: float | None = None
    updated_at: datetime
