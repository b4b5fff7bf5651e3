"""Reports turned into records."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from logwright.errors import InvalidRequest
from logwright.faces.openpipe.report import Reporter
from logwright.ids import id_millis
from logwright.logs.record import LogRecord

NOW = 1_800_000_000_000_000


def reporter(key: str | None = None, project: str = "prj_a") -> Reporter:
    return Reporter(project_id=project, key_id="key_a", idempotency_key=key, now=lambda: NOW)


def reported(body: bytes) -> LogRecord:
    return reporter().openai(body, msgspec.json.decode(body))


def test_a_report_becomes_the_record_of_a_call_that_somebody_else_saw() -> None:
    record = reported(
        b'{"requestedAt": 1700000000000, "receivedAt": 1700000001500, "statusCode": 200,'
        b' "reqPayload": {"model": "gpt-4o", "messages": [], "stream": true, "metadata": {"prompt_id": "triage"}},'
        b' "respPayload": {"object": "chat.completion"}, "tags": {"n": 1}}'
    )

    assert (record.project_id, record.key_id, record.source) == ("prj_a", "key_a", "report")
    assert (record.requested_at, record.received_at) == (1700000000000_000, 1700000001500_000)
    assert (record.kind, record.model, record.stream, record.status) == ("chat_completion", "gpt-4o", True, 200)
    assert record.tags == {"prompt_id": "triage", "n": "1"}
    assert record.error_kind == ""
    assert id_millis(record.id) == 1700000000000


def test_payloads_keep_their_very_bytes() -> None:
    """Another reader might turn 1.0 into 1, or sort the keys; an export must show what was sent."""
    record = reported(b'{"reqPayload": {"b": 1.0, "a": 12345678901234567}, "respPayload": [ 1e2 ]}')

    assert record.request == b'{"b": 1.0, "a": 12345678901234567}'
    assert (record.response, record.response_form) == (b"[ 1e2 ]", "json")


def test_an_empty_report_is_a_record_of_now_without_bodies() -> None:
    record = reported(b"{}")

    assert record.requested_at == NOW
    assert record.received_at is None
    assert (record.request, record.response, record.response_form) == (b"", b"", "none")
    assert record.kind == "unknown"


def test_a_null_payload_is_none() -> None:
    record = reported(b'{"reqPayload": null, "respPayload": null}')

    assert (record.request, record.response, record.response_form) == (b"", b"", "none")


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (b'{"statusCode": 200}', False),
        (b'{"statusCode": 399}', False),
        (b'{"statusCode": 400}', True),
        (b'{"errorMessage": "went wrong"}', True),
        (b'{"errorMessage": ""}', False),
    ],
)
def test_a_status_or_a_message_says_that_the_call_failed(body: bytes, failed: bool) -> None:
    assert (reported(body).error_kind == "reported") is failed


@pytest.mark.parametrize(
    ("asked", "answered", "kind"),
    [
        ({"messages": []}, None, "chat_completion"),
        ({"prompt": "a"}, None, "text_completion"),
        ({"input": "a"}, None, "responses"),
        ({"input": "a"}, {"object": "list", "data": [{"embedding": []}]}, "embedding"),
        ({"input": "a"}, {"object": "response"}, "responses"),
        ({"x": 1}, {"object": "chat.completion"}, "chat_completion"),
        ({"x": 1}, {"object": ["odd"]}, "unknown"),
        ("text", "text", "unknown"),
    ],
)
def test_the_kind_of_call_follows_from_the_payloads(asked: Any, answered: Any, kind: str) -> None:
    body = msgspec.json.encode({"reqPayload": asked, "respPayload": answered})

    assert reported(body).kind == kind


def test_a_model_that_is_no_text_is_none() -> None:
    assert reported(b'{"reqPayload": {"model": 7, "messages": []}}').model == ""


def test_the_same_report_under_the_same_key_gets_the_same_id() -> None:
    given = {"requestedAt": 1700000000000}
    body = msgspec.json.encode(given)

    first, again = reporter("k").openai(body, given), reporter("k").openai(body, given)

    assert first.id == again.id
    assert first.idempotency_key == "k"
    assert reporter("other").openai(body, given).id != first.id
    assert reporter("k", project="prj_b").openai(body, given).id != first.id
    assert reporter().openai(body, given).id != reporter().openai(body, given).id


@pytest.mark.parametrize("key", ["", "has space", "k" * 256, "kéy", "line\nbreak"])
def test_an_idempotency_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        reporter(key)

    assert caught.value.param == "Idempotency-Key"


ASKED = {
    "model": "claude-3-5-sonnet-20241022",
    "max_tokens": 64,
    "system": "Be brief.",
    "messages": [{"role": "user", "content": "Hello"}],
    "metadata": {"user_id": "u1"},
}
ANSWERED = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-3-5-sonnet-20241022",
    "content": [{"type": "text", "text": "Hi"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 8,
        "output_tokens": 2,
        "cache_creation_input_tokens": None,
        "cache_read_input_tokens": None,
    },
}


def test_an_anthropic_report_is_kept_in_openais_form() -> None:
    given = {"reqPayload": ASKED, "respPayload": ANSWERED, "metadata": {"prompt_id": "p"}, "tags": {"n": True}}

    record = reporter().anthropic(given)

    asked, answered = msgspec.json.decode(record.request), msgspec.json.decode(record.response)
    assert asked["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}]
    assert answered["choices"][0]["message"]["content"] == "Hi"
    assert answered["usage"]["prompt_tokens"] == 8
    assert answered["created"] == NOW // 1_000_000
    assert (record.kind, record.provider_kind, record.model) == (
        "chat_completion",
        "anthropic",
        "claude-3-5-sonnet-20241022",
    )
    assert record.tags == {"user_id": "u1", "prompt_id": "p", "n": "true"}


def test_an_anthropic_report_without_payloads_has_none() -> None:
    record = reporter().anthropic({})

    assert (record.request, record.response_form) == (b"", "none")
