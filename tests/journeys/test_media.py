"""Sound and pictures of calls, from the vendors' own clients through a real server to the log and back."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from logwright.testing.media_answers import a_picture, a_sound
from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

PICTURE = a_picture(width=80)


class Logs:
    """What the server recorded, by its own API."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def get(self, path: str, **params: str) -> httpx2.Response:
        headers = {"authorization": f"Bearer {self._server.key}"}
        answer = httpx2.get(f"{self._server.url}/api/manage{path}", params=params, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer

    def only(self, **params: str) -> Any:
        """Return the newest log, whole."""
        newest = self.get("/logs", limit="1").json()["data"][0]
        return self.get(f"/logs/{newest['id']}", **params).json()

    def medium(self, reference: dict[str, Any]) -> bytes:
        return self.get(f"/blobs/{reference['$blob']}").content


@pytest.fixture
def logs(server: Server) -> Logs:
    return Logs(server)


@pytest.fixture
def ai(server: Server) -> openai.OpenAI:
    return server.openai()


def test_speech_is_recorded_with_its_sound_and_price(ai: openai.OpenAI, logs: Logs, tmp_path: Path) -> None:
    with ai.audio.speech.with_streaming_response.create(model="tts-1", voice="alloy", input="x" * 1000) as answer:
        answer.stream_to_file(tmp_path / "said.mp3")
    log = logs.only()

    assert (tmp_path / "said.mp3").read_bytes() == logs.medium(log["response"]["audio"]) == a_sound(form="mp3")
    assert (log["kind"], log["status"], log["cost"]) == ("speech", 200, pytest.approx(0.015))
    assert log["output_tokens"] is None


def test_speech_as_events_is_recorded_as_one_sound(ai: openai.OpenAI, logs: Logs) -> None:
    with ai.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input="Hi", stream_format="sse"
    ) as answer:
        list(answer.iter_lines())
    log = logs.only()

    assert logs.medium(log["response"]["audio"]) == a_sound(form="mp3")
    assert (log["stream"], log["total_tokens"]) == (True, 40)


def test_a_recording_is_kept_with_its_transcript(ai: openai.OpenAI, logs: Logs, upstream: FakeUpstream) -> None:
    upstream.answers(text="One two.")
    ai.audio.transcriptions.create(model="whisper-1", file=("call.wav", a_sound()), language="en", temperature=0.2)
    log = logs.only()

    assert {**log["request"], "file": None} == {
        "model": "whisper-1",
        "language": "en",
        "temperature": 0.2,
        "file": None,
    }
    assert log["request"]["file"]["filename"] == "call.wav"
    assert logs.medium(log["request"]["file"]) == a_sound()
    assert log["response"]["text"] == "One two."
    assert log["cost"] == pytest.approx(1.5 / 60 * 0.006)  # whisper-1: $0.006 a minute (OpenAI's price list, 2025)


def test_pictures_made_edited_and_streamed_are_kept(ai: openai.OpenAI, logs: Logs, upstream: FakeUpstream) -> None:
    upstream.answers(media=PICTURE)
    ai.images.generate(model="gpt-image-2", prompt="A cat", n=2)
    made = logs.only()
    list(
        ai.images.edit(model="gpt-image-2", prompt="A hat", image=("a.png", a_picture()), stream=True, partial_images=1)
    )
    edited = logs.only()

    assert [logs.medium(each["b64_json"]) for each in made["response"]["data"]] == [PICTURE] * 2
    assert len(made["blobs"]) == 1
    assert logs.medium(edited["request"]["image"]) == a_picture()
    assert logs.medium(edited["response"]["data"][0]["b64_json"]) == PICTURE
    assert len(edited["response"]["partial_images"]) == 1
    assert (made["kind"], edited["kind"]) == ("image_generation", "image_edit")


def test_a_picture_in_a_chat_comes_back_for_fine_tuning(
    server: Server, ai: openai.OpenAI, logs: Logs, tmp_path: Path
) -> None:
    url = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"
    message: Any = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}
    ai.chat.completions.create(model="gpt-4o", messages=[message])

    assert logs.medium(logs.only()["request"]["messages"][0]["content"][0]["image_url"]["url"]) == PICTURE
    assert logs.only(media="inline")["request"]["messages"] == [message]
    file = tmp_path / "rows.jsonl"
    server.cli("logs", "export", "--project", server.project, "--format", "openai-sft", "--media", "inline",
               "--output", str(file))  # fmt: skip
    assert json.loads(file.read_text())["messages"][0] == message


def test_a_picture_in_anthropics_form_is_kept_too(server: Server, logs: Logs) -> None:
    source: Any = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PICTURE).decode()}
    with anthropic.Anthropic(api_key=server.key, base_url=server.url, max_retries=0) as client:
        client.messages.create(
            model="claude-next",
            max_tokens=10,
            messages=[{"role": "user", "content": [{"type": "image", "source": source}]}],
        )
    log = logs.only()
    reference = log["request"]["messages"][0]["content"][0]["source"]["data"]

    assert logs.medium(reference) == PICTURE
    assert reference["content_type"] == "image/png"
    assert logs.only(media="inline")["request"]["messages"][0]["content"][0]["source"] == source


def test_embeddings_stay_in_the_row_in_the_form_they_came(ai: openai.OpenAI, logs: Logs) -> None:
    """OpenAI's client asks for base64 and gives numbers."""
    made = ai.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    log = logs.only()

    assert made.data[0].embedding == [0.25, -0.5, 0.125]
    assert log["request"]["encoding_format"] == "base64"
    assert log["response"]["data"][0]["embedding"] == "AACAPgAAAL8AAAA+"
    assert (log["kind"], log["input_tokens"], log["response_preview"]) == ("embedding", 24, "[2 embeddings]")


def test_a_recording_as_large_as_openai_takes_is_kept_whole(ai: openai.OpenAI, logs: Logs) -> None:
    """25 MB; the journal, the store and the blob each take it in one piece."""
    recording = a_sound(25_000_000)
    ai.audio.transcriptions.create(model="whisper-1", file=("long.wav", recording))
    log = logs.only()

    assert log["request"]["file"]["size"] == len(recording)
    assert logs.medium(log["request"]["file"]) == recording
