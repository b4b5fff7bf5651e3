"""However a call ends, the caller learns it and one record is written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx2
import pytest

from logwright.testing.faults import FAULTS

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig

    RigMaker = Callable[..., Rig]


def events(answer: httpx2.Response) -> list[str]:
    return [line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: ")]


def test_a_call_is_passed_on_byte_for_byte_and_recorded(rig: Rig) -> None:
    body = b'{ "model": "gpt-4o", "messages": [{"role":"user","content":"Hi"}], "unheard_of": 1.0 }'

    answer = rig.ask(body)

    assert answer.status_code == 200
    assert rig.upstream.calls[0].body == body
    record = rig.notes.only()
    assert record.request == body
    assert record.response == answer.content
    assert (record.status, record.error_kind, record.model, record.provider) == (200, "", "gpt-4o", "main")
    assert answer.headers["x-logwright-log-id"] == record.id
    assert int(answer.headers["x-logwright-overhead-us"]) > 0


def test_the_provider_sees_its_own_key_and_nothing_of_the_callers(rig: Rig) -> None:
    rig.ask(cookie="a=b", x_forwarded_for="10.0.0.1", openai_organization="org", user_agent="secret-agent")

    headers = rig.upstream.calls[0].headers
    assert headers["authorization"] == f"Bearer {rig.upstream_key}"
    assert set(headers) == {
        "host",
        "content-type",
        "accept",
        "accept-encoding",
        "user-agent",
        "authorization",
        "content-length",
    }
    assert "secret-agent" not in headers["user-agent"]


def test_a_stream_passes_event_by_event_and_is_recorded_whole(rig: Rig) -> None:
    rig.upstream.answers(chunks=["Once", " upon", " a time"])

    with rig.streaming() as answer:
        said = events(answer)

    assert said[-1] == "[DONE]"
    text = "".join(json.loads(chunk)["choices"][0]["delta"].get("content") or "" for chunk in said[:-1])
    assert text == "Once upon a time"
    record = rig.notes.only()
    assert record.response_form == "sse"
    assert b"usage" in record.response
    assert record.first_byte_at is not None


def test_token_counts_are_asked_for_and_kept_from_a_caller_who_did_not(rig: Rig) -> None:
    with rig.streaming() as answer:
        said = events(answer)

    assert rig.upstream.calls[0].json["stream_options"] == {"include_usage": True}
    assert not any("usage" in chunk for chunk in said)
    assert b'"usage":{' in rig.notes.only().response.replace(b" ", b"")


def test_token_counts_reach_a_caller_who_asked(rig: Rig) -> None:
    with rig.streaming(stream_options={"include_usage": True}) as answer:
        said = events(answer)

    assert json.loads(said[-2])["usage"]["total_tokens"] > 0


def test_the_end_of_a_stream_waits_for_the_record(rig: Rig) -> None:
    rig.notes.fails = True

    said: list[str] = []
    with rig.streaming() as answer, pytest.raises(httpx2.RemoteProtocolError):
        said.extend(answer.iter_lines())
    assert "data: [DONE]" not in said
    assert any("could not be recorded" in line for line in said)


def test_an_answer_that_could_not_be_recorded_is_not_a_success(rig: Rig) -> None:
    rig.notes.fails = True

    answer = rig.ask()

    assert answer.status_code == 503
    assert "could not be recorded" in answer.json()["message"]


def test_a_call_that_cannot_be_recorded_is_refused_before_the_provider_is_asked(rig: Rig) -> None:
    rig.notes.refuses = "the disk is full"

    answer = rig.ask()

    assert answer.status_code == 503
    assert "the disk is full" in answer.json()["message"]
    assert rig.upstream.calls == ()


@pytest.mark.parametrize("wish", [{"store": False}, {}], ids=["store", "header"])
def test_a_call_that_shall_not_be_recorded_is_not(rig: Rig, wish: dict[str, bool]) -> None:
    rig.notes.refuses = "the disk is full"  # which is then of no concern

    answer = rig.ask(wish, op_log_request="true" if wish else "false")

    assert answer.status_code == 200
    assert "x-logwright-log-id" not in answer.headers
    assert rig.notes.records == []


def test_metadata_and_the_tags_header_become_tags(rig: Rig) -> None:
    rig.ask({"metadata": {"prompt_id": "triage"}}, op_tags='{"env": "dev", "try": 1}')

    assert rig.notes.only().tags == {"prompt_id": "triage", "env": "dev", "try": "1"}
    assert "metadata" not in rig.upstream.calls[0].json


@pytest.mark.parametrize(
    ("key", "status", "words"),
    [
        ("", 401, "missing or not valid"),
        ("wrong", 401, "missing or not valid"),
        ("a-key-that-reads", 403, "may only read"),
        ("the-admin-key", 403, "key of a project"),
    ],
)
def test_a_key_that_may_not_call_is_told_why(rig: Rig, key: str, status: int, words: str) -> None:
    answer = rig.ask(key=key)

    assert answer.status_code == status
    assert words in answer.json()["message"]
    assert rig.upstream.calls == ()


@pytest.mark.parametrize("header", ["x-api-key", "api-key"])
def test_a_key_is_taken_in_three_headers(rig: Rig, header: str) -> None:
    answer = httpx2.post(
        rig.url + "/api/v1/chat/completions", content=b'{"model":"gpt-4o","messages":[]}', headers={header: rig.key}
    )

    assert answer.status_code == 200


def test_an_unknown_model_is_a_404_and_a_record(rig: Rig) -> None:
    answer = rig.ask({"model": "unknown"})

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "The model `unknown` does not exist"
    record = rig.notes.only()
    assert (record.error_kind, record.status, record.provider) == ("refused", 404, "")


def test_a_call_the_provider_has_no_door_for_is_refused(rig: Rig) -> None:
    rig.models.kind = "anthropic"

    answer = rig.ask({"prompt": "Hi"}, path="/v1/completions")

    assert answer.status_code == 400
    assert "has no text completion API" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/embeddings", "embedding"),
        ("/v1/completions", "text_completion"),
        ("/v1/responses", "responses"),
        ("/api/v1/chat/completions", "chat_completion"),
    ],
)
def test_other_kinds_of_calls_take_the_same_way(rig: Rig, path: str, kind: str) -> None:
    answer = rig.ask({"input": "Hi", "prompt": "Hi"}, path=path)

    assert answer.status_code == 200
    assert rig.notes.only().kind == kind
    assert rig.upstream.calls[0].path == "/v1/" + path.rpartition("v1/")[2]


def test_anthropics_messages_pass_in_their_own_form(rig: Rig) -> None:
    rig.models.kind = "anthropic"
    rig.models.base_url = rig.upstream.url

    answer = rig.ask({"max_tokens": 10, "metadata": {"user_id": "u1"}}, path="/v1/messages", anthropic_beta="x-1")

    assert answer.json()["type"] == "message"
    call = rig.upstream.calls[0]
    assert call.path == "/v1/messages"
    assert call.headers["x-api-key"] == rig.upstream_key
    assert call.headers["anthropic-version"] == "2023-06-01"
    assert call.headers["anthropic-beta"] == "x-1"
    assert call.json["metadata"] == {"user_id": "u1"}
    assert rig.notes.only().tags == {"user_id": "u1"}


def test_a_providers_error_keeps_status_words_and_time_to_wait(rig: Rig) -> None:
    told = b'{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}'
    rig.upstream.answers(status=429, headers={"retry-after": "7", "x-ratelimit-limit-requests": "10"}, body=told)

    answer = rig.ask()

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "7"
    assert answer.headers["x-ratelimit-limit-requests"] == "10"
    assert answer.json()["message"] == answer.json()["error"]["message"] == "Rate limit reached"
    record = rig.notes.only()
    assert (record.status, record.error_kind, record.error_message) == (429, "upstream_status", "Rate limit reached")
    assert record.response == told


def test_a_provider_that_repeats_its_key_does_not_give_it_away(rig: Rig) -> None:
    rig.upstream.answers(status=401, body=b'{"error":{"message":"Incorrect API key: %b"}}' % rig.upstream_key.encode())

    answer = rig.ask()

    assert rig.upstream_key not in answer.text
    assert rig.upstream_key.encode() not in rig.notes.only().response


ENDLESS = {"endless-stream", "slow-endless-stream"}  # healthy for as long as they are allowed to go on


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "stream"])
@pytest.mark.parametrize("fault", sorted(set(FAULTS) - ENDLESS))
def test_whatever_a_provider_does_one_record_says_so(a_rig: RigMaker, fault: str, streamed: bool) -> None:
    """Each fault ends soon, in an answer, an error or a cut, and leaves exactly one record."""
    rig = a_rig(
        upstream_first_byte_timeout=0.3,
        upstream_idle_timeout=0.3,
        upstream_total_timeout=3.0,
        upstream_connect_timeout=1,
    )
    began = time.monotonic()

    try:
        answer = rig.ask({"model": f"fault-{fault}", "stream": streamed})
        complete = answer.status_code == 200
    except httpx2.RemoteProtocolError:
        complete = False

    record = rig.notes.only()
    assert time.monotonic() - began < 6
    assert complete or record.error_kind
    assert rig.house.in_flight == {}


def test_a_hung_up_caller_stops_the_provider_and_leaves_what_had_come(rig: Rig) -> None:
    rig.upstream.answers(chunks=["Once", " upon", " a", " time"] * 100, interval=0.02)

    with rig.streaming() as answer:
        lines = answer.iter_lines()
        while "upon" not in next(lines):
            pass
        left = time.monotonic()

    cancelled = rig.upstream.wait_for_cancelled()[0]
    assert cancelled.at - left < 1
    record = rig.notes.only()
    assert record.error_kind == "client_disconnected"
    assert b" upon" in record.response


def test_a_caller_who_leaves_before_the_answer_begins_stops_the_provider_too(rig: Rig) -> None:
    rig.upstream.answers(delay=30)
    body = json.dumps({"model": "gpt-4o", "messages": []}).encode()
    connection = rig.raw(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\napi-key: %b\r\ncontent-length: %d\r\n\r\n%b"
        % (rig.key.encode(), len(body), body)
    )
    rig.upstream.wait_for_calls(1)

    connection.close()

    rig.upstream.wait_for_cancelled()
    assert rig.notes.only().error_kind == "client_disconnected"


def test_a_long_stream_is_kept_up_to_the_limit_and_marked(a_rig: RigMaker) -> None:
    rig = a_rig(max_captured_bytes=500)
    rig.upstream.answers(chunks=["word "] * 50)

    with rig.streaming() as answer:
        said = events(answer)

    assert said[-1] == "[DONE]"
    record = rig.notes.only()
    assert record.response_truncated
    assert len(record.response) == 500


def test_more_calls_at_once_than_a_project_may_are_told_to_wait(a_rig: RigMaker) -> None:
    rig = a_rig(max_in_flight=1)
    rig.upstream.answers(chunks=["a"] * 100, interval=0.05)

    with rig.streaming() as answer:
        lines = answer.iter_lines()
        next(lines)
        refused = rig.ask()

    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"


def test_connections_to_the_provider_are_used_again(rig: Rig) -> None:
    for _ in range(3):
        rig.ask()

    assert {call.connection for call in rig.upstream.calls} == {1}


def test_a_resting_connection_that_was_closed_is_replaced_without_the_caller_noticing(rig: Rig) -> None:
    rig.ask()
    rig.upstream.refuse()
    rig.upstream.accept()

    assert rig.ask().status_code == 200


def test_a_provider_nobody_allowed_is_not_called(rig: Rig) -> None:
    rig.models.base_url = "http://127.0.0.1:9/v1"

    answer = rig.ask()

    assert answer.status_code == 502
    assert "--allow-upstream" in answer.json()["message"]
    assert rig.notes.only().error_kind == "upstream_unreachable"


def test_a_provider_that_is_down_is_a_502(rig: Rig) -> None:
    rig.upstream.refuse()

    answer = rig.ask()

    assert answer.status_code == 502
    assert answer.json()["code"] == "BAD_GATEWAY"
    assert rig.notes.only().error_kind == "upstream_unreachable"


def large(**more: object) -> bytes:
    """A request of over a megabyte, so that it is read beside the loop."""
    return json.dumps({"model": "gpt-4o", "messages": [], "padding": "a" * 1_100_000, **more}).encode()


def test_a_large_call_is_passed_on_byte_for_byte_and_recorded(rig: Rig) -> None:
    body = large()

    answer = rig.ask(body)

    assert answer.status_code == 200
    assert rig.upstream.calls[0].body == body
    assert rig.notes.only().request == body


@pytest.mark.parametrize(
    ("body", "status"),
    [(large(model="unknown"), 404), (large()[:-1], 400), (large(model=7), 400)],
    ids=["unknown model", "broken JSON", "wrong type"],
)
def test_a_large_call_is_refused_as_a_small_one_is(rig: Rig, body: bytes, status: int) -> None:
    answer = rig.ask(body)

    assert answer.status_code == status
    assert rig.upstream.calls == ()
    assert rig.house.in_flight == {}


def test_a_stranger_does_not_make_us_read_a_large_body(rig: Rig) -> None:
    assert rig.ask(large()[:-1], key="wrong").status_code == 401


def test_a_fault_of_ours_amid_a_large_body_is_a_500_that_tells_nothing(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    detail = " ".join(["secret", "detail"])  # the line itself is in the traceback

    def broken(*_: object) -> None:
        raise ZeroDivisionError(detail)

    rig.models.resolve = broken  # type: ignore[method-assign, assignment]  # the fault to be told

    answer = rig.ask(large())

    assert answer.status_code == 500
    assert "secret detail" not in answer.text + caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert rig.house.in_flight == {}


def test_a_caller_who_leaves_while_a_large_body_is_read_leaves_a_record_and_asks_nobody(rig: Rig) -> None:
    """The body is the slowest there is, so that the caller is gone before it has been read."""
    body = b'{"model":"gpt-4o","messages":[],"x":[' + b"[]," * 3_000_000 + b"[]]}"
    connection = rig.raw(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\napi-key: %b\r\ncontent-length: %d\r\n\r\n%b"
        % (rig.key.encode(), len(body), body)
    )

    connection.close()

    assert rig.notes.only().error_kind == "client_disconnected"
    assert rig.upstream.calls == ()
    assert rig.house.in_flight == {}
