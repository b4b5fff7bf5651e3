"""Groq: OpenAI-compatible chat at https://api.groq.com/openai/v1."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible, Quirks, only

provider = OpenAICompatible(
    card=Card(
        kind="groq",
        label="Groq",
        docs="https://console.groq.com/docs/openai",
        key="GROQ_API_KEY",
        base_url="https://api.groq.com/openai/v1",
        price_list="groq",
    ),
    paths=only("chat_completion", "responses"),
    # Answered with 400 by Groq itself; ours names the field before anybody is asked.
    quirks=Quirks(refuses=frozenset({"logit_bias", "logprobs", "top_logprobs", "n"})),
)
