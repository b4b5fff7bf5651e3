"""Embeddings in Gemini's words; the rest is held in tests/providers/test_gemini.py."""

from __future__ import annotations

import pytest

from logwright.errors import InvalidRequest
from logwright.wire.gemini_embeddings import embeddings_to_gemini, embeddings_to_openai


def test_a_single_text_is_a_batch_of_one() -> None:
    assert embeddings_to_gemini({"input": "a", "user": "u"}, "tunedModels/x") == {
        "requests": [{"model": "tunedModels/x", "content": {"parts": [{"text": "a"}]}}]
    }


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(InvalidRequest) as refused:
        embeddings_to_gemini({"input": "a", "truncate": True}, "m")
    assert refused.value.param == "truncate"


def test_an_answer_without_vectors_is_none() -> None:
    with pytest.raises(LookupError):
        embeddings_to_openai({}, "m", encoded=False)
