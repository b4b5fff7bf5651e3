"""DeepSeek: OpenAI's form; thoughts come as `reasoning_content`, cached tokens as `prompt_cache_hit_tokens`."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible, Quirks, only

provider = OpenAICompatible(
    card=Card(
        kind="deepseek",
        label="DeepSeek",
        docs="https://api-docs.deepseek.com",
        key="DEEPSEEK_API_KEY",
        base_url="https://api.deepseek.com",
        price_list="deepseek",
        note="`max_completion_tokens` is sent under DeepSeek's name.",
    ),
    paths=only("chat_completion"),
    # Fields that its reference does not list are ignored without a word.
    quirks=Quirks(refuses=frozenset({"logit_bias", "n", "seed"}), renames={"max_completion_tokens": "max_tokens"}),
)
