"""Providers are found by being there."""

from __future__ import annotations

from typing import get_args

from logwright.projects.types import DEFAULT_BASE_URLS, ProviderKind
from logwright.providers.registry import providers


def test_every_kind_that_can_be_stored_can_be_spoken_to() -> None:
    assert set(providers()) == set(get_args(ProviderKind))


def test_a_provider_is_listed_under_its_own_name() -> None:
    assert all(kind == provider.card.kind for kind, provider in providers().items())


def test_a_card_and_the_project_room_name_the_same_address() -> None:
    """The two rooms stand side by side and cannot ask each other."""
    assert {
        kind: found.card.base_url for kind, found in providers().items() if found.card.base_url
    } == DEFAULT_BASE_URLS
