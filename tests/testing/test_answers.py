"""What the fake provider says has the form that the vendors' own types accept, whole and in pieces."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from openai.types import Completion, CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from logwright.testing.answers import Door, Said, ToolCall, answer, stream
from logwright.wire.stream import events

SAIDS = {
    "words": Said(),
    "tools": Said(tool_calls=[ToolCall(name="f", arguments='{"a": 1}')]),
    "thoughts": Said(text="Four.", reasoning="2 + 2", reasoning_tokens=5),
}
WHOLE: dict[Door, Any] = {
    "chat": ChatCompletion,
    "completions": Completion,
    "embeddings": CreateEmbeddingResponse,
    "responses": Response,
    "messages": Message,
}
PIECES: dict[Door, Any] = {
    "chat": ChatCompletionChunk,
    "responses": ResponseStreamEvent,
    "messages": RawMessageStreamEvent,
}


@pytest.mark.parametrize("door", list(WHOLE))
@pytest.mark.parametrize("said", list(SAIDS))
def test_a_whole_answer_has_the_vendors_form(door: Door, said: str) -> None:
    if door == "completions" and said == "tools":
        return  # text completions have no tools
    TypeAdapter(WHOLE[door]).validate_python(answer(door, SAIDS[said], {"model": "m"}, 1))


@pytest.mark.parametrize("door", list(PIECES))
@pytest.mark.parametrize("said", list(SAIDS))
def test_each_event_of_a_stream_has_the_vendors_form(door: Door, said: str) -> None:
    adapter = TypeAdapter(PIECES[door])
    request = {"model": "m", "stream_options": {"include_usage": True}}
    for event in events(b"".join(stream(door, SAIDS[said], request, 1))):
        if event.data != b"[DONE]" and b'"ping"' not in event.data:
            adapter.validate_python(json.loads(event.data))


def test_usage_is_streamed_only_when_asked_for() -> None:
    assert b'"usage"' not in b"".join(stream("chat", Said(), {}, 1))
    asked = stream("chat", Said(input_tokens=7), {"stream_options": {"include_usage": True}}, 1)
    assert b'"prompt_tokens":7' in asked[-2]


def test_as_many_choices_come_as_were_wanted() -> None:
    assert len(answer("chat", Said(), {"n": 3}, 1)["choices"]) == 3


def test_a_usage_block_can_be_given() -> None:
    assert answer("chat", Said(usage={"total_tokens": 1}), {}, 1)["usage"] == {"total_tokens": 1}
