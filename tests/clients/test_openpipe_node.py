"""OpenPipe's published npm client, unmodified, against a real server."""

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

RUN = "node-1.0.0"
SENTENCE = "The ticket is about a failed export and can go to the data team."


@pytest.fixture(scope="session")
def seen(
    world: World, run_script: Callable[..., dict[str, Any]], scripts: Path, environments: ModuleType
) -> dict[str, Any]:
    """Run every scenario once; return what the client saw."""
    folder = environments.ready("openpipe-node-1.0.0")
    return run_script(["node", str(scripts / "openpipe_node.mjs")], world.given(RUN), cwd=folder)


def test_a_report_is_stored_as_it_was_sent(world: World, seen: dict[str, Any]) -> None:
    log = world.log(RUN, "report")

    assert seen["report"]["said"] == {"status": "ok"}
    assert log["request"] == seen["report"]["asked"]
    assert log["response"] == seen["report"]["answered"]
    assert log["tags"] == {"run": RUN, "scenario": "report", "number": "1", "truth": "true"}


def test_an_anthropic_report_is_stored_in_openais_form(world: World, seen: dict[str, Any]) -> None:
    log = world.log(RUN, "report-anthropic")

    assert seen["report_anthropic"]["said"] == {"status": "ok"}
    assert log["response"]["choices"][0]["message"]["content"] == "Hi"


def test_metadata_and_tags_are_changed_at_once(world: World, seen: dict[str, Any]) -> None:
    tags = world.log(RUN, "update")["tags"]

    assert seen["update"] == {"metadata": {"matchedLogs": 1}, "tags": {"matchedLogs": 1}}
    assert (tags["added"], tags["number"]) == ("2", "3")
    assert "old" not in tags


def test_refusals_arrive_with_status_and_body(seen: dict[str, Any]) -> None:
    """The client reads a body only where the content type says JSON, on errors as well."""
    wrong_key, bad_report = seen["errors"]["wrong_key"], seen["errors"]["bad_report"]

    assert (wrong_key["status"], wrong_key["body"]["code"]) == (401, "UNAUTHORIZED")
    assert (bad_report["status"], bad_report["body"]["message"]) == (400, "Input validation failed")


@pytest.mark.parametrize(("scenario", "source"), [("direct", "report"), ("proxied", "gateway")])
def test_calls_are_recorded_whichever_way_they_go(
    world: World, seen: dict[str, Any], scenario: str, source: str
) -> None:
    log = world.log(RUN, scenario)

    assert seen[scenario]["text"] == SENTENCE
    assert (log["source"], log["status"], log["tags"]["n"]) == (source, 200, "1")


@pytest.mark.parametrize("scenario", ["direct-stream", "proxied-stream"])
def test_streams_are_recorded_whole(world: World, seen: dict[str, Any], scenario: str) -> None:
    log = world.log(RUN, scenario)

    assert seen[scenario.replace("-", "_")] == {"text": SENTENCE}
    assert log["response"]["choices"][0]["message"]["content"] == SENTENCE


def test_an_error_of_the_provider_is_reported(world: World, seen: dict[str, Any]) -> None:
    log = world.log(RUN, "direct-error")

    assert seen["direct_error"]["status"] == log["status"] == 429
    assert log["error_kind"] == "reported"


def test_tools_work_through_the_gateway(seen: dict[str, Any]) -> None:
    assert seen["proxied_tools"] == {"name": "route", "arguments": '{"team": "data"}'}


def test_an_unknown_model_is_not_found(seen: dict[str, Any]) -> None:
    assert seen["unknown_model"]["status"] == 404
    assert "does not exist" in seen["unknown_model"]["message"]
