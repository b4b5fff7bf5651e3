"""Azure: the deployment in the path, the version in the query, the key in a header of its own."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from logwright.providers.azure import provider


@dataclass(frozen=True)
class Deployment:
    base_url: str
    api_version: str
    model: str = "my gpt-4o"


@pytest.mark.parametrize(
    ("base_url", "version", "path"),
    [
        (
            "https://x.openai.azure.com",
            "2025-01-01",
            "/openai/deployments/my%20gpt-4o/chat/completions?api-version=2025-01-01",
        ),
        (
            "https://x.openai.azure.com/openai",
            "",
            "/deployments/my%20gpt-4o/chat/completions?api-version=2024-10-21",
        ),
        ("https://x.openai.azure.com/openai/v1", "", "/chat/completions"),
    ],
)
def test_a_call_goes_to_its_deployment(base_url: str, version: str, path: str) -> None:
    assert provider.path("chat_completion", Deployment(base_url, version)) == path


def test_what_it_does_not_serve_has_no_path() -> None:
    assert provider.path("messages", Deployment("https://x.openai.azure.com", "")) is None


def test_the_key_goes_where_azure_looks() -> None:
    assert provider.auth("k", Deployment("https://x.openai.azure.com", "")) == {"api-key": "k"}
