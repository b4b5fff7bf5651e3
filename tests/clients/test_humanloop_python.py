"""Humanloop's published Python client, unmodified, against a real server: the newest release and the newest beta."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

    World = Any  # the fixture's class lives in conftest.py, which is imported by path

SENTENCE = "The ticket is about a failed export and can go to the data team."

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]


@pytest.fixture(scope="session", params=["0.8.38", "0.8.40b6"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def run(version: str) -> str:
    return f"humanloop-{version}"


@pytest.fixture(scope="session")
def gateway_log(world: World, run: str) -> str:
    """Make a call through the gateway; return the id of its log."""
    answer = world.server.openai().chat.completions.with_raw_response.create(
        model="openai:gpt-4o-mini",
        messages=[{"role": "user", "content": "Which team?"}],
        metadata={"run": run, "scenario": "gateway"},
    )
    return str(answer.headers["x-logwright-log-id"])


@pytest.fixture(scope="session")
def seen(
    world: World,
    run: str,
    version: str,
    gateway_log: str,
    run_script: Callable[..., dict[str, Any]],
    scripts: Path,
    environments: ModuleType,
) -> dict[str, Any]:
    """Run every scenario once; return what the client saw."""
    python = environments.ready(f"humanloop-{version}")
    given = world.given(run, gateway_log=gateway_log)
    return run_script([str(python), str(scripts / "humanloop_python.py")], given)


def test_a_log_is_updated_in_every_field(seen: dict[str, Any]) -> None:
    updated = seen["update"]["updated"]

    assert (updated["output"], updated["output_message"]["content"]) == ("Call the fire brigade.",) * 2
    assert [updated[name] for name in ("prompt_tokens", "reasoning_tokens", "output_tokens")] == [12, 3, 5]
    assert [updated[name] for name in ("prompt_cost", "output_cost", "provider_latency")] == [0.25, 0.5, 1.5]
    assert (updated["finish_reason"], updated["error"], updated["stdout"]) == ("stop", "It went wrong.", "debugging")
    assert (updated["messages"][0]["content"], updated["inputs"]) == ("It is on fire.", {"ticket": 8})
    assert updated["tool_choice"] == {"type": "function", "function": {"name": "call"}}
    assert (updated["provider_request"], updated["provider_response"]) == ({"model": "gpt-4o"}, {"id": "chatcmpl-9"})
    assert (updated["source"], updated["user"], updated["environment"]) == ("changed", "ann", "staging")
    assert updated["metadata"]["new"] == [1]
    assert (updated["start_time"][:23], updated["end_time"][:23]) == (
        "2026-01-02T02:04:05.678",
        "2026-01-02T02:04:08.678",
    )


def test_null_clears_and_nothing_changes_nothing(seen: dict[str, Any]) -> None:
    update = seen["update"]

    assert (update["cleared"]["error"], update["cleared"]["stdout"]) == (None, None)
    assert update["cleared"]["output"] == update["updated"]["output"]
    states = [{**update[name], "prompt": update[name]["prompt"]["id"]} for name in ("cleared", "nothing", "read")]
    assert states[0] == states[1] == states[2]  # but for the prompt's counts, which are a few seconds old


def test_the_update_is_in_our_api_and_in_openpipes_export(
    world: World, seen: dict[str, Any], run: str, tmp_path: Path
) -> None:
    log = world.log(run, "update")
    rows = {row["tags"]["scenario"]: row for row in world.exported(run, tmp_path)}

    assert log["id"] == seen["update"]["told"]["id"]
    assert (log["latency"], log["cost"], log["price_version"]) == (3.0, 0.75, "caller")
    assert (log["input_tokens"], log["output_tokens"], log["error_kind"]) == (12, 5, "")
    assert log["tags"] == {
        "run": run,
        "scenario": "update",
        "source": "changed",
        "user": "ann",
        "environment": "staging",
    }
    assert rows["update"]["output"]["choices"][0]["message"]["content"] == "Call the fire brigade."
    assert rows["gateway"]["output"]["choices"][0]["message"]["content"] == "Edited here."


def test_a_log_of_the_gateway_is_updated_too(seen: dict[str, Any]) -> None:
    before, after = seen["gateway"]["before"], seen["gateway"]["after"]

    assert before["prompt"]["path"] == "gateway/openai:gpt-4o-mini"
    assert before["messages"] == [{"role": "user", "content": "Which team?"}]
    assert (before["source"], before["metadata"]["scenario"]) == (None, "gateway")
    assert after["output"] == "Edited here."
    assert after["prompt_tokens"] == before["prompt_tokens"] > 0


def test_the_pager_walks_all_pages_and_ends(seen: dict[str, Any], run: str) -> None:
    pages = seen["pages"]

    assert sorted(pages["outputs"]) == [f"number {number}" for number in range(5)]
    assert f"clients/{run}/triage" in pages["prompts"]
    assert (pages["left"], pages["kinds"]) == (3, ["PromptLogResponse"])


def test_prompts_versions_and_deployments(seen: dict[str, Any], run: str) -> None:
    assert seen["prompts"] == {
        "same": True,
        "deployed": ["production"],
        "default": True,
        "moved": f"clients/{run}/renamed",
        "versions": 2,
        "gone": 404,
    }


def test_tools_flows_evaluators_and_agents(seen: dict[str, Any]) -> None:
    neighbours = seen["neighbours"]

    assert (neighbours["tooled"], neighbours["flowed"], neighbours["agented"]) == (
        "2",
        ["finished", "complete"],
        "more",
    )
    assert neighbours["steps"]
    assert neighbours["judged"]


def test_a_prompt_is_called_at_once_and_as_a_stream(world: World, seen: dict[str, Any], run: str) -> None:
    calls = seen["calls"]
    log = world.log(run, "call")

    assert calls["output"] == calls["streamed"] == SENTENCE
    assert (calls["inputs"], calls["path"]) == ({"ticket": "8"}, f"clients/{run}/called")
    assert calls["tokens"] > 0
    assert (log["id"], log["source"]) == (calls["id"], "gateway")
    assert log["request"]["messages"][0]["content"] == "Triage 7."


def test_raw_answers_fit_the_clients_own_models(seen: dict[str, Any]) -> None:
    assert seen["models"]["checked"] == 14


def test_refusals_arrive_as_the_clients_exceptions(seen: dict[str, Any]) -> None:
    errors = seen["errors"]

    assert (errors["wrong_key"], errors["unknown_log"], errors["unknown_prompt"]) == (401, 404, 404)
    assert errors["wrong_field"]["status"] == 422
    assert errors["wrong_field"]["loc"] == ["body", "prompt_tokens"]


def test_updates_at_once_by_the_asynchronous_client_lose_nothing(seen: dict[str, Any]) -> None:
    assert seen["asynchronous"] == {
        "output": "b",
        "prompt_tokens": 7,
        "finish_reason": "length",
        "source": "async",
    }
