"""Requests and answers of the kinds beside chats."""

from __future__ import annotations

import json
from typing import Any

from logwright.faces.otel.attributes import Attributes
from logwright.faces.otel.bodies import Asked, Bodies, bodies_of
from logwright.logs.record import Kind


def read(kind: Kind, attributes: dict[str, Any], **figures: float) -> Bodies:
    asked = Asked(
        kind=kind,
        model="m",
        response_model="",
        completion_id="",
        name="step",
        figures=figures,  # type: ignore[arg-type] # the tests name figures that there are
        ended_at=0,
    )
    return bodies_of(asked, Attributes(attributes), [])


def test_a_text_completion_has_a_prompt_and_texts() -> None:
    made = read(
        "text_completion",
        {
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "Once",
            "gen_ai.completion.0.content": " upon",
            "gen_ai.completion.0.finish_reason": "length",
        },
    )

    assert made.request == {"model": "m", "prompt": "Once"}
    assert made.response is not None
    assert made.response["choices"] == [{"index": 0, "finish_reason": "length", "text": " upon"}]


def test_an_embedding_has_its_input_and_its_vectors() -> None:
    openinference = {
        "embedding.embeddings.0.embedding.text": "one",
        "embedding.embeddings.0.embedding.vector": [0.5, 1.0],
        "embedding.embeddings.1.embedding.text": "two",
    }
    vercel = {"ai.values": ['"one"', '"two"'], "ai.embeddings": ["[0.5,1.0]", "[0.25]"]}

    as_messages = {
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "one"}]}])
    }
    assert read("embedding", as_messages).request == {"model": "m", "input": "one"}
    first, second = read("embedding", openinference, input_tokens=2), read("embedding", vercel)

    assert first.request == second.request == {"model": "m", "input": ["one", "two"]}
    assert first.response is not None
    assert first.response["data"] == [{"object": "embedding", "index": 0, "embedding": [0.5, 1.0]}]
    assert first.response["usage"] == {"prompt_tokens": 2, "total_tokens": 2}
    assert second.response is not None
    assert [each["embedding"] for each in second.response["data"]] == [[0.5, 1.0], [0.25]]


def test_a_reranking_has_its_query_and_its_results() -> None:
    made = read(
        "rerank",
        {
            "reranker.query": "q",
            "reranker.top_k": 1,
            "reranker.input_documents.0.document.content": "a",
            "reranker.input_documents.1.document.content": "b",
            "reranker.output_documents.0.document.content": "b",
            "reranker.output_documents.0.document.score": 0.9,
        },
    )

    assert made.request == {"model": "m", "query": "q", "documents": [{"content": "a"}, {"content": "b"}], "top_n": 1}
    assert made.response == {"model": "m", "results": [{"document": {"content": "b", "score": 0.9}}]}


def test_a_retrieval_gives_its_documents() -> None:
    made = read("tool", {"input.value": "q", "retrieval.documents.0.document.content": "found"})

    assert made.request == {"name": "step", "input": "q"}
    assert made.response == {"output": [{"content": "found"}]}


def test_an_input_in_no_form_that_we_know_is_kept_as_it_is() -> None:
    langchain = {"messages": [[{"lc": 1, "type": "constructor"}]]}

    made = read("chat_completion", {"input.value": json.dumps(langchain), "output.value": "plain"})

    assert made.request == {"model": "m", "input": langchain}
    assert made.response is not None
    assert made.response["choices"][0]["message"] == {"role": "assistant", "content": "plain"}


def test_a_call_without_content_has_its_model_and_its_figures_only() -> None:
    told = {"openai.response.system_fingerprint": "fp_1"}

    made = read("chat_completion", told, input_tokens=5, output_tokens=2, cached_tokens=1)

    assert made.request == {"model": "m"}
    assert made.response == {
        "object": "chat.completion",
        "model": "m",
        "usage": {
            "prompt_tokens": 5,
            "completion_tokens": 2,
            "total_tokens": 7,
            "prompt_tokens_details": {"cached_tokens": 1},
        },
        "system_fingerprint": "fp_1",
    }


def test_tools_are_part_of_the_request() -> None:
    tool = {"type": "function", "function": {"name": "f"}}
    for attributes in (
        {"gen_ai.tool.definitions": json.dumps([{"type": "function", "name": "f"}])},
        {"llm.tools.0.tool.json_schema": json.dumps(tool)},
        {"llm.request.functions.0.name": "f"},
        {"ai.prompt.tools": [json.dumps({"type": "function", "name": "f"})]},
        {"mlflow.chat.tools": json.dumps([tool])},
    ):
        made = read("chat_completion", attributes)
        assert made.request is not None
        assert made.request["tools"] == [tool]
