"""Gemini, through the OpenAI-shaped door that Google keeps beside its native API."""

from __future__ import annotations

from logwright.providers.base import Card, OpenAICompatible

provider = OpenAICompatible(
    card=Card(
        kind="gemini",
        label="Google Gemini",
        docs="https://ai.google.dev/gemini-api/docs/openai",
        key="GEMINI_API_KEY",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    paths={"chat_completion": "/chat/completions", "embedding": "/embeddings"},
)
