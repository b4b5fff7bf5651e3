"""Token counts mean the same whoever counted them."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.wire.usage import Usage, measured, usage_of

CHAT = {
    "prompt_tokens": 1117,
    "completion_tokens": 46,
    "total_tokens": 1163,
    "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 8},
    "completion_tokens_details": {"reasoning_tokens": 40, "audio_tokens": 3, "accepted_prediction_tokens": 0},
}
RESPONSES = {
    "input_tokens": 328,
    "input_tokens_details": {"cached_tokens": 128},
    "output_tokens": 52,
    "output_tokens_details": {"reasoning_tokens": 20},
    "total_tokens": 380,
}
ANTHROPIC = {
    "input_tokens": 50,
    "cache_creation_input_tokens": 200,
    "cache_read_input_tokens": 1000,
    "output_tokens": 30,
    "output_tokens_details": {"thinking_tokens": 12},
}


@pytest.mark.parametrize(
    ("kind", "block", "expected"),
    [
        (
            "chat_completion",
            CHAT,
            Usage(
                input_tokens=1117,
                output_tokens=46,
                cached_tokens=1024,
                reasoning_tokens=40,
                input_audio_tokens=8,
                output_audio_tokens=3,
            ),
        ),
        ("text_completion", {"prompt_tokens": 5, "completion_tokens": 7}, Usage(input_tokens=5, output_tokens=7)),
        ("embedding", {"prompt_tokens": 8, "total_tokens": 8}, Usage(input_tokens=8)),
        (
            "responses",
            RESPONSES,
            Usage(input_tokens=328, output_tokens=52, cached_tokens=128, reasoning_tokens=20),
        ),
        (
            "messages",  # 50 fresh + 200 written to the cache + 1000 read from it = 1250 sent
            ANTHROPIC,
            Usage(input_tokens=1250, output_tokens=30, cached_tokens=1000, cache_write_tokens=200, reasoning_tokens=12),
        ),
        (
            "unknown",
            ANTHROPIC,
            Usage(input_tokens=1250, output_tokens=30, cached_tokens=1000, cache_write_tokens=200, reasoning_tokens=12),
        ),
        (
            "chat_completion",
            {"prompt_tokens": 9, "completion_tokens": 1, "prompt_cache_hit_tokens": 6},
            Usage(input_tokens=9, output_tokens=1, cached_tokens=6),
        ),
        (
            "chat_completion",
            {"prompt_tokens": 9, "completion_tokens": None, "prompt_tokens_details": None},
            Usage(input_tokens=9),
        ),
        (
            "transcription",
            {"type": "tokens", "input_tokens": 14, "output_tokens": 5, "input_token_details": {"audio_tokens": 14}},
            Usage(input_tokens=14, output_tokens=5, input_audio_tokens=14),
        ),
        (
            "image_edit",
            {"input_tokens": 50, "output_tokens": 1056, "input_tokens_details": {"image_tokens": 40}},
            Usage(input_tokens=50, output_tokens=1056, input_image_tokens=40, output_image_tokens=1056),
        ),
        (
            "image_generation",
            {"input_tokens": 50, "output_tokens": 9, "output_tokens_details": {"image_tokens": 7, "text_tokens": 2}},
            Usage(input_tokens=50, output_tokens=9, output_image_tokens=7),
        ),
    ],
)
def test_each_kind_is_read_in_its_own_words(kind: str, block: dict[str, Any], expected: Usage) -> None:
    assert usage_of(kind, {"usage": block}) == expected


@pytest.mark.parametrize(
    "response",
    [None, "text", [], {}, {"usage": None}, {"usage": "7"}, {"usage": {}}, {"usage": {"prompt_tokens": -1}}]
    + [{"usage": {"prompt_tokens": bad}} for bad in (True, 1.5, "8", 2**40)],
)
@pytest.mark.parametrize("kind", ["chat_completion", "messages", "unknown"])
def test_what_is_no_count_is_none_rather_than_nought(kind: str, response: Any) -> None:
    assert usage_of(kind, response) is None


def test_the_total_is_input_and_output() -> None:
    assert Usage(input_tokens=3, output_tokens=4, cached_tokens=2).total_tokens == 7


@pytest.mark.parametrize(
    ("kind", "request_body", "response", "expected"),
    [
        ("speech", {"input": "Hello"}, {}, Usage(input_tokens=0, characters=5, has_tokens=False)),
        (
            "transcription",
            {},
            {"usage": {"type": "duration", "seconds": 9}},
            Usage(input_tokens=0, seconds=9.0, has_tokens=False),
        ),
        ("translation", {}, {"duration": 2.5}, Usage(input_tokens=0, seconds=2.5, has_tokens=False)),
        ("transcription", {}, {"duration": True}, None),
        ("transcription", {}, {"duration": -1}, None),
        ("transcription", {}, "only text", None),
        ("speech", "no object", {}, None),
        ("image_generation", {"prompt": "x"}, {}, None),
    ],
)
def test_what_is_billed_by_another_measure_is_measured(
    kind: str, request_body: Any, response: Any, expected: Usage | None
) -> None:
    assert measured(kind, request_body, response) == expected
