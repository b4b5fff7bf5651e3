"""Gemini's answers in OpenAI's words; whole transcripts are in tests/providers/fixtures."""

from __future__ import annotations

import pytest

from logwright.wire.gemini import CandidateReader, GeminiChunks, answer_to_openai, usage_to_openai


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="no candidates"):
        answer_to_openai({"modelVersion": "m"}, created=0)


def test_thoughts_count_as_output() -> None:
    usage = usage_to_openai({"promptTokenCount": 7, "toolUsePromptTokenCount": 3, "thoughtsTokenCount": 5})

    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (10, 5, 15)


def test_a_reason_unknown_to_openai_is_told_in_lower_case() -> None:
    reader = CandidateReader(0, "r")

    assert reader.reason({"finishReason": "MALFORMED_FUNCTION_CALL"}) == "malformed_function_call"
    assert reader.reason({}) is None


def test_a_stream_is_complete_when_every_candidate_gave_its_reason() -> None:
    chunks = GeminiChunks()
    assert not chunks.is_complete
    chunks.feed({"candidates": [{"index": 0, "finishReason": "STOP"}, {"index": 1}]})
    assert not chunks.is_complete
    chunks.feed({"candidates": [{"index": 1, "finishReason": "STOP"}]})
    assert chunks.is_complete


def test_an_error_amid_a_stream_is_told() -> None:
    (chunk,) = GeminiChunks().feed({"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}})

    assert chunk["error"] == {"message": "Overloaded", "type": "server_error", "param": None, "code": "UNAVAILABLE"}


def test_calls_keep_the_ids_that_the_model_gave_them() -> None:
    reader = CandidateReader(0, "r")
    delta = reader.delta({"content": {"parts": [{"functionCall": {"name": "f", "id": "x"}}]}})

    assert delta["tool_calls"][0]["id"] == "x"
    assert delta["tool_calls"][0]["function"]["arguments"] == "{}"
