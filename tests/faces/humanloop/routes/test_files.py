"""Prompts and their neighbours over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from tests.faces.humanloop.conftest import KERNEL, Client

TYPES: dict[str, dict[str, Any]] = {
    "prompts": KERNEL,
    "tools": {"function": {"name": "f", "description": "d", "parameters": {"properties": {"q": {}}}}},
    "flows": {"attributes": {"a": 1}},
    "evaluators": {"spec": {"arguments_type": "target_free", "return_type": "boolean", "evaluator_type": "external"}},
    "agents": {**KERNEL, "max_iterations": 2},
}
REQUIRED = {"path", "id", "name", "version_id", "created_at", "updated_at", "last_used_at", "version_logs_count"}


@pytest.mark.parametrize("plural", TYPES)
def test_a_file_of_each_type_is_made_shown_listed_moved_and_deleted(client: Client, plural: str) -> None:
    kernel = TYPES[plural]
    made = client("POST", f"/{plural}", json={"path": "team/thing", **kernel, "version_name": "v1"})
    file_id = made["id"]

    assert made.keys() >= REQUIRED
    assert (made["path"], made["name"], made["version_name"], made["status"]) == (
        "team/thing",
        "thing",
        "v1",
        "committed",
    )
    assert {name: made[name] for name in kernel} == kernel
    assert client("GET", f"/{plural}/{file_id}") == made
    assert client("GET", f"/{plural}?name=THING")["records"] == [made]
    assert client("GET", f"/{plural}?page=2")["records"] == []
    assert client("GET", f"/{plural}/{file_id}/versions") == {"records": [made]}
    moved = client("PATCH", f"/{plural}/{file_id}", json={"name": "other"})
    assert moved["path"] == "team/other"
    client("DELETE", f"/{plural}/{file_id}", 204)
    client("GET", f"/{plural}/{file_id}", 404)
    assert client("GET", f"/{plural}")["total"] == 0


def test_equal_kernels_are_one_version_and_counts_follow_the_logs(client: Client) -> None:
    first, other = client.log(output="a"), client.log(prompt={"model": "other"}, output="b")
    client.log(output="c")
    upserted = client("POST", "/prompts", json={"id": first["prompt_id"], **dict(reversed(KERNEL.items()))})
    versions = client("GET", f"/prompts/{first['prompt_id']}/versions")["records"]

    assert upserted["version_id"] == first["version_id"]
    counts = {each["version_id"]: (each["version_logs_count"], each["total_logs_count"]) for each in versions}
    assert counts == {first["version_id"]: (2, 3), other["version_id"]: (1, 3)}
    assert upserted["last_used_at"] >= upserted["created_at"]


def test_a_name_of_a_version_is_taken_once(client: Client) -> None:
    made = client("POST", "/prompts", json={"path": "a", **KERNEL, "version_name": "v1"})

    refused = client("POST", "/prompts", 409, json={"path": "a", "model": "other", "version_name": "v1"})
    assert "v1" in refused["detail"]
    path = f"/prompts/{made['id']}/versions/{made['version_id']}"
    renamed = client("PATCH", path, json={"name": "v2", "description": "Better."})
    assert (renamed["version_name"], renamed["version_description"]) == ("v2", "Better.")
    assert client("PATCH", path, json={"name": None})["version_name"] is None
    client("PATCH", f"/prompts/{made['id']}/versions/prv_nothing", 404, json={"name": "x"})


def test_versions_are_deployed_and_called_by_environment(client: Client) -> None:
    first = client("POST", "/prompts", json={"path": "a", **KERNEL})
    second = client("POST", "/prompts", json={"path": "a", "model": "newer"})
    every = client("GET", f"/prompts/{first['id']}/environments")
    production = next(each for each in every if each["tag"] == "default")
    assert [each["file"] for each in every] == [None, None, None]

    path = f"/prompts/{first['id']}/environments/{production['id']}"
    deployed = client("POST", f"{path}?version_id={first['version_id']}")

    assert [each["name"] for each in deployed["environments"]] == ["production"]
    assert client("GET", f"/prompts/{first['id']}")["version_id"] == first["version_id"]
    assert client("GET", f"/prompts/{first['id']}?environment=production")["version_id"] == first["version_id"]
    told = client("POST", "/prompts/log?environment=production", json={"path": "a", "output": "x"})
    assert told["version_id"] == first["version_id"]
    client("DELETE", path, 204)
    assert client("GET", f"/prompts/{first['id']}")["version_id"] == second["version_id"]
    client("GET", f"/prompts/{first['id']}?environment=production", 404)
    client("POST", path, 422)
    client("POST", f"{path}?version_id=prv_nothing", 404)


def test_an_implicit_prompt_is_listed_shown_and_not_deleted(client: Client) -> None:
    told = client.report()
    (listed,) = client("GET", "/prompts")["records"]

    assert (listed["id"], listed["path"], listed["model"]) == (told["prompt_id"], "gateway/gpt-4o", "gpt-4o")
    assert (listed["version_logs_count"], listed["total_logs_count"]) == (1, 1)
    assert client("GET", f"/prompts/{told['prompt_id']}")["last_used_at"] == "2023-11-14T22:13:20Z"
    client("DELETE", f"/prompts/{told['prompt_id']}", 409)


def test_logs_of_a_deleted_prompt_are_read_and_no_longer_updated(client: Client) -> None:
    told = client.log(output="a")
    client("DELETE", f"/prompts/{told['prompt_id']}", 204)

    assert client.read(told)["prompt"]["id"] == told["prompt_id"]
    client.update(told, 404, output="b")


@pytest.mark.parametrize(
    "body", [{}, {"path": "a"}, {"model": "m"}, {"path": "a", "model": 1}, {"path": "", "model": "m"}]
)
def test_a_prompt_that_cannot_be_is_unprocessable(client: Client, body: dict[str, Any]) -> None:
    assert client("POST", "/prompts", 422, json=body)["detail"][0]["loc"][0] == "body"
