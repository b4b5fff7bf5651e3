"""Media pass piece by piece, the last one held, and every audio and image call of OpenAI's client is recorded."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest

from logwright.gateway.media import Passage, is_media, is_text
from logwright.testing.media_answers import a_picture, a_sound
from logwright.testing.upstream import FakeUpstream

if TYPE_CHECKING:
    from tests.gateway.conftest import Rig


@pytest.mark.parametrize("kind", [b"audio/mpeg", b"application/octet-stream", b"image/png", b"Audio/L16; rate=8000"])
def test_sound_and_pictures_are_media(kind: bytes) -> None:
    assert is_media(kind)
    assert not is_text(kind)


@pytest.mark.parametrize("kind", [b"text/plain; charset=utf-8", b"text/vtt", b"Text/SRT"])
def test_transcripts_are_text(kind: bytes) -> None:
    assert is_text(kind)
    assert not is_media(kind)


@pytest.mark.parametrize("kind", [b"application/json", b"text/html", b"APPLICATION/JSON; charset=utf-8"])
def test_json_and_pages_are_neither(kind: bytes) -> None:
    assert not is_media(kind)
    assert not is_text(kind)


def test_each_piece_leaves_when_the_next_one_comes() -> None:
    passage = Passage()

    assert [passage.feed(piece) for piece in (b"a", b"b", b"c")] == [b"", b"a", b"b"]
    assert (passage.held, passage.rest(), passage.saw_end) == (b"c", b"", True)


@pytest.fixture
def ai(rig: Rig) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=rig.key, base_url=f"{rig.url}/v1", max_retries=0, timeout=20) as client:
        yield client


def test_speech_leaves_as_it_comes_and_is_recorded_whole(rig: Rig, provider: FakeUpstream, ai: openai.OpenAI) -> None:
    provider.answers(media=a_sound(100_000, form="mp3"), interval=0.01)
    with ai.audio.speech.with_streaming_response.create(model="openai:tts-1", voice="alloy", input="Hi") as answer:
        pieces = answer.iter_bytes()
        first = next(pieces)
        assert not rig.notes.records, "the first piece came before the last was there"
        whole = first + b"".join(pieces)
    record = rig.notes.only()

    assert whole == a_sound(100_000, form="mp3")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert (record.kind, record.response, record.response_form) == ("speech", whole, "binary")
    assert (record.response_type, record.request_type, record.response_truncated) == ("audio/mpeg", "", False)
    assert provider.calls[0].json["model"] == "tts-1"
    assert provider.calls[0].headers["accept"] == "*/*"


def test_speech_as_events_is_a_stream(rig: Rig, ai: openai.OpenAI) -> None:
    with ai.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input="Hi", stream_format="sse"
    ) as answer:
        lines = [line for line in answer.iter_lines() if line]
    record = rig.notes.only()

    assert '"speech.audio.done"' in lines[-1]
    assert (record.stream, record.response_form, record.error_kind) == (True, "sse", "")


def test_media_beyond_what_is_kept_pass_whole_and_are_marked(a_rig: Callable[..., Rig], provider: FakeUpstream) -> None:
    rig = a_rig(max_captured_bytes=5000, max_answer_bytes=6000)
    provider.answers(media=a_sound(20_000, form="mp3"))
    answer = rig.ask({"input": "Hi"}, path="/v1/audio/speech")
    record = rig.notes.only()

    assert answer.content == a_sound(20_000, form="mp3")
    assert len(record.response) == 5000
    assert record.response_truncated


def test_media_that_break_off_are_not_taken_for_whole(rig: Rig, provider: FakeUpstream) -> None:
    provider.answers(media=a_sound(200_000, form="mp3"), interval=0.02)
    with (
        httpx2.Client(timeout=10, headers={"authorization": f"Bearer {rig.key}"}) as client,
        client.stream("POST", f"{rig.url}/v1/audio/speech", json={"model": "m", "input": "Hi"}) as answer,
    ):
        pieces = answer.iter_raw()
        next(pieces)
        provider.refuse()
        with pytest.raises(httpx2.RemoteProtocolError):
            list(pieces)

    assert rig.notes.only().error_kind == "upstream_cut"


def test_a_hung_up_listener_leaves_a_record_of_what_came(rig: Rig, provider: FakeUpstream, ai: openai.OpenAI) -> None:
    provider.answers(media=a_sound(200_000, form="mp3"), interval=0.02)
    with ai.audio.speech.with_streaming_response.create(model="tts-1", voice="alloy", input="Hi") as answer:
        next(answer.iter_bytes())
    record = rig.notes.only()

    assert record.error_kind == "client_disconnected"
    assert a_sound(200_000, form="mp3").startswith(record.response)
    provider.wait_for_cancelled()


@pytest.mark.parametrize("form", ["json", "verbose_json", "text", "srt", "vtt"])
def test_a_transcript_is_recorded_in_every_form(rig: Rig, provider: FakeUpstream, ai: openai.OpenAI, form: Any) -> None:
    provider.answers(text="One two.")
    made = ai.audio.transcriptions.create(model="openai:whisper-1", file=("a.wav", a_sound()), response_format=form)
    record = rig.notes.only()

    assert "One two." in str(made)
    assert record.kind == "transcription"
    assert record.request_type.startswith("multipart/form-data; boundary=")
    assert a_sound() in record.request
    assert record.response_form == ("json" if "json" in form else "text")
    sent = provider.calls[0]
    assert sent.body == record.request.replace(b"openai:whisper-1", b"whisper-1")
    assert sent.headers["content-type"] == record.request_type


def test_a_transcript_streams(rig: Rig, provider: FakeUpstream, ai: openai.OpenAI) -> None:
    provider.answers(chunks=["One", " two."])
    events = list(ai.audio.transcriptions.create(model="gpt-4o-transcribe", file=("a.wav", a_sound()), stream=True))
    record = rig.notes.only()

    assert [event.type for event in events] == ["transcript.text.delta"] * 2 + ["transcript.text.done"]
    assert (record.stream, record.response_form, record.error_kind) == (True, "sse", "")


def test_a_translation_is_recorded(rig: Rig, provider: FakeUpstream, ai: openai.OpenAI) -> None:
    provider.answers(text="Hello.")

    with pytest.deprecated_call():  # the client says that OpenAI has retired it; other servers have not
        made = ai.audio.translations.create(model="whisper-1", file=("a.wav", a_sound()))

    assert made.text == "Hello."
    assert rig.notes.only().kind == "translation"


def test_pictures_are_made_and_recorded(rig: Rig, ai: openai.OpenAI) -> None:
    made = ai.images.generate(model="gpt-image-2", prompt="A cat")
    record = rig.notes.only()

    assert made.data is not None
    assert base64.b64decode(made.data[0].b64_json or "") == a_picture()
    assert (record.kind, record.response_form, record.error_kind) == ("image_generation", "json", "")


def test_pictures_stream_however_large_their_events(a_rig: Callable[..., Rig], provider: FakeUpstream) -> None:
    rig = a_rig(max_event_bytes=10_000)
    provider.answers(media=a_picture(width=100))
    with openai.OpenAI(api_key=rig.key, base_url=f"{rig.url}/api/v1", max_retries=0, timeout=20) as ai:
        events = list(ai.images.generate(model="gpt-image-2", prompt="A cat", stream=True, partial_images=2))
    record = rig.notes.only()

    assert [event.type.rpartition(".")[2] for event in events] == ["partial_image", "partial_image", "completed"]
    assert (record.stream, record.error_kind) == (True, "")


def test_pictures_are_edited_and_varied(rig: Rig, provider: FakeUpstream, ai: openai.OpenAI) -> None:
    ai.images.edit(model="gpt-image-2", prompt="A hat", image=[("a.png", a_picture()), ("b.png", a_picture(seed=2))])
    with pytest.deprecated_call():  # as above
        ai.images.create_variation(model="dall-e-2", image=("a.png", a_picture()))

    assert [record.kind for record in rig.notes.records] == ["image_edit", "image_variation"]
    assert [call.path for call in provider.calls] == ["/v1/images/edits", "/v1/images/variations"]


def test_the_answer_of_a_provider_that_is_a_page_is_no_transcript(rig: Rig, provider: FakeUpstream) -> None:
    provider.answers(body=b"<html>", headers={"content-type": "text/html"})
    answer = rig.ask({"prompt": "x"}, path="/v1/images/generations")

    assert answer.status_code == 502
    assert rig.notes.only().error_kind == "upstream_malformed"


def test_a_form_that_cannot_be_read_is_refused_before_anybody_is_asked(rig: Rig, provider: FakeUpstream) -> None:
    answer = rig.ask(b"--b\r\n", path="/v1/audio/transcriptions", content_type="multipart/form-data; boundary=b")

    assert answer.status_code == 400
    assert not provider.calls


def test_uploads_may_be_larger_than_other_bodies(a_rig: Callable[..., Rig]) -> None:
    rig = a_rig(max_body_bytes=10_000, max_upload_bytes=100_000)
    with openai.OpenAI(api_key=rig.key, base_url=f"{rig.url}/v1", max_retries=0, timeout=20) as ai:
        ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", a_sound(50_000)))
        with pytest.raises(openai.APIStatusError) as caught:
            ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", a_sound(200_000)))

    assert caught.value.status_code == 413
    assert rig.ask({"input": "x" * 20_000}, path="/v1/embeddings").status_code == 413


def test_a_large_upload_does_not_hold_up_the_others(rig: Rig, ai: openai.OpenAI) -> None:
    """25 MB, which is the most that OpenAI takes, go through while small calls are made one after another."""
    slowest = 0.0
    with ThreadPoolExecutor(1) as threads:
        upload = threads.submit(
            lambda: ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", bytes(25_000_000)))
        )
        while not upload.done():
            began = time.perf_counter()
            assert rig.ask().status_code == 200
            slowest = max(slowest, time.perf_counter() - began)
        upload.result()

    assert slowest < 2.0
