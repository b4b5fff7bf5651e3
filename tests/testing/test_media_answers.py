"""The fake provider's sounds, pictures and transcripts, read by OpenAI's own client."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import openai
import pytest

from logwright.testing.media_answers import a_picture, a_sound
from logwright.testing.upstream import FakeUpstream


@pytest.fixture
def ai(upstream: FakeUpstream) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-test", base_url=upstream.base_url, max_retries=0, timeout=10) as client:
        yield client


def test_speech_comes_in_the_form_asked_for(ai: openai.OpenAI) -> None:
    answer = ai.audio.speech.create(model="tts", voice="alloy", input="Hello", response_format="wav")

    assert answer.content == a_sound()
    assert answer.response.headers["content-type"] == "audio/wav"


def test_speech_comes_as_events_where_asked(upstream: FakeUpstream, ai: openai.OpenAI) -> None:
    with ai.audio.speech.with_streaming_response.create(
        model="tts", voice="alloy", input="Hello", stream_format="sse"
    ) as answer:
        lines = list(answer.iter_lines())

    assert lines[-2].startswith('data: {"type":"speech.audio.done"')


@pytest.mark.parametrize("form", ["json", "verbose_json", "text", "srt", "vtt"])
def test_a_transcript_comes_in_the_form_asked_for(ai: openai.OpenAI, upstream: FakeUpstream, form: str) -> None:
    upstream.answers(text="One two.")
    made = ai.audio.transcriptions.create(model="whisper-1", file=("a.wav", a_sound()), response_format=form)  # type: ignore[call-overload]  # a form each

    assert "One two." in str(made)


def test_pictures_are_real_files(ai: openai.OpenAI) -> None:
    made = ai.images.generate(model="gpt-image-2", prompt="A cat", n=2)

    assert made.data is not None
    assert [base64.b64decode(each.b64_json or "") for each in made.data] == [a_picture(seed=1), a_picture(seed=2)]


def test_a_form_that_arrives_in_many_pieces_is_read_whole(ai: openai.OpenAI, upstream: FakeUpstream) -> None:
    ai.images.edit(model="gpt-image-2", prompt="A hat", image=("cat.png", a_picture(width=600)))

    assert a_picture(width=600) in upstream.calls[0].body
