"""OpenAI's form made of other products' inputs and outputs; what is in that form already stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.logs.imports.chats import answer_of, body, kind_of, messages_of, request_of, response_of

SAID = [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    ("request_", "response", "kind"),
    [
        ({"messages": []}, None, "chat_completion"),
        ({"prompt": ""}, None, "text_completion"),
        ({"input": ""}, None, "responses"),
        ({"input": ""}, {"object": "list", "data": [{"embedding": []}]}, "embedding"),
        (None, {"object": "chat.completion"}, "chat_completion"),
        ({"messages": []}, {"type": "message"}, "messages"),
        (None, "text", "unknown"),
    ],
)
def test_the_kind_is_told_by_the_bodies(request_: Any, response: Any, kind: str) -> None:
    assert kind_of(request_, response) == kind


@pytest.mark.parametrize(
    "asked",
    [SAID, {"messages": SAID}, '[{"role": "user", "content": "Hi"}]', "Hi", {"role": "user", "content": "Hi"}],
)
def test_a_request_is_made_of_whatever_was_asked(asked: Any) -> None:
    made = request_of("gpt-4o", asked, {"temperature": 0, "top_p": None})
    assert made == {"model": "gpt-4o", "messages": SAID, "temperature": 0}


def test_a_request_keeps_what_stands_beside_its_messages() -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    assert request_of("m", {"messages": SAID, "tools": tools}) == {"model": "m", "messages": SAID, "tools": tools}
    assert request_of("m", {"topic": "x"}) == {"topic": "x"}
    assert request_of("m", [1]) == {"model": "m", "input": [1]}
    assert request_of("m", None) is None
    assert messages_of([]) is None


def test_a_response_is_made_of_whatever_was_answered() -> None:
    message = {"role": "assistant", "content": "Hello"}
    for answer in ("Hello", message, {"message": message}, [message], {"messages": [*SAID, message]}):
        made = response_of("m", answer, completion_id="c", created=5, usage=(3, None))
        assert made == {
            "id": "c",
            "object": "chat.completion",
            "created": 5,
            "model": "m",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 3, "completion_tokens": 0, "total_tokens": 3},
        }


def test_an_answer_that_is_a_completion_or_no_chats_stays() -> None:
    whole = {"id": "x", "choices": []}
    assert response_of("m", whole) is whole
    assert response_of("m", {"score": 1}) == {"score": 1}
    assert response_of("m", "") is None
    called = response_of("", {"tool_calls": [{"id": "1"}]})
    assert called["choices"][0]["finish_reason"] == "tool_calls"
    assert answer_of([1, 2]) == [1, 2]
    assert bytes(body(None)) == b""
