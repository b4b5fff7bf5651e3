"""Vercel's AI SDK with its telemetry, unmodified, against a real server."""

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
    world: World,
    run_script: Callable[..., dict[str, Any]],
    scripts: Path,
    environments: ModuleType,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """Run the script once; return what it saw."""
    folder = environments.ready("otel-node")
    script = folder / "otel_node.mjs"
    script.write_text((scripts / "otel_node.mjs").read_text())
    return run_script(["node", str(script)], world.given("otel-node", server=world.server.url), cwd=folder)


@pytest.fixture(scope="session")
def logs(world: World, seen: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all that it left, whole, oldest first."""
    assert "error" not in seen, seen["error"]

    def get(path: str, **params: str) -> Any:
        headers = {"authorization": f"Bearer {world.server.key}"}
        answer = httpx2.get(world.server.url + path, params=params, headers=headers, trust_env=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    listed = get("/api/manage/logs", q='tag."service.name":vercel', order="asc", limit="100")["data"]
    return [get(f"/api/manage/logs/{log['id']}") for log in listed]


def test_its_calls_are_logs_below_the_steps_that_made_them(logs: list[dict[str, Any]]) -> None:
    by_id = {log["id"]: log for log in logs}
    calls = [log for log in logs if log["kind"] in {"chat_completion", "embedding"}]

    assert [log["kind"] for log in calls] == ["chat_completion", "chat_completion", "embedding"]
    assert {by_id[log["parent_id"]]["kind"] for log in calls} == {"flow"}


def test_a_call_has_its_messages_its_answer_and_its_tokens(logs: list[dict[str, Any]], seen: dict[str, Any]) -> None:
    plain, streamed = (log for log in logs if log["kind"] == "chat_completion")

    for log in (plain, streamed):
        assert log["request"]["messages"] == ASKED
        assert log["request"]["temperature"] == 0.5
        assert log["response"]["choices"][0]["message"]["content"] == SENTENCE
        assert (log["model"], log["session_id"], log["tags"]["plan"]) == ("gpt-4o", "chat-9", "gold")
    assert plain["input_tokens"] > 0
    assert streamed["ttft"] is not None
    assert seen["text"] == seen["streamed"] == SENTENCE


def test_a_step_counts_no_tokens_of_its_own(logs: list[dict[str, Any]]) -> None:
    assert {log["total_tokens"] for log in logs if log["kind"] == "flow"} == {None}


def test_an_embedding_has_its_texts_and_vectors(logs: list[dict[str, Any]]) -> None:
    (embedding,) = (log for log in logs if log["kind"] == "embedding")

    assert embedding["request"]["input"] == ["one", "two"]
    assert len(embedding["response"]["data"]) == 2
