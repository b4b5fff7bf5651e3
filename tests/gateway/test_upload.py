"""Forms go on byte for byte, but for the model's name where the provider knows it by another."""

from __future__ import annotations

import pytest

from logwright.errors import InvalidRequest, MalformedBody
from logwright.gateway.request import Call
from logwright.gateway.upload import Upload, read_call
from logwright.providers.registry import providers

TYPE = b"multipart/form-data; boundary=b"
OPENAI = providers()["openai"]


def a_form(**fields: str | bytes) -> bytes:
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (name.encode(), value if isinstance(value, bytes) else value.encode())
        for name, value in fields.items()
    ]
    return b"".join(parts) + b"--b--\r\n"


def test_the_senders_own_bytes_go_on() -> None:
    raw = a_form(model="whisper-1", file=b"\0\xff\r\n")

    assert Upload("transcription", raw, TYPE).for_upstream(OPENAI, "whisper-1") is raw


def test_of_another_name_only_the_models_part_changes() -> None:
    raw = a_form(file=b"\0\xff", model="openai:whisper-1", prompt="x")

    sent = Upload("transcription", raw, TYPE).for_upstream(OPENAI, "whisper-1")

    assert sent == a_form(file=b"\0\xff", model="whisper-1", prompt="x")


@pytest.mark.parametrize(("word", "wanted"), [("true", True), ("1", True), ("false", False), ("True", True)])
def test_a_stream_is_asked_for_in_a_field(word: str, wanted: bool) -> None:
    assert Upload("transcription", a_form(model="m", stream=word), TYPE).stream is wanted


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (a_form(file="x"), "model is required"),
        (a_form(model=""), "model is required"),
        (a_form(model="m" * 2000), "longer than"),
        (a_form(model=b"\xff"), "not UTF-8"),
        (a_form(model="m").replace(b"--b--", b"") + a_form(model="n"), "given twice"),
        (a_form(model="m", stream="perhaps"), "true or false"),
    ],
)
def test_a_field_that_cannot_be_acted_upon_is_named(raw: bytes, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        Upload("transcription", raw, TYPE)


def test_what_is_said_to_be_a_form_and_is_none_is_refused() -> None:
    with pytest.raises(MalformedBody):
        read_call("transcription", b"{}", [(b"content-type", TYPE)])


def test_json_is_read_as_anywhere() -> None:
    call = read_call("speech", b'{"model":"tts","stream_format":"sse"}', [(b"content-type", b"application/json")])

    assert type(call) is Call
    assert call.stream
    assert call.content_type == b""
