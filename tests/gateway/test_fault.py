"""A provider's error keeps its words and loses its secrets."""

from __future__ import annotations

import json

import pytest

from logwright.errors import UpstreamTimeout
from logwright.gateway.fault import as_event, as_reply, is_object, scrub, unfinished


def test_both_families_of_clients_read_the_same_error() -> None:
    told = b'{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}'

    shown, message = as_reply(429, told, "openai")

    assert json.loads(shown) == {
        "message": "Rate limit reached",
        "code": "TOO_MANY_REQUESTS",
        "error": {"message": "Rate limit reached", "type": "requests", "param": None, "code": "rate_limit_exceeded"},
    }
    assert message == "Rate limit reached"


def test_anthropics_form_stays_readable_for_its_client() -> None:
    told = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'

    shown = json.loads(as_reply(529, told, "anthropic")[0])

    assert shown["type"] == "error"
    assert shown["error"]["type"] == "overloaded_error"
    assert shown["code"] == "INTERNAL_SERVER_ERROR"


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (b'{"error":"model not loaded"}', "model not loaded"),
        (b'{"detail":"Not authenticated"}', "Not authenticated"),
        (b"<html>Bad gateway</html>", "vllm answered 502"),
        (b"", "vllm answered 502"),
    ],
)
def test_words_are_found_in_whatever_form_they_come(told: bytes, message: str) -> None:
    assert as_reply(502, told, "vllm")[1] == message


def test_the_providers_key_is_taken_out_of_what_it_says() -> None:
    assert b"sk-secret-key" not in scrub(b'{"error":"bad key sk-secret-key"}', "sk-secret-key")


def test_an_error_amid_a_stream_is_an_event_of_the_callers_api() -> None:
    error = UpstreamTimeout("nothing came")

    assert json.loads(as_event("chat_completion", error).removeprefix(b"data: "))["error"]["message"] == "nothing came"
    assert as_event("messages", error).startswith(b'event: error\ndata: {"type":"error"')
    assert b'"type":"error"' in as_event("responses", error)


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"a":', b"null", b'{"a":"\xff"}', b"<html>", b"[" * 5000])
def test_an_answer_must_be_one_json_object(body: bytes) -> None:
    assert not is_object(body)


def test_a_stream_without_an_end_mark_is_complete_when_it_gave_a_reason_for_its_end() -> None:
    finished = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'

    assert unfinished(b'data: {"choices":[]}\n\n' + finished) is None
    assert unfinished(b'data: {"choices":[{"delta":{"content":"a"},"finish_reason":null}]}\n\n') == (
        "upstream_cut",
        "the provider's stream ended without its end mark",
    )


def test_a_stream_that_ends_in_an_error_event_has_failed() -> None:
    event = b'data: {"error":{"message":"The server had an error"}}\n\n'

    assert unfinished(event) == ("upstream_status", "The server had an error")
