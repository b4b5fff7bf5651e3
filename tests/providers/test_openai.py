"""The card and the doors of OpenAI."""

from __future__ import annotations

from logwright.providers.openai import provider


def test_it_is_known_by_its_card() -> None:
    assert provider.card.label == "OpenAI"
    assert provider.card.docs.startswith("https://")


def test_it_serves_chat() -> None:
    assert provider.paths["chat_completion"] == "/chat/completions"
