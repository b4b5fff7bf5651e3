from __future__ import annotations

import inspect
from typing import Any

import pytest
from openai.resources import chat, completions, embeddings, responses

from logwright.sdk import resources

PAIRS = [
    (resources.Completions, chat.Completions),
    (resources.AsyncCompletions, chat.AsyncCompletions),
    (resources.TextCompletions, completions.Completions),
    (resources.AsyncTextCompletions, completions.AsyncCompletions),
    (resources.Embeddings, embeddings.Embeddings),
    (resources.AsyncEmbeddings, embeddings.AsyncEmbeddings),
    (resources.Responses, responses.Responses),
    (resources.AsyncResponses, responses.AsyncResponses),
]


@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=lambda kind: kind.__name__)
def test_every_call_that_makes_an_answer_takes_our_options(ours: type, theirs: type) -> None:
    """A new release of the client may grow another way to ask; then this fails."""
    asking = {"create", "parse", "stream"}
    for name in asking & set(dir(theirs)):
        assert {"logwright", "openpipe"} <= set(inspect.signature(getattr(ours, name)).parameters)


@pytest.mark.parametrize("given", [None, {"x-a": "1"}])
def test_options_are_carried_beside_the_callers_headers(given: dict[str, str] | None) -> None:
    arguments: dict[str, Any] = {"model": "gpt-5", "extra_headers": given}

    carried = resources._carry(dict(arguments), {"log_request": False}, None)

    assert carried["extra_headers"] == {**(given or {}), resources.CARRIER: {"log_request": False}}
    assert arguments["extra_headers"] is given


def test_without_options_nothing_is_added() -> None:
    assert resources._carry({"model": "gpt-5"}, None, None) == {"model": "gpt-5"}
