"""The current Anthropic client, unmodified but for its address and key, against a real server."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from logwright.testing.media_answers import a_picture

World = Any  # the fixture's class lives in conftest.py, which is imported by path

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

RUN = "anthropic"
SENTENCE = "The ticket is about a failed export and can go to the data team."


@pytest.fixture
def client(world: World) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key=world.server.key, base_url=world.server.url, max_retries=0) as client:
        yield client


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


def ask(scenario: str, **more: Any) -> dict[str, Any]:
    tags = {"run": RUN, "scenario": scenario}
    return {
        "model": "claude-of-the-tests",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": f"Where does this ticket go? ({scenario})"}],
        # Anthropic's own metadata has one field only, user_id; tags of one's own go by header.
        "extra_headers": {"op-tags": json.dumps(tags)},
        **more,
    }


def test_a_message_is_answered_and_recorded(world: World, client: anthropic.Anthropic, scenario: str) -> None:
    made = client.messages.create(**ask(scenario))
    log = world.log(RUN, scenario)

    assert made.content[0].text == SENTENCE
    assert (log["kind"], log["provider_kind"], log["status"]) == ("messages", "anthropic", 200)
    assert (log["completion_id"], log["input_tokens"]) == (made.id, made.usage.input_tokens)


def test_a_streamed_message_is_recorded_whole(world: World, client: anthropic.Anthropic, scenario: str) -> None:
    with client.messages.stream(**ask(scenario)) as stream:
        text = "".join(stream.text_stream)
        made = stream.get_final_message()
    log = world.log(RUN, scenario)

    assert text == SENTENCE
    assert log["stream"] is True
    assert log["response"]["content"][0]["text"] == SENTENCE
    assert log["output_tokens"] == made.usage.output_tokens


def test_the_asynchronous_client_works_alike(world: World, scenario: str) -> None:
    async def call() -> str:
        async with anthropic.AsyncAnthropic(api_key=world.server.key, base_url=world.server.url) as client:
            made = await client.messages.create(**ask(scenario))
            return str(made.content[0].text)

    assert asyncio.run(call()) == SENTENCE
    assert world.log(RUN, scenario)["status"] == 200


def test_errors_are_the_clients_own(world: World, client: anthropic.Anthropic, scenario: str) -> None:
    with pytest.raises(anthropic.RateLimitError):
        client.messages.create(**ask(scenario, model="fault-status-429"))

    assert world.log(RUN, scenario)["status"] == 429


def test_a_wrong_key_is_an_authentication_error(world: World) -> None:
    with (
        anthropic.Anthropic(api_key="lwk_wrong", base_url=world.server.url, max_retries=0) as client,
        pytest.raises(anthropic.AuthenticationError),
    ):
        client.messages.create(**ask("wrong-key"))


def test_a_picture_leaves_the_row_and_comes_back(world: World, client: anthropic.Anthropic, scenario: str) -> None:
    picture = base64.b64encode(a_picture(width=80)).decode()
    source = {"type": "base64", "media_type": "image/png", "data": picture}
    asked = [{"role": "user", "content": [{"type": "image", "source": source}]}]
    client.messages.create(**ask(scenario, messages=asked))
    log = world.log(RUN, scenario)

    assert log["request"]["messages"][0]["content"][0]["source"]["data"]["$blob"] == f"sha256:{log['blobs'][0]}"
