"""Humanloop's published npm client, against a real server; it refuses answers that lack what it requires."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

World = Any  # the fixture's class lives in conftest.py, which is imported by path

pytestmark = [
    pytest.mark.clients,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed"),
]

RUN = "humanloop-node-0.8.20"


@pytest.fixture(scope="session")
def seen(
    world: World, run_script: Callable[..., dict[str, Any]], scripts: Path, environments: ModuleType
) -> dict[str, Any]:
    """Run every scenario once; return what the client saw."""
    folder = environments.ready(RUN)
    answer = world.server.openai().chat.completions.with_raw_response.create(
        model="openai:gpt-4o-mini",
        messages=[{"role": "user", "content": "Which team?"}],
        metadata={"run": RUN, "scenario": "gateway"},
    )
    given = world.given(RUN, gateway_log=answer.headers["x-logwright-log-id"])
    return run_script(["node", str(scripts / "humanloop_node.mjs")], given, cwd=folder)


def test_a_log_is_updated_and_read(world: World, seen: dict[str, Any]) -> None:
    updated = seen["update"]["updated"]
    log = world.log(RUN, "update")

    assert updated["output"] == updated["outputMessage"]["content"] == "Call the fire brigade."
    assert (updated["promptTokens"], updated["outputTokens"], updated["promptCost"]) == (12, 5, 0.25)
    assert (updated["startTime"], updated["inputs"]) == ("2026-01-02T03:04:05.000Z", {"ticket": 8})
    assert seen["update"]["same"]
    assert log["id"] == seen["update"]["told"]["id"]
    assert (log["latency"], log["total_tokens"]) == (2.0, 17)
    assert log["response"]["choices"][0]["message"]["content"] == "Call the fire brigade."


def test_a_log_of_the_gateway_is_updated_too(world: World, seen: dict[str, Any]) -> None:
    assert (seen["gateway"]["path"], seen["gateway"]["output"]) == ("gateway/openai:gpt-4o-mini", "Edited here.")
    assert seen["gateway"]["tokens"] > 0
    assert world.log(RUN, "gateway")["response"]["choices"][0]["message"]["content"] == "Edited here."


def test_tools_flows_and_evaluators(seen: dict[str, Any]) -> None:
    assert seen["neighbours"] == {"tool": "2", "flow": "done", "steps": 2, "judgement": True}


def test_the_pager_walks_all_pages_and_ends(seen: dict[str, Any]) -> None:
    assert sorted(seen["pages"]["outputs"]) == [f"number {number}" for number in range(5)]
    assert seen["pages"]["logs"] == 5


def test_a_prompt_is_called_at_once_and_as_a_stream(seen: dict[str, Any]) -> None:
    sentence = "The ticket is about a failed export and can go to the data team."
    assert seen["calls"] == {"output": sentence, "streamed": sentence}


def test_refusals_arrive_with_their_status(seen: dict[str, Any]) -> None:
    errors = seen["errors"]

    assert (errors["key"]["status"], errors["log"]["status"], errors["field"]["status"]) == (401, 404, 422)
    assert errors["field"]["name"] == "UnprocessableEntityError"
    assert errors["field"]["body"]["detail"][0]["loc"] == ["body", "prompt_tokens"]
