"""What all providers of OpenAI's form share."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from logwright.providers import compatible, openai


@dataclass(frozen=True)
class Called:
    model: str = "a-model"
    base_url: str = "https://models.example/v1"
    api_version: str = ""


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("chat_completion", "/chat/completions"),
        ("text_completion", "/completions"),
        ("embedding", "/embeddings"),
        ("responses", "/responses"),
        ("messages", None),
    ],
)
def test_each_kind_of_call_has_its_path(kind: str, path: str | None) -> None:
    assert compatible.provider.path(kind, Called()) == path


def test_a_provider_without_a_key_gets_no_header() -> None:
    assert compatible.provider.auth("", Called()) == {}
    assert compatible.provider.auth("sk-1", Called()) == {"authorization": "Bearer sk-1"}


def test_metadata_stays_here_unless_the_provider_takes_it() -> None:
    assert not compatible.provider.keeps_metadata({"store": True})
    assert openai.provider.keeps_metadata({"store": True})
    assert not openai.provider.keeps_metadata({})
