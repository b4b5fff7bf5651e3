"""A record becomes a row that says what happened, whatever strangers wrote into it."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.logs.normalise import normalise
from logwright.logs.record import LogRecord, decode, encode
from logwright.logs.row import LogRow
from logwright.models.prices import Price, Pricer
from logwright.prompts.implicit import implicit_prompt
from logwright.testing.factories import a_completion, a_record
from logwright.testing.media_answers import a_picture, a_sound
from logwright.wire.usage import Usage


class Flat:
    """Prices every token at a dollar, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, Sequence[str], int]] = []

    def price(
        self, project_id: str, provider: str, provider_kind: str, models: Sequence[str], usage: Usage, micros: int
    ) -> Price | None:
        self.asked.append((project_id, provider, provider_kind, models, micros))
        return Price(float(usage.total_tokens), "flat", float(usage.input_tokens), float(usage.output_tokens))


class Unknown:
    """Knows no price."""

    def price(self, *_: Any) -> Price | None:
        return None


def row_of(**given: Any) -> LogRow:
    return normalise(a_record(**given), Unknown())


def test_a_chat_call_has_its_row() -> None:
    request = {"model": "openai:gpt-4o", "messages": [{"role": "user", "content": "Where is\nmy refund?"}]}
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 50,
        "total_tokens": 150,
        "prompt_tokens_details": {"cached_tokens": 64},
        "completion_tokens_details": {"reasoning_tokens": 20},
    }
    prices = Flat()
    record = a_record(
        requested_at=1_000_000,
        received_at=3_500_000,
        first_byte_at=1_250_000,
        model="openai:gpt-4o",
        upstream_model="gpt-4o",
        request=request,
        response=a_completion("On its way.", number=7, usage=usage),
        tags={"env": "dev"},
    )
    row = normalise(record, prices, producer="w0", sequence=9)
    assert (row.latency, row.ttft) == (2.5, 0.25)
    assert (row.input_tokens, row.output_tokens, row.cached_tokens, row.reasoning_tokens, row.total_tokens) == (
        *(100, 50, 64, 20),
        150,
    )
    assert (row.cost, row.price_version) == (150.0, "flat")
    assert prices.asked == [
        ("proj_test", "openai", "openai", ("gpt-4o", "gpt-4o-mini-2024-07-18", "openai:gpt-4o"), 1_000_000)
    ]
    assert row.completion_id == "chatcmpl-7"
    assert (row.model, row.upstream_model) == ("openai:gpt-4o", "gpt-4o")
    assert (row.request_preview, row.response_preview) == ("Where is my refund?", "On its way.")
    assert json.loads(row.request) == request
    assert row.request.encode() == record.request
    assert row.response.encode() == record.response
    assert (row.producer, row.sequence, row.tags) == ("w0", 9, {"env": "dev"})


def test_an_unknown_price_is_none_and_never_nothing() -> None:
    row = row_of()
    assert (row.cost, row.price_version) == (None, "")
    assert row.total_tokens == 20


def test_an_answer_without_usage_has_no_tokens_and_no_cost() -> None:
    row = normalise(a_record(response={"error": {"message": "no"}}, status=500), Flat())
    assert (row.input_tokens, row.output_tokens, row.total_tokens, row.cost) == (None, None, None, None)


def test_an_answer_from_our_cache_costs_nothing() -> None:
    row = normalise(a_record(cache="hit"), Flat())
    assert (row.cost, row.price_version, row.total_tokens) == (0.0, "cache", 20)


def test_a_stream_becomes_the_completion_that_its_chunks_make() -> None:
    chunks = [
        {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-4o", "choices": [choice]}
        for choice in (
            {"index": 0, "delta": {"role": "assistant", "content": "Once"}, "finish_reason": None},
            {"index": 0, "delta": {"content": " upon"}, "finish_reason": "stop"},
        )
    ]
    chunks.append({**chunks[0], "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}})
    sse = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    row = row_of(response=sse, response_form="sse", stream=True)
    answer = json.loads(row.response)
    assert answer["object"] == "chat.completion"
    assert answer["choices"][0]["message"]["content"] == "Once upon"
    assert (row.response_preview, row.completion_id, row.total_tokens) == ("Once upon", "chatcmpl-1", 5)


def test_a_long_stream_that_was_squeezed_reads_like_any_other() -> None:
    """Even when its end is damaged, what stands before is read."""
    events = b"".join(
        b'data: {"choices":[{"index":0,"delta":{"content":"%d "}}]}\n\n' % number for number in range(5000)
    )
    squeezed = zlib.compress(events, 1)

    whole = row_of(stream=True, response=squeezed, response_form="sse-zlib")
    damaged = row_of(stream=True, response=squeezed[:-100] + b"x" * 100, response_form="sse-zlib")

    assert whole.response == row_of(stream=True, response=events, response_form="sse").response
    assert whole.response_preview.startswith("0 1 2 3")
    assert damaged.response_preview.startswith("0 1 2 3")


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (("a\\ud83d", "\\ude00z"), "a\U0001f600z"),
        (("a\\uD83D\\uDE00", "z"), "a\U0001f600z"),
        (("a\\\\ud83d", "z"), "a\\ud83dz"),
    ],
    ids=["a pair cut in two", "a whole pair", "a backslash and letters"],
)
def test_a_stream_may_be_cut_within_a_character(pieces: tuple[str, str], text: str) -> None:
    sse = "".join(f'data: {{"choices": [{{"index": 0, "delta": {{"content": "{piece}"}}}}]}}\n\n' for piece in pieces)
    row = row_of(response=sse + "data: [DONE]\n\n", response_form="sse", stream=True)
    assert json.loads(row.response)["choices"][0]["message"]["content"] == text
    assert row.response_preview == text


def test_half_a_character_does_not_cost_the_rest_of_a_stream() -> None:
    sse = 'data: {"choices": [{"index": 0, "delta": {"content": "a\\ud83dz"}}]}\n\ndata: [DONE]\n\n'
    row = row_of(response=sse, response_form="sse", stream=True)
    assert json.loads(row.response)["choices"][0]["message"]["content"] == "a\ud83dz"
    assert row.response_preview == "a?z"
    row.response.encode()


def test_a_report_names_its_model_in_the_request() -> None:
    request = {"model": "anthropic:claude-3-5-sonnet", "messages": []}
    row = row_of(source="report", provider="", provider_kind="", model="", upstream_model="", request=request)
    assert (row.model, row.upstream_model) == ("anthropic:claude-3-5-sonnet", "claude-3-5-sonnet")


def test_a_fine_tune_keeps_its_whole_name() -> None:
    row = row_of(source="report", model="ft:gpt-4o:org::id", upstream_model="")
    assert row.upstream_model == "ft:gpt-4o:org::id"


def test_a_report_without_bodies_is_a_row() -> None:
    row = row_of(source="report", model="", upstream_model="", request="", response="", response_form="none")
    assert (row.model, row.request, row.response, row.request_preview) == ("", "", "", "")


@pytest.mark.parametrize(
    ("given_", "kind", "message"),
    [
        ({"status": 429, "response": {"error": {"message": "slow down"}}}, "upstream_status", "slow down"),
        ({"status": 429, "source": "report", "response": {"message": "slow", "code": "X"}}, "reported", "slow"),
        ({"source": "report", "error_message": "boom"}, "reported", "boom"),
        ({"status": 200}, "", ""),
        ({"status": 400, "error_kind": "upstream_malformed", "error_message": "cut"}, "upstream_malformed", "cut"),
        ({"status": 400, "response": {"error": "plain"}}, "upstream_status", "plain"),
    ],
)
def test_a_failure_is_a_failure_however_it_was_said(given_: dict[str, Any], kind: str, message: str) -> None:
    row = row_of(**given_)
    assert (row.error_kind, row.error_message) == (kind, message)


def test_clocks_that_disagree_give_no_negative_latency() -> None:
    row = row_of(requested_at=5_000_000, received_at=4_000_000, first_byte_at=None)
    assert (row.latency, row.ttft) == (None, None)


@pytest.mark.parametrize("micros", [-1, -(2**62), 2**62])
def test_times_beyond_the_store_are_brought_to_its_edge(micros: int) -> None:
    row = row_of(requested_at=micros, received_at=micros)
    assert 0 <= row.requested_at <= 10_413_791_999_999_999
    assert row.received_at == row.requested_at


# ------------------------------------------------------------------ hostile bodies


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<html>Bad gateway</html>", "<html>Bad gateway</html>"),
        (b'{"a": ', '{"a": '),
        (b"\xff\xfe broken", "\ufffd\ufffd broken"),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b"nul \x00 inside", "nul \x00 inside"),
        (b"{}{}", "{}{}"),
    ],
)
def test_what_is_no_json_is_kept_as_a_json_text(body: bytes, text: str) -> None:
    row = row_of(response=body)
    assert json.loads(row.response) == text


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800 lone"}',
        b'{"a": 1, "a": 2}',
        b'{"a": 1e400}',
        b'{"a": 123456789012345678901234567890}',
        b" [1, 2]\n",
        b'"text"',
        b"0",
    ],
)
def test_json_stays_as_it_came(body: bytes) -> None:
    assert row_of(response=body).response.encode() == body


def test_json_too_deep_to_read_is_kept_as_text() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    row = row_of(request=deep, response=deep)
    assert json.loads(row.request) == deep
    assert json.loads(row.response) == deep


def test_a_lone_surrogate_does_not_keep_the_rest_from_being_read() -> None:
    body = b'{"id": "c\\ud800", "model": "m\\udfff", "choices": [{"message": {"content": "a\\ud83dz"}}]}'
    row = row_of(response=body, model="", request="{}")
    assert (row.completion_id, row.model, row.response_preview) == ("c?", "m?", "a?z")
    for value in (row.response, row.response_preview):
        value.encode()


def test_a_null_answer_is_none() -> None:
    assert row_of(response=b"null").response == ""


@pytest.mark.parametrize(
    "kind", ["chat_completion", "text_completion", "responses", "embedding", "messages", "unknown"]
)
@pytest.mark.parametrize("form", ["json", "sse", "text", "none"])
def test_nothing_that_can_stand_in_a_body_raises(kind: str, form: str) -> None:
    """Real answers with values swapped for others, cut and garbled; the seed makes a failure repeatable."""
    chance = random.Random(f"{kind} {form}")  # noqa: S311 - a repeatable test
    prices = Pricer()
    for _ in range(300):
        request = _garbled(chance, chance.choice([_REQUEST, _MESSAGES]))
        response = _garbled(chance, a_completion("hi"))
        if form == "sse":
            response = b"".join(b"data: " + _garbled(chance, _CHUNK) + b"\n\n" for _ in range(3))
        row = normalise(a_record(kind=kind, response_form=form, request=request, response=response), prices)
        for body in (row.request, row.response):
            assert not body or json.loads(body) is not ...
        assert len(row.request_preview) <= 200
        assert len(row.response_preview) <= 200
        row.response.encode()


@given(st.binary(), st.binary(), st.sampled_from(["json", "sse", "text"]))
def test_any_bytes_are_a_row(request: bytes, response: bytes, form: str) -> None:
    row = normalise(a_record(request=request, response=response, response_form=form), Unknown())
    for body in (row.request, row.response):
        assert not body or json.loads(body) is not ...


def test_a_record_survives_the_journal() -> None:
    record = a_record(tags={"a": "b\x00c"}, error_message="x")
    assert isinstance(decode(encode(record)), LogRecord)
    assert normalise(decode(encode(record)), Unknown()) == normalise(record, Unknown())


_REQUEST: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": "x"}}]},
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]},
    ],
    "prompt": ["a", [1, 2]],
    "input": "x",
}
_CHUNK: dict[str, Any] = {
    "id": "1",
    "type": "content_block_delta",
    "index": 0,
    "delta": {"type": "text_delta", "text": "a"},
    "message": {"id": "m", "content": [], "usage": {"input_tokens": 1}},
    "choices": [{"index": 0, "delta": {"content": "a", "tool_calls": [{"index": 0, "function": {"name": "f"}}]}}],
    "usage": {"prompt_tokens": 1},
    "response": {"output": [{"content": [{"type": "output_text", "text": "x"}]}]},
}
_MESSAGES: dict[str, Any] = {
    "model": "claude",
    "system": [{"type": "text", "text": "x"}],
    "tools": [{"name": "f", "input_schema": {"type": "object"}}],
    "messages": [
        {"role": "user", "content": [{"type": "image", "source": {"type": "url", "url": "x"}}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}}]},
    ],
}
_ODD: tuple[Any, ...] = (None, True, 0, -1, 2**70, 1.5, "", "x", [], {}, [None], {"a": None}, "\ud800", [[[]]])


def _garbled(chance: random.Random, value: Any) -> bytes:
    text = json.dumps(_swapped(chance, value))
    if chance.random() < 0.2:
        text = text[: chance.randrange(len(text) + 1)]
    body = bytearray(text.encode())
    if body and chance.random() < 0.2:
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body)


def _swapped(chance: random.Random, value: Any) -> Any:
    if chance.random() < 0.08:
        return chance.choice(_ODD)
    if isinstance(value, dict):
        return {name: _swapped(chance, inner) for name, inner in value.items() if chance.random() > 0.05}
    if isinstance(value, list):
        return [_swapped(chance, inner) for inner in value]
    return value


def test_figures_that_were_told_stand_above_those_of_the_answer() -> None:
    row = row_of(
        response=b'{"usage":{"prompt_tokens":3,"completion_tokens":4}}',
        response_form="json",
        told={"input_tokens": 10, "cost": 0.5, "latency": 1.25, "ttft": 0.5},
    )
    assert (row.input_tokens, row.output_tokens, row.total_tokens) == (10, 4, 14)
    assert (row.cost, row.price_version, row.input_cost) == (0.5, "caller", None)
    assert (row.latency, row.ttft) == (1.25, 0.5)


def test_told_parts_of_a_cost_make_the_whole() -> None:
    row = row_of(told={"input_cost": 0.1, "output_cost": 0.2}, price_version="litellm")
    assert (row.cost, row.input_cost, row.output_cost, row.price_version) == (0.3, 0.1, 0.2, "litellm")


def test_the_parts_of_a_cost_are_kept() -> None:
    row = normalise(
        a_record(response=b'{"usage":{"prompt_tokens":3,"completion_tokens":4}}', response_form="json"), Flat()
    )
    assert (row.cost, row.input_cost, row.output_cost) == (7.0, 3.0, 4.0)


def test_a_log_belongs_to_the_prompt_that_it_names_else_to_that_of_its_model() -> None:
    named = row_of(prompt_id="pr_mine", version_id="prv_1")
    assert (named.prompt_id, named.version_id) == ("pr_mine", "prv_1")
    plain = row_of(model="gpt-4o")
    assert (plain.prompt_id, plain.version_id) == implicit_prompt(plain.project_id, "gpt-4o")


class Keeper:
    """Keeps media in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.kept[digest] = data
        return digest


def test_a_form_is_read_as_an_object_and_its_file_kept() -> None:
    keeper = Keeper()
    body = (
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="call.wav"\r\n\r\n' + a_sound() + b"\r\n--b--"
    )
    answer = {"text": "One two.", "usage": {"type": "duration", "seconds": 90}}
    record = a_record(
        kind="transcription",
        request=body,
        request_type="multipart/form-data; boundary=b",
        response=json.dumps(answer).encode(),
        upstream_model="whisper-1",
    )

    row = normalise(record, Pricer(), keeper=keeper)

    assert json.loads(row.request)["file"] == {
        "$blob": f"sha256:{row.blobs[0]}",
        "filename": "call.wav",
        "size": len(a_sound()),
        "content_type": "audio/wav",
    }
    assert keeper.kept == {row.blobs[0]: a_sound()}
    assert (row.request_preview, row.response_preview) == ("[audio] call.wav", "One two.")
    assert row.cost == pytest.approx(0.009)
    assert (row.input_tokens, row.output_tokens, row.total_tokens) == (None, None, None)


def test_sound_that_came_is_kept_and_referred_to() -> None:
    keeper = Keeper()
    record = a_record(
        kind="speech",
        request=b'{"model": "tts-1", "input": "Hello", "voice": "alloy"}',
        response=a_sound(form="mp3"),
        response_form="binary",
        response_type="audio/mpeg",
        blobs=["0" * 64],
    )

    row = normalise(record, Unknown(), keeper=keeper)

    assert json.loads(row.response)["audio"]["content_type"] == "audio/mpeg"
    assert row.blobs == ["0" * 64, *keeper.kept]
    assert (row.request_preview, row.response_preview) == ("Hello", "[audio]")


def test_a_picture_in_a_chat_leaves_the_row() -> None:
    keeper = Keeper()
    url = "data:image/png;base64," + base64.b64encode(a_picture(width=64)).decode()
    asked = {
        "model": "m",
        "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}],
    }

    row = normalise(a_record(request=json.dumps(asked).encode()), Unknown(), keeper=keeper)

    assert len(row.request) < 500
    assert row.blobs == list(keeper.kept)
    assert row.request_preview == "[image]"


def test_a_disk_that_does_not_take_media_stops_the_record_and_does_not_lose_it() -> None:
    class Full:
        def put(self, _: bytes) -> str:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        normalise(a_record(kind="speech", response=b"ID3", response_form="binary"), Unknown(), keeper=Full())


@given(st.binary(max_size=400), st.sampled_from(["multipart/form-data; boundary=b", "multipart/form-data", "ü", ""]))
def test_any_bytes_of_any_type_give_a_row(body: bytes, kind: str) -> None:
    for record in (
        a_record(kind="image_edit", request=b"--b" + body, request_type=kind, response=body, response_form="binary"),
        a_record(kind="speech", request=body, request_type=kind, response=body, response_form="sse"),
    ):
        row = normalise(record, Unknown(), keeper=Keeper())
        json.loads(row.request or "null")
        json.loads(row.response or "null")
