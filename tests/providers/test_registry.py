"""Providers are found by being there, and what depends on them follows."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click import Choice
from click.testing import CliRunner

from logwright.cli.providers import command
from logwright.errors import Misconfigured
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


@pytest.fixture
def a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Installs a package that offers what a line of Python names."""

    def install(line: str) -> None:
        described = tmp_path / "other-1.0.dist-info"
        described.mkdir()
        (described / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text("[logwright.providers]\nother = provider_of_others:provider\n")
        (tmp_path / "provider_of_others.py").write_text(
            "from logwright.providers.base import Card, OpenAICompatible\n"
            "def a_card(kind): return Card(kind=kind, label='x', docs='https://x', key='', base_url='')\n"
            f"{line}\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        providers.cache_clear()

    yield install
    monkeypatch.undo()
    sys.modules.pop("provider_of_others", None)
    providers.cache_clear()


def test_another_package_may_offer_one(a_package: Callable[[str], None]) -> None:
    a_package("provider = OpenAICompatible(card=a_card('other'))")

    assert providers()["other"].card.label == "x"


def test_what_we_have_it_cannot_replace(a_package: Callable[[str], None]) -> None:
    a_package("provider = OpenAICompatible(card=a_card('openai'))")

    assert providers()["openai"].card.label == "OpenAI"


@pytest.mark.parametrize("line", ["raise ZeroDivisionError", "provider = 7", "pass"])
def test_one_that_cannot_be_loaded_is_told(a_package: Callable[[str], None], line: str) -> None:
    a_package(line)

    with pytest.raises(Misconfigured, match="provider_of_others:provider"):
        providers()


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    done = CliRunner().invoke(command, ["set", "x", "--kind", "nobody"])

    assert done.exit_code == 2
    assert "anthropic" in done.output
