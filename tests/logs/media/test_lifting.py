"""Media leave the bodies for blobs, and nothing else changes by a character."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwright.logs.media.lifting import LEAST_CHARACTERS, Lifting, references
from logwright.testing.media_answers import a_picture, a_sound

PICTURE = a_picture(width=64)
SOUND = a_sound()


class Kept:
    """Keeps blobs in memory."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        return digest


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def lifted(value: Any) -> tuple[Any, Kept]:
    kept = Kept()
    return json.loads(Lifting(kept).text(json.dumps(value))), kept


def test_a_data_url_becomes_a_reference_and_the_rest_stays_to_the_letter() -> None:
    kept = Kept()
    media = Lifting(kept)
    url = f"data:image/png;base64,{base64_of(PICTURE)}"
    before, after = '{ "n":1.50,\n "image_url": {"url":', ', "detail":"low"} , "e":1e2}'

    text = media.text(f'{before}"{url}"{after}')

    assert text.startswith(before)
    assert text.endswith(after)
    assert json.loads(text)["image_url"]["url"] == {
        "$blob": f"sha256:{hashlib.sha256(PICTURE).hexdigest()}",
        "size": len(PICTURE),
        "content_type": "image/png",
        "encoding": "data-url",
        "prefix": "data:image/png;base64,",
    }
    assert list(kept.blobs.values()) == [PICTURE]
    assert media.digests == list(kept.blobs)


@pytest.mark.parametrize(
    ("body", "data", "kind"),
    [
        ({"data": [{"b64_json": base64_of(PICTURE)}]}, PICTURE, "image/png"),
        ({"type": "input_audio", "input_audio": {"data": base64_of(SOUND), "format": "wav"}}, SOUND, "audio/wav"),
        (
            {"source": {"type": "base64", "media_type": "image/webp", "data": base64_of(b"?" * 9000)}},
            None,
            "image/webp",
        ),
        ({"inlineData": {"mimeType": "audio/L16", "data": base64_of(b"?" * 9000)}}, None, "audio/L16"),
        ({"audio": {"id": "a", "expires_at": 1, "data": base64_of(b"?" * 9000)}}, None, "audio/pcm"),
        ({"type": "image_generation_call", "result": base64_of(PICTURE)}, PICTURE, "image/png"),
        (
            {"file": {"file_data": f"data:application/pdf;base64,{base64_of(b'%PDF-1' * 2000)}"}},
            None,
            "application/pdf",
        ),
        ({"audio": base64_of(b"\0" * 9000)}, None, "application/octet-stream"),
    ],
    ids=["image", "input-audio", "anthropic", "gemini", "spoken", "responses", "file", "speech"],
)
def test_media_are_found_where_the_providers_put_them(body: Any, data: bytes | None, kind: str) -> None:
    found, kept = lifted(body)

    assert [reference["content_type"] for reference in references(found)] == [kind]
    assert data is None or list(kept.blobs.values()) == [data]


@pytest.mark.parametrize(
    "body",
    [
        {"content": "A" * 20_000},
        {"data": "A" * 20_000},
        {"embedding": base64_of(bytes(12_288))},
        {"type": "redacted_thinking", "data": base64_of(bytes(9000))},
        {"b64_json": base64_of(bytes(100))},
        {"b64_json": base64_of(bytes(9001)).rstrip("=")},
        {"b64_json": base64_of(b"\xff" * 9000)[:-1] + "="},
        {base64_of(PICTURE): "a key"},
        {"arguments": json.dumps({"b64_json": base64_of(PICTURE)})},
        {"url": "https://pictures.example/" + "a" * 10_000},
    ],
)
def test_what_is_no_medium_or_would_not_come_back_stays(body: Any) -> None:
    found, kept = lifted(body)

    assert found == body
    assert not kept.blobs


def test_slashes_may_be_escaped() -> None:
    kept = Kept()
    text = json.dumps({"url": f"data:image/png;base64,{base64_of(PICTURE)}"}).replace("/", "\\/")

    assert json.loads(Lifting(kept).text(text))["url"]["prefix"] == "data:image/png;base64,"
    assert list(kept.blobs.values()) == [PICTURE]


def test_the_same_medium_twice_is_one_blob() -> None:
    kept = Kept()
    media = Lifting(kept)
    media.text(json.dumps([{"b64_json": base64_of(PICTURE)}] * 2))

    assert media.digests == list(kept.blobs)


def test_a_form_becomes_an_object() -> None:
    kept = Kept()
    body = (
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
        b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n2\r\n'
        b'--b\r\nContent-Disposition: form-data; name="stream"\r\n\r\ntrue\r\n'
        b'--b\r\nContent-Disposition: form-data; name="temperature"\r\n\r\nwarm\r\n'
        b'--b\r\nContent-Disposition: form-data; name="include[]"\r\n\r\nlogprobs\r\n'
        b'--b\r\nContent-Disposition: form-data; name="image[]"; filename="a.png"\r\n\r\n' + PICTURE + b"\r\n"
        b'--b\r\nContent-Disposition: form-data; name="image[]"; filename="b"\r\nContent-Type: x/y\r\n\r\n\xff\r\n--b--'
    )

    made = Lifting(kept).form(body, "multipart/form-data; boundary=b")

    first, second = made.pop("image")
    assert made == {"model": "whisper-1", "n": 2, "stream": True, "temperature": "warm", "include": ["logprobs"]}
    assert (first["filename"], first["content_type"], first["size"]) == ("a.png", "image/png", len(PICTURE))
    assert (second["filename"], second["content_type"]) == ("b", "x/y")
    assert list(kept.blobs.values()) == [PICTURE, b"\xff"]


def test_a_form_that_cannot_be_read_is_kept_whole() -> None:
    kept = Kept()

    assert Lifting(kept).form(b"\xff\0", "multipart/form-data; boundary=b")["form"]["size"] == 2
    assert list(kept.blobs.values()) == [b"\xff\0"]


def test_without_a_keeper_everything_stays_in_the_bodies() -> None:
    media = Lifting(None)
    text = json.dumps({"b64_json": base64_of(PICTURE)})

    assert media.text(text) == text
    assert media.file(b"abc", "audio/mpeg") == {"size": 3, "content_type": "audio/mpeg", "base64": "YWJj"}


@settings(deadline=None)  # it shares the machine
@given(
    st.recursive(
        st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_bodies_without_media_are_left_alone(value: Any) -> None:
    text = json.dumps([value, "x" * LEAST_CHARACTERS, " "])

    assert Lifting(Kept()).text(text) == text
