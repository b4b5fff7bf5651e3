"""From a model's name to the target that is called."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from logwright.db import Database
from logwright.errors import NotFound, Unavailable
from logwright.models.catalogue import Catalogue
from logwright.models.types import CallKind, Target
from logwright.projects import manage
from logwright.projects.audit import SYSTEM
from logwright.projects.manage import Managing
from logwright.projects.types import ProviderKind, Secret
from logwright.projects.vault import Vault


class House:
    """A project whose providers a test sets, and the catalogue that resolves its models."""

    def __init__(self, managing: Managing) -> None:
        self.managing = managing
        self.project_id = manage.create_project(managing, SYSTEM, "one")[0].id
        self.catalogue = Catalogue(managing.database, managing.vault, managing.database.counter)

    def set(self, slug: str, kind: ProviderKind, *models: str, key: str = "") -> None:
        manage.set_provider(
            self.managing,
            SYSTEM,
            self.project_id,
            slug,
            kind=kind,
            base_url=f"https://{slug}.example/v1",
            key=Secret(key),
            models=models,
            api_version="2024-10-21" if kind == "azure" else None,
        )

    def resolve(self, model: str, kind: CallKind = "chat_completion") -> Target:
        return self.catalogue.resolve(self.project_id, model, kind)

    def goes_to(self, model: str, kind: CallKind = "chat_completion") -> str:
        """Say where a model goes as `slug model`."""
        target = self.resolve(model, kind)
        return f"{target.provider} {target.model}"


@pytest.fixture
def house(managing: Managing) -> House:
    return House(managing)


def test_a_prefix_goes_to_the_provider_of_that_name_and_the_name_goes_without_it(house: House) -> None:
    house.set("other", "openai")
    for slug in ("openai", "anthropic", "gemini"):
        house.set(slug, "openai" if slug == "openai" else "anthropic" if slug == "anthropic" else "gemini")
    assert house.goes_to("openai:gpt-4o") == "openai gpt-4o"
    assert house.goes_to("anthropic:claude-sonnet-4") == "anthropic claude-sonnet-4"
    assert house.goes_to("gemini:gemini-2.5-pro") == "gemini gemini-2.5-pro"
    assert house.goes_to("openai:ft:gpt-4o:acme::x/y") == "openai ft:gpt-4o:acme::x/y"


def test_a_prefix_goes_to_a_provider_of_that_kind_when_none_has_that_name(house: House) -> None:
    house.set("local", "openai-compatible")
    house.set("mine", "openai")
    house.set("second", "openai")
    assert house.goes_to("openai:gpt-4o") == "mine gpt-4o"


def test_a_full_name_goes_to_its_provider_whatever_the_model_holds(house: House) -> None:
    house.set("groq", "openai-compatible")
    assert house.goes_to("openpipe:groq/meta-llama/llama-3:8b") == "groq meta-llama/llama-3:8b"


@pytest.mark.parametrize("model", ["openpipe:nowhere/x", "openpipe:groq", "openpipe:groq/", "openpipe:/x", "openpipe:"])
def test_an_unknown_full_name_is_refused_in_openpipes_words(house: House, model: str) -> None:
    house.set("groq", "openai-compatible")
    with pytest.raises(NotFound) as refused:
        house.resolve(model)
    assert refused.value.message == f"The model `{model}` does not exist"


def test_a_bare_name_goes_to_the_provider_that_lists_it(house: House) -> None:
    house.set("openai", "openai")
    house.set("local", "openai-compatible", "llama", "gpt-4o")
    house.set("claude", "anthropic", "claude-sonnet-4")
    assert house.goes_to("llama") == "local llama"
    assert house.goes_to("gpt-4o") == "local gpt-4o"
    assert house.goes_to("claude-sonnet-4") == "claude claude-sonnet-4"
    assert house.goes_to("o3") == "openai o3"


def test_the_oldest_of_several_that_list_a_name_is_chosen(house: House) -> None:
    house.set("first", "openai-compatible", "llama")
    house.set("second", "openai-compatible", "llama")
    house.set("first", "openai-compatible", "llama", "other")
    assert house.goes_to("llama") == "first llama"


def test_a_bare_name_in_anthropics_form_goes_to_anthropic(house: House) -> None:
    house.set("openai", "openai")
    house.set("claude", "anthropic")
    assert house.goes_to("claude-sonnet-4", "messages") == "claude claude-sonnet-4"
    assert house.goes_to("claude-sonnet-4", "chat_completion") == "openai claude-sonnet-4"


def test_a_bare_name_goes_to_the_only_provider_that_takes_openais_form(house: House) -> None:
    house.set("claude", "anthropic")
    house.set("azure", "azure")
    assert house.goes_to("gpt-4o") == "azure gpt-4o"
    house.set("local", "openai-compatible")
    with pytest.raises(NotFound):
        house.resolve("gpt-4o")
    house.set("openai", "openai-compatible")
    assert house.goes_to("gpt-4o") == "openai gpt-4o"


@pytest.mark.parametrize(
    ("model", "kind", "slug"),
    [
        ("gpt-4o", "chat_completion", "openai"),
        ("openai:gpt-4o", "chat_completion", "openai"),
        ("anthropic:claude", "chat_completion", "anthropic"),
        ("claude", "messages", "anthropic"),
    ],
)
def test_without_a_provider_the_answer_says_how_to_set_one(house: House, model: str, kind: CallKind, slug: str) -> None:
    with pytest.raises(NotFound) as refused:
        house.resolve(model, kind)
    assert refused.value.message.startswith(f"The model `{model}` does not exist")
    assert f"logwright providers set {slug} " in refused.value.message


def test_a_target_carries_what_a_call_needs_and_hides_the_key(house: House) -> None:
    house.set("azure", "azure", key="sk-0123456789abcdef")
    target = house.resolve("openpipe:azure/gpt-4o")
    assert (target.kind, target.base_url, target.api_version) == ("azure", "https://azure.example/v1", "2024-10-21")
    assert target.secret.reveal() == "sk-0123456789abcdef"
    assert "0123456789" not in repr(target)


def test_the_same_answer_is_the_same_object_until_something_changes(house: House) -> None:
    house.set("openai", "openai", key="sk-old-0123456789")
    first = house.resolve("gpt-4o")
    assert house.resolve("gpt-4o") is first
    house.set("openai", "openai", key="sk-new-0123456789")
    assert house.resolve("gpt-4o").secret.reveal() == "sk-new-0123456789"


def test_a_change_is_seen_by_the_next_call(house: House) -> None:
    house.set("openai", "openai")
    assert house.goes_to("gpt-4o") == "openai gpt-4o"
    manage.remove_provider(house.managing, SYSTEM, house.project_id, "openai")
    with pytest.raises(NotFound):
        house.resolve("gpt-4o")


def test_another_projects_providers_do_not_exist_here(house: House) -> None:
    house.set("groq", "openai-compatible", "llama")
    other = manage.create_project(house.managing, SYSTEM, "two")[0].id
    for model in ("openpipe:groq/llama", "llama"):
        with pytest.raises(NotFound):
            house.catalogue.resolve(other, model, "chat_completion")


def test_a_key_copied_from_another_project_does_not_open(house: House) -> None:
    house.set("openai", "openai", key="sk-0123456789")
    other = manage.create_project(house.managing, SYSTEM, "two")[0].id
    manage.set_provider(house.managing, SYSTEM, other, "thief", kind="openai", key=Secret("sk-thief-0123"))
    steal = "UPDATE providers SET secret = (SELECT secret FROM providers WHERE slug = 'openai') WHERE slug = 'thief'"
    with house.managing.database.write() as connection:
        connection.execute(sa.text(steal))
    with pytest.raises(Unavailable, match="set it again"):
        house.catalogue.resolve(other, "openpipe:thief/x", "chat_completion")


def test_names_that_callers_make_up_do_not_fill_the_memory(tmp_path: Path, vault: Vault) -> None:
    database = Database.open(tmp_path / "logwright.db")
    house = House(Managing(database=database, vault=vault))
    house.set("openai", "openai")
    for number in range(25_000):
        house.resolve(f"made-up-{number}")
    assert len(house.catalogue._now.targets) <= 10_000
    database.close()


def test_models_are_listed_by_the_names_that_lead_to_them(house: House) -> None:
    house.set("groq", "openai-compatible", "llama", "qwen")
    house.set("other", "openai-compatible", "llama")
    listed = {entry.name: entry.provider for entry in house.catalogue.models(house.project_id)}
    assert listed == {
        "llama": "groq",
        "openpipe:groq/llama": "groq",
        "qwen": "groq",
        "openpipe:groq/qwen": "groq",
        "openpipe:other/llama": "other",
    }
    assert all(house.goes_to(name).split()[0] == provider for name, provider in listed.items())
    assert house.catalogue.models("prj_nowhere") == []


def test_short_names_and_prefixes_are_listed_where_they_lead(house: House) -> None:
    house.set("mine", "anthropic", "claude-opus-4")
    house.set("second", "anthropic", "claude-opus-4")
    house.set("gemini", "gemini")
    listed = {entry.name: (entry.provider, entry.upstream) for entry in house.catalogue.models(house.project_id)}

    assert listed["anthropic:claude-opus-4"] == ("mine", "claude-opus-4")
    assert listed["anthropic:claude-3-7-sonnet"] == ("mine", "claude-3-7-sonnet-20250219")
    assert listed["gemini:1.5-flash"] == ("gemini", "gemini-1.5-flash")
    for name, (provider, upstream) in listed.items():
        assert house.goes_to(name) == f"{provider} {upstream}"


def test_a_model_may_have_slashes_of_its_own_and_a_kind_before_it(house: House) -> None:
    house.set("fire", "fireworks")
    assert house.goes_to("openpipe:fire/accounts/fireworks/models/llama") == "fire accounts/fireworks/models/llama"
    assert house.goes_to("fireworks:accounts/x") == "fire accounts/x"


def test_the_only_provider_takes_what_nobody_else_does(house: House) -> None:
    house.set("claude", "anthropic")
    assert house.goes_to("claude-sonnet-4") == "claude claude-sonnet-4"
    assert house.goes_to("3-haiku") == "claude 3-haiku"
    house.set("bedrock", "bedrock")
    with pytest.raises(NotFound):
        house.resolve("claude-sonnet-4")


def test_anthropics_form_goes_to_whoever_there_is(house: House) -> None:
    house.set("openai", "openai")
    assert house.goes_to("gpt-4o", "messages") == "openai gpt-4o"


def test_resolving_a_known_name_takes_microseconds(tmp_path: Path, vault: Vault) -> None:
    """Measured at 0.15; the bound leaves room for a machine under load."""
    database = Database.open(tmp_path / "logwright.db")
    house = House(Managing(database=database, vault=vault))
    house.set("openai", "openai")
    resolve, project_id = house.catalogue.resolve, house.project_id
    best = 1e9
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(2000):
            resolve(project_id, "gpt-4o", "chat_completion")
        best = min(best, (time.perf_counter() - began) / 2000 * 1e6)
    assert best < 10
    database.close()
