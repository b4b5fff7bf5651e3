"""Chat written for an OpenAI-shaped provider when its caller spoke another language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from logwright.errors import InvalidRequest
from logwright.providers.compatible import provider
from logwright.providers.openai_codec import OpenAICodec, in_openai_words
from logwright.wire.stream import Event


@dataclass(frozen=True)
class Called:
    model: str = "a-model"
    base_url: str = "https://models.example/v1"
    api_version: str = ""


def encode(**request: Any) -> dict[str, Any]:
    call = OpenAICodec(provider, "/chat/completions").encode(
        {"model": "theirs", "messages": [], **request}, Called(), secret="sk-1", at=0
    )
    assert call.headers == {"authorization": "Bearer sk-1"}
    body: dict[str, Any] = json.loads(call.body)
    return body


def test_the_model_is_named_as_the_provider_names_it_and_a_stream_counts_tokens() -> None:
    assert encode(stream=True, metadata={"a": "b"}) == {
        "model": "a-model",
        "messages": [],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize(
    ("asked", "effort"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "low"),
        ({"thinking": {"type": "enabled", "budget_tokens": 8000}}, "medium"),
        ({"thinking": {"type": "enabled", "budget_tokens": 32000}}, "high"),
        ({"thinking": {"type": "disabled"}}, None),
        ({"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}, "xhigh"),
    ],
)
def test_a_budget_of_thinking_becomes_an_effort(asked: dict[str, Any], effort: str | None) -> None:
    assert encode(**asked).get("reasoning_effort") == effort


def test_a_schema_becomes_a_response_format() -> None:
    body = encode(output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}})

    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}


def test_marks_and_thoughts_of_others_stay_here() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    body = in_openai_words(
        {
            "tools": [{"type": "function", "function": {"name": "f"}, **mark}],
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "Hi", **mark}]},
                {"role": "assistant", "content": "Yes", "thinking_blocks": [{"type": "thinking"}]},
            ],
        },
        "m",
    )

    assert body["tools"] == [{"type": "function", "function": {"name": "f"}}]
    assert body["messages"][0]["content"] == [{"type": "text", "text": "Hi"}]
    assert body["messages"][1] == {"role": "assistant", "content": "Yes"}


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"thinking": {"type": "deep"}}, "thinking"),
        ({"output_config": {"task_budget": 3}}, "output_config.task_budget"),
        ({"output_config": {"format": {"type": "xml"}}}, "output_config.format"),
    ],
)
def test_what_has_no_equivalent_is_refused(asked: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        encode(**asked)
    assert refused.value.param == path


def test_a_stream_ends_with_its_mark_or_with_a_reason() -> None:
    codec = OpenAICodec(provider, "/chat/completions")
    marked, reasoned, cut = (codec.decoder(at=0) for _ in range(3))
    marked.feed(Event("", b"[DONE]"))
    reasoned.feed(Event("", b'{"choices":[{"index":0,"finish_reason":"stop"}]}'))
    reasoned.end()
    cut.feed(Event("", b'{"choices":[{"index":0,"delta":{"content":"Hi"}}]}'))
    cut.end()

    assert (marked.ended, reasoned.ended, cut.ended) == (True, True, False)
