"""Together AI: OpenAI's form for open models, whose names have slashes."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible, only

provider = OpenAICompatible(
    card=Card(
        kind="together",
        label="Together AI",
        docs="https://docs.together.ai/docs/openai-api-compatibility",
        key="TOGETHER_API_KEY",
        base_url="https://api.together.xyz/v1",
        price_list="together",
    ),
    paths=only("chat_completion", "text_completion", "embedding"),
)
