"""Anthropic: its own form passed on as it is, and chat written for it."""

from __future__ import annotations

import pytest
from tests.providers.transcripts import Called, check, names, transcript

from logwright.providers.anthropic import MessageEvents, provider
from logwright.wire.stream import Event

CALLEE = Called("claude-test", "https://api.anthropic.com")


@pytest.mark.parametrize("name", names("anthropic"))
def test_a_transcript_reads_the_same_on_both_sides(name: str) -> None:
    codec = provider.codec("chat_completion", CALLEE)
    assert codec is not None

    check(codec, transcript("anthropic", name), CALLEE)


@pytest.mark.parametrize(
    ("base_url", "path"),
    [("https://api.anthropic.com/v1", "/messages"), ("https://api.anthropic.com", "/v1/messages")],
)
def test_the_version_of_the_path_may_be_left_out_of_the_base_url(base_url: str, path: str) -> None:
    assert provider.path("messages", Called("m", base_url)) == path


def test_it_names_a_version_when_the_caller_does_not() -> None:
    assert provider.presumes == {b"anthropic-version": b"2023-06-01"}
    assert set(provider.presumes) <= provider.passes


def test_the_key_goes_where_anthropic_looks() -> None:
    assert provider.auth("k", CALLEE) == {"x-api-key": "k"}


def test_abbreviated_names_mean_the_last_version() -> None:
    assert provider.card.aliases["claude-3-7-sonnet"] == "claude-3-7-sonnet-20250219"


def test_a_reason_to_stop_does_not_end_a_message() -> None:
    events = MessageEvents(at=0)
    events.feed(Event("", b'{"type":"message_delta","delta":{"stop_reason":"end_turn"}}'))
    events.end()
    assert not events.ended
    events.feed(Event("", b'{"type":"message_stop"}'))
    assert events.ended


def test_it_has_no_other_kind_of_call() -> None:
    assert provider.codec("embedding", CALLEE) is None
