"""OpenAI's stored completions, asked for by OpenAI's own client over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with (
        FakeUpstream() as upstream,
        Server(upstream=upstream, folder=tmp_path_factory.mktemp("openai") / "server") as server,
    ):
        yield server


@pytest.fixture
def client(world: Server) -> openai.OpenAI:
    return world.openai()


@pytest.fixture
def run(request: pytest.FixtureRequest) -> str:
    return str(request.node.name)


def ask(client: openai.OpenAI, run: str, **more: Any) -> str:
    metadata = {"run": run, **more.pop("metadata", {})}
    messages = more.pop("messages", [{"role": "user", "content": "Hi"}])
    answer = client.chat.completions.with_raw_response.create(
        **{"model": "gpt-4o-mini", "messages": messages, "metadata": metadata, **more}
    )
    return str(answer.headers["x-logwright-log-id"])


def test_what_was_recorded_is_listed_oldest_first_page_by_page(client: openai.OpenAI, run: str) -> None:
    asked = [ask(client, run, metadata={"n": str(number)}) for number in range(5)]

    page = client.chat.completions.list(metadata={"run": run}, limit=2)
    listed = list(page)

    assert page.has_more
    assert len(page.data) == 2
    assert [each.request_id for each in listed] == asked  # type: ignore[attr-defined] # the API says it, their type not
    assert [(each.metadata or {})["n"] for each in listed] == ["0", "1", "2", "3", "4"]
    assert all(each.choices[0].message.content for each in listed)


def test_the_newest_come_first_when_asked_for(client: openai.OpenAI, run: str) -> None:
    asked = [ask(client, run) for _ in range(3)]

    listed = list(client.chat.completions.list(metadata={"run": run}, order="desc", limit=1))

    assert [each.request_id for each in listed] == asked[::-1]  # type: ignore[attr-defined] # the API says it, their type not


def test_a_list_is_narrowed_by_model_and_metadata(client: openai.OpenAI, run: str) -> None:
    ask(client, run, metadata={"env": "dev"})
    ask(client, run, metadata={"env": "dev"}, model="gpt-4o")
    ask(client, run, metadata={"env": "prod"}, model="gpt-4o")

    listed = list(client.chat.completions.list(metadata={"run": run, "env": "dev"}, model="gpt-4o"))

    assert len(listed) == 1


def test_a_failed_call_is_no_stored_completion(client: openai.OpenAI, run: str) -> None:
    with pytest.raises(openai.RateLimitError):
        ask(client, run, model="fault-status-429")
    ask(client, run)

    assert len(list(client.chat.completions.list(metadata={"run": run}))) == 1


def test_a_completion_is_retrieved_by_its_own_id_and_by_that_of_its_log(client: openai.OpenAI, run: str) -> None:
    log_id = ask(client, run, temperature=0.5)
    (listed,) = client.chat.completions.list(metadata={"run": run})

    by_log, by_id = client.chat.completions.retrieve(log_id), client.chat.completions.retrieve(listed.id)

    assert by_log.id == by_id.id == listed.id
    assert by_id.metadata == {"run": run}
    assert by_id.temperature == 0.5  # type: ignore[attr-defined] # likewise
    assert by_id.usage is not None
    assert by_id.usage.total_tokens > 0


def test_a_stream_is_stored_as_the_completion_that_it_makes(client: openai.OpenAI, run: str) -> None:
    made = list(
        client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], metadata={"run": run}, stream=True
        )
    )

    stored = client.chat.completions.retrieve(made[0].id)

    assert stored.object == "chat.completion"
    assert stored.choices[0].message.content == "".join(
        each.choices[0].delta.content or "" for each in made if each.choices
    )


def test_an_update_puts_other_metadata_in_the_place_of_the_old(client: openai.OpenAI, run: str) -> None:
    log_id = ask(client, run, metadata={"old": "1"})

    updated = client.chat.completions.update(log_id, metadata={"run": run, "new": "2"})

    assert updated.metadata == {"run": run, "new": "2"}
    assert len(list(client.chat.completions.list(metadata={"run": run, "new": "2"}))) == 1
    assert not list(client.chat.completions.list(metadata={"run": run, "old": "1"}))


def test_metadata_that_is_null_is_cleared(client: openai.OpenAI, run: str) -> None:
    log_id = ask(client, run)

    assert client.chat.completions.update(log_id, metadata=None).metadata == {}


def test_a_deleted_completion_is_gone(client: openai.OpenAI, run: str) -> None:
    log_id = ask(client, run)

    deleted = client.chat.completions.delete(log_id)

    assert (deleted.id, deleted.deleted, deleted.object) == (log_id, True, "chat.completion.deleted")
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.retrieve(log_id)
    assert isinstance(caught.value.body, dict)
    assert log_id in caught.value.body["message"]


def test_the_messages_of_a_completion_are_listed_with_their_parts(client: openai.OpenAI, run: str) -> None:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://a.example/b"}},
    ]
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": parts}]
    log_id = ask(client, run, messages=messages)

    listed = list(client.chat.completions.messages.list(log_id, limit=1))

    assert [(each.role, each.content) for each in listed] == [("system", "Be brief."), ("user", None)]
    assert [part.type for part in listed[1].content_parts or ()] == ["text", "image_url"]
    assert listed[1].id.endswith("-1")
    newest = client.chat.completions.messages.list(log_id, order="desc", limit=1)
    assert newest.data[0].id == listed[1].id
    assert newest.has_more


def test_the_asynchronous_client_walks_the_same_pages(world: Server, client: openai.OpenAI, run: str) -> None:
    asked = [ask(client, run) for _ in range(3)]

    async def walk() -> list[Any]:
        async with openai.AsyncOpenAI(api_key=world.key, base_url=f"{world.url}/api/v1", max_retries=0) as other:
            found = [each async for each in other.chat.completions.list(metadata={"run": run}, limit=2)]
            await other.chat.completions.delete(asked[0])
            return found

    assert [each.request_id for each in asyncio.run(walk())] == asked
    assert len(list(client.chat.completions.list(metadata={"run": run}))) == 2


def test_two_logs_of_one_completion_do_not_hold_a_walk_up(world: Server, client: openai.OpenAI, run: str) -> None:
    for _ in range(3):
        report = {
            "reqPayload": {"model": "m", "messages": [], "metadata": {"run": run}},
            "respPayload": {"id": f"chatcmpl-{run}", "object": "chat.completion", "choices": []},
            "statusCode": 200,
        }
        httpx2.post(
            f"{world.url}/api/v1/report",
            json=report,
            headers={"authorization": f"Bearer {world.key}"},
            trust_env=False,
        ).raise_for_status()
    last = ask(client, run)

    listed = list(client.chat.completions.list(metadata={"run": run}, limit=1))

    assert next(each.id for each in listed) == f"chatcmpl-{run}"
    assert listed[-1].request_id == last  # type: ignore[attr-defined] # the API says it, their type does not
    assert len(listed) == 2


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "query.limit"),
        ("limit=101", "query.limit"),
        ("order=up", "query.order"),
        ("metadata=x", "metadata"),
        ("after=chatcmpl-nowhere", "id"),
    ],
)
def test_a_wrong_parameter_is_named(world: Server, query: str, param: str) -> None:
    answer = httpx2.get(
        f"{world.url}/v1/chat/completions?{query}", headers={"authorization": f"Bearer {world.key}"}, trust_env=False
    )

    assert answer.status_code in {400, 404}
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"[]", None),
        (b"{}", "metadata"),
        (b'{"metadata": 3}', "metadata"),
        (b'{"metadata": {"a": {}}}', "metadata.a"),
        (b'{"metadata": {"": "x"}}', "metadata."),
        (b"{", None),
    ],
)
def test_a_wrong_update_is_refused_by_name(
    world: Server, client: openai.OpenAI, run: str, body: bytes, param: str | None
) -> None:
    answer = httpx2.post(
        f"{world.url}/v1/chat/completions/{ask(client, run)}",
        content=body,
        headers={"authorization": f"Bearer {world.key}"},
        trust_env=False,
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


def test_a_recorded_response_is_retrieved_with_its_input_and_deleted(client: openai.OpenAI, run: str) -> None:
    made = client.responses.create(model="gpt-4o", input="Say hello", metadata={"run": run})

    stored = client.responses.retrieve(made.id)
    items = list(client.responses.input_items.list(made.id))

    assert stored.output_text == made.output_text
    assert stored.metadata == {"run": run}
    assert [part.text for part in items[0].content] == ["Say hello"]  # type: ignore[union-attr] # a message, as asked
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
