"""Prompts over our own API."""

from __future__ import annotations

from typing import Any

import pytest

from logwright.prompts.implicit import implicit_prompt
from logwright.testing.application import Application, TestProject

KERNEL = {"model": "gpt-4o", "template": "Say {{word}}."}


class Caller:
    def __init__(self, application: Application, project: TestProject) -> None:
        self.application = application
        self.project = project

    def __call__(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        answer = self.application.call(method, path, key=request.pop("key", self.project.key), **request)
        assert answer.status_code == status, answer.text
        return answer.json()

    def log(self, path: str, **kernel: Any) -> Any:
        body = {"path": path, "prompt": {**KERNEL, **kernel}, "created_at": "2026-01-01T00:00:00Z"}
        return self("POST", "/v5/prompts/log", json=body)


@pytest.fixture
def call(application: Application) -> Caller:
    return Caller(application, application.project())


def test_prompts_are_listed_with_their_counts_page_by_page(call: Caller) -> None:
    for path in ("b/two", "a/one", "b/two"):
        call.log(path)
    call("POST", "/api/v1/report", json={"reqPayload": {"model": "gpt-4o-mini"}})
    first = call("GET", "/api/manage/prompts?limit=2")
    second = call("GET", "/api/manage/prompts", params={"after": first["next"], "limit": 2})

    shown = [(each["path"], each["logs"], each["implicit"]) for each in [*first["data"], *second["data"]]]
    assert shown == [("a/one", 1, False), ("b/two", 2, False), ("gateway/gpt-4o-mini", 1, True)]
    assert second["next"] is None
    assert first["data"][0]["last_used_at"] == "2026-01-01T00:00:00Z"
    assert [each["path"] for each in call("GET", "/api/manage/prompts?name=TWO")["data"]] == ["b/two"]
    assert call("GET", "/api/manage/prompts?type=tool")["data"] == []


def test_a_prompt_is_shown_in_a_version_with_its_kernel(call: Caller) -> None:
    first, second = call.log("a"), call.log("a", seed=1)
    path = f"/api/manage/prompts/{first['prompt_id']}"
    shown = call("GET", path)

    assert (shown["version_id"], shown["kernel"]) == (second["version_id"], {**KERNEL, "seed": 1})
    assert (shown["inputs"], shown["logs"], shown["version_logs"]) == (["word"], 2, 1)
    assert call("GET", f"{path}?version={first['version_id']}")["kernel"] == KERNEL
    listed = call("GET", f"{path}/versions")["data"]
    assert [each["version_id"] for each in listed] == [second["version_id"], first["version_id"]]
    call("GET", f"{path}?version=prv_nothing", 404)
    call("GET", f"{path}?environment=production", 404)


def test_an_implicit_prompt_is_shown_by_the_id_that_its_logs_have(call: Caller) -> None:
    call("POST", "/api/v1/report", json={"reqPayload": {"model": "some"}})
    (log,) = call("GET", "/api/manage/logs")["data"]

    assert log["prompt_id"] == implicit_prompt(call.project.id, "some").prompt_id
    assert call("GET", f"/api/manage/prompts/{log['prompt_id']}")["path"] == "gateway/some"
    call("GET", "/api/manage/prompts/pr_nothing/versions", 404)


def test_an_environment_is_made_and_listed(call: Caller) -> None:
    made = call("POST", "/api/manage/environments", 201, json={"name": "canary"})
    listed = call("GET", "/api/manage/environments")["data"]

    assert (listed[0]["name"], listed[0]["default"]) == ("production", True)
    assert {each["name"] for each in listed[1:] if not each["default"]} == {"development", "staging", "canary"}
    assert made in listed
    call("POST", "/api/manage/environments", 409, json={"name": "canary"})
    call("POST", "/api/manage/environments", 400, json={"name": "a b"})
    call("POST", "/api/manage/environments", 403, json={"name": "mine"}, key=call.project.read_key)
