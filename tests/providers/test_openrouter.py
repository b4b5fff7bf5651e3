"""OpenRouter: OpenAI's form, with the headers that name an application."""

from __future__ import annotations

from tests.providers.asking import A_CALLEE, sent

from logwright.providers.openrouter import provider


def test_a_request_passes_as_it_is() -> None:
    assert provider.path("chat_completion", A_CALLEE) == "/chat/completions"
    assert sent(provider, seed=1, top_k=3) == {"seed": 1, "top_k": 3}


def test_the_headers_that_name_an_application_go_along() -> None:
    assert {b"http-referer", b"x-title"} <= provider.passes
