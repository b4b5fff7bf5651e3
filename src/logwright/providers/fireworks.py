"""Fireworks AI: OpenAI's form; a model is named `accounts/fireworks/models/NAME`."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible, only

provider = OpenAICompatible(
    card=Card(
        kind="fireworks",
        label="Fireworks AI",
        docs="https://docs.fireworks.ai/tools-sdks/openai-compatibility",
        key="FIREWORKS_API_KEY",
        base_url="https://api.fireworks.ai/inference/v1",
        price_list="fireworks",
    ),
    paths=only("chat_completion", "text_completion", "embedding", "responses"),
)
