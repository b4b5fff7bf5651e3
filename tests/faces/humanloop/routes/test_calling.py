"""Prompts are called through the gateway of a real server, and the calls are logs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.faces.humanloop.conftest import Client

from logwright.testing.server import Server
from logwright.testing.upstream import FakeUpstream

KERNEL = {
    "model": "gpt-4o",
    "provider": "openai",
    "template": [{"role": "system", "content": "Triage {{ticket}}."}],
    "temperature": 0.5,
    "other": {"logit_bias": {"1": 2}},
}


@pytest.fixture(scope="module")
def one_provider() -> Iterator[FakeUpstream]:
    with FakeUpstream() as upstream:
        yield upstream


@pytest.fixture
def provider(one_provider: FakeUpstream) -> FakeUpstream:
    """Return the provider, which has forgotten what an earlier test told it."""
    one_provider.clear()
    return one_provider


@pytest.fixture(scope="module")
def web(one_provider: FakeUpstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """Run a server; return a client that shows the project's key as Humanloop's does."""
    with (
        Server(upstream=one_provider, folder=tmp_path_factory.mktemp("calling")) as server,
        httpx2.Client(base_url=server.url, headers={"X-API-KEY": server.key}, timeout=30, trust_env=False) as client,
    ):
        yield client


def call(web: httpx2.Client, status: int = 200, **body: Any) -> Any:
    answer = web.post("/v5/prompts/call", json={"path": "support/triage", "inputs": {"ticket": "7"}, **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def events(web: httpx2.Client, **body: Any) -> list[dict[str, Any]]:
    asked = {"path": "support/triage", "prompt": KERNEL, "inputs": {"ticket": "7"}, "stream": True, **body}
    with web.stream("POST", "/v5/prompts/call", json=asked) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]


def test_a_call_fills_the_template_asks_the_provider_and_is_a_log(web: httpx2.Client, provider: FakeUpstream) -> None:
    provider.answers(
        text="To the fire brigade.", usage={"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    )
    said = call(
        web,
        path="team/first",
        prompt=KERNEL,
        messages=[{"role": "user", "content": "It burns."}],
        metadata={"run": 1, "deep": [1]},
        user="ann",
        source="test",
    )
    asked = json.loads(provider.calls[-1].body)
    read = web.get(f"/v5/logs/{said['id']}").json()

    assert asked["messages"] == [
        {"role": "system", "content": "Triage 7."},
        {"role": "user", "content": "It burns."},
    ]
    assert (asked["model"], asked["temperature"], asked["logit_bias"]) == ("gpt-4o", 0.5, {"1": 2})
    (log,) = said["logs"]
    assert (log["index"], log["output"], log["finish_reason"]) == (0, "To the fire brigade.", "stop")
    assert (log["prompt_tokens"], log["output_tokens"]) == (9, 4)
    assert log["provider_latency"] > 0
    assert (said["prompt"]["path"], said["prompt"]["version_logs_count"]) == ("team/first", 1)
    assert (read["prompt"]["version_id"], read["output"]) == (said["prompt"]["version_id"], "To the fire brigade.")
    assert (read["inputs"], read["metadata"], read["user"], read["source"]) == (
        {"ticket": "7"},
        {"run": 1, "deep": [1]},
        "ann",
        "test",
    )
    managed = web.get(f"/api/manage/logs/{said['id']}").json()
    assert (managed["source"], managed["provider"]) == ("gateway", "openai")
    assert managed["tags"] == {"run": "1", "user": "ann", "source": "test"}


def test_a_log_of_a_call_is_updated_like_any_other(web: httpx2.Client, provider: FakeUpstream) -> None:
    provider.answers(text="Before.")
    said = call(web, prompt=KERNEL)
    path = f"/v5/prompts/{said['prompt']['id']}/log/{said['id']}"

    assert web.patch(path, json={"output": "After."}).json()["output"] == "After."


def test_several_samples_are_several_answers_of_one_log(web: httpx2.Client, provider: FakeUpstream) -> None:
    provider.answers(text="Same.")
    said = call(web, prompt=KERNEL, num_samples=2, return_inputs=False)

    assert json.loads(provider.calls[-1].body)["n"] == 2
    assert [log["index"] for log in said["logs"]] == list(range(len(said["logs"])))
    assert said["inputs"] is None


def test_a_stream_is_told_piece_by_piece_and_ends_with_its_figures(web: httpx2.Client, provider: FakeUpstream) -> None:
    provider.answers(chunks=["To the", " fire", " brigade."])
    found = events(web, user="bob")

    assert "".join(chunk["output"] for chunk in found) == "To the fire brigade."
    assert {chunk["index"] for chunk in found} == {0}
    last = found[-1]
    assert (last["finish_reason"], last["prompt_tokens"] > 0) == ("stop", True)
    read = web.get(f"/v5/logs/{last['id']}").json()
    assert (read["output"], read["user"], read["inputs"]) == ("To the fire brigade.", "bob", {"ticket": "7"})
    assert {(chunk["prompt_id"], chunk["version_id"]) for chunk in found} == {
        (read["prompt"]["id"], read["prompt"]["version_id"])
    }


def test_a_stream_that_breaks_off_ends_with_an_error(web: httpx2.Client, provider: FakeUpstream) -> None:
    provider.answers(chunks=["a", "b", "c"], fault="error-in-stream")

    assert events(web)[-1].get("error")


def test_a_deployed_version_is_called_without_a_kernel(web: httpx2.Client, provider: FakeUpstream) -> None:
    provider.answers(text="Yes.")
    first = call(web, path="deployed", prompt=KERNEL)["prompt"]
    call(web, path="deployed", prompt={**KERNEL, "temperature": 1})
    environments = web.get(f"/v5/prompts/{first['id']}/environments").json()
    web.post(
        f"/v5/prompts/{first['id']}/environments/{environments[0]['id']}", params={"version_id": first["version_id"]}
    )

    assert call(web, path="deployed")["prompt"]["version_id"] == first["version_id"]


def test_a_text_model_is_asked_for_a_completion(web: httpx2.Client, provider: FakeUpstream) -> None:
    provider.answers(text="once.")
    said = call(web, path="text", prompt={"model": "gpt-3.5", "endpoint": "complete", "template": "Say {{ticket}}"})

    assert provider.calls[-1].path.endswith("/completions")
    assert json.loads(provider.calls[-1].body)["prompt"] == "Say 7"
    assert said["logs"][0]["output"] == "once."


@pytest.mark.parametrize("stream", [False, True])
def test_a_providers_refusal_is_passed_on_and_is_a_log(
    web: httpx2.Client, provider: FakeUpstream, stream: bool
) -> None:
    provider.answers(status=429)
    refused = call(web, 429, path="refused", prompt=KERNEL, stream=stream)
    found = web.get("/v5/prompts", params={"name": "refused"}).json()["records"][0]

    assert refused["detail"]
    assert found["total_logs_count"] >= 1


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"inputs": {}}, "inputs"),
        ({"save": False}, "save"),
        ({"log_id": "mine"}, "log_id"),
        ({"num_samples": 0}, "num_samples"),
        ({"prompt": {"model": "m", "template": "{% x %}"}}, "inputs"),
        ({"prompt": {"model": "m"}}, "messages"),
    ],
)
def test_what_cannot_be_called_is_unprocessable(web: httpx2.Client, wrong: dict[str, Any], place: str) -> None:
    refused = call(web, 422, **{"path": "wrong", "prompt": KERNEL, **wrong})
    assert refused["detail"][0]["loc"] == ["body", place]


def test_a_process_without_a_gateway_says_so(client: Client) -> None:
    client("POST", "/prompts/call", 503, json={"path": "a", "prompt": KERNEL})
