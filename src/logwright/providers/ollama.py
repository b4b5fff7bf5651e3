"""Ollama: models on a machine of your own, behind OpenAI's form."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible, Quirks, only

provider = OpenAICompatible(
    card=Card(
        kind="ollama",
        label="Ollama",
        docs="https://docs.ollama.com/api/openai-compatibility",
        key="OLLAMA_API_KEY",
        base_url="http://localhost:11434/v1",
        note="Needs no key; start the server with `--allow-upstream localhost:11434`.",
    ),
    paths=only("chat_completion", "text_completion", "embedding", "responses"),
    quirks=Quirks(refuses=frozenset({"logit_bias", "n", "tool_choice"})),
)
