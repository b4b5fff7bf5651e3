"""A completion becomes a response, whole or streamed alike."""

from __future__ import annotations

from typing import Any

import pytest
from tests.wire.test_messages_answer import MESSAGES, a_completion, chunks

from logwright.wire.assemble import assemble
from logwright.wire.doors import named
from logwright.wire.responses_answer import ResponseWriter, completion_to_response


def streamed(completion: dict[str, Any]) -> list[dict[str, Any]]:
    writer = ResponseWriter({})
    return [event for chunk in chunks(completion) for event in writer.feed(chunk)] + writer.end()


@pytest.mark.parametrize("name", sorted(set(MESSAGES) - {"refusal"}))
def test_the_assembled_stream_is_the_whole_response(name: str) -> None:
    completion = a_completion(*MESSAGES[name])
    stream = b"".join(map(named, streamed(completion)))

    assert assemble("responses", stream) == completion_to_response(completion, {})


@pytest.mark.parametrize("name", MESSAGES)
def test_events_are_numbered_and_every_item_is_opened_and_ended(name: str) -> None:
    events = streamed(a_completion(*MESSAGES[name]))

    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    opened = [event["item"]["id"] for event in events if event["type"] == "response.output_item.added"]
    ended = [event["item"]["id"] for event in events if event["type"] == "response.output_item.done"]
    assert opened == ended == [item["id"] for item in events[-1]["response"]["output"]]


def test_a_refusal_is_a_part_of_its_own() -> None:
    completion = a_completion(*MESSAGES["refusal"])
    whole = completion_to_response(completion, {})

    assert whole["output"][0]["content"] == [{"type": "refusal", "refusal": "No."}]
    assert streamed(completion)[-1]["response"]["output"] == whole["output"]


def test_an_answer_that_was_cut_says_why() -> None:
    response = completion_to_response(a_completion(*MESSAGES["thoughts"]), {})

    assert (response["status"], response["incomplete_details"]) == ("incomplete", {"reason": "max_output_tokens"})
    assert streamed(a_completion(*MESSAGES["thoughts"]))[-1]["type"] == "response.incomplete"


def test_counts_and_what_was_asked_are_in_the_answer() -> None:
    response = completion_to_response(a_completion(*MESSAGES["text"]), {"instructions": "Be brief."})

    assert response["instructions"] == "Be brief."
    assert response["usage"] == {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 27,
    }


def test_an_error_amid_the_stream_is_an_error_event() -> None:
    (event,) = ResponseWriter({}).feed({"error": {"message": "It broke", "code": "x"}})

    assert (event["type"], event["message"], event["code"]) == ("error", "It broke", "x")
