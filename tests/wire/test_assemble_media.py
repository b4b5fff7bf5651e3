"""A stream of sound, text or pictures gives what the same call gives without streaming."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.testing.answers import Door, Said, answer, stream
from logwright.testing.events import data_event
from logwright.wire.assemble import assemble

SAID = Said(chunks=["One", " two"])


@pytest.mark.parametrize(
    ("kind", "door", "request_body", "fields"),
    [
        ("speech", "speech", {"response_format": "wav"}, ["audio"]),
        ("transcription", "transcriptions", {"model": "gpt-4o-transcribe"}, ["text"]),
        ("image_generation", "generations", {"n": 1}, ["data", "created"]),
        ("image_edit", "edits", {"n": 1}, ["data", "created"]),
    ],
)
def test_the_stream_gives_the_answer(kind: str, door: Door, request_body: dict[str, Any], fields: list[str]) -> None:
    made = assemble(kind, b"".join(stream(door, SAID, request_body, 1)))
    whole = answer(door, SAID, request_body, 1)

    assert {name: made[name] for name in fields} == {name: whole[name] for name in fields}
    assert made["usage"]["total_tokens"] == 40


def test_sketches_stand_beside_the_picture() -> None:
    made = assemble("image_generation", b"".join(stream("generations", SAID, {"partial_images": 2}, 1)))

    assert [sketch["index"] for sketch in made["partial_images"]] == [0, 1]
    assert len(made["data"]) == 1


def test_of_a_cut_transcript_what_came_is_kept() -> None:
    made = assemble("transcription", b"".join(stream("transcriptions", SAID, {}, 1)[:1]))

    assert made == {"text": "One"}


def test_segments_of_speakers_are_kept() -> None:
    segment = {"type": "transcript.text.segment", "speaker": "A", "text": "One", "start": 0.0, "end": 1.0, "id": "s"}

    assert assemble("transcription", data_event(segment))["segments"][0]["speaker"] == "A"


@pytest.mark.parametrize("kind", ["speech", "transcription", "image_generation"])
def test_an_error_amid_the_stream_is_kept(kind: str) -> None:
    assert assemble(kind, data_event({"type": "error", "error": {"message": "no"}}))["error"] == {"message": "no"}
    assert "error" in assemble(kind, data_event({"error": {"message": "no"}}))


def test_sound_that_is_no_base64_is_noted() -> None:
    made = assemble("speech", data_event({"type": "speech.audio.delta", "audio": "%%%"}))

    assert made["error"]["type"] == "malformed_stream"
