"""Gemini: natively, or through Google's OpenAI-shaped door."""

from __future__ import annotations

import json
import struct
from base64 import b64decode

import pytest
from tests.providers.transcripts import AT, Called, check, names, transcript

from logwright.errors import InvalidRequest
from logwright.providers.gemini import provider

BASE = "https://generativelanguage.googleapis.com/v1beta"
NATIVE = Called("gemini-test", BASE)
DOOR = Called("gemini-test", f"{BASE}/openai")


@pytest.mark.parametrize("name", names("gemini"))
def test_a_transcript_reads_the_same_on_both_sides(name: str) -> None:
    codec = provider.codec("chat_completion", NATIVE)
    assert codec is not None

    check(codec, transcript("gemini", name), NATIVE)


def test_the_door_takes_openais_form_as_it_is() -> None:
    assert provider.path("chat_completion", DOOR) == "/chat/completions"
    assert provider.auth("k", DOOR) == {"authorization": "Bearer k"}
    codec = provider.codec("chat_completion", DOOR)
    assert codec is not None
    assert codec.encode({"messages": []}, DOOR, secret="k", at=AT).path == "/chat/completions"


def test_natively_the_key_goes_where_google_looks() -> None:
    assert provider.path("chat_completion", NATIVE) is None
    assert provider.auth("k", NATIVE) == {"x-goog-api-key": "k"}
    assert provider.auth("", NATIVE) == {}


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-2.5-pro", "/models/gemini-2.5-pro:generateContent"),
        ("tunedModels/mine", "/tunedModels/mine:generateContent"),
        ("../files", "/models/..%2Ffiles:generateContent"),
    ],
)
def test_a_name_stays_a_name_in_the_address(model: str, path: str) -> None:
    codec = provider.codec("chat_completion", NATIVE)
    assert codec is not None
    request = {"messages": [{"role": "user", "content": "Hi"}]}

    assert codec.encode(request, Called(model, BASE), secret="k", at=AT).path == path


@pytest.mark.parametrize("form", ["float", "base64"])
def test_embeddings_are_asked_for_at_once(form: str) -> None:
    codec = provider.codec("embedding", NATIVE)
    assert codec is not None

    call = codec.encode({"input": ["a", "b"], "dimensions": 2, "encoding_format": form}, NATIVE, secret="k", at=AT)
    answer = codec.decode({"embeddings": [{"values": [0.5, -1]}, {"values": [0.25, 2]}]}, at=AT)

    assert call.path == "/models/gemini-test:batchEmbedContents"
    assert json.loads(call.body)["requests"][1] == {
        "model": "models/gemini-test",
        "content": {"parts": [{"text": "b"}]},
        "outputDimensionality": 2,
    }
    second = answer["data"][1]["embedding"]
    assert (list(struct.unpack("<2f", b64decode(second))) if form == "base64" else second) == [0.25, 2]
    assert "usage" not in answer


def test_tokens_are_counted_of_a_conversation_in_anthropics_form() -> None:
    codec = provider.codec("count_tokens", NATIVE)
    assert codec is not None
    request = {"model": "m", "system": "Be brief.", "messages": [{"role": "user", "content": "Hi"}]}

    call = codec.encode(request, NATIVE, secret="k", at=AT)

    assert call.path == "/models/gemini-test:countTokens"
    asked = json.loads(call.body)["generateContentRequest"]
    assert asked["model"] == "models/gemini-test"
    assert asked["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
    assert codec.decode({"totalTokens": 7}, at=AT) == {"input_tokens": 7}


def test_token_ids_cannot_be_embedded() -> None:
    codec = provider.codec("embedding", NATIVE)
    assert codec is not None
    with pytest.raises(InvalidRequest) as refused:
        codec.encode({"input": [[1, 2]]}, NATIVE, secret="k", at=AT)
    assert refused.value.param == "input"


def test_it_has_no_other_kind_of_call() -> None:
    assert provider.codec("responses", NATIVE) is None
