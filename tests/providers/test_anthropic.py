"""Anthropic: its own form, passed on as it is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from logwright.providers.anthropic import provider


@dataclass(frozen=True)
class Called:
    base_url: str
    model: str = "claude-sonnet-4-5"
    api_version: str = ""


@pytest.mark.parametrize(
    ("base_url", "path"),
    [("https://api.anthropic.com/v1", "/messages"), ("https://api.anthropic.com", "/v1/messages")],
)
def test_the_version_of_the_path_may_be_left_out_of_the_base_url(base_url: str, path: str) -> None:
    assert provider.path("messages", Called(base_url)) == path


def test_it_names_a_version_when_the_caller_does_not() -> None:
    assert provider.presumes == {b"anthropic-version": b"2023-06-01"}
    assert set(provider.presumes) <= provider.passes


def test_the_key_goes_where_anthropic_looks() -> None:
    assert provider.auth("k", Called("https://api.anthropic.com")) == {"x-api-key": "k"}
