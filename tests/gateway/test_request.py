"""What a caller asks of us, and what of it goes on to the provider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logwright.errors import InvalidRequest, MalformedBody
from logwright.gateway.request import Call, wishes
from logwright.providers import compatible, openai

OPENAI = openai.provider
OTHER = compatible.provider
HI = [{"role": "user", "content": "Hi"}]


def a_call(**body: Any) -> Call:
    return Call("chat_completion", json.dumps({"model": "gpt-4o", "messages": HI, **body}).encode())


def test_bytes_go_on_as_they_came_when_nothing_must_change() -> None:
    raw = b'{ "model": "gpt-4o",\n "messages": [], "temperature": 1.0, "new_field": {"a": 1e2} }'

    assert Call("chat_completion", raw).for_upstream(OPENAI, "gpt-4o") == raw


def test_a_prefix_of_the_model_is_taken_off_and_every_other_value_stays_as_written() -> None:
    raw = b'{"model":"openai:gpt-4o","temperature":1.0,"seed":12345678901234567,"x":{"a": 1e2}}'

    sent = Call("chat_completion", raw).for_upstream(OPENAI, "gpt-4o")

    assert sent == b'{"model":"gpt-4o","temperature":1.0,"seed":12345678901234567,"x":{"a": 1e2}}'


def test_a_stream_is_asked_for_its_token_counts() -> None:
    sent = json.loads(a_call(stream=True).for_upstream(OPENAI, "gpt-4o"))

    assert sent["stream_options"] == {"include_usage": True}


def test_other_stream_options_are_kept_beside() -> None:
    call = a_call(stream=True, stream_options={"include_obfuscation": False})

    sent = json.loads(call.for_upstream(OPENAI, "gpt-4o"))

    assert sent["stream_options"] == {"include_obfuscation": False, "include_usage": True}
    assert call.asks_usage(OPENAI)


def test_a_caller_who_asks_for_counts_gets_its_own_bytes_forwarded() -> None:
    call = a_call(stream=True, stream_options={"include_usage": True})

    assert call.for_upstream(OPENAI, "gpt-4o") == call.raw
    assert not call.asks_usage(OPENAI)


@pytest.mark.parametrize(
    ("provider", "store", "goes"),
    [(OPENAI, None, False), (OPENAI, False, False), (OPENAI, True, True), (OTHER, True, False)],
)
def test_metadata_goes_along_only_where_it_is_taken(provider: Any, store: bool | None, goes: bool) -> None:
    body = {"metadata": {"prompt_id": "triage"}, **({} if store is None else {"store": store})}

    sent = json.loads(a_call(**body).for_upstream(provider, "gpt-4o"))

    assert ("metadata" in sent) is goes


@pytest.mark.parametrize(
    ("raw", "param", "words"),
    [
        (b"[]", None, "must be a JSON object, not a list"),
        (b"{}", "model", "model is required"),
        (b'{"model":7}', "model", "model must be text, not a number"),
        (b'{"model":"a","stream":"yes"}', "stream", "stream must be true or false, not text"),
        (b'{"model":"a","stream_options":[]}', "stream_options", "must be an object"),
    ],
)
def test_a_wrong_member_is_named(raw: bytes, param: str | None, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as refused:
        Call("chat_completion", raw)

    assert refused.value.param == param


def test_no_body_is_malformed() -> None:
    with pytest.raises(MalformedBody, match="no body"):
        Call("chat_completion", b"")


def test_metadata_and_header_become_tags_as_text() -> None:
    call = a_call(metadata={"prompt_id": "triage", "try": 2, "beta": True, "gone": None, "empty": ""})

    asked = wishes(call, {b"op-tags": b'{"try": 3, "$sdk.version": "5.0.0"}'})

    assert asked.tags == {"prompt_id": "triage", "try": "3", "beta": "true", "$sdk.version": "5.0.0"}


def test_a_tag_that_is_no_scalar_is_named() -> None:
    with pytest.raises(InvalidRequest, match=r"metadata\.user must be text") as refused:
        wishes(a_call(metadata={"user": {"id": 1}}), {})

    assert refused.value.param == "metadata.user"


@pytest.mark.parametrize(
    ("store", "header", "recorded"),
    [
        (None, None, True),
        (True, None, True),
        (False, None, False),
        (None, b"false", False),
        (True, b"false", False),
        (False, b"true", False),
        (None, b"true", True),
    ],
)
def test_recorded_unless_body_or_header_says_no(store: bool | None, header: bytes | None, recorded: bool) -> None:
    call = a_call(**({} if store is None else {"store": store}))

    assert wishes(call, {} if header is None else {b"op-log-request": header}).record is recorded


@pytest.mark.parametrize("header", [{b"op-tags": b"{"}, {b"op-tags": b"[]"}, {b"op-log-request": b"maybe"}])
def test_a_header_that_cannot_be_read_is_refused(header: dict[bytes, bytes]) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(header)).decode()):
        wishes(a_call(), header)
