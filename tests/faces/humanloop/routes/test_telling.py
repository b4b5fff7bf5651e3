"""Humanloop's logs over HTTP: told, updated, and seen through the other doors."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.faces.humanloop.conftest import MESSAGES, Client

from logwright.logs.types import LogQuery
from logwright.testing.application import Application, TestProject

EVERYTHING: dict[str, Any] = {
    "output_message": {"role": "assistant", "content": "Call them.", "tool_calls": []},
    "prompt_tokens": 12,
    "reasoning_tokens": 3,
    "output_tokens": 5,
    "prompt_cost": 0.25,
    "output_cost": 0.5,
    "finish_reason": "stop",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "It burns."}]}],
    "tool_choice": {"type": "function", "function": {"name": "call"}},
    "output": "Call them.",
    "created_at": "2026-01-02T03:04:05Z",
    "error": "It went wrong.",
    "provider_latency": 1.5,
    "stdout": "debugging",
    "provider_request": {"model": "gpt-4o", "messages": []},
    "provider_response": {"id": "chatcmpl-9"},
    "inputs": {"ticket": 7, "deep": {"er": [1, None]}},
    "source": "sdk",
    "metadata": {"run": 1, "nested": {"a": [1]}, "ok": True},
    "start_time": "2026-01-02T03:04:00Z",
    "end_time": "2026-01-02T03:04:02.500000Z",
    "log_status": "complete",
}


def test_every_field_is_stored_and_shown_as_it_was_told(client: Client) -> None:
    told = client.log(user="ann", environment="staging", **EVERYTHING)
    read = client.read(told)

    assert {name: read[name] for name in EVERYTHING} == EVERYTHING
    assert (read["user"], read["environment"], read["log_id"]) == ("ann", "staging", told["id"])
    assert (read["prompt"]["id"], read["prompt"]["version_id"]) == (told["prompt_id"], told["version_id"])
    assert read["prompt"]["inputs"] == [{"name": "ticket"}]
    assert read["evaluator_logs"] == []


def test_every_field_is_updated(client: Client) -> None:
    told = client.log(messages=MESSAGES, output="Nothing.")
    updated = client.update(told, **EVERYTHING)

    assert {name: updated[name] for name in EVERYTHING} == EVERYTHING
    assert {**client.read(told), "prompt": None} == {**updated, "prompt": None}


@pytest.mark.parametrize("told_by", ["humanloop", "report"])
def test_every_field_is_cleared_by_null_and_absent_ones_stay(client: Client, told_by: str) -> None:
    told = client.log(**EVERYTHING) if told_by == "humanloop" else client.report()
    client.update(told, **EVERYTHING)
    for name in EVERYTHING:
        before = client.read(told)
        after = client.update(told, 200, **{name: None})
        assert after[name] is None, name
        # the counts of the prompt are a few seconds old
        other = {field for field in before if field not in {name, "prompt"} and before[field] != after[field]}
        assert not other, f"clearing {name} changed {other}"


def test_an_update_without_anything_needs_no_body(client: Client) -> None:
    told = client.log(output="Same.")

    path = f"/prompts/{told['prompt_id']}/log/{told['id']}"
    assert client("PATCH", path, headers={"content-type": "application/json"}) == client.read(told)
    assert client("PATCH", path, json={}) == client.read(told)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"prompt_tokens": "many"}, ["body", "prompt_tokens"]),
        ({"prompt_tokens": -1}, ["body", "prompt_tokens"]),
        ({"messages": [{"role": "owner"}]}, ["body", "messages", 0, "role"]),
        ({"created_at": "yesterday"}, ["body", "created_at"]),
        ({"start_time": "1066-10-14T00:00:00"}, ["body", "start_time"]),
        ({"inputs": []}, ["body", "inputs"]),
        ({"log_status": "done"}, ["body", "log_status"]),
        ({"provider_latency": 1e300}, ["body", "provider_latency"]),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(client: Client, wrong: dict[str, Any], place: list[Any]) -> None:
    told = client.log(output="Kept.")
    refused = client.update(told, 422, output="Lost.", **wrong)

    assert refused["detail"][0]["loc"][: len(place)] == place
    assert refused["detail"][0].keys() == {"loc", "msg", "type"}
    assert client.read(told)["output"] == "Kept."


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"output": "a", "output": "b"}', b'{"output": "\\u0000"}', b"NaN"])
def test_a_body_that_is_no_object_is_unprocessable(client: Client, body: bytes) -> None:
    told = client.log(output="Kept.")
    refused = client("PATCH", f"/prompts/{told['prompt_id']}/log/{told['id']}", 422, content=body)

    assert refused["detail"][0]["loc"][0] == "body"


def test_a_key_is_needed_and_a_reader_may_not_write(
    application: Application, client: Client, project: TestProject
) -> None:
    told = client.log(output="Kept.")
    path = f"/v5/prompts/{told['prompt_id']}/log/{told['id']}"

    assert application.call("PATCH", path).status_code == 401
    assert application.call("PATCH", path).json()["detail"]
    assert client.ask("PATCH", path, headers={"X-API-KEY": project.read_key}).status_code == 403


def test_a_log_of_another_prompt_or_project_is_not_there(application: Application, client: Client) -> None:
    told, other = client.log(output="a"), client.log(path="other", output="b")
    stranger = Client(application, application.project())

    crossed = client("PATCH", f"/prompts/{other['prompt_id']}/log/{told['id']}", 404, json={"output": "x"})
    unknown = client("PATCH", f"/prompts/{other['prompt_id']}/log/{'x' * len(told['id'])}", 404, json={"output": "x"})
    assert crossed["detail"].replace(told["id"], "") == unknown["detail"].replace("x" * len(told["id"]), "")
    stranger("PATCH", f"/prompts/{told['prompt_id']}/log/{told['id']}", 404, json={"output": "x"})
    stranger("GET", f"/logs/{told['id']}", 404)


def test_a_log_id_is_the_callers_and_taken_once(client: Client) -> None:
    told = client.log(log_id="my-log.1", output="a")

    assert told["id"] == "my-log.1"
    client("POST", "/prompts/log", 409, json={"path": "support/triage", "log_id": "my-log.1", "output": "b"})
    assert client.read(told)["output"] == "a"
    client("POST", "/prompts/log", 422, json={"path": "support/triage", "log_id": "a/b"})


def test_a_log_of_a_version_stays_on_it(client: Client) -> None:
    first = client.log(output="a")
    second = client.log(prompt={"model": "newer"}, output="b")
    without = client.log(prompt=None, output="c")
    pinned = client("POST", f"/prompts/log?version_id={first['version_id']}", json={"id": first["prompt_id"]})

    assert first["prompt_id"] == second["prompt_id"] == without["prompt_id"]
    assert without["version_id"] == second["version_id"] != first["version_id"] == pinned["version_id"]
    assert client.read(first)["prompt"]["temperature"] == 0.5
    assert client.read(second)["prompt"]["model"] == "newer"


def test_an_unknown_path_without_a_kernel_is_refused(client: Client) -> None:
    client("POST", "/prompts/log", 404, json={"path": "nobody/knows", "output": "a"})
    client("POST", "/prompts/log", 422, json={"output": "a"})
    client("POST", "/tools/log", 404, json={"path": "nobody/knows", "output": "a"})
    client("POST", "/prompts/log", 422, json={"path": "a", "prompt": {"temperature": 1}})


def test_a_prompt_may_come_as_the_text_of_its_file(client: Client) -> None:
    text = "---\nmodel: gpt-4o\ntemperature: 0.5\n---\n<system>\nTriage {{ticket}}.\n</system>\n"
    told, same = client.log(prompt=text, output="a"), client.log(output="b")

    assert told["version_id"] == same["version_id"]
    refused = client("POST", "/prompts/log", 422, json={"path": "a", "prompt": "model: gpt"})
    assert refused["detail"][0]["loc"] == ["body", "prompt"]


def test_without_saving_the_figures_stay_and_the_words_do_not(client: Client) -> None:
    told = client.log(save=False, **{**EVERYTHING, "error": None})
    read, log = client.read(told), client.managed(told)

    assert (read["prompt_tokens"], read["metadata"], read["save"]) == (12, EVERYTHING["metadata"], False)
    assert not [name for name in ("messages", "inputs", "stdout", "provider_request") if read[name]]
    assert (log["request"], log["response"]) == (None, None)


# ------------------------------------------------------------------ one log, many doors


def test_units_are_the_stores_own(client: Client) -> None:
    told = client.log(**EVERYTHING)
    log = client.managed(told)

    assert (log["requested_at"][:19], log["received_at"][:23]) == ("2026-01-02T03:04:00", "2026-01-02T03:04:02.500")
    assert log["latency"] == 2.5  # from start to end, which stand above the latency that was told
    assert (log["input_tokens"], log["output_tokens"], log["total_tokens"]) == (12, 5, 17)
    assert (log["input_cost"], log["output_cost"], log["cost"], log["price_version"]) == (0.25, 0.5, 0.75, "caller")
    assert (log["error_kind"], log["error_message"]) == ("reported", "It went wrong.")
    assert log["tags"] == {"run": "1", "ok": "true", "source": "sdk"}
    assert log["request"]["messages"] == EVERYTHING["messages"]
    assert log["response"]["choices"][0]["message"] == EVERYTHING["output_message"]
    assert (log["completion_id"], log["source"], log["kind"]) == ("chatcmpl-9", "report", "chat_completion")


def test_a_log_without_times_took_as_long_as_it_was_told_to(client: Client) -> None:
    told = client.log(created_at="2026-01-02T03:04:05Z", provider_latency=1.5, output="a")
    log, read = client.managed(told), client.read(told)

    assert (log["requested_at"][:19], log["latency"]) == ("2026-01-02T03:04:05", 1.5)
    assert (read["start_time"], read["end_time"], read["provider_latency"]) == (None, None, 1.5)
    assert client.update(told, provider_latency=2)["provider_latency"] == 2
    assert client.managed(told)["latency"] == 2.0


def test_an_update_moves_the_log_in_time(client: Client) -> None:
    told = client.log(output="a")
    client.update(told, start_time="2026-03-01T00:00:00+01:00", end_time="2026-03-01T00:00:04+01:00")
    log = client.managed(told)

    assert (log["requested_at"][:19], log["latency"]) == ("2026-02-28T23:00:00", 4.0)


def test_a_reported_log_belongs_to_an_implicit_prompt_and_is_updated(client: Client) -> None:
    told = client.report()
    before = client.read(told)
    assert before["prompt"]["path"] == "gateway/gpt-4o"
    assert (before["messages"], before["output"]) == (MESSAGES, "Call the fire brigade.")
    assert (before["prompt_tokens"], before["output_tokens"], before["finish_reason"]) == (9, 4, "stop")
    assert (before["start_time"], before["end_time"]) == ("2023-11-14T22:13:20Z", "2023-11-14T22:13:22.500000Z")
    assert (before["provider_latency"], before["metadata"]) == (2.5, {"team": "ops"})

    updated = client.update(
        told, output="Call them twice.", prompt_tokens=10, metadata={"team": "it", "n": [1]}, error="wrong"
    )
    log = client.managed(told)

    assert (updated["output"], updated["output_message"]["content"]) == ("Call them twice.", "Call them twice.")
    assert updated["metadata"] == {"team": "it", "n": [1]}
    assert log["response"]["choices"][0]["message"]["content"] == "Call them twice."
    assert log["response"]["choices"][0]["finish_reason"] == "stop"
    assert log["response"]["id"] == "chatcmpl-1"
    assert log["response"]["usage"] == {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14}
    assert (log["input_tokens"], log["total_tokens"], log["tags"]) == (10, 14, {"team": "it"})
    assert (log["error_kind"], log["error_message"]) == ("reported", "wrong")


def test_an_update_is_seen_at_once_in_the_export_and_in_searches(client: Client) -> None:
    told = client.report()
    client.update(told, output="A zebra.")

    exported = client.ask("GET", "/api/manage/logs/export", params={"format": "jsonl", "q": "zebra"})
    lines = [json.loads(line) for line in exported.text.splitlines()]
    assert [line["output"]["choices"][0]["message"]["content"] for line in lines] == ["A zebra."]
    found = client.ask("GET", "/api/manage/logs", params={"q": "zebra"}).json()["data"]
    assert [log["id"] for log in found] == [told["id"]]
    assert found[0]["response_preview"] == "A zebra."
    assert client.ask("GET", "/api/manage/logs", params={"q": '"fire brigade"'}).json()["data"] == []
    others = client.ask("GET", "/api/logs", params={"content_search": "zebra"}).json()["logs"]
    assert [log["output_message"]["content"] for log in others] == ["A zebra."]
    searched = client("GET", f"/logs?file_id={told['prompt_id']}&search=zebra")
    assert [log["id"] for log in searched["records"]] == [told["id"]]


def test_tags_set_through_another_door_are_metadata_here(client: Client) -> None:
    told = client.log(metadata={"run": 1, "old": "x", "nested": {"a": 1}}, user="ann", output="a")
    filters = [{"field": "tags.run", "equals": "1"}]
    changed = client.ask(
        "POST",
        "/api/v1/logs/update-metadata",
        json={"filters": filters, "metadata": {"run": "2", "old": None, "new": "y", "user": "bob"}},
    )
    assert changed.json() == {"matchedLogs": 1}
    read = client.read(told)

    assert read["metadata"] == {"run": "2", "nested": {"a": 1}, "new": "y"}
    assert read["user"] == "bob"


def test_metadata_is_replaced_and_other_tags_stay_the_fields_own(client: Client) -> None:
    told = client.log(metadata={"a": "1", "b": "2"}, source="sdk", output="a")
    updated = client.update(told, metadata={"b": "3"})

    assert (updated["metadata"], updated["source"]) == ({"b": "3"}, "sdk")
    assert client.managed(told)["tags"] == {"b": "3", "source": "sdk"}
    assert client.update(told, source=None)["source"] is None
    assert client.managed(told)["tags"] == {"b": "3"}


def test_updates_at_once_of_different_fields_lose_nothing(client: Client) -> None:
    told = client.report()
    updates: list[dict[str, Any]] = [
        {"output": "New."},
        {"finish_reason": "length"},
        {"messages": [{"role": "user", "content": "Changed."}]},
        {"tool_choice": "none"},
        {"prompt_tokens": 70},
        {"output_tokens": 30},
        {"prompt_cost": 1.0},
        {"output_cost": 2.0},
        {"inputs": {"a": 1}},
        {"source": "here"},
        {"user": None},
        {"metadata": {"m": 1}},
    ]
    with ThreadPoolExecutor(len(updates)) as workers:
        list(workers.map(lambda fields: client.update(told, **fields), updates))
    read, log = client.read(told), client.managed(told)

    for fields in updates:
        assert {name: read[name] for name in fields} == fields
    assert log["request"]["messages"] == updates[2]["messages"]
    assert (log["request"]["tool_choice"], log["request"]["inputs"]) == ("none", {"a": 1})
    choice = log["response"]["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("New.", "length")
    assert (log["total_tokens"], log["cost"], log["response"]["usage"]["total_tokens"]) == (100, 3.0, 100)
    assert log["tags"] == {"m": "1", "source": "here"}


def test_what_stood_there_before_is_kept(application: Application, client: Client, project: TestProject) -> None:
    told = client.report()
    client.update(told, output="New.", error="wrong")
    history = application.run(application.services.store.amendments(project.id, told["id"]))

    assert len(history) == 1
    assert "Call the fire brigade." in json.loads(json.dumps(history[0].before))["response"]
    assert history[0].by


# ------------------------------------------------------------------ tools, flows, evaluators, agents


def test_a_flow_holds_its_steps_and_judgements_are_under_what_they_judge(client: Client) -> None:
    flow = client(
        "POST", "/flows/log", json={"path": "flows/support", "flow": {"attributes": {"v": 1}}, "log_id": "f1"}
    )
    prompt = client.log(output="a", trace_parent_id="f1")
    tool = client(
        "POST",
        "/tools/log",
        json={
            "path": "tools/search",
            "tool": {"function": {"name": "search", "description": "", "parameters": {"properties": {"q": {}}}}},
            "inputs": {"q": "fire"},
            "output": "found",
            "trace_parent_id": "f1",
        },
    )
    judged = client(
        "POST", "/evaluators/log", json={"path": "checks/tone", "parent_id": prompt["id"], "judgment": True}
    )
    read = client("GET", "/logs/f1")

    assert (flow["id"], flow["log_status"]) == ("f1", None)
    assert (read["flow"]["attributes"], read["trace_id"]) == ({"v": 1}, "f1")
    assert {step["id"] for step in read["trace_children"]} == {prompt["id"], tool["id"]}
    by_id = {step["id"]: step for step in read["trace_children"]}
    assert by_id[tool["id"]]["tool"]["inputs"] == [{"name": "q"}]
    assert (by_id[tool["id"]]["inputs"], by_id[tool["id"]]["output"]) == ({"q": "fire"}, "found")
    (judgement,) = by_id[prompt["id"]]["evaluator_logs"]
    assert (judgement["id"], judgement["judgment"], judgement["parent_id"]) == (judged["id"], True, prompt["id"])
    assert judgement["evaluator"]["spec"]["evaluator_type"] == "external"
    assert judged["parent_id"] == prompt["id"]


def test_logs_of_every_type_are_updated_where_the_api_has_it(client: Client) -> None:
    flow = client("POST", "/flows/log", json={"path": "f", "log_status": "incomplete"})
    tool = client("POST", "/tools/log", json={"path": "t", "tool": {"source_code": "pass"}, "output": "a"})
    agent = client("POST", "/agents/log", json={"path": "a", "agent": {"model": "gpt-4o", "max_iterations": 3}})

    flowed = client("PATCH", f"/flows/logs/{flow['id']}", json={"output": "done", "log_status": "complete"})
    tooled = client(
        "PATCH", f"/tools/{tool['tool_id']}/log/{tool['id']}", json={"output": "b", "inputs": {"x": 1}, "error": "bad"}
    )
    agented = client(
        "PATCH",
        f"/agents/{agent['agent_id']}/log/{agent['id']}",
        json={"output_message": {"role": "assistant", "content": "ok"}, "messages": MESSAGES},
    )

    assert (flowed["output"], flowed["log_status"], flowed["flow"]["id"]) == ("done", "complete", flow["flow_id"])
    assert (tooled["output"], tooled["inputs"], tooled["error"]) == ("b", {"x": 1}, "bad")
    assert (agented["output"], agented["messages"]) == ("ok", MESSAGES)
    assert (agented["agent"]["max_iterations"], agented["agent"]["tools"]) == (3, [])
    client("PATCH", f"/flows/logs/{tool['id']}", 404, json={"output": "x"})
    client("PATCH", f"/tools/{tool['tool_id']}/log/{flow['id']}", 404, json={"output": "x"})


BODIES: dict[str, dict[str, Any]] = {
    "prompt": {"prompt": {"model": "gpt-4o"}},
    "tool": {"tool": {"source_code": "pass"}},
    "flow": {"flow": {"attributes": {}}},
    "evaluator": {"judgment": True},
    "agent": {"agent": {"model": "gpt-4o"}},
}


@pytest.mark.parametrize("type_", BODIES)
def test_an_update_answers_with_the_kind_of_log_that_it_is(client: Client, type_: str) -> None:
    judged = {"parent_id": client.log(output="a")["id"]} if type_ == "evaluator" else {}
    told = client("POST", f"/{type_}s/log", json={"path": "x", "output": "a", **BODIES[type_], **judged})
    file_id = client("GET", f"/logs/{told['id']}")[type_]["id"]
    updated = client("PATCH", f"/prompts/{file_id}/log/{told['id']}", json={"output": "b", "stdout": "c"})

    assert (updated["output"], updated["stdout"]) == ("b", "c")
    assert updated[type_]["id"] == file_id
    assert updated.keys() & BODIES.keys() == {type_}
    assert updated["evaluator_logs"] == []


def test_a_judgement_needs_something_to_judge(client: Client) -> None:
    client("POST", "/evaluators/log", 422, json={"path": "e", "judgment": 1})
    client("POST", "/evaluators/log", 404, json={"path": "e", "parent_id": "nothing", "judgment": 1})


def test_every_log_can_be_found_again_by_anybody_who_reads_the_store(
    application: Application, client: Client, project: TestProject
) -> None:
    told = client.log(output="a")
    store = application.services.store

    async def ids() -> list[str]:
        return [log.id async for batch in store.iterate(project.id, LogQuery()) for log in batch]

    assert application.run(ids()) == [told["id"]]
