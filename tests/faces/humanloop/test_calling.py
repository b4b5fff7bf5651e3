"""Pieces of a provider's stream become Humanloop's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logwright.faces.humanloop.calling import _chunks, _words


@pytest.mark.parametrize(
    ("event", "chunks"),
    [
        (b"[DONE]", []),
        (b"not json", []),
        (b"[1]", []),
        ({"choices": []}, []),
        ({"choices": [{"index": 1, "delta": {"content": "a"}}]}, [{"index": 1, "output": "a"}]),
        ({"choices": [{"text": "a", "finish_reason": "stop"}]}, [{"index": 0, "output": "a", "finish_reason": "stop"}]),
        (
            {"choices": [{"index": 0, "delta": {"tool_calls": [{"id": "1"}]}}]},
            [{"index": 0, "output": "", "output_message": {"role": "assistant", "tool_calls": [{"id": "1"}]}}],
        ),
        ({"error": {"message": "no"}}, [{"index": 0, "error": "no"}]),
    ],
)
def test_a_piece_is_told_choice_by_choice(event: Any, chunks: list[dict[str, Any]]) -> None:
    assert _chunks(event if isinstance(event, bytes) else json.dumps(event).encode()) == chunks


@pytest.mark.parametrize(
    ("data", "words"),
    [(b'{"error": {"message": "too much"}}', "too much"), (b'{"error": "no"}', "no"), (b"<html>", "no form")],
)
def test_the_words_of_a_refusal_are_found(data: bytes, words: str) -> None:
    assert words in _words(data)
