"""The small readers over a request that we never rebuild."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.wire.chat import data_url, messages_of, text_of, wants_stream, wants_usage


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
def test_only_true_asks_for_a_stream(value: Any, expected: bool) -> None:
    assert wants_stream({"stream": value}) is expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [({"include_usage": True}, True), ({"include_usage": False}, False), ({}, False), (None, False), ("x", False)],
)
def test_usage_in_a_stream_must_be_asked_for(options: Any, expected: bool) -> None:
    assert wants_usage({"stream_options": options}) is expected


def test_messages_that_are_no_objects_are_passed_over() -> None:
    assert messages_of({"messages": [{"role": "user"}, 3, None]}) == [{"role": "user"}]
    assert messages_of({"messages": "hello"}) == []
    assert messages_of({}) == []


def test_the_words_of_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}, {"type": "text"}, 4]
    assert text_of(parts) == "ab"
    assert text_of("plain") == "plain"
    assert text_of(None) == ""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("data:image/png;base64,aGk=", ("image/png", "aGk=")),
        ("data:audio/wav;rate=8;base64,aGk=", ("audio/wav", "aGk=")),
        ("data:;base64,aGk=", ("application/octet-stream", "aGk=")),
        ("data:text/plain,hi", None),
        ("https://example.com/a,b", None),
    ],
)
def test_a_data_url_is_split(url: str, expected: tuple[str, str] | None) -> None:
    assert data_url(url) == expected
