"""The current OpenAI client, unmodified but for its address and key, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from logwright.testing.media_answers import a_picture, a_sound

World = Any  # the fixture's class lives in conftest.py, which is imported by path

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

RUN = "openai"
SENTENCE = "The ticket is about a failed export and can go to the data team."
TOOL: Any = {"type": "function", "function": {"name": "route", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture(params=["/v1", "/api/v1"])
def client(world: World, request: pytest.FixtureRequest) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key=world.server.key, base_url=world.server.url + request.param, max_retries=0) as client:
        yield client


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> str:
    """Name the scenario after the test, its parameters included."""
    return str(request.node.name)


def ask(scenario: str, **more: Any) -> dict[str, Any]:
    return {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": f"Where does this ticket go? ({scenario})"}],
        "metadata": {"run": RUN, "scenario": scenario},
        **more,
    }


def test_a_call_is_answered_and_recorded(world: World, client: openai.OpenAI, scenario: str) -> None:
    answer = client.chat.completions.with_raw_response.create(**ask(scenario))
    made = answer.parse()
    log = world.log(RUN, scenario)

    assert made.choices[0].message.content == SENTENCE
    assert answer.headers["x-logwright-log-id"] == log["id"]
    assert (log["completion_id"], log["model"], log["status"]) == (made.id, "gpt-4o", 200)
    assert log["tags"] == {"run": RUN, "scenario": scenario}


def test_a_stream_arrives_in_pieces_and_is_recorded_whole(world: World, client: openai.OpenAI, scenario: str) -> None:
    chunks = list(client.chat.completions.create(**ask(scenario, stream=True)))
    log = world.log(RUN, scenario)

    assert len(chunks) > 3
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == SENTENCE
    assert all(chunk.usage is None for chunk in chunks)
    assert log["response"]["choices"][0]["message"]["content"] == SENTENCE
    assert log["total_tokens"] == 40


def test_usage_in_a_stream_comes_to_those_who_ask(world: World, client: openai.OpenAI, scenario: str) -> None:
    chunks = list(client.chat.completions.create(**ask(scenario, stream=True, stream_options={"include_usage": True})))

    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == world.log(RUN, scenario)["total_tokens"] == 40


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_tool_is_called(world: World, client: openai.OpenAI, scenario: str, stream: bool) -> None:
    asked = ask(scenario, model="openpipe:toolbox/gpt-4o", tools=[TOOL])
    made: Any  # a parsed completion or a plain one
    if stream:
        with client.chat.completions.stream(**asked) as events:
            made = events.get_final_completion()
    else:
        made = client.chat.completions.create(**asked)
    recorded = world.log(RUN, scenario)["response"]["choices"][0]["message"]["tool_calls"][0]["function"]

    assert made.choices[0].message.tool_calls[0].function.arguments == '{"team": "data"}'
    assert (recorded["name"], recorded["arguments"]) == ("route", '{"team": "data"}')


def test_the_asynchronous_client_works_alike(world: World, scenario: str) -> None:
    async def calls() -> list[str]:
        async with openai.AsyncOpenAI(api_key=world.server.key, base_url=f"{world.server.url}/v1") as client:
            whole, stream = await asyncio.gather(
                client.chat.completions.create(**ask(scenario)),
                client.chat.completions.create(**ask(scenario, stream=True)),
            )
            pieces = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
            return [whole.choices[0].message.content or "", "".join(pieces)]

    assert asyncio.run(calls()) == [SENTENCE, SENTENCE]
    assert len(world.logs(RUN, scenario)) == 2


def test_tags_by_header_and_the_wish_not_to_be_recorded(world: World, client: openai.OpenAI, scenario: str) -> None:
    client.chat.completions.create(**ask(scenario), extra_headers={"op-tags": '{"n": 1}'})
    client.chat.completions.create(**ask(scenario), extra_headers={"op-log-request": "false"})
    client.chat.completions.create(**ask(scenario, store=False))

    assert world.log(RUN, scenario)["tags"]["n"] == "1"


@pytest.mark.parametrize(
    ("model", "raised", "words"),
    [
        ("fault-status-429", openai.RateLimitError, "Rate limit"),
        ("fault-status-400", openai.BadRequestError, "temperature"),
        ("openpipe:nobody/has-this", openai.NotFoundError, "does not exist"),
        ("fault-reset-before-head", openai.InternalServerError, ""),
    ],
)
def test_errors_are_the_clients_own(
    world: World, client: openai.OpenAI, scenario: str, model: str, raised: type[openai.APIStatusError], words: str
) -> None:
    with pytest.raises(raised) as caught:
        client.chat.completions.create(**ask(scenario, model=model))
    log = world.log(RUN, scenario)

    assert isinstance(caught.value.body, dict)
    assert words in caught.value.body["message"]
    assert log["error_kind"] != ""


def test_a_wrong_key_is_an_authentication_error(world: World) -> None:
    with (
        openai.OpenAI(api_key="lwk_wrong", base_url=f"{world.server.url}/v1", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError) as caught,
    ):
        client.chat.completions.create(**ask("wrong-key"))

    assert "key" in caught.value.message


def test_embeddings_completions_and_responses_are_recorded(world: World, client: openai.OpenAI, scenario: str) -> None:
    tags = {"op-tags": f'{{"run": "{RUN}", "scenario": "{scenario}"}}'}
    client.embeddings.create(model="text-embedding-3-small", input="one", extra_headers=tags)
    client.completions.create(model="gpt-3.5-turbo-instruct", prompt="one", extra_headers=tags)
    text = client.responses.create(model="gpt-4o", input="one", extra_headers=tags).output_text
    events = list(client.responses.create(model="gpt-4o", input="one", stream=True, extra_headers=tags))

    assert text == SENTENCE
    assert events[-1].type == "response.completed"
    kinds = [log["kind"] for log in world.logs(RUN, scenario)]
    assert kinds == ["embedding", "text_completion", "responses", "responses"]


def test_sound_and_pictures_are_recorded(world: World, client: openai.OpenAI, scenario: str) -> None:
    tags = {"op-tags": f'{{"run": "{RUN}", "scenario": "{scenario}"}}'}
    sound = ("call.wav", a_sound())
    spoken = client.audio.speech.create(model="tts-1", voice="alloy", input="Hello", extra_headers=tags)
    client.audio.transcriptions.create(model="whisper-1", file=sound, extra_headers=tags)
    events = list(client.audio.transcriptions.create(model="whisper-1", file=sound, stream=True, extra_headers=tags))
    client.images.generate(model="gpt-image-2", prompt="A cat", extra_headers=tags)
    client.images.edit(model="gpt-image-2", prompt="A hat", image=("cat.png", a_picture()), extra_headers=tags)

    assert spoken.content == a_sound(form="mp3")
    assert events[-1].type == "transcript.text.done"
    found = world.logs(RUN, scenario)
    assert [log["kind"] for log in found] == [
        "speech",
        "transcription",
        "transcription",
        "image_generation",
        "image_edit",
    ]
    assert all(log["blobs"] and log["error_kind"] == "" for log in found)
    assert found[1]["blobs"] == found[2]["blobs"]


def test_a_parsed_answer_comes_as_the_callers_type(world: World, client: openai.OpenAI, scenario: str) -> None:
    from pydantic import BaseModel

    class Route(BaseModel):
        team: str

    made = client.chat.completions.parse(**ask(scenario, model="openpipe:jsonic/gpt-4o"), response_format=Route)

    assert made.choices[0].message.parsed == Route(team="data")
    assert world.log(RUN, scenario)["request"]["response_format"]["type"] == "json_schema"
