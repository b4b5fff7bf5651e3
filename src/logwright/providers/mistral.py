"""Mistral: OpenAI's form with some names of its own, and strict about fields that it does not know."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible, Quirks, only

provider = OpenAICompatible(
    card=Card(
        kind="mistral",
        label="Mistral",
        docs="https://docs.mistral.ai/api",
        key="MISTRAL_API_KEY",
        base_url="https://api.mistral.ai/v1",
        price_list="mistral",
        note="`seed` and `max_completion_tokens` are sent under Mistral's names; `user` stays here.",
    ),
    paths=only("chat_completion", "embedding"),
    asks_usage=False,  # every stream ends with its token counts, asked or not
    quirks=Quirks(
        refuses=frozenset({"logit_bias", "logprobs", "top_logprobs", "service_tier"}),
        renames={"max_completion_tokens": "max_tokens", "seed": "random_seed"},
        leaves_out=frozenset({"store", "user", "stream_options"}),
    ),
)
