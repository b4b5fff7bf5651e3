"""Mistral: OpenAI's form under some other names."""

from __future__ import annotations

from tests.providers.asking import refused, sent

from logwright.providers.mistral import provider


def test_fields_go_by_mistrals_names() -> None:
    assert sent(provider, seed=0, max_completion_tokens=5, store=True, user="u1") == {"random_seed": 0, "max_tokens": 5}


def test_a_stream_is_not_asked_for_token_counts_that_come_anyway() -> None:
    assert sent(provider, stream=True, stream_options={"include_usage": True}) == {"stream": True}


def test_what_it_does_not_take_is_refused_by_name() -> None:
    assert refused(provider, logit_bias={"1": 2}) == "logit_bias"
