"""Together AI: OpenAI's form as it is."""

from __future__ import annotations

from tests.providers.asking import A_CALLEE, sent

from logwright.providers.together import provider


def test_a_request_passes_as_it_is() -> None:
    assert provider.path("text_completion", A_CALLEE) == "/completions"
    assert sent(provider, seed=1, top_k=3) == {"seed": 1, "top_k": 3}
