"""The models that a key can call, listed by the vendors' own clients."""

from __future__ import annotations

from collections.abc import Iterator

import anthropic
import openai
import pytest

from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

NAMES = [f"model-{number}" for number in range(5)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("models") / "server"
    with FakeUpstream() as upstream, Server(upstream=upstream, folder=folder) as server:
        server.provider("local", kind="openai-compatible", base_url=upstream.base_url, models=NAMES)
        server.provider("gemini", kind="gemini", base_url=f"{upstream.url}/v1beta", models=["a/b"])
        yield server


@pytest.fixture
def claude(world: Server) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key=world.key, base_url=world.url, max_retries=0) as client:
        yield client


def test_openais_client_lists_what_can_be_called(world: Server) -> None:
    listed = {model.id: model.owned_by for model in world.openai().models.list()}

    assert dict.fromkeys(NAMES, "local").items() <= listed.items()
    assert listed["openpipe:local/model-0"] == "local"
    assert listed["openpipe:gemini/a/b"] == listed["gemini:a/b"] == listed["gemini:2.0-flash"] == "gemini"
    assert listed["anthropic:claude-3-haiku"] == "anthropic"


def test_every_name_of_the_list_can_be_called(world: Server) -> None:
    client = world.openai()

    for model in client.models.list():
        asked = client.chat.completions.create(model=model.id, messages=[{"role": "user", "content": "Hi"}])
        assert asked.choices[0].message.content


@pytest.mark.parametrize("name", ["model-0", "openpipe:local/model-0", "openpipe:gemini/a/b", "gemini:a/b"])
def test_one_is_shown_whatever_its_name_holds(world: Server, name: str) -> None:
    found = world.openai().models.retrieve(name)

    assert (found.id, found.object) == (name, "model")
    assert found.created > 1_700_000_000


def test_an_unknown_one_is_not_found(world: Server) -> None:
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        world.openai().models.retrieve("nobody")


def test_anthropics_client_pages_through_the_same(world: Server, claude: anthropic.Anthropic) -> None:
    everything = [model.id for model in world.openai().models.list()]

    first = claude.models.list(limit=3)

    assert first.has_more
    assert [model.id for model in first] == everything  # the client asks for the pages itself
    backwards = claude.models.list(limit=2, before_id=everything[3])
    assert [model.id for model in backwards.data] == everything[1:3]
    assert claude.models.retrieve("anthropic:claude-3-haiku").display_name == "claude-3-haiku-20240307"


def test_a_page_after_nothing_known_is_refused(claude: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match="after_id"):
        claude.models.list(after_id="nobody")


def test_without_a_key_nothing_is_listed(world: Server) -> None:
    with pytest.raises(openai.AuthenticationError):
        world.openai(api_key="lwk_wrong").models.list()


def test_openpipes_path_answers_alike(world: Server) -> None:
    with world.http() as web:
        assert web.get("/api/v1/models").json() == web.get("/v1/models").json()
