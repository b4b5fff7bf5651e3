"""Any server that speaks OpenAI's form: vLLM, Ollama, Groq, Together and many more."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible

provider = OpenAICompatible(
    card=Card(
        kind="openai-compatible",
        label="OpenAI-compatible",
        docs="https://platform.openai.com/docs/api-reference",
        key="",
        base_url="",
    ),
)
