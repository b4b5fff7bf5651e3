"""OpenAI: the API whose form everybody else follows."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible

provider = OpenAICompatible(
    card=Card(
        kind="openai",
        label="OpenAI",
        docs="https://platform.openai.com/docs/api-reference",
        key="OPENAI_API_KEY",
        base_url="https://api.openai.com/v1",
        price_list="openai",
    ),
    passes=frozenset({b"openai-beta"}),
    takes_metadata=True,
    metadata_needs_store=True,
)
