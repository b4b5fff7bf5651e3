"""The card and the doors of Google Gemini."""

from __future__ import annotations

from logwright.providers.gemini import provider


def test_it_is_known_by_its_card() -> None:
    assert provider.card.label == "Google Gemini"
    assert provider.card.docs.startswith("https://")


def test_it_serves_chat() -> None:
    assert provider.paths["chat_completion"] == "/chat/completions"
