"""Doors frame what they write as the caller's API does."""

from __future__ import annotations

from logwright.wire.doors import DOORS, OwnForm


def test_chat_has_bare_events_and_an_end_mark() -> None:
    writer = OwnForm(named=False).writer()

    assert writer.feed({"id": "c"}) == b'data: {"id":"c"}\n\n'
    assert writer.end() == b"data: [DONE]\n\n"


def test_messages_have_named_events_and_their_own_end() -> None:
    writer = OwnForm(named=True).writer()

    assert writer.feed({"type": "ping"}) == b'event: ping\ndata: {"type":"ping"}\n\n'
    assert writer.end() == b""


def test_a_message_that_was_written_from_chat_is_framed_alike() -> None:
    door = DOORS["messages"]()
    writer = door.writer()

    assert writer.feed({"choices": [{"index": 0, "delta": {"content": "Hi"}}]}).startswith(b"event: message_start\n")
    assert writer.end().endswith(b'event: message_stop\ndata: {"type":"message_stop"}\n\n')


def test_an_error_has_the_shape_of_its_api() -> None:
    assert OwnForm(named=False).fault(429, "Slow", "busy", None) == {
        "error": {"message": "Slow", "type": "rate_limit_error", "param": None, "code": "busy"}
    }
    assert DOORS["messages"]().fault(529, "Busy", None, None) == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "Busy"},
    }
