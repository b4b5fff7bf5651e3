"""Speech, transcripts and images in a log."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from logwright.blobs.folder import FolderBlobs
from logwright.faces.bifrost import media
from logwright.faces.bifrost.bodies import fields_of
from logwright.logs.types import Log
from logwright.testing.factories import a_log

BLOB = {"$blob": "ab" * 32, "size": 70_000, "content_type": "audio/mpeg", "filename": "a.mp3"}


def test_speech_has_its_text_and_its_sound() -> None:
    found = fields_of("speech", {"model": "tts-1", "input": "Hello", "voice": "alloy"}, {"audio": "c291bmQ="})

    assert found == {
        "speech_input": {"input": "Hello"},
        "speech_output": {"audio": "c291bmQ="},
        "params": {"voice": "alloy"},
    }


def test_large_sound_is_named_where_it_lies() -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "other": "x"}
    found = fields_of("speech", {"input": "Hello"}, {"audio": BLOB, "usage": usage})

    assert found["speech_output"] == {
        "audio_blob": BLOB,
        "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    }


def test_a_transcript_has_its_file_and_its_words() -> None:
    words = [{"word": "Hi", "start": 0.0, "end": 0.2}]
    answer = {
        "text": "Hi",
        "duration": "1.5",
        "language": "english",
        "task": "transcribe",
        "words": words,
        "segments": [],
    }

    found = fields_of("transcription", {"model": "whisper-1", "file": BLOB, "language": "en"}, answer)

    assert found["transcription_input"] == {"filename": "a.mp3", "file_blob": BLOB}
    assert found["transcription_output"] == {**answer, "duration": 1.5}
    assert found["params"] == {"language": "en"}


def test_subtitles_are_a_transcript_too() -> None:
    found = fields_of("translation", {"file": "AAAA"}, "1\n00:00 --> 00:01\nHi")

    assert found["transcription_input"] == {"file": "AAAA"}
    assert found["transcription_output"] == {"text": "1\n00:00 --> 00:01\nHi"}


@pytest.mark.parametrize("duration", [None, "soon", [1], True])
def test_a_duration_that_is_no_number_is_left_out(duration: Any) -> None:
    answer = {"text": "Hi", "duration": duration}

    assert fields_of("transcription", {}, answer)["transcription_output"] == {"text": "Hi"}


def test_pictures_have_their_words_and_where_they_lie() -> None:
    data = [{"b64_json": {"$blob": "cd" * 32, "size": 1_000_000}}]

    found = fields_of(
        "image_generation", {"prompt": "A cat", "size": "1024x1024"}, {"created": 1, "data": data, "x": 1}
    )

    assert found["image_generation_input"] == {"prompt": "A cat"}
    assert found["image_generation_output"] == {"created": 1, "data": data}
    assert found["params"] == {"size": "1024x1024"}


def test_an_edited_picture_names_the_one_before() -> None:
    found = fields_of("image_edit", {"prompt": "Add a hat", "image": BLOB, "n": 1}, {"data": []})

    assert found["image_generation_input"] == {"prompt": "Add a hat", "image": BLOB}
    assert found["params"] == {"n": 1}


def kept(tmp_path: Path, data: bytes) -> tuple[FolderBlobs, Log]:
    """Keep a sound in a folder, and make a log of speech that refers to it."""
    blobs = FolderBlobs(tmp_path, durable=False)
    digest = blobs.put(data)
    reference = {"$blob": f"sha256:{digest}", "size": len(data), "content_type": "audio/mpeg"}
    response = json.dumps({"audio": reference}, separators=(",", ":"))
    return blobs, a_log(kind="speech", response=response, blobs=[digest])


def test_a_log_alone_has_its_sound_back(tmp_path: Path) -> None:
    blobs, log = kept(tmp_path, b"sound")

    whole = media.put_back(log, blobs)

    found = fields_of("speech", {"input": "Hi"}, json.loads(whole.response))
    assert found["speech_output"] == {"audio": base64.b64encode(b"sound").decode()}


def test_a_file_that_was_sent_keeps_its_name_beside_its_bytes() -> None:
    file = {"filename": "a.wav", "base64": "AAAA", "size": 3}

    assert fields_of("transcription", {"file": file}, None)["transcription_input"] == {
        "file": "AAAA",
        "filename": "a.wav",
    }


def test_media_that_are_too_large_or_cannot_be_read_stay_references(tmp_path: Path) -> None:
    blobs, log = kept(tmp_path, b"sound")
    (large,) = (kept(tmp_path, b"\0" * (media.MOST_BYTES + 1))[1],)
    assert media.put_back(large, blobs) is large

    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_bytes(b"other")  # as long, and something else
    assert media.put_back(log, blobs) is log
