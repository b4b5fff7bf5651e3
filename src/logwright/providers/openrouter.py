"""OpenRouter: OpenAI's form before the models of many; a model is named `vendor/model`."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible, only

provider = OpenAICompatible(
    card=Card(
        kind="openrouter",
        label="OpenRouter",
        docs="https://openrouter.ai/docs/api-reference/overview",
        key="OPENROUTER_API_KEY",
        base_url="https://openrouter.ai/api/v1",
        price_list="openrouter",
        note="The headers `HTTP-Referer` and `X-Title` go along.",
    ),
    paths=only("chat_completion", "text_completion", "embedding", "responses"),
    passes=frozenset({b"http-referer", b"x-title"}),
)
