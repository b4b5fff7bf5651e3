"""DeepSeek: what it would ignore is refused."""

from __future__ import annotations

from tests.providers.asking import refused, sent

from logwright.providers.deepseek import provider


def test_fields_go_by_deepseeks_names() -> None:
    assert sent(provider, max_completion_tokens=5) == {"max_tokens": 5}


def test_what_it_does_not_take_is_refused_by_name() -> None:
    assert refused(provider, seed=7) == "seed"
