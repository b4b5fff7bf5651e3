"""A dashboard that reads Bifrost's log API sees every kind of call that went through the gateway."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import anthropic
import jsonschema_rs
import openai
import pytest

from logwright.testing.media_answers import a_picture, a_sound
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

PICTURE = a_picture(width=80)


class Dashboard:
    """Reads the log API with nothing but HTTP, and holds each answer against the published document."""

    def __init__(self, server: Server) -> None:
        self._server = server
        with server.http() as web:
            self._paths = web.get("/openapi.json").json()["paths"]

    def get(self, path: str = "", **params: Any) -> Any:
        with self._server.http() as web:
            answer = web.get(f"/api/logs{path}", params=params)
        assert answer.status_code == 200, answer.text
        operation = self._paths["/api/logs/{id}" if path.startswith("/log_") else f"/api/logs{path}"]["get"]
        jsonschema_rs.validate(operation["responses"]["200"]["content"]["application/json"]["schema"], answer.json())
        return answer.json()

    def newest(self) -> Any:
        """Return the newest log as the list shows it, and see that it is found by its kind."""
        log = self.get(limit=1)["logs"][0]
        assert log in self.get(objects=log["object"])["logs"]
        return log


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeUpstream]:
    with FakeUpstream() as running:
        yield running


@pytest.fixture
def upstream(provider: FakeUpstream) -> FakeUpstream:
    provider.clear()
    return provider


@pytest.fixture(scope="module")
def server(provider: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all: a log is looked for right after its call."""
    with Server(upstream=provider, folder=tmp_path_factory.mktemp("bifrost") / "server") as running:
        yield running


@pytest.fixture(scope="module")
def dashboard(server: Server) -> Dashboard:
    return Dashboard(server)


@pytest.fixture
def ai(server: Server, upstream: FakeUpstream) -> openai.OpenAI:
    return server.openai()


def test_chats(ai: openai.OpenAI, dashboard: Dashboard, upstream: FakeUpstream) -> None:
    upstream.answers(text="Hello there")
    said: Any = [{"role": "user", "content": "Say hello"}]
    ai.chat.completions.create(model="gpt-4o", messages=said, temperature=0.5, metadata={"env": "dev"})
    plain = dashboard.newest()
    list(ai.chat.completions.create(model="gpt-4o", messages=said, stream=True))
    streamed = dashboard.newest()

    assert (plain["object"], plain["provider"], plain["model"], plain["status"]) == (
        "chat_completion",
        "openai",
        "gpt-4o",
        "success",
    )
    assert (plain["input_history"], plain["params"]["temperature"], plain["metadata"]) == (said, 0.5, {"env": "dev"})
    assert (streamed["object"], streamed["stream"]) == ("chat_completion_stream", True)
    assert plain["output_message"]["content"] == streamed["output_message"]["content"] == "Hello there"
    assert plain["token_usage"]["total_tokens"] > 0
    assert plain["latency"] > 0
    assert [log["id"] for log in dashboard.get(metadata_env="dev", content_search="HELLO there")["logs"]] == [
        plain["id"]
    ]


def test_texts_responses_and_embeddings(ai: openai.OpenAI, dashboard: Dashboard) -> None:
    ai.completions.create(model="gpt-3.5-turbo-instruct", prompt="Once")
    text = dashboard.newest()
    ai.responses.create(model="gpt-4o", input="Hi", instructions="Be brief.")
    items = dashboard.newest()
    ai.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    vectors = dashboard.newest()

    assert (text["object"], text["input_history"][0]["content"]) == ("text_completion", "Once")
    assert text["output_message"]["content"]
    assert (items["object"], items["responses_input_history"]) == ("responses", [{"role": "user", "content": "Hi"}])
    assert items["params"] == {"instructions": "Be brief."}
    assert any(item.get("role") == "assistant" for item in items["responses_output"])
    assert vectors["object"] == "embedding"
    assert [each["embedding"] for each in vectors["embedding_output"]] == ["AACAPgAAAL8AAAA+"] * 2


def test_messages_of_anthropic(server: Server, dashboard: Dashboard, upstream: FakeUpstream) -> None:
    upstream.answers(text="Good day")
    with anthropic.Anthropic(api_key=server.key, base_url=server.url, max_retries=0) as client:
        client.messages.create(
            model="claude-next", max_tokens=10, system="Be kind.", messages=[{"role": "user", "content": "Hi"}]
        )
    log = dashboard.newest()

    assert (log["object"], log["provider"]) == ("messages", "anthropic")
    assert [message["role"] for message in log["input_history"]] == ["system", "user"]
    assert log["output_message"]["content"] == "Good day"


def test_speech_and_transcripts(ai: openai.OpenAI, dashboard: Dashboard, upstream: FakeUpstream) -> None:
    with ai.audio.speech.with_streaming_response.create(model="tts-1", voice="alloy", input="Good day") as answer:
        sound = answer.read()
    spoken = dashboard.newest()
    upstream.answers(text="One two.")
    ai.audio.transcriptions.create(model="whisper-1", file=("call.wav", a_sound()), language="en")
    heard = dashboard.newest()

    assert (spoken["object"], spoken["speech_input"]) == ("speech", {"input": "Good day"})
    assert spoken["speech_output"]["audio_blob"]["size"] == len(sound)
    assert base64.b64decode(dashboard.get(f"/{spoken['id']}")["speech_output"]["audio"]) == sound
    assert (heard["object"], heard["transcription_output"]["text"]) == ("transcription", "One two.")
    assert heard["transcription_input"]["filename"] == "call.wav"
    assert base64.b64decode(dashboard.get(f"/{heard['id']}")["transcription_input"]["file"]) == a_sound()
    assert "$blob" in dashboard.get(f"/{heard['id']}")["raw_request"]
    assert [log["id"] for log in dashboard.get(content_search="one TWO")["logs"]] == [heard["id"]]


def test_pictures(ai: openai.OpenAI, dashboard: Dashboard, upstream: FakeUpstream) -> None:
    upstream.answers(media=PICTURE)
    ai.images.generate(model="gpt-image-2", prompt="A cat", n=1)
    made = dashboard.newest()
    ai.images.edit(model="gpt-image-2", prompt="A hat", image=("a.png", a_picture()))
    edited = dashboard.newest()

    assert (made["object"], made["image_generation_input"]) == ("image_generation", {"prompt": "A cat"})
    assert "$blob" in made["image_generation_output"]["data"][0]["b64_json"]
    whole = dashboard.get(f"/{made['id']}")["image_generation_output"]["data"][0]["b64_json"]
    assert base64.b64decode(whole) == PICTURE
    assert (edited["object"], edited["image_generation_input"]["prompt"]) == ("image_edit", "A hat")


def test_failures(ai: openai.OpenAI, dashboard: Dashboard, upstream: FakeUpstream) -> None:
    upstream.answers(status=429)
    with pytest.raises(openai.RateLimitError):
        ai.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hi"}])
    log = dashboard.newest()

    assert (log["status"], log["error_details"]["status_code"]) == ("error", 429)
    assert log["error_details"]["is_bifrost_error"] is False
    stats = dashboard.get(status="error")["stats"]
    assert (stats["total_requests"], stats["success_rate"]) == (1, 0)


def test_what_was_changed_by_another_api_is_changed_here_at_once(server: Server, dashboard: Dashboard) -> None:
    """Tags by OpenPipe's API, answer and cost by Humanloop's; and OpenPipe's export says the same."""
    request = {"model": "own-model", "messages": [{"role": "user", "content": "Hi"}]}
    answer = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Helo"}, "finish_reason": "stop"}]}
    only = {"filters": [{"field": "model", "equals": "own-model"}], "metadata": {"env": "prod"}}
    with server.http(headers={"x-api-key": server.key}) as web:
        reported = web.post(
            "/api/v1/report", json={"reqPayload": request, "respPayload": answer, "tags": {"env": "dev"}}
        )
        log_id = reported.headers["x-logwright-log-id"]
        assert web.post("/api/v1/logs/update-metadata", json=only).json() == {"matchedLogs": 1}
        prompt_id = web.get(f"/api/manage/logs/{log_id}").json()["prompt_id"]
        change = {
            "output_message": {"role": "assistant", "content": "Hello"},
            "prompt_cost": 0.25,
            "output_cost": 0.5,
            "provider_latency": 1.5,
        }
        changed = web.patch(f"/v5/prompts/{prompt_id}/log/{log_id}", json=change)
        export = web.get("/api/manage/logs/export", params={"format": "jsonl", "q": "model:own-model"})

    assert changed.status_code == 200, changed.text
    (log,) = dashboard.get(request_id=log_id, content_search="hello")["logs"]
    assert (log["output_message"]["content"], log["cost"], log["latency"]) == ("Hello", 0.75, 1500)
    assert log["metadata"] == {"env": "prod"}
    assert json.loads(export.text)["output"]["choices"][0]["message"]["content"] == "Hello"
    assert "prod" in dashboard.get("/filterdata")["metadata_keys"]["env"]
