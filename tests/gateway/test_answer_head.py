"""The head of an answer decides how its body passes."""

from __future__ import annotations

import pytest

from logwright.gateway.answer_head import Unusable, read_head


@pytest.mark.parametrize(
    ("kind", "status", "content_type", "passing"),
    [
        ("chat_completion", 200, b"application/json", "json"),
        ("chat_completion", 200, b"Text/Event-Stream; charset=utf-8", "events"),
        ("chat_completion", 429, b"text/event-stream", "json"),
        ("chat_completion", 200, b"audio/mpeg", "json"),
        ("speech", 200, b"audio/mpeg", "media"),
        ("speech", 200, b"text/event-stream", "events"),
        ("speech", 500, b"audio/mpeg", "json"),
        ("transcription", 200, b"text/plain; charset=utf-8", "text"),
        ("transcription", 200, b"text/html", "json"),
        ("image_edit", 200, b"application/json", "json"),
    ],
)
def test_a_body_passes_by_its_kind_and_type(kind: str, status: int, content_type: bytes, passing: str) -> None:
    assert read_head(kind, status, [(b"content-type", content_type)], limit=10).passing == passing


def test_only_what_concerns_the_caller_is_shown() -> None:
    head = read_head(
        "chat_completion",
        200,
        [(b"x-request-id", b"r"), (b"set-cookie", b"c"), (b"x-ratelimit-limit-tokens", b"9"), (b"server", b"s")],
        limit=10,
    )

    assert head.lines == [b"x-request-id: r\r\n", b"x-ratelimit-limit-tokens: 9\r\n"]
    assert head.has_id


@pytest.mark.parametrize(
    ("status", "headers", "kind", "words"),
    [
        (302, [], "upstream_malformed", "redirect"),
        (200, [(b"content-encoding", b"gzip")], "upstream_malformed", "compressed"),
        (200, [(b"content-length", b"11")], "upstream_too_large", "over 10 bytes"),
    ],
)
def test_an_answer_that_cannot_be_passed_on_is_told_by_its_head(
    status: int, headers: list[tuple[bytes, bytes]], kind: str, words: str
) -> None:
    with pytest.raises(Unusable, match=words) as caught:
        read_head("chat_completion", status, headers, limit=10)
    assert caught.value.kind == kind


def test_media_may_be_longer_than_what_is_held() -> None:
    headers = [(b"content-length", b"11"), (b"content-type", b"audio/mpeg")]

    assert read_head("speech", 200, headers, limit=10).passing == "media"
