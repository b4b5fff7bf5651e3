"""Published exporters and instrumentations of OpenTelemetry, unmodified, against a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    World = Any  # the fixture's class lives in conftest.py, which is imported by path

SENTENCE = "The ticket is about a failed export and can go to the data team."
ASKED = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which team?"}]

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]


@pytest.fixture(scope="session")
def seen(
    world: World, run_script: Callable[..., dict[str, Any]], scripts: Path, environments: ModuleType
) -> dict[str, Any]:
    """Run every scenario once; return what the programs saw."""
    python = environments.ready("otel")
    found: dict[str, Any] = {}
    # MLflow's spans go to the process's one provider of spans, which Langfuse has as well.
    for scenarios in (["exporter", "openinference", "langfuse", "openllmetry"], ["mlflow"]):
        given = world.given("otel", server=world.server.url, scenarios=scenarios)
        found |= run_script([str(python), str(scripts / "otel_python.py")], given)
    return found


def logs_of(world: World, service: str, **more: str) -> list[dict[str, Any]]:
    """Return the logs of one service, whole, oldest first."""

    def get(path: str, **params: str) -> Any:
        headers = {"authorization": f"Bearer {world.server.key}"}
        answer = httpx2.get(world.server.url + path, params=params, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    query = " ".join([f'tag."service.name":{service}', *(f"{name}:{value}" for name, value in more.items())])
    listed = get("/api/manage/logs", q=query, order="asc", limit="100")["data"]
    return [get(f"/api/manage/logs/{log['id']}") for log in listed]


@pytest.mark.parametrize("scenario", ["exporter", "openllmetry", "openinference", "langfuse", "mlflow"])
def test_every_program_runs_to_its_end(seen: dict[str, Any], scenario: str) -> None:
    assert "error" not in seen[scenario]


def test_the_sdks_own_exporter_sends_packed_protobuf(world: World, seen: dict[str, Any]) -> None:
    agent, chat = logs_of(world, "exporter")

    assert seen["exporter"]["flushed"]
    assert (agent["kind"], chat["kind"], chat["model"]) == ("agent", "chat_completion", "gpt-4o")
    assert chat["parent_id"] == agent["id"]
    assert chat["trace_id"] == seen["exporter"]["trace_id"]


def test_openllmetrys_calls_are_logs_with_content_and_tokens(world: World, seen: dict[str, Any]) -> None:
    plain, streamed = logs_of(world, "openllmetry", kind="chat_completion")

    for log in (plain, streamed):
        assert log["request"]["messages"] == ASKED
        assert log["response"]["choices"][0]["message"]["content"] == SENTENCE
    assert plain["input_tokens"] > 0
    assert plain["cost"] > 0
    assert streamed["ttft"] is not None
    assert plain["request"]["temperature"] == 0.5
    assert plain["completion_id"]
    (embedding,) = logs_of(world, "openllmetry", kind="embedding")
    assert embedding["request"]["input"] == "one"
    assert seen["openllmetry"] == {}


def test_openinferences_calls_are_logs_with_tools_and_session(world: World, seen: dict[str, Any]) -> None:
    (chat,) = logs_of(world, "openinference", kind="chat_completion")
    (embedding,) = logs_of(world, "openinference", kind="embedding")

    assert chat["request"]["messages"] == ASKED
    assert chat["request"]["temperature"] == 0.5
    assert chat["request"]["tools"][0]["function"]["name"] == "route"
    assert chat["response"]["choices"][0]["message"]["content"] == SENTENCE
    assert chat["session_id"] == "chat-7"
    assert chat["input_tokens"] > 0
    assert embedding["request"]["input"] == "one"
    assert seen["openinference"] == {}


def test_langfuses_observations_are_logs_of_one_trace(world: World, seen: dict[str, Any]) -> None:
    headers = {"authorization": f"Bearer {world.server.key}"}
    listed = httpx2.get(
        f"{world.server.url}/api/manage/logs",
        params={"q": "session:chat-7 tag.beta:true"},
        headers=headers,
        trust_env=False,
    ).json()["data"]
    by_kind = {log["kind"]: log for log in listed}

    assert set(by_kind) == {"agent", "chat_completion"}
    chat = by_kind["chat_completion"]
    assert (chat["model"], chat["input_tokens"], chat["output_tokens"]) == ("gpt-4o", 12, 8)
    assert chat["tags"]["plan"] == "gold"
    assert chat["parent_id"] == by_kind["agent"]["id"]
    assert chat["trace_id"] == by_kind["agent"]["trace_id"]
    assert "error" not in seen["langfuse"]


def test_mlflows_spans_are_logs_with_the_bodies_that_it_saw(world: World, seen: dict[str, Any]) -> None:
    agent, tool, chat = logs_of(world, "mlflow")

    assert (agent["kind"], tool["kind"], chat["kind"]) == ("agent", "tool", "chat_completion")
    assert tool["request"] == {"name": "find", "input": {"query": "refund"}}
    assert tool["response"] == {"output": {"found": 6}}
    assert chat["request"]["messages"] == ASKED
    assert chat["response"]["choices"][0]["message"]["content"] == SENTENCE
    assert chat["input_tokens"] > 0
    assert {tool["parent_id"], chat["parent_id"]} == {agent["id"]}
    assert seen["mlflow"] == {}
