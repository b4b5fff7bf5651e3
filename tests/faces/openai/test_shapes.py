"""Logs as OpenAI's objects."""

from __future__ import annotations

from logwright.faces.openai import shapes
from logwright.testing.factories import START, a_completion, a_log


def test_the_answer_stands_as_it_came_with_what_was_asked_beside_it() -> None:
    log = a_log(
        request={"model": "gpt-4o", "messages": [], "temperature": 0, "user": "ann"},
        response=a_completion("Hi", unheard_of={"a": 1}),
        tags={"env": "dev"},
    )

    shown = shapes.completion_of(log)

    assert shown["unheard_of"] == {"a": 1}
    assert (shown["temperature"], shown["input_user"], shown["metadata"]) == (0, "ann", {"env": "dev"})
    assert shown["request_id"] == log.id


def test_a_log_without_a_providers_id_has_its_own() -> None:
    log = a_log(completion_id="", response={"choices": []})

    shown = shapes.completion_of(log)

    assert shown["id"] == log.id
    assert shown["created"] == int(log.requested_at.timestamp())
    assert shown["object"] == "chat.completion"


def test_an_answer_that_is_no_object_makes_a_completion_without_choices() -> None:
    assert shapes.completion_of(a_log(response='"cut off"'))["choices"] == []


def test_an_answer_with_half_a_character_is_read_all_the_same() -> None:
    shown = shapes.completion_of(a_log(response='{"choices":[{"index":0,"message":{"content":"\\ud83d"}}]}'))

    assert shown["choices"][0]["message"]["content"] == "\ud83d"


def test_what_is_no_message_is_left_out_of_the_messages() -> None:
    log = a_log(request={"messages": ["text", {"role": "user", "content": "Hi"}, 3]})

    assert [message["content"] for message in shapes.messages_of(log)] == ["Hi"]


def test_items_of_a_response_keep_their_own_ids_and_types() -> None:
    given = [
        {"role": "user", "content": "Hi"},
        {"type": "function_call_output", "id": "fc_1", "call_id": "c", "output": "{}"},
    ]

    items = shapes.items_of(a_log(request={"input": given}, completion_id="resp_1"))

    assert items[0] == {
        "id": "resp_1-0",
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "Hi"}],
    }
    assert items[1]["id"] == "fc_1"


def test_an_empty_list_has_neither_first_nor_last() -> None:
    assert shapes.listing([], has_more=False) == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }
    assert START.tzinfo is not None
