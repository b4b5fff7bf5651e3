"""The fake speaks Gemini's native API; tests/clients/test_fake_upstream.py has Google's own library read it."""

from __future__ import annotations

import json

from logwright.testing.answers import Said, ToolCall
from logwright.testing.gemini_answers import gemini_answer, gemini_error, gemini_events, gemini_vectors
from logwright.wire.gemini import GeminiChunks

SAID = Said(chunks=["Once", " upon"], tool_calls=[ToolCall(name="look")], reasoning="Hm.", reasoning_tokens=3)


def test_a_stream_brings_what_the_whole_answer_has() -> None:
    whole = gemini_answer(SAID, {"model": "m"}, 1)
    pieces = [json.loads(event.removeprefix(b"data: ")) for event in gemini_events(SAID, {"model": "m"}, 1)]

    texts = [part.get("text") for piece in pieces for part in piece["candidates"][0]["content"]["parts"]]
    assert texts == ["Hm.", "Once", " upon", None]
    assert whole["candidates"][0]["finishReason"] == pieces[-1]["candidates"][0]["finishReason"] == "STOP"
    assert all("finishReason" not in piece["candidates"][0] for piece in pieces[:-1])
    chunks = GeminiChunks()
    for piece in pieces:
        chunks.feed(piece)
    assert chunks.is_complete


def test_each_text_of_a_batch_has_its_vector() -> None:
    assert len(gemini_vectors({"requests": [{}, {}]})["embeddings"]) == 2


def test_an_error_is_told_as_google_does() -> None:
    assert gemini_error(429, "Slow")["error"]["status"] == "RESOURCE_EXHAUSTED"
