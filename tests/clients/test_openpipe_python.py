"""OpenPipe's published Python client, unmodified, against a real server; two releases, synchronous and not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from logwright.testing.server import PROVIDER_KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    World = Any  # the fixture's class lives in conftest.py, which is imported by path

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]

SENTENCE = "The ticket is about a failed export and can go to the data team."


@pytest.fixture(scope="session", params=["5.0.0", "4.50.0"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session", params=["sync", "async"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def run(version: str, mode: str) -> str:
    """Return the tag that all logs of this run of the script have."""
    return f"python-{version}-{mode}"


@pytest.fixture(scope="session")
def seen(
    world: World,
    run: str,
    version: str,
    mode: str,
    run_script: Callable[..., dict[str, Any]],
    scripts: Path,
    environments: ModuleType,
) -> dict[str, Any]:
    """Run every scenario once; return what the client saw."""
    python = environments.ready(f"openpipe-{version}")
    return run_script([str(python), str(scripts / "openpipe_python.py")], world.given(run, mode=mode, version=version))


def test_a_report_is_stored_as_it_was_sent(world: World, seen: dict[str, Any], run: str, version: str) -> None:
    log = world.log(run, "report")

    assert seen["report"]["status"] == "ok"
    assert log["request"] == seen["report"]["asked"]
    assert log["response"] == seen["report"]["answered"]
    assert (log["status"], log["source"], log["model"]) == (200, "report", "gpt-4o")
    assert (log["input_tokens"], log["output_tokens"]) == (11, 28)
    assert log["latency"] == pytest.approx(1.5, abs=0.1)
    assert log["tags"] == {
        "run": run,
        "scenario": "report",
        "number": "1",
        "truth": "true",
        "$sdk": "python",
        "$sdk.version": version,
    }


def test_a_report_without_times_and_answer_is_stored(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "report-bare")

    assert seen["report_nothing_but_a_time"]["status"] == "ok"
    assert log["response"] is None
    assert log["status"] is None


def test_an_anthropic_report_is_stored_in_openais_form(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "report-anthropic")

    assert seen["report_anthropic"]["status"] == "ok"
    assert [message["role"] for message in log["request"]["messages"]] == ["system", "user"]
    assert log["response"]["choices"][0]["message"]["content"] == seen["report_anthropic"]["text"]
    assert log["completion_id"] == seen["report_anthropic"]["id"]


def test_metadata_is_changed_at_once_after_the_report(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "update")

    assert seen["update_metadata"] == {"matched": 1, "matched_nothing": 0}
    assert log["tags"]["new"] == "2"
    assert "old" not in log["tags"]


def test_the_deprecated_tags_are_changed_alike(world: World, seen: dict[str, Any], run: str) -> None:
    tags = world.log(run, "update-tags")["tags"]

    assert seen["update_tags"] == {"matched": 1}
    assert (tags["number"], tags["truth"]) == ("3", "false")
    assert "old" not in tags


def test_the_old_cache_is_always_empty(seen: dict[str, Any]) -> None:
    assert seen["check_cache"] == {"resp_payload": None}


@pytest.mark.parametrize(
    ("attempt", "status", "code", "words"),
    [
        ("wrong_key", 401, "UNAUTHORIZED", "key"),
        ("read_only", 401, "UNAUTHORIZED", "only read"),
        ("bad_report", 400, "BAD_REQUEST", "Input validation failed"),
        ("bad_anthropic", 400, "BAD_REQUEST", "Input validation failed"),
        ("unknown_field", 400, "BAD_REQUEST", "Input validation failed"),
    ],
)
def test_a_refusal_arrives_as_the_clients_own_exception(
    seen: dict[str, Any], attempt: str, status: int, code: str, words: str
) -> None:
    error = seen["errors"][attempt]

    assert error["status"] == status
    assert error["body"]["code"] == code
    assert words in error["body"]["message"]


def test_the_issues_name_the_path(seen: dict[str, Any]) -> None:
    errors = seen["errors"]

    assert errors["bad_report"]["body"]["issues"][0]["message"].startswith("statusCode: ")
    assert "modle" in errors["unknown_field"]["body"]["issues"][0]["message"]


def test_a_direct_call_is_reported_by_the_client(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "direct")

    assert seen["direct"]["text"] == SENTENCE
    assert (log["source"], log["status"], log["completion_id"]) == ("report", 200, seen["direct"]["id"])
    assert log["tags"]["n"] == "1"
    assert log["response"]["choices"][0]["message"]["content"] == SENTENCE


def test_a_direct_stream_is_reported_whole(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "direct-stream")

    assert seen["direct_stream"]["text"] == SENTENCE
    assert log["stream"] is True
    assert log["response"]["choices"][0]["message"]["content"] == SENTENCE


def test_a_direct_call_that_is_not_to_be_logged_is_not(world: World, seen: dict[str, Any], run: str) -> None:
    assert seen["direct_unrecorded"]["text"] == SENTENCE
    assert world.logs(run, "direct-unrecorded") == []


def test_a_direct_call_that_failed_is_reported_with_its_error(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "direct-error")

    assert seen["direct_error"]["status"] == log["status"] == 429
    assert log["error_kind"] == "reported"
    assert log["error_message"] == seen["direct_error"]["message"]


def test_a_prefixed_model_goes_through_the_gateway(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "proxied")

    assert seen["proxied"]["text"] == SENTENCE
    assert (log["source"], log["status"], log["completion_id"]) == ("gateway", 200, seen["proxied"]["id"])
    assert log["model"] == "openai:gpt-4o"
    assert log["request"]["model"] == "openai:gpt-4o"
    assert log["total_tokens"] == seen["proxied"]["usage"]
    assert (log["tags"]["n"], log["tags"]["b"], log["tags"]["$sdk"]) == ("1", "true", "python")
    assert "nothing" not in log["tags"]


def test_metadata_is_not_passed_on_to_a_provider_that_refuses_it(world: World, seen: dict[str, Any]) -> None:
    assert seen["proxied"]["text"] == SENTENCE
    through_us = [call for call in world.upstream.calls if PROVIDER_KEY in call.headers.get("authorization", "")]
    assert through_us
    assert not [call for call in through_us if b'"metadata"' in call.body]


def test_a_proxied_stream_arrives_and_is_stored_whole(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "proxied-stream")

    assert seen["proxied_stream"] == {"text": SENTENCE, "with_usage": 0}
    assert log["stream"] is True
    assert log["response"]["choices"][0]["message"]["content"] == SENTENCE
    assert log["total_tokens"] == 40


@pytest.mark.parametrize("scenario", ["proxied-tools", "proxied-tools-stream"])
def test_tools_work_through_the_gateway(world: World, seen: dict[str, Any], run: str, scenario: str) -> None:
    answer = seen[scenario.replace("-", "_")]
    called = world.log(run, scenario)["response"]["choices"][0]["message"]["tool_calls"][0]["function"]

    assert (answer["name"], answer["arguments"]) == ("route", '{"team": "data"}')
    assert (called["name"], called["arguments"]) == ("route", '{"team": "data"}')


def test_a_proxied_call_that_is_not_to_be_logged_is_not(world: World, seen: dict[str, Any], run: str) -> None:
    assert seen["proxied_unrecorded"]["text"] == SENTENCE
    assert world.logs(run, "proxied-unrecorded") == []


def test_a_providers_error_keeps_its_status_and_is_logged(world: World, seen: dict[str, Any], run: str) -> None:
    log = world.log(run, "proxied-error")

    assert seen["proxied_error"]["status"] == log["status"] == 429
    assert "Rate limit" in seen["proxied_error"]["message"]
    assert log["error_kind"] == "upstream_status"


def test_an_unknown_model_is_not_found(seen: dict[str, Any]) -> None:
    assert seen["unknown_model"]["status"] == 404
    assert "`openpipe:nobody/has-this` does not exist" in seen["unknown_model"]["message"]


def test_the_fallback_is_called_and_reported(world: World, seen: dict[str, Any], run: str) -> None:
    logs = world.logs(run, "fallback")

    assert seen["fallback"] == {"text": SENTENCE, "model": "gpt-4o-mini"}
    (reported,) = [log for log in logs if log["source"] == "report"]
    assert (reported["model"], reported["status"]) == ("gpt-4o-mini", 200)


def test_a_parsed_answer_comes_as_the_callers_type(world: World, seen: dict[str, Any], run: str) -> None:
    assert seen["parsed"] == {"team": "data"}
    assert world.log(run, "parsed")["request"]["response_format"]["type"] == "json_schema"


def test_the_export_has_every_log_in_openpipes_form(
    world: World, seen: dict[str, Any], run: str, version: str, tmp_path: Path
) -> None:
    rows = world.exported(run, tmp_path)
    by_scenario = {row["tags"]["scenario"]: row for row in rows}

    assert all(set(row) == {"input", "output", "tags"} for row in rows)
    assert by_scenario["report"]["input"] == seen["report"]["asked"]
    assert by_scenario["report"]["output"] == seen["report"]["answered"]
    assert by_scenario["proxied"]["input"]["model"] == "openai:gpt-4o"
    assert by_scenario["direct-error"]["tags"]["$sdk.version"] == version
