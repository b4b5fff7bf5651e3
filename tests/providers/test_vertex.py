"""Vertex AI: the publisher of a model decides the form and the address."""

from __future__ import annotations

import json

import pytest
from tests.providers.transcripts import AT, Called, check, transcript

from logwright.providers.vertex import OwnEvents, provider, published
from logwright.wire.stream import Event

BASE = "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1"


def called(model: str) -> Called:
    return Called(model, BASE)


@pytest.mark.parametrize(
    ("model", "publisher", "name"),
    [
        ("gemini-2.5-pro", "google", "gemini-2.5-pro"),
        ("claude-sonnet-4-5@20250929", "anthropic", "claude-sonnet-4-5@20250929"),
        ("anthropic/claude-opus-4", "anthropic", "claude-opus-4"),
        ("meta/llama-4", "meta", "llama-4"),
    ],
)
def test_a_models_name_says_whose_it_is(model: str, publisher: str, name: str) -> None:
    assert published(model) == (publisher, name)


@pytest.mark.parametrize("name", ["text", "parallel_tools", "thinking_and_cache", "error_429"])
def test_gemini_is_spoken_to_as_at_ai_studio(name: str) -> None:
    codec = provider.codec("chat_completion", called("gemini-test"))
    assert codec is not None
    told = transcript("gemini", name)
    if "path" in told:
        told["path"] = "/publishers/google" + told["path"]

    check(codec, told, called("gemini-test"))


@pytest.mark.parametrize("name", ["text", "parallel_tools", "thinking_and_cache", "error_529"])
def test_claude_is_spoken_to_as_at_anthropic(name: str) -> None:
    callee = called("claude-test@1")
    codec = provider.codec("chat_completion", callee)
    assert codec is not None
    told = transcript("anthropic", name)
    if "sent" in told:
        del told["sent"]["model"]
        told["sent"]["anthropic_version"] = "vertex-2023-10-16"
        told["path"] = "/publishers/anthropic/models/claude-test@1:rawPredict"

    check(codec, told, callee)


def test_anthropics_own_form_passes_but_for_model_and_version() -> None:
    callee = called("claude-test@1")
    codec = provider.codec("messages", callee)
    assert codec is not None

    call = codec.encode({"model": "x", "stream": True, "max_tokens": 5, "store": True}, callee, secret="t", at=AT)

    assert call.path == "/publishers/anthropic/models/claude-test@1:streamRawPredict"
    assert json.loads(call.body) == {"anthropic_version": "vertex-2023-10-16", "stream": True, "max_tokens": 5}
    assert call.headers == {"authorization": "Bearer t"}
    assert codec.decode({"type": "message"}, at=AT) == {"type": "message"}


def test_its_events_pass_as_they_are() -> None:
    events = OwnEvents()

    assert events.feed(Event("ping", b"{}")) == ({"type": "ping"},)
    assert not events.ended
    events.feed(Event("message_stop", b'{"type":"message_stop"}'))
    events.end()
    assert events.ended


def test_models_of_others_go_to_the_openai_shaped_door() -> None:
    callee = called("meta/llama-4")
    codec = provider.codec("chat_completion", callee)
    assert codec is not None

    call = codec.encode({"messages": []}, callee, secret="t", at=AT)

    assert call.path == "/endpoints/openapi/chat/completions"
    assert json.loads(call.body)["model"] == "meta/llama-4"


def test_what_a_publisher_has_not_is_not_offered() -> None:
    assert provider.codec("messages", called("gemini-2.5-pro")) is None
    assert provider.codec("embedding", called("gemini-2.5-pro")) is None
