"""xAI: OpenAI's form; its thinking models refuse `stop` and penalties themselves."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible, only

provider = OpenAICompatible(
    card=Card(
        kind="xai",
        label="xAI",
        docs="https://docs.x.ai/docs/api-reference",
        key="XAI_API_KEY",
        base_url="https://api.x.ai/v1",
        price_list="x-ai",
    ),
    paths=only("chat_completion", "text_completion", "responses"),
)
