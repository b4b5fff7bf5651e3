"""A stream's events bring the same message as the whole answer."""

from __future__ import annotations

from logwright.testing.answers import Said
from logwright.testing.message_answers import message, message_events
from logwright.wire.assemble import assemble


def test_the_events_make_the_message() -> None:
    said = Said(chunks=["Hi", " there"])

    made = assemble("messages", b"".join(message_events(said, "claude", 1)))

    assert made["content"] == message(said, "claude", 1)["content"]
