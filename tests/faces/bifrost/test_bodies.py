"""What request and answer of each kind become in the fields of Bifrost's log."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwright.faces.bifrost.bodies import fields_of

CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}


def chosen(message: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def test_a_chat_has_its_history_its_answer_its_options_and_its_tools() -> None:
    tool = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
    request = {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        ],
        "temperature": 0.5,
        "user": None,
        "stream": True,
        "tools": [tool, "nonsense"],
    }
    answer = chosen({"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "Let me see."})

    assert fields_of("chat_completion", request, answer) == {
        "input_history": request["messages"],
        "output_message": {
            "role": "assistant",
            "content": None,
            "tool_calls": [{**CALL, "index": 0}],
            "reasoning_content": "Let me see.",
            "thought": "Let me see.",
        },
        "tool_calls": [{**CALL, "index": 0}],
        "params": {"temperature": 0.5},
        "tools": [tool],
    }


def test_citations_and_refusals_stay_with_their_message() -> None:
    cited = {"type": "url_citation", "url_citation": {"start_index": 0, "end_index": 3, "url": "https://a.example"}}
    message = {"role": "assistant", "content": "See", "refusal": "No.", "annotations": [cited]}

    assert fields_of("chat_completion", {}, chosen(message))["output_message"] == message


def test_a_message_of_anthropic_has_the_same_form() -> None:
    request = {
        "model": "claude",
        "max_tokens": 9,
        "system": "Be kind.",
        "messages": [{"role": "user", "content": "Hi"}],
    }
    answer = {"type": "message", "content": [{"type": "text", "text": "Hello"}], "stop_reason": "end_turn"}

    found = fields_of("messages", request, answer)

    assert [message["role"] for message in found["input_history"]] == ["system", "user"]
    assert found["output_message"]["content"] == "Hello"
    assert found["params"] == {"max_tokens": 9}


def test_a_text_completion_is_a_message_and_its_answer() -> None:
    found = fields_of("text_completion", {"prompt": "Once", "max_tokens": 5}, {"choices": [{"text": " upon"}]})

    assert found["input_history"] == [{"role": "user", "content": "Once"}]
    assert found["output_message"] == {"role": "assistant", "content": " upon"}
    assert found["params"] == {"max_tokens": 5}


def test_responses_have_items_and_the_calls_among_them() -> None:
    request = {
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
        "instructions": "Be brief.",
        "tools": [{"type": "function", "name": "weather", "parameters": {}, "strict": True}, {"type": "web_search"}],
    }
    items = [
        {"type": "reasoning", "summary": []},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]},
    ]

    found = fields_of("responses", request, {"output": items})

    assert found["responses_input_history"] == request["input"]
    assert found["responses_output"] == items
    assert found["params"] == {"instructions": "Be brief."}
    assert [tool.get("function", {}).get("name") for tool in found["tools"]] == ["weather", None]
    assert found["tool_calls"] == [
        {"index": None, "id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    ]


def test_a_text_as_input_of_responses_is_the_users() -> None:
    assert fields_of("responses", {"input": "Hi"}, None)["responses_input_history"] == [
        {"role": "user", "content": "Hi"}
    ]


@pytest.mark.parametrize("vector", ["AACAPw==", [0.5, 1.0]])
def test_embeddings_have_their_texts_and_vectors(vector: Any) -> None:
    found = fields_of("embedding", {"input": ["a", "b"]}, {"data": [{"index": 0, "embedding": vector}, {"x": 1}]})

    assert found["input_history"] == [
        {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    ]
    assert found["embedding_output"] == [{"index": 0, "object": "embedding", "embedding": vector}]


def test_reranked_documents_have_their_question() -> None:
    found = fields_of("rerank", {"query": "q", "documents": ["a"]}, {"results": [{"index": 0, "relevance_score": 0.5}]})

    assert found["input_history"] == [{"role": "user", "content": "q"}]
    assert found["rerank_output"] == [{"index": 0, "relevance_score": 0.5}]
    assert found["params"] == {"documents": ["a"]}


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"messages": [{"role": "user", "content": "x"}]}, "input_history"),
        ({"prompt": "x"}, "input_history"),
        ({"input": "x"}, "responses_input_history"),
        ({"anything": "x"}, "params"),
    ],
)
def test_a_kind_that_nobody_named_is_told_by_its_request(request_: Any, field: str) -> None:
    assert field in fields_of("tool", request_, None)


def test_an_answer_that_is_text_is_shown_as_one() -> None:
    assert fields_of("tool", None, "42")["output_message"] == {"role": "assistant", "content": "42"}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["messages", "input", "prompt", "tools", "file", "query", "choices", "output", "data", "text", "content"]
)
KINDS = st.sampled_from(
    [
        "chat_completion",
        "text_completion",
        "responses",
        "embedding",
        "messages",
        "speech",
        "transcription",
        "image_edit",
    ]
)


@given(
    kind=KINDS,
    request=st.one_of(JSON, st.dictionaries(NAMES, JSON)),
    response=st.one_of(JSON, st.dictionaries(NAMES, JSON)),
)
def test_no_body_is_too_strange_to_be_listed(kind: str, request: Any, response: Any) -> None:
    found = fields_of(kind, request, response)

    assert all(isinstance(message["role"], str) for message in found.get("input_history", []))
    assert None not in found.values()
