"""Ollama: what it would ignore is refused."""

from __future__ import annotations

from tests.providers.asking import refused

from logwright.providers.ollama import provider


def test_what_it_does_not_take_is_refused_by_name() -> None:
    assert refused(provider, tool_choice="required") == "tool_choice"
