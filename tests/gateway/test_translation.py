"""A call whose provider speaks another form than its caller ends as every other call does."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.providers.transcripts import framed, names, transcript

from logwright.errors import InvalidRequest
from logwright.gateway.translation import translation
from logwright.models.types import Target
from logwright.projects.types import Secret
from logwright.providers.registry import providers
from logwright.testing.answers import Said, ToolCall
from logwright.testing.faults import FAULTS
from logwright.wire.assemble import assemble
from logwright.wire.lenient import write

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig

    RigMaker = Callable[..., Rig]

PATIENCE: Final = 2.0
"""Seconds that a fault may stall; the machine may be busy, and a healthy answer must not seem to."""

ENDLESS: Final = {"endless-stream", "slow-endless-stream"}

WAYS: Final = {
    "chat at anthropic": ("anthropic", "", "/v1/chat/completions"),
    "chat at gemini": ("gemini", "/v1beta", "/v1/chat/completions"),
    "chat at bedrock": ("bedrock", "", "/v1/chat/completions"),
    "messages at openai": ("openai", "/v1", "/v1/messages"),
    "messages at gemini": ("gemini", "/v1beta", "/v1/messages"),
    "messages at bedrock": ("bedrock", "", "/v1/messages"),
}
"""A kind of provider, what its base URL ends in, and the path at which its callers ask."""


NAMES: Final = ["type", "text", "content", "role", "messages", "tool_calls", "function", "id", "usage", "delta"]
SMALL: Final[dict[str, dict[str, Any]]] = {
    "chat_completion": {"messages": [{"role": "user", "content": "Hi"}]},
    "messages": {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9},
    "responses": {"input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}]},
}


def a_target(kind: str) -> Target:
    return Target(
        provider="main",
        provider_id="prv_1",
        kind=kind,
        model="a-model",
        base_url="https://models.example",
        secret=Secret("k"),
        api_version="",
    )


def on_the_way(rig: Rig, way: str) -> str:
    """Point the rig's provider at the fake, and return the path to ask at."""
    rig.models.kind, base, path = WAYS[way]
    rig.models.base_url = rig.upstream.url + base
    return path


def events(text: str) -> list[str]:
    return [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_comes_in_the_callers_form_and_is_recorded_as_it_came(rig: Rig, way: str) -> None:
    path = on_the_way(rig, way)
    rig.upstream.answers(text="Hello", cached_tokens=4)

    answer = rig.ask({"max_tokens": 9}, path=path)

    assert answer.status_code == 200
    said = answer.json()
    text = said["content"][0]["text"] if path.endswith("messages") else said["choices"][0]["message"]["content"]
    assert text == "Hello"
    record = rig.notes.only()
    assert record.response == answer.content
    assert record.response_form == "json"
    assert json.loads(record.request)["model"] == "gpt-4o"


@pytest.mark.parametrize("way", WAYS)
def test_a_stream_gives_what_the_whole_answer_gives(rig: Rig, way: str) -> None:
    path = on_the_way(rig, way)
    calls = [ToolCall(name="look", arguments='{"at": "the sky"}'), ToolCall(name="see", id="call_2")]
    said = Said(chunks=["Once", " upon"], tool_calls=calls, reasoning="Let me see.", cached_tokens=4)
    rig.upstream.answers(said=said)
    options = {} if path.endswith("messages") else {"stream_options": {"include_usage": True}}

    whole = rig.ask({"max_tokens": 9}, path=path).json()
    rig.notes.records.clear()
    stream = rig.ask({"max_tokens": 9, "stream": True, **options}, path=path)

    kind = "messages" if path.endswith("messages") else "chat_completion"
    assembled = assemble(kind, stream.content)
    for told in (whole, assembled):
        told.pop("id")
        told.pop("created", None)
    assert assembled == whole
    assert rig.notes.only().response == stream.content
    assert stream.headers["content-type"].startswith("text/event-stream")


def test_token_counts_are_recorded_and_kept_from_a_caller_who_did_not_ask(rig: Rig) -> None:
    path = on_the_way(rig, "chat at anthropic")

    stream = rig.ask({"stream": True}, path=path)

    said = events(stream.text)
    assert said[-1] == "[DONE]"
    assert not any("usage" in chunk for chunk in said)
    assert b'"usage":{"prompt_tokens":24' in rig.notes.only().response


@pytest.mark.parametrize("way", WAYS)
def test_the_end_of_a_stream_waits_for_the_record(rig: Rig, way: str) -> None:
    path = on_the_way(rig, way)
    rig.notes.fails = True
    body = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "stream": True}

    lines: list[str] = []
    with (
        httpx2.Client(timeout=10) as client,
        client.stream("POST", rig.url + path, json=body, headers={"api-key": rig.key}) as answer,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        lines.extend(answer.iter_lines())
    assert not any("[DONE]" in line or "message_stop" in line for line in lines)


@pytest.mark.parametrize("way", WAYS)
def test_a_providers_error_keeps_status_and_words_in_the_callers_form(rig: Rig, way: str) -> None:
    path = on_the_way(rig, way)
    told = b'{"type":"error","error":{"type":"rate_limit_error","message":"Slow down","param":null,"code":null}}'
    rig.upstream.answers(status=429, headers={"retry-after": "7"}, body=told)

    answer = rig.ask({"max_tokens": 9}, path=path)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["error"]["message"] == answer.json()["message"] == "Slow down"
    assert answer.json()["error"]["type"] == "rate_limit_error"
    record = rig.notes.only()
    assert (record.status, record.error_kind, record.error_message) == (429, "upstream_status", "Slow down")


def test_a_key_that_the_provider_repeats_is_taken_out(rig: Rig) -> None:
    path = on_the_way(rig, "chat at anthropic")
    rig.upstream.answers(status=401, body=b'{"error":{"message":"bad key %b"}}' % rig.upstream_key.encode())

    answer = rig.ask(path=path)

    assert rig.upstream_key not in answer.text
    assert rig.upstream_key.encode() not in rig.notes.only().response


def test_what_the_provider_has_nothing_for_is_a_400_that_names_it(rig: Rig) -> None:
    path = on_the_way(rig, "chat at anthropic")

    answer = rig.ask({"logit_bias": {"1": 2}}, path=path)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "logit_bias"
    assert rig.upstream.calls == ()
    assert rig.notes.only().error_kind == "refused"


def play(rig: Rig, path: str, case: tuple[str, bool]) -> bool:
    """Ask for a fault, streamed or not; say whether the caller has what looks like a whole answer."""
    fault, streamed = case
    body = {"model": f"fault-{fault}", "stream": streamed, "max_tokens": 9, "metadata": {"case": f"{fault} {streamed}"}}
    try:
        answer = rig.ask(body, path=path)
    except httpx2.RemoteProtocolError:
        return False
    return answer.status_code == 200 and '"error"' not in answer.text[:4096]


@pytest.mark.parametrize("way", WAYS)
def test_whatever_a_provider_does_one_record_says_so(a_rig: RigMaker, way: str) -> None:
    """Each fault ends soon, in a whole answer in the caller's form, an error or a cut, with exactly one record."""
    rig = a_rig(
        upstream_first_byte_timeout=PATIENCE,
        upstream_idle_timeout=PATIENCE,
        upstream_total_timeout=2 * PATIENCE,
    )
    path = on_the_way(rig, way)
    cases = [(fault, streamed) for fault in sorted(set(FAULTS) - ENDLESS) for streamed in (False, True)]

    with ThreadPoolExecutor(16) as callers:
        complete = dict(zip(cases, callers.map(lambda case: play(rig, path, case), cases), strict=True))

    records = {record.tags["case"]: record for record in rig.notes.records}
    assert len(rig.notes.records) == len(records) == len(cases)
    marked = {case: not records[f"{case[0]} {case[1]}"].error_kind for case in cases}
    assert {case for case in cases if complete[case] != marked[case]} == set()
    ends = [record.response for record in records.values() if record.response_form == "sse" and not record.error_kind]
    assert all(b"[DONE]" in end or b"message_stop" in end for end in ends)
    assert rig.house.in_flight == {}


FORMS_OF_THEIR_OWN: Final = {
    "chat at anthropic": {"bad-sse-json": "upstream_malformed", "no-done": "upstream_cut"},
    "messages at openai": {"bad-sse-json": "upstream_malformed"},
}
"""What cannot be passed on in another form is a fault, and Anthropic's messages are not complete without their end."""


@pytest.mark.parametrize("way", FORMS_OF_THEIR_OWN)
def test_a_fault_is_recorded_by_the_same_kind_as_without_translation(a_rig: RigMaker, way: str) -> None:
    rig = a_rig(upstream_first_byte_timeout=PATIENCE, upstream_idle_timeout=PATIENCE, upstream_total_timeout=9)
    faults = sorted(fault for fault in set(FAULTS) - ENDLESS if not fault.startswith("huge"))

    def kinds(path: str) -> dict[str, str]:
        rig.notes.records.clear()
        with ThreadPoolExecutor(16) as callers:
            list(callers.map(lambda fault: play(rig, path, (fault, True)), faults))
        return {record.tags["case"].split()[0]: record.error_kind for record in rig.notes.records}

    rig.models.kind, rig.models.base_url = "openai", rig.upstream.base_url
    plain = kinds("/v1/chat/completions")

    assert kinds(on_the_way(rig, way)) == {**plain, **FORMS_OF_THEIR_OWN[way]}


def cut_at(rig: Rig, path: str, **changes: Any) -> str:
    """Ask for a stream that does not end as it should, and return the kind of error recorded."""
    with contextlib.suppress(httpx2.RemoteProtocolError):
        rig.ask({"model": "m", "stream": True, "max_tokens": 9, **changes}, path=path)
    return rig.notes.only().error_kind


def test_a_message_without_its_end_mark_is_cut_though_it_gave_a_reason(rig: Rig) -> None:
    path = on_the_way(rig, "chat at anthropic")
    begun = b'event: message_start\ndata: {"type":"message_start","message":{"id":"m","usage":{}}}\n\n'
    ended = b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\n'
    rig.upstream.answers(body=begun + ended, headers={"content-type": "text/event-stream"})

    assert cut_at(rig, path) == "upstream_cut"


def test_a_chat_stream_that_gave_its_reason_is_complete_without_an_end_mark(rig: Rig) -> None:
    path = on_the_way(rig, "messages at openai")
    chunk = b'data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'
    rig.upstream.answers(body=chunk, headers={"content-type": "text/event-stream"})

    answer = rig.ask({"model": "m", "stream": True, "max_tokens": 9}, path=path)

    assert "message_stop" in answer.text
    assert rig.notes.only().error_kind == ""


def test_an_error_amid_a_stream_reaches_the_caller_in_its_own_form(rig: Rig) -> None:
    path = on_the_way(rig, "messages at openai")
    rig.upstream.fails("error-in-stream")

    answer = rig.ask({"model": "m", "stream": True, "max_tokens": 9}, path=path)

    assert "event: error" in answer.text
    record = rig.notes.only()
    assert record.error_kind == "upstream_status"
    assert "had an error" in record.error_message


def test_an_event_that_cannot_be_read_fails_the_call_after_what_came_before(rig: Rig) -> None:
    path = on_the_way(rig, "chat at anthropic")
    rig.upstream.fails("bad-sse-json")

    assert cut_at(rig, path) == "upstream_malformed"
    assert b"chat.completion.chunk" in rig.notes.only().response


def test_a_hung_up_caller_stops_the_provider_and_leaves_what_had_come(rig: Rig) -> None:
    on_the_way(rig, "chat at anthropic")
    rig.upstream.answers(chunks=["Once", " upon", " a", " time"] * 100, interval=0.02)

    with rig.streaming() as answer:
        lines = answer.iter_lines()
        while "upon" not in next(lines):
            pass

    rig.upstream.wait_for_cancelled()
    record = rig.notes.only()
    assert record.error_kind == "client_disconnected"
    assert b" upon" in record.response


@pytest.mark.parametrize(
    ("kind", "base", "path"),
    [
        ("anthropic", "", "/v1/messages/count_tokens"),
        ("gemini", "/v1beta", "/v1beta/models/a-model:countTokens"),
        ("bedrock", "", "/model/a-model/count-tokens"),
    ],
)
def test_tokens_are_counted_where_the_provider_can_and_nothing_is_recorded(
    rig: Rig, kind: str, base: str, path: str
) -> None:
    rig.models.kind, rig.models.base_url = kind, rig.upstream.url + base
    rig.notes.refuses = "the disk is full"  # which is of no concern

    answer = rig.ask({"model": "a-model"}, path="/v1/messages/count_tokens")

    assert answer.status_code == 200, answer.text
    assert answer.json()["input_tokens"] == 24
    assert rig.upstream.calls[0].path == path
    assert "Say hello" in json.dumps(rig.upstream.calls[0].json)
    assert rig.notes.records == []


def test_where_tokens_cannot_be_counted_the_caller_learns_it(rig: Rig) -> None:
    answer = rig.ask(path="/v1/messages/count_tokens")

    assert answer.status_code == 400
    assert "has no count tokens API" in answer.json()["message"]


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner),
    max_leaves=6,
)
TRANSCRIPTS: Final = {
    kind: [transcript(kind, name) for name in names(kind)] for kind in ("anthropic", "gemini", "bedrock")
}


def changed(draw: Any, value: Any) -> Any:
    """Put something else in one place of a JSON value."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(value)))
        return {**value, name: changed(draw, value[name])}
    if isinstance(value, list) and value and draw(st.booleans()):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], changed(draw, value[at]), *value[at + 1 :]]
    return draw(JSONS)


@pytest.mark.parametrize("kind", ["chat_completion", "messages", "responses"])
@pytest.mark.parametrize("provider", TRANSCRIPTS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_request_is_too_odd_to_be_refused_and_no_answer_to_be_read(
    provider: str, kind: str, data: st.DataObject
) -> None:
    """Whatever stands anywhere in a request or an answer: a call, a 400, an answer or a fault of the provider."""
    target = a_target(provider)
    way = translation(kind, providers()[provider], target)
    if way is None:
        return
    told = data.draw(st.sampled_from(TRANSCRIPTS[provider]))
    request = changed(data.draw, told.get("request", SMALL[kind]) if kind == "chat_completion" else SMALL[kind])
    if isinstance(request, dict):
        with contextlib.suppress(InvalidRequest):
            way.ask(request, target, "k")
    way.ask(SMALL[kind], target, "k")
    way.whole(200, write(changed(data.draw, told.get("answer", {}))))
    way.whole(500, write(changed(data.draw, told.get("answer", {}))))
    way.begin_stream(1_000_000)
    events = told.get("events", [])
    at = data.draw(st.integers(0, max(len(events) - 1, 0)))
    for number, event in enumerate(events):
        name, body = event if isinstance(event, list) else ("", event)
        body = changed(data.draw, body) if number == at else body
        way.feed(framed([name, body]) if isinstance(event, list) else b"data: %b\n\n" % write(body))
    way.end()


def test_an_event_that_says_nothing_is_still_heard(rig: Rig) -> None:
    way = translation("chat_completion", providers()["anthropic"], rig.models.resolve("p", "m", "chat_completion"))
    assert way is not None
    way.begin_stream(1000)

    assert way.feed(b'event: ping\ndata: {"type":"ping"}\n\n') == b""
    assert way.heard
    assert way.feed(b": a comment\n\n") == b""
    assert not way.heard


def test_whoever_speaks_the_callers_form_is_not_translated(rig: Rig) -> None:
    target = rig.models.resolve("prj_1", "gpt-4o", "chat_completion")

    assert translation("chat_completion", providers()["openai"], target) is None
    assert translation("text_completion", providers()["anthropic"], target) is None
    assert translation("chat_completion", providers()["anthropic"], target) is not None
