"""The fake speaks Converse; tests/clients/test_fake_upstream.py has AWS's own library read it."""

from __future__ import annotations

from logwright.testing.answers import Said, ToolCall
from logwright.testing.bedrock_answers import converse_answer, converse_events
from logwright.wire.event_frames import FrameCutter

SAID = Said(chunks=["Once", " upon"], tool_calls=[ToolCall(name="look", arguments='{"at": "sky"}')], reasoning="Hm.")


def test_a_stream_brings_what_the_whole_answer_has() -> None:
    content = converse_answer(SAID)["output"]["message"]["content"]
    names = [event.name for event in FrameCutter().feed(b"".join(converse_events(SAID)))]

    assert [next(iter(block)) for block in content] == ["reasoningContent", "text", "toolUse"]
    assert names[0] == "messageStart"
    assert names[-2:] == ["messageStop", "metadata"]
    assert names.count("contentBlockStop") == 3
    assert names.count("contentBlockStart") == 1  # only a call says at its start what it is
