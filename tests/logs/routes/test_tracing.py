"""Traces and sessions over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from logwright.testing.application import Application, TestProject

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def project(application: Application) -> TestProject:
    """Make a project with a trace of an agent that asks a model twice."""
    made = application.project()
    spans = [
        a_span(1, "invoke_agent", session="chat-7"),
        a_span(2, "chat", parent=1),
        a_span(3, "chat", parent=1, failed=True),
    ]
    body = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    answer = application.call(
        "POST", "/v1/traces", key=made.key, content=json.dumps(body), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    return made


def a_span(number: int, operation: str, *, parent: int = 0, session: str = "", failed: bool = False) -> dict[str, Any]:
    attributes = {"gen_ai.operation.name": operation, "gen_ai.conversation.id": session}
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": f"{operation} {number}",
        "startTimeUnixNano": str(1_767_268_800_000_000_000 + number * 500_000_000),
        "endTimeUnixNano": str(1_767_268_810_000_000_000),
        "attributes": [{"key": name, "value": {"stringValue": value}} for name, value in attributes.items()],
        "status": {"code": 2 if failed else 0},
    }


def test_a_trace_is_listed_and_shown_as_a_tree(application: Application, project: TestProject) -> None:
    (listed,) = application.call("GET", "/api/manage/traces", key=project.read_key).json()["data"]
    shown = application.call("GET", f"/api/manage/traces/{TRACE}", key=project.read_key).json()

    assert (listed["id"], listed["logs"], listed["failed"]) == (TRACE, 3, 1)
    assert (listed["name"], listed["session_id"]) == ("invoke_agent 1", "chat-7")
    assert [(node["depth"], node["offset"]) for node in shown["nodes"]] == [(0, 0.0), (1, 0.5), (1, 1.0)]
    assert shown["nodes"][1]["parent"] == shown["nodes"][0]["log"]["id"]
    assert shown["nodes"][0]["duration"] == 9.5
    assert not shown["truncated"]


def test_a_session_is_listed_and_shown_likewise(application: Application, project: TestProject) -> None:
    (listed,) = application.call("GET", "/api/manage/sessions", key=project.read_key).json()["data"]
    shown = application.call("GET", "/api/manage/sessions/chat-7", key=project.read_key).json()

    assert (listed["id"], listed["traces"]) == ("chat-7", 1)
    assert [node["log"]["kind"] for node in shown["nodes"]] == ["agent"]


def test_a_query_narrows_the_list(application: Application, project: TestProject) -> None:
    def found(query: str) -> int:
        return len(application.call("GET", "/api/manage/traces", key=project.key, params={"q": query}).json()["data"])

    assert (found("kind:agent"), found("kind:embedding")) == (1, 0)


@pytest.mark.parametrize("path", ["traces", "sessions"])
def test_what_is_not_there_is_not_found(application: Application, project: TestProject, path: str) -> None:
    assert application.call("GET", f"/api/manage/{path}/nowhere", key=project.key).status_code == 404
    assert application.call("GET", f"/api/manage/{path}?after=x", key=project.key).status_code == 400


def test_anothers_trace_is_not_found(application: Application, project: TestProject) -> None:
    stranger = application.project()

    assert application.call("GET", f"/api/manage/traces/{TRACE}", key=stranger.key).status_code == 404
    assert application.call("GET", "/api/manage/traces", key=stranger.key).json()["data"] == []
