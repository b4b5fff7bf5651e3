"""Providers are found by being there, and what depends on them follows."""

from __future__ import annotations

import pytest
from click import Choice
from click.testing import CliRunner

from logwright.cli.providers import command
from logwright.projects.forms import ProviderIn
from logwright.providers.base import Card
from logwright.providers.registry import providers

CARDS = [found.card for found in providers().values()]


def test_a_provider_is_listed_under_its_own_name() -> None:
    assert all(kind == provider.card.kind for kind, provider in providers().items())
    assert list(providers()) == sorted(providers())


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.kind)
def test_a_card_says_what_people_need(card: Card) -> None:
    assert card.label
    assert card.docs.startswith("https://")
    assert card.base_url == card.base_url.rstrip("/")
    assert card.key == card.key.upper()
    assert not card.note or card.note.endswith(".")


def test_the_command_line_and_the_schema_offer_what_is_found() -> None:
    (kind,) = [each for each in command.commands["set"].params if each.name == "kind"]
    assert isinstance(kind.type, Choice)
    assert list(kind.type.choices) == list(providers())
    assert ProviderIn.model_json_schema()["properties"]["kind"]["enum"] == [*providers(), None]


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    done = CliRunner().invoke(command, ["set", "x", "--kind", "nobody"])

    assert done.exit_code == 2
    assert "anthropic" in done.output
