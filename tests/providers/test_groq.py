"""Groq: what it does not take is named before it is asked."""

from __future__ import annotations

from tests.providers.asking import refused

from logwright.providers.groq import provider


def test_what_it_does_not_take_is_refused_by_name() -> None:
    assert refused(provider, n=2) == "n"


def test_a_field_that_asks_for_nothing_is_let_pass() -> None:
    assert refused(provider, n=1, logprobs=False, logit_bias={}) is None
