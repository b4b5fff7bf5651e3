"""Converse's answers in OpenAI's words; whole transcripts are in tests/providers/fixtures."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.wire.assemble_chat import assemble_chat
from logwright.wire.bedrock import ConverseChunks, answer_to_openai, finish_reason


def an_answer(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"output": {"message": {"role": "assistant", "content": list(blocks)}}, "stopReason": "end_turn"}


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(LookupError):
        answer_to_openai({"message": "No"}, created=0)


def test_what_openai_has_no_place_for_is_kept_beside() -> None:
    cited = {"citationsContent": {"content": [{"text": "So it is."}], "citations": [{"title": "A"}]}}
    other = {"guardContent": {"text": {"text": "x"}}}

    message = answer_to_openai(an_answer(cited, other), created=0)["choices"][0]["message"]

    assert message["content"] == "So it is."
    assert message["annotations"] == [{"title": "A"}]
    assert message["bedrock_blocks"] == [other]


def test_a_stream_keeps_the_same_beside() -> None:
    chunks = ConverseChunks()
    events: list[tuple[str, dict[str, Any]]] = [
        ("messageStart", {"role": "assistant"}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "So it is."}}),
        ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"citation": {"title": "A"}}}),
        ("contentBlockStop", {"contentBlockIndex": 0}),
        ("contentBlockStart", {"contentBlockIndex": 1, "start": {"image": {"format": "png"}}}),
        ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"image": {"source": {"bytes": "IQ=="}}}}),
        ("contentBlockStop", {"contentBlockIndex": 1}),
        ("messageStop", {"stopReason": "end_turn"}),
        ("unheardOf", {}),
    ]

    message = assemble_chat([made for event in events for made in chunks.feed(*event)])["choices"][0]["message"]

    assert message["content"] == "So it is."
    assert message["annotations"] == [{"title": "A"}]
    assert message["bedrock_blocks"] == [{"image": {"source": {"bytes": "IQ=="}}}]
    assert chunks.stopped
    assert not chunks.ended


def test_a_reason_that_openai_has_not_stays() -> None:
    assert finish_reason("malformed_tool_use") == "malformed_tool_use"
