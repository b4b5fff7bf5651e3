"""The published clients against a real server whose providers speak another language than they do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import anthropic
import httpx2
import openai
import pytest

from logwright.testing.answers import Said, ToolCall
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

SAID: Final = Said(
    chunks=["I", " look."],
    tool_calls=[ToolCall(name="look", arguments='{"at": "the sky"}', id="call_1"), ToolCall(name="look", id="call_2")],
    cached_tokens=8,
)
CHATS: Final = {
    "anthropic:claude-sonnet-4-5": "anthropic",
    "gemini:gemini-2.5-flash": "gemini",
    "openpipe:aws/anthropic.claude-3-5-haiku-20241022-v1:0": "bedrock",
    "vertex:gemini-2.5-pro": "vertex",
    "vertex:claude-sonnet-4-5@20250929": "vertex",
    "groq:llama-3.3-70b-versatile": "groq",
}
"""Models and the kinds of provider that serve them."""

MESSAGES: Final = {**CHATS, "openai:gpt-4o": "openai"}
PARAMETERS: Final = {"type": "object", "properties": {"at": {"type": "string"}}}


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as running:
        yield running


@pytest.fixture(scope="module")
def server(upstream: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(upstream=upstream, folder=tmp_path_factory.mktemp("languages") / "server") as running:
        running.provider("gemini", kind="gemini", base_url=f"{upstream.url}/v1beta")
        running.provider("aws", kind="bedrock", base_url=upstream.url)
        running.provider("vertex", kind="vertex", base_url=f"{upstream.url}/v1/projects/p/locations/l")
        running.provider("groq", kind="groq", base_url=upstream.base_url)
        yield running


def log(server: Server, answer_id: str) -> dict[str, Any]:
    """Return the log of an answer."""
    with server.http() as web:
        (found,) = web.get("/api/manage/logs", params={"q": f'completion_id:"{answer_id}"'}).json()["data"]
        whole: dict[str, Any] = web.get(f"/api/manage/logs/{found['id']}").json()
    return whole


@pytest.mark.parametrize("model", CHATS)
def test_openais_client_calls_every_provider(server: Server, upstream: FakeUpstream, model: str) -> None:
    upstream.clear()
    upstream.answers(said=SAID)
    ask: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is there?"}],
        "tools": [{"type": "function", "function": {"name": "look", "parameters": PARAMETERS}}],
    }

    whole = server.openai().chat.completions.create(**ask)
    with server.openai().chat.completions.stream(**ask, stream_options={"include_usage": True}) as stream:
        made = stream.get_final_completion()

    answers: tuple[Any, ...] = (whole, made)  # their types are unions of everything that there is
    for answer in answers:
        message = answer.choices[0].message
        assert message.content == "I look."
        calls = [
            (call.id, call.function.name, json.loads(call.function.arguments)) for call in message.tool_calls or ()
        ]
        assert calls == [("call_1", "look", {"at": "the sky"}), ("call_2", "look", {})]
        assert answer.choices[0].finish_reason == "tool_calls"
        assert answer.usage is not None
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (24, 16)
    recorded = log(server, whole.id)
    assert (recorded["kind"], recorded["provider_kind"], recorded["model"]) == ("chat_completion", CHATS[model], model)
    assert (recorded["input_tokens"], recorded["cached_tokens"], recorded["output_tokens"]) == (24, 8, 16)
    assert recorded["cost"] or CHATS[model] in {"vertex", "groq"}
    assert recorded["response"]["choices"][0]["message"]["content"] == "I look."


@pytest.mark.parametrize("model", MESSAGES)
def test_anthropics_client_is_served_by_every_provider(server: Server, upstream: FakeUpstream, model: str) -> None:
    upstream.clear()
    upstream.answers(said=SAID)
    ask: dict[str, Any] = {
        "model": model,
        "max_tokens": 100,
        "system": "Be brief.",
        "messages": [{"role": "user", "content": "What is there?"}],
        "tools": [{"name": "look", "input_schema": PARAMETERS}],
    }

    with anthropic.Anthropic(api_key=server.key, base_url=server.url, max_retries=0) as client:
        whole = client.messages.create(**ask)
        with client.messages.stream(**ask) as stream:
            made = stream.get_final_message()

    answers: tuple[Any, ...] = (whole, made)  # their types are unions of everything that there is
    for answer in answers:
        text, first, second = answer.content
        assert text.text == "I look."
        assert (first.id, first.input) == ("call_1", {"at": "the sky"})
        assert (second.id, second.input) == ("call_2", {})
        assert answer.stop_reason == "tool_use"
        assert (answer.usage.input_tokens, answer.usage.cache_read_input_tokens) == (16, 8)
        assert answer.usage.output_tokens == 16
    recorded = log(server, whole.id)
    assert (recorded["kind"], recorded["provider_kind"]) == ("messages", MESSAGES[model])
    assert (recorded["input_tokens"], recorded["cached_tokens"], recorded["output_tokens"]) == (24, 8, 16)


@pytest.mark.parametrize("model", [model for model, kind in CHATS.items() if kind != "groq"])
def test_the_responses_api_is_served_by_chat(server: Server, upstream: FakeUpstream, model: str) -> None:
    upstream.clear()
    upstream.answers(said=SAID)
    ask: dict[str, Any] = {
        "model": model,
        "instructions": "Be brief.",
        "input": "What is there?",
        "tools": [{"type": "function", "name": "look", "parameters": PARAMETERS, "strict": False}],
    }

    whole = server.openai().responses.create(**ask)
    with server.openai().responses.stream(**ask) as stream:
        made = stream.get_final_response()

    answers: tuple[Any, ...] = (whole, made)  # their types are unions of everything that there is
    for answer in answers:
        assert answer.output_text == "I look."
        calls = [(item.call_id, json.loads(item.arguments)) for item in answer.output if item.type == "function_call"]
        assert calls == [("call_1", {"at": "the sky"}), ("call_2", {})]
        assert answer.usage is not None
        assert (answer.usage.input_tokens, answer.usage.input_tokens_details.cached_tokens) == (24, 8)
    recorded = log(server, whole.id)
    assert (recorded["kind"], recorded["provider_kind"], recorded["output_tokens"]) == ("responses", CHATS[model], 16)


def test_errors_are_the_clients_own_in_both_languages(server: Server, upstream: FakeUpstream) -> None:
    upstream.clear()
    upstream.answers(status=429, text="Slow down")

    with pytest.raises(openai.RateLimitError, match="Slow down"):
        server.openai().chat.completions.create(model="gemini:x", messages=[{"role": "user", "content": "Hi"}])
    with (
        anthropic.Anthropic(api_key=server.key, base_url=server.url, max_retries=0) as client,
        pytest.raises(anthropic.RateLimitError, match="Slow down"),
    ):
        client.messages.create(model="gemini:x", max_tokens=9, messages=[{"role": "user", "content": "Hi"}])


def test_embeddings_come_from_gemini_too(server: Server, upstream: FakeUpstream) -> None:
    upstream.clear()

    made = server.openai().embeddings.create(model="gemini:gemini-embedding-001", input=["a", "b"])

    assert [each.embedding for each in made.data] == [[0.25, -0.5, 0.125]] * 2


def test_what_cannot_be_said_is_refused_by_its_path(server: Server) -> None:
    with server.http() as web:
        answer: httpx2.Response = web.post(
            "/v1/chat/completions",
            json={
                "model": "anthropic:claude-sonnet-4-5",
                "messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}],
            },
        )
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "messages[0].content[0].type"
