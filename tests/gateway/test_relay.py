"""A stream passes whole and at once; its end and unasked token counts do not."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.gateway.relay import EventTooLarge, Relay


def event(**chunk: object) -> bytes:
    return b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"


def said(text: str) -> bytes:
    return event(choices=[{"index": 0, "delta": {"content": text}}])


DONE = b"data: [DONE]\n\n"


def test_a_whole_event_passes_untouched_and_at_once() -> None:
    relay = Relay("chat_completion", hides_usage=False, limit=1000)

    assert relay.feed(said("Hello")) == said("Hello")


def test_the_end_mark_is_held_back() -> None:
    relay = Relay("chat_completion", hides_usage=False, limit=1000)

    assert relay.feed(said("Hello") + DONE) == said("Hello")
    assert relay.saw_end
    assert relay.held == DONE


def test_text_that_holds_the_end_mark_is_only_text() -> None:
    relay = Relay("chat_completion", hides_usage=False, limit=1000)

    assert relay.feed(said("say [DONE] when done")) == said("say [DONE] when done")
    assert not relay.saw_end


def test_an_event_waits_until_it_is_whole() -> None:
    relay = Relay("chat_completion", hides_usage=False, limit=1000)
    whole = said("Hello")

    assert relay.feed(said("Oh") + whole[:10]) == said("Oh")
    assert relay.feed(whole[10:]) == whole


def test_an_event_beyond_the_limit_ends_the_stream() -> None:
    relay = Relay("chat_completion", hides_usage=False, limit=100)

    with pytest.raises(EventTooLarge):
        relay.feed(b"data: " + b"a" * 200)


def test_an_event_beyond_the_limit_ends_the_stream_though_it_came_in_one_piece() -> None:
    relay = Relay("chat_completion", hides_usage=False, limit=100)
    assert relay.feed(said("Hi") * 10) == said("Hi") * 10

    with pytest.raises(EventTooLarge):
        relay.feed(said("Hi") + said("a" * 200) + said("Hi"))


def test_token_counts_nobody_asked_for_are_taken_out() -> None:
    relay = Relay("chat_completion", hides_usage=True, limit=1000)
    chunk = event(choices=[{"index": 0, "delta": {"content": "Hi"}}], usage=None)
    counts = event(choices=[], usage={"total_tokens": 3})

    assert relay.feed(chunk) == said("Hi")
    assert relay.feed(counts) == b""
    assert relay.feed(DONE) == b""


def test_counts_beside_content_are_taken_out_and_the_content_kept() -> None:
    relay = Relay("chat_completion", hides_usage=True, limit=1000)
    choices = [{"index": 0, "delta": {"content": "Hi"}}]

    passed = relay.feed(event(choices=choices, usage={"total_tokens": 3}))

    assert json.loads(passed.removeprefix(b"data: ")) == {"choices": choices}


def test_counts_that_were_asked_for_stay() -> None:
    relay = Relay("chat_completion", hides_usage=False, limit=1000)
    counts = event(choices=[], usage={"total_tokens": 3})

    assert relay.feed(counts) == counts


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        ("messages", b'event: message_stop\ndata: {"type":"message_stop"}\n\n'),
        ("responses", b'event: response.completed\ndata: {"type":"response.completed","response":{}}\n\n'),
        ("responses", b'data: {"type":"response.failed","response":{}}\n\n'),
        ("text_completion", b"data: [DONE]\r\n\r\n"),
    ],
)
def test_every_api_has_its_own_end(kind: str, last: bytes) -> None:
    relay = Relay(kind, hides_usage=False, limit=1000)

    assert relay.feed(b'data: {"text":"a"}\n\n' + last) == b'data: {"text":"a"}\n\n'
    assert relay.held == last


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40), st.booleans())
def test_however_the_bytes_are_cut_the_same_passes(cuts: list[int], crlf: bool) -> None:
    """What has passed, what is held and what is left over make up the stream, whatever the reads brought."""
    stream = b"".join(said(text) for text in ("One", "two [DONE]", "three\n", "")) + b": comment\n\n" + DONE
    if crlf:
        stream = stream.replace(b"\n\n", b"\r\n\r\n")
    relay = Relay("chat_completion", hides_usage=False, limit=1000)
    passed, position = b"", 0
    for cut in (*cuts, len(stream)):
        passed += relay.feed(stream[position : position + cut])
        position += cut

    assert passed + relay.held + relay.rest() == stream
    assert relay.held.startswith(b"data: [DONE]")
    assert passed.endswith((b"\n\n", b"\r\n\r\n"))


def test_an_event_that_comes_in_many_pieces_is_joined_once() -> None:
    """A picture of 8 MB in pieces of 16 KiB; joining at each of them would copy 2 GB."""
    relay = Relay("image_generation", hides_usage=False, limit=32 << 20)
    event = b'data: {"type":"image_generation.partial_image","b64_json":"' + b"A" * (8 << 20) + b'"}\n\n'
    began = time.process_time()
    passed = [relay.feed(event[at : at + 16384]) for at in range(0, len(event), 16384)]

    assert passed[-1] == event
    assert not any(passed[:-1])
    assert time.process_time() - began < 0.5
